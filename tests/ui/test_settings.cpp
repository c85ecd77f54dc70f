// Settings: values, ranges, presets and their JSON.

#include <QJsonArray>
#include <QJsonDocument>
#include <QTest>
#include <limits>

#include "ui/settings/app_settings.h"
#include "ui/settings/generation_presets.h"

using namespace moescope;

class TestSettings : public QObject {
    Q_OBJECT

private:
    static QJsonObject throughText(const QJsonObject& json) {
        return QJsonDocument::fromJson(QJsonDocument(json).toJson()).object();
    }

private slots:
    void ranges() {
        GenerationSettings low;
        low.temperature = low.top_p = low.min_p = low.repetition_penalty = -1;
        low.top_k = low.max_tokens = -1;
        low = low.clamped();
        QCOMPARE(low.temperature, 0.0);
        QCOMPARE(low.top_k, 0);
        QCOMPARE(low.repetition_penalty, 0.5);
        QCOMPARE(low.max_tokens, 1);
        GenerationSettings odd;
        odd.temperature = std::numeric_limits<double>::quiet_NaN();
        odd.top_p = std::numeric_limits<double>::infinity();
        QCOMPARE(odd.clamped(), GenerationSettings());
    }

    void presets() {
        QCOMPARE(activePreset(GenerationSettings()), QStringLiteral("balanced"));
        for (const QString& id : presetIds()) {
            GenerationSettings s;
            s.seed = 5;
            s.random_seed = false;
            s.max_tokens = 12;
            const GenerationSettings with = withPreset(id, s);
            QCOMPARE(activePreset(with), id);
            QCOMPARE(with.seed, s.seed);
            QCOMPARE(with.max_tokens, s.max_tokens);
            QCOMPARE(with, with.clamped());
            QVERIFY(!presetTitle(id).isEmpty());
        }
        GenerationSettings own;
        own.top_k = 41;
        QVERIFY(activePreset(own).isEmpty());
    }

    void appSettingsRoundTrip() {
        AppSettings s;
        QCOMPARE(AppSettings::fromJson({}), s);
        QCOMPARE(AppSettings::fromJson(throughText(s.toJson())), s);
        s.theme = ThemeStore::Mode::kDark;
        s.text_size = 1.3;
        s.language = QStringLiteral("zh_CN");
        s.motion = AppSettings::Motion::kReduced;
        s.context_size = 8192;
        s.kv_cache = KvType::kQ8_0;
        s.threads = 6;
        s.alternatives = OddsWanted::kAlways;
        s.compute = {BackendChoice::kCuda, 1};
        s.gpu_memory_gb = 6.25;
        s.keep_packed = true;
        s.model_path = QStringLiteral("/a/b.gguf");
        s.recent_models = QStringList{"/a/b.gguf", "/c/模型.gguf"};
        s.model_folders = QStringList{"/a", "/c/模型"};
        s.servers = {{"http://127.0.0.1:8000", "tiny", {}, 0}, {"https://example.org/v1", {}, "/ca.pem", 64}};
        QCOMPARE(AppSettings::fromJson(throughText(s.toJson())), s);
        const AppSettings odd = AppSettings::fromJson({{"theme", "pink"},
                                                       {"text_size", 99},
                                                       {"threads", -4},
                                                       {"kv_cache", 3},
                                                       {"compute", "cuda:x"},
                                                       {"alternatives", 7}});
        QVERIFY(odd.alternatives == OddsWanted::kWhereFree);
        QCOMPARE(odd.text_size, 3.0);
        QCOMPARE(odd.threads, 0);
        QVERIFY(odd.compute == DeviceChoice());
        QVERIFY(AppSettings::fromJson({{"compute", "cuda"}}).compute == DeviceChoice());
        QVERIFY(AppSettings::fromJson({{"compute", "cpu"}}).compute.backend == BackendChoice::kCpu);
        QCOMPARE(AppSettings::fromJson({{"gpu_memory_gb", -1}}).gpu_memory_gb, 0.0);
        QCOMPARE(AppSettings::fromJson({{"gpu_memory_gb", 1e300}}).gpu_memory_gb, 1024.0);
        QCOMPARE(AppSettings::fromJson({{"gpu_memory_gb", "6GB"}}).gpu_memory_gb, 0.0);
        QVERIFY(odd.kv_cache == KvType::kF16);
        const QJsonArray servers = {7, QJsonObject(), QJsonObject{{"url", "http://a"}, {"experts", -3}, {"model", 5}},
                                    QJsonObject{{"url", "http://a"}}};
        const QList<ServerEntry> one = {{"http://a", {}, {}, 0}};
        QVERIFY(AppSettings::fromJson({{"servers", servers}}).servers == one);
        QVERIFY(odd.theme == ThemeStore::Mode::kSystem);
    }
};

QTEST_MAIN(TestSettings)
#include "test_settings.moc"

// Settings: values, ranges, presets and their JSON.

#include <QJsonDocument>
#include <QTest>
#include <limits>

#include "ui/settings/app_settings.h"

using namespace moescope;

class TestSettings : public QObject {
    Q_OBJECT

private:
    static QJsonObject throughText(const QJsonObject& json) {
        return QJsonDocument::fromJson(QJsonDocument(json).toJson()).object();
    }

private slots:
    void jsonRoundTrip() {
        GenerationSettings s;
        QCOMPARE(GenerationSettings::fromJson(throughText(s.toJson())), s);
        s.temperature = 1.25;
        s.top_k = 7;
        s.top_p = 0.5;
        s.min_p = 0.125;
        s.repetition_penalty = 1.1;
        s.random_seed = false;
        s.max_tokens = 99;
        s.context_policy = QStringLiteral("ask");
        for (const quint64 seed : {quint64{0}, quint64{1} << 53, (quint64{1} << 53) + 1, ~quint64{0}}) {
            s.seed = seed;
            QCOMPARE(GenerationSettings::fromJson(throughText(s.toJson())), s);
        }
        QCOMPARE(s.toJson().keys().size(), 9);
    }

    void jsonOfOthers() {
        const GenerationSettings fresh;
        QCOMPARE(GenerationSettings::fromJson({}), fresh);
        QJsonObject json{{"temperature", "hot"},
                         {"top_k", true},
                         {"seed", -5},
                         {"random_seed", 1},
                         {"context_policy", "burn"},
                         {"max_tokens", QJsonValue::Null},
                         {"rules", QJsonObject{{"k", 2}}}};
        const GenerationSettings read = GenerationSettings::fromJson(json);
        QCOMPARE(read, fresh);
        QVERIFY(!read.toJson().contains(QLatin1String("rules")));
        GenerationSettings defaults;
        defaults.top_k = 3;
        QCOMPARE(GenerationSettings::fromJson({{"top_p", 0.5}}, defaults).top_k, 3);
        // as exported by other programs: a seed of 64 bits as a number
        const QByteArray text = R"({"seed": 18446744073709551615})";
        QCOMPARE(GenerationSettings::fromJson(QJsonDocument::fromJson(text).object()).seed, ~quint64{0});
    }

    void ranges() {
        const GenerationSettings low = GenerationSettings::fromJson({{"temperature", -1},
                                                                     {"top_k", -1},
                                                                     {"top_p", -1},
                                                                     {"min_p", -1},
                                                                     {"repetition_penalty", 0},
                                                                     {"max_tokens", 0}});
        QCOMPARE(low.temperature, 0.0);
        QCOMPARE(low.top_k, 0);
        QCOMPARE(low.top_p, 0.0);
        QCOMPARE(low.min_p, 0.0);
        QCOMPARE(low.repetition_penalty, 0.5);
        QCOMPARE(low.max_tokens, 1);
        const GenerationSettings high = GenerationSettings::fromJson({{"temperature", 1e300},
                                                                      {"top_k", 1e300},
                                                                      {"top_p", 2},
                                                                      {"min_p", 2},
                                                                      {"repetition_penalty", 9},
                                                                      {"max_tokens", 1e12}});
        QCOMPARE(high.temperature, 5.0);
        QCOMPARE(high.top_k, 100000);
        QCOMPARE(high.top_p, 1.0);
        QCOMPARE(high.min_p, 1.0);
        QCOMPARE(high.repetition_penalty, 2.0);
        QCOMPARE(high.max_tokens, 1 << 20);
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
        s.generation.top_k = 3;
        s.context_size = 8192;
        s.kv_cache = QStringLiteral("q8_0");
        s.threads = 6;
        s.compute = QStringLiteral("cuda:1");
        s.gpu_memory_gb = 6.25;
        s.model_path = QStringLiteral("/a/b.gguf");
        s.recent_models = QStringList{"/a/b.gguf", "/c/模型.gguf"};
        QCOMPARE(AppSettings::fromJson(throughText(s.toJson())), s);
        const AppSettings odd = AppSettings::fromJson(
            {{"theme", "pink"}, {"text_size", 99}, {"threads", -4}, {"kv_cache", 3}, {"compute", "cuda:x"}});
        QCOMPARE(odd.text_size, 3.0);
        QCOMPARE(odd.threads, 0);
        QCOMPARE(odd.compute, QStringLiteral("auto"));
        QCOMPARE(AppSettings::fromJson({{"gpu_memory_gb", -1}}).gpu_memory_gb, 0.0);
        QCOMPARE(AppSettings::fromJson({{"gpu_memory_gb", 1e300}}).gpu_memory_gb, 1024.0);
        QCOMPARE(AppSettings::fromJson({{"gpu_memory_gb", "6GB"}}).gpu_memory_gb, 0.0);
        QCOMPARE(odd.kv_cache, QStringLiteral("f16"));
        QVERIFY(odd.theme == ThemeStore::Mode::kSystem);
    }
};

QTEST_MAIN(TestSettings)
#include "test_settings.moc"

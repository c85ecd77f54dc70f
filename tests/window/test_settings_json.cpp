// If this fails, what a user has set is lost or changed by a newer program.

#include <QFile>
#include <QTest>

#include "app/window/settings_json.h"

using namespace moescope;

class TestSettingsJson : public QObject {
    Q_OBJECT

private slots:
    void whatAnEarlierProgramWroteIsRead();
    void allComesBack();
};

void TestSettingsJson::whatAnEarlierProgramWroteIsRead() {
    QFile file(QStringLiteral(MOESCOPE_TEST_DATA "/history/settings-of-form-3.json"));
    QVERIFY(file.open(QIODevice::ReadOnly));
    const AppSettings s = appSettingsIn(file.readAll().toStdString());
    QVERIFY(s.theme == ThemeStore::Mode::kDark);
    QCOMPARE(s.text_size, 1.3);
    QCOMPARE(s.language, QStringLiteral("zh_CN"));
    QVERIFY(s.motion == AppSettings::Motion::kReduced);
    QCOMPARE(s.context_size, 8192);
    QVERIFY(s.kv_cache == KvType::kQ8_0);
    QCOMPARE(s.threads, 6);
    QVERIFY((s.compute == DeviceChoice{BackendChoice::kCuda, 1}));
    QCOMPARE(s.gpu_memory_gb, 6.25);
    QCOMPARE(s.model_path, QStringLiteral("/models/moescope-demo.gguf"));
    QCOMPARE(s.recent_models, (QStringList{"/models/moescope-demo.gguf", "/models/模型.gguf"}));
    QCOMPARE(s.model_names.value("/models/moescope-demo.gguf"), QStringLiteral("Moescope Demo"));
    QCOMPARE(s.tint, QStringLiteral("margin"));
    const GenerationSettings& g = s.generation;
    QCOMPARE(g.temperature, 0.35);
    QCOMPARE(g.top_k, 3);
    QCOMPARE(g.top_p, 0.9);
    QCOMPARE(g.min_p, 0.1);
    QCOMPARE(g.repetition_penalty, 1.1);
    QCOMPARE(g.seed, ~quint64{0});
    QVERIFY(!g.random_seed);
    QCOMPARE(g.max_tokens, 99);
    QVERIFY(g.context_policy == ContextPolicy::kAsk);
}

void TestSettingsJson::allComesBack() {
    QCOMPARE(appSettingsIn(jsonOf(AppSettings())), AppSettings());
    QCOMPARE(appSettingsIn("{}"), AppSettings());
    QCOMPARE(appSettingsIn("no json"), AppSettings());
    AppSettings s;
    s.generation.temperature = 1.1;
    s.generation.seed = (quint64{1} << 53) + 1;
    s.generation.random_seed = false;
    s.generation.context_policy = ContextPolicy::kStop;
    s.compute = {BackendChoice::kCpu, -1};
    s.kv_cache = KvType::kF32;
    QCOMPARE(appSettingsIn(jsonOf(s)), s);
}

QTEST_GUILESS_MAIN(TestSettingsJson)
#include "test_settings_json.moc"

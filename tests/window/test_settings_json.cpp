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
    void formsLoseNothing();
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

void TestSettingsJson::formsLoseNothing() {
    AnswerSettings s;
    s.temperature = 0.123456789012345;
    s.top_k = 7;
    s.top_p = 0.2;
    s.min_p = 0.3;
    s.repetition_penalty = 1.7;
    s.seed = 12;
    s.random_seed = false;
    s.max_tokens = 17;
    s.context_policy = ContextPolicy::kAsk;
    s.rules.all.experts_used = 4;
    QVERIFY(answerSettings(shownSettings(s), s.rules) == s);
    QVERIFY(shownSettings(AnswerSettings()) == GenerationSettings());
}

QTEST_GUILESS_MAIN(TestSettingsJson)
#include "test_settings_json.moc"

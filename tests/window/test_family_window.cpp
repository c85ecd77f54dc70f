// Models with more experts, in groups, and more layers than the demo model has, in the window: 160 in 8 groups
// (DeepSeek-V2), 256 in 8 (V3), 47 layers (GLM-4.7-Flash). If these fail, who opens such a model cannot see its
// routing, or what the model is.
//
// MOESCOPE_PICTURES=FOLDER keeps pictures of what is shown.

#include <QAction>
#include <QClipboard>
#include <QDir>
#include <QLabel>
#include <QPushButton>

#include "app/window/model_menu.h"
#include "tests/support/family_model.h"
#include "tests/window/desk.h"
#include "ui/inspector/charts/token_chart.h"
#include "ui/inspector/details_panel.h"
#include "ui/inspector/inspector_dock.h"
#include "ui/inspector/inspector_view.h"
#include "ui/models/model_card.h"
#include "ui/theme.h"

using namespace moescope;

namespace {

void keep(QWidget& widget, const QString& name) {
    const QString folder = qEnvironmentVariable("MOESCOPE_PICTURES");
    if (folder.isEmpty()) return;
    QDir().mkpath(folder);
    widget.grab().save(folder + QLatin1Char('/') + name + QStringLiteral(".png"));
}

void trigger(MainWindow& window, const QString& text) {
    for (QAction* action : window.findChildren<QAction*>()) {
        if (action->text() == text) return action->trigger();
    }
    QFAIL(qPrintable(QStringLiteral("there is no action ") + text));
}

/// The value of a row of a card.
QString valueOf(const ModelCard& card, const QString& name) {
    for (const ModelCard::Section& section : card.sections) {
        for (const ModelCard::Row& row : section.rows) {
            if (row.name == name) return row.value;
        }
    }
    return {};
}

}  // namespace

class TestFamilyWindow : public QObject {
    Q_OBJECT

    QTemporaryDir m_models;

    QString write(const FamilyShape& shape) {
        const QString path = m_models.filePath(QString::fromLatin1(shape.name) + QStringLiteral(".gguf"));
        FamilyModel(shape, 1).write(path.toStdString());
        return path;
    }

    ModelCard cardOf(Desk& desk) {
        trigger(*desk.window, QStringLiteral("About this model…"));
        auto* dialog = desk.window->findChild<ModelCardDialog*>();
        if (!dialog) return {};
        QTest::qWait(50);
        const ModelCard card = dialog->card();
        keep(*dialog, QStringLiteral("card ") + card.name);
        dialog->close();
        QTest::qWait(50);
        return card;
    }

private slots:
    void everyViewDrawsThem_data() {
        QTest::addColumn<int>("which");
        QTest::addColumn<bool>("dark");
        for (int i = 0; i < 3; ++i) {
            QTest::newRow(kFamilyShapes[i]->name) << i << (i != 1);
        }
    }
    void everyViewDrawsThem() {
        QFETCH(int, which);
        QFETCH(bool, dark);
        const FamilyShape& shape = *kFamilyShapes[which];
        QTemporaryDir home;
        Desk desk(home.path(), false);
        desk.window->findChild<ThemeStore*>();
        for (ThemeStore* store : desk.window->findChildren<ThemeStore*>()) {
            store->setMode(dark ? ThemeStore::Mode::kDark : ThemeStore::Mode::kLight);
        }
        QSignalSpy loaded(&desk.window->engine(), &EngineThread::loaded);
        desk.window->loadModel(write(shape));
        QVERIFY(loaded.count() > 0 || loaded.wait(30'000));
        GenerationSettings settings = desk.window->chat().settings();
        settings.max_tokens = 24;
        settings.temperature = 0;
        desk.window->chat().setDefaults(settings);
        desk.ask(QStringLiteral("Hello, world"));

        InspectorDock& dock = desk.window->inspector();
        dock.show();
        dock.showView(ViewKind::kLive);
        QTRY_VERIFY(dock.model().whole());
        const SharedSource whole = dock.model().whole();
        QVERIFY(whole->size() > 20);
        QCOMPARE(whole->shape().groups, shape.groups);
        QCOMPARE(whole->shape().groups_used, shape.groups_used);
        QCOMPARE(whole->shape().experts, shape.experts);
        QCOMPARE(whole->shape().moe_layers, shape.layers - shape.dense_layers);
        dock.model().selection().choose(Spot::ofToken(whole->id(), whole->size() - 2));
        for (const ViewInfo& info : inspectorViews()) {
            dock.showView(info.kind);
            QTest::qWait(150);
            QVERIFY(dock.currentView());
            const QImage picture = dock.grab().toImage();
            QVERIFY(!picture.isNull());
            keep(*desk.window, QStringLiteral("%1 %2").arg(QLatin1String(shape.name), QLatin1String(info.name)));
        }
        // The details say which groups a token's experts are of, and only where there are groups.
        const auto* chart = dock.details()->findChild<TokenChart*>();
        QVERIFY(chart);
        QCOMPARE(chart->words().contains(QStringLiteral("of the groups")), shape.groups > 1);
        if (shape.groups > 1) {
            const QString ending =
                QStringLiteral("the router searches %1 of %2").arg(shape.groups_used).arg(shape.groups);
            QVERIFY2(chart->words().contains(ending), qPrintable(chart->words()));
        }
    }

    void theCardSaysWhatTheModelIs() {
        QTemporaryDir home;
        Desk desk(home.path());
        ModelCard card = cardOf(desk);
        QVERIFY(valueOf(card, QStringLiteral("Attention")).startsWith(QStringLiteral("MHA")));
        QVERIFY(valueOf(card, QStringLiteral("Groups")).isEmpty());
        QVERIFY(!card.contexts.isEmpty());

        QSignalSpy loaded(&desk.window->engine(), &EngineThread::loaded);
        const QString path = write(kLikeV3);
        desk.window->loadModel(path);
        QVERIFY(loaded.count() > 0 || loaded.wait(30'000));
        card = cardOf(desk);
        QCOMPARE(card.name, QStringLiteral("like V3"));
        QCOMPARE(valueOf(card, QStringLiteral("Architecture")), QStringLiteral("deepseek2"));
        QVERIFY(valueOf(card, QStringLiteral("Attention")).startsWith(QStringLiteral("MLA")));
        QVERIFY(valueOf(card, QStringLiteral("Routed")).startsWith(QStringLiteral("256 (8 active")));
        QCOMPARE(valueOf(card, QStringLiteral("Groups")),
                 QStringLiteral("8 groups of 32; a token's experts come from the best 4"));
        QVERIFY(valueOf(card, QStringLiteral("Router")).contains(QStringLiteral("bias")));
        QVERIFY(valueOf(card, QStringLiteral("Types")).startsWith(QStringLiteral("F32")));
        QVERIFY(valueOf(card, QStringLiteral("License")).contains(QStringLiteral("not stated")));
        // What it cannot do has a reason: the file has no chat template.
        QVERIFY(valueOf(card, QStringLiteral("Its own chat template")).contains(QStringLiteral("no chat template")));
        QVERIFY(!valueOf(card, QStringLiteral("Thinking on/off")).isEmpty());
        QCOMPARE(card.contexts.back().tokens, 4096);
        QVERIFY(card.contexts.back().chosen);
        QVERIFY(card.contexts.back().share > 0);
        QVERIFY(card.text().contains(QStringLiteral("MLA")));
    }
};

QTEST_MAIN(TestFamilyWindow)
#include "test_family_window.moc"

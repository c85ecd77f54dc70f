// The dialogs of the settings: what they show and give back, their keys, names of everything.

#include <QComboBox>
#include <QLabel>
#include <QLineEdit>
#include <QListWidget>
#include <QPushButton>
#include <QSignalSpy>
#include <QSlider>
#include <QSpinBox>
#include <QTest>
#include <QWheelEvent>

#include "ui/settings/chat_settings_dialog.h"
#include "ui/settings/generation_presets.h"
#include "ui/settings/settings_dialog.h"
#include "ui/widgets/controls.h"

using namespace moescope;

class TestSettingsDialogs : public QObject {
    Q_OBJECT

private:
    template <class T>
    static T* named(const QWidget& root, const char* name) {
        for (T* widget : root.findChildren<T*>()) {
            if (widget->accessibleName() == QString::fromUtf8(name)) return widget;
        }
        return nullptr;
    }

    static QPushButton* button(const QWidget& root, const char* text) { return named<QPushButton>(root, text); }

    /// What can have the focus and has no name of its own.
    static QStringList unnamed(const QWidget& root) {
        QStringList names;
        for (const QWidget* widget : root.findChildren<QWidget*>()) {
            if (widget->focusPolicy() == Qt::NoFocus || widget->focusProxy() != nullptr) continue;
            if (qobject_cast<const QAbstractSpinBox*>(widget->parentWidget()) != nullptr) continue;  // its inner line
            if (widget->window() != &root) continue;  // of a list that opens
            if (widget->accessibleName().isEmpty())
                names.append(QString::fromLatin1(widget->metaObject()->className()));
        }
        return names;
    }

private slots:
    void chatDialog() {
        ThemeStore themes;
        ChatSettingsDialog dialog(&themes);
        QSignalSpy changed(&dialog, &ChatSettingsDialog::changed);
        GenerationSettings s;
        s.temperature = 0.9;
        s.seed = ~quint64{0};
        s.random_seed = false;
        s.stop = {"END"};  // what has no control is not lost
        s.thinking = false;
        dialog.setSettings(s);
        dialog.setSystemPrompt(QStringLiteral("Be brief."));
        dialog.show();
        QCOMPARE(dialog.settings(), s);
        QVERIFY(!named<QPushButton>(dialog, "Preset: Balanced")->isChecked());
        QTest::mouseClick(button(dialog, "OK"), Qt::LeftButton);
        QVERIFY(changed.isEmpty());  // nothing is different

        dialog.show();
        QTest::mouseClick(named<QPushButton>(dialog, "Preset: Precise"), Qt::LeftButton);
        QCOMPARE(activePreset(dialog.settings()), QStringLiteral("precise"));
        QCOMPARE(dialog.settings().seed, s.seed);
        QCOMPARE(dialog.settings().stop, s.stop);
        named<QSpinBox>(dialog, "Top-k")->setValue(17);
        QVERIFY(activePreset(dialog.settings()).isEmpty());
        QVERIFY(!named<QPushButton>(dialog, "Preset: Precise")->isChecked());
        auto* slider = named<QSlider>(dialog, "Temperature, slider");
        slider->setFocus();
        QTest::keyClick(slider, Qt::Key_Right);
        QCOMPARE(dialog.settings().temperature, 0.25);
        named<QDoubleSpinBox>(dialog, "Temperature")->setValue(3.33);  // beyond the slider
        QCOMPARE(dialog.settings().temperature, 3.33);
        QCOMPARE(slider->value(), slider->maximum());
        named<QCheckBox>(dialog, "Random seed")->click();
        QVERIFY(!named<QLineEdit>(dialog, "Seed")->isEnabled());
        named<QComboBox>(dialog, "When the context is full")->setCurrentIndex(2);
        QTest::mouseClick(button(dialog, "OK"), Qt::LeftButton);
        QCOMPARE(changed.size(), 1);
        const auto now = changed[0][1].value<GenerationSettings>();
        QCOMPARE(changed[0][0].toString(), QStringLiteral("Be brief."));
        QCOMPARE(now.top_k, 17);
        QVERIFY(now.context_policy == ContextPolicy::kAsk);
        QVERIFY(now.random_seed);

        dialog.show();
        QTest::mouseClick(button(dialog, "Reset to defaults"), Qt::LeftButton);
        QCOMPARE(dialog.settings(), GenerationSettings());
        QTest::keyClick(&dialog, Qt::Key_Escape);
        QVERIFY(!dialog.isVisible());
        QCOMPARE(changed.size(), 1);
        QCOMPARE(unnamed(dialog), QStringList());
    }

    void settingsDialog() {
        ThemeStore themes;
        SettingsDialog dialog(&themes);
        QSignalSpy changed(&dialog, &SettingsDialog::changed);
        AppSettings s;
        s.recent_models = QStringList{"/m/one.gguf", "/m/two.gguf"};
        s.kv_cache = KvType::kQ8_0;
        s.text_size = 1.25;
        dialog.setSettings(s);
        dialog.show();
        QCOMPARE(dialog.settings(), s);
        QTest::mouseClick(button(dialog, "OK"), Qt::LeftButton);
        QVERIFY(changed.isEmpty());
        dialog.show();
        dialog.activateWindow();
        QCoreApplication::processEvents();
        auto* system_theme = named<QPushButton>(dialog, "Theme: System");
        system_theme->setFocus();
        QTest::keyClick(system_theme, Qt::Key_Right);
        QTest::keyClick(named<QPushButton>(dialog, "Theme: Light"), Qt::Key_Right);
        QVERIFY(dialog.settings().theme == ThemeStore::Mode::kDark);
        QTest::keyClick(&dialog, Qt::Key_PageDown, Qt::ControlModifier);
        QVERIFY(dialog.page() == SettingsDialog::Page::kGeneration);
        named<QSpinBox>(dialog, "Threads")->setValue(4);
        dialog.showPage(SettingsDialog::Page::kModels);
        auto* recent = named<QListWidget>(dialog, "Recent models");
        recent->setFocus();
        recent->setCurrentRow(1);
        QTest::mouseClick(button(dialog, "Load at startup"), Qt::LeftButton);
        QTest::keyClick(recent, Qt::Key_Delete);
        QTest::mouseClick(button(dialog, "OK"), Qt::LeftButton);
        QCOMPARE(changed.size(), 1);
        const auto now = changed[0][0].value<AppSettings>();
        QVERIFY(now.theme == ThemeStore::Mode::kDark);
        QCOMPARE(now.threads, 4);
        QVERIFY(now.kv_cache == KvType::kQ8_0);
        QCOMPARE(now.model_path, QStringLiteral("/m/two.gguf"));
        QCOMPARE(now.recent_models, QStringList{"/m/one.gguf"});
        QCOMPARE(unnamed(dialog), QStringList());
    }

    void packedCopiesAreKeptAndRemoved() {
        ThemeStore themes;
        SettingsDialog dialog(&themes);
        dialog.setSettings(AppSettings());
        QSignalSpy clear(&dialog, &SettingsDialog::clearPackedRequested);
        dialog.showPage(SettingsDialog::Page::kModels);
        dialog.show();
        auto* remove = named<QPushButton>(dialog, "Remove the packed copies");
        QVERIFY(!remove->isEnabled());
        dialog.setPackedBytes(10'434'000'000);
        QTest::mouseClick(remove, Qt::LeftButton);
        QCOMPARE(clear.size(), 1);
        auto* keep = named<QCheckBox>(dialog, "Keep packed copies");
        QVERIFY(!keep->isChecked());
        keep->setFocus();
        QTest::keyClick(keep, Qt::Key_Space);
        QVERIFY(dialog.settings().keep_packed);
    }

    void gpusAreOffered() {
        ThemeStore themes;
        SettingsDialog dialog(&themes);
        dialog.setGpus({}, "Looking…");
        AppSettings s;
        s.compute = {BackendChoice::kCuda, 2};
        dialog.setSettings(s);
        dialog.show();
        dialog.showPage(SettingsDialog::Page::kGeneration);
        auto* compute = named<QComboBox>(dialog, "Run on");
        // A later list does not change the choice.
        QCOMPARE(dialog.settings(), s);
        dialog.setGpus({{0, "NVIDIA Made-up"}, {2, "NVIDIA Other"}}, QString());
        QCOMPARE(compute->currentText(), QStringLiteral("NVIDIA Other"));
        QCOMPARE(compute->count(), 4);
        compute->setCurrentIndex(1);
        QVERIFY(dialog.settings().compute.backend == BackendChoice::kCpu);
        // A GPU that was taken out stays chosen until another choice is made; the reason is shown.
        s.compute = {BackendChoice::kCuda, 5};
        dialog.setSettings(s);
        dialog.setGpus({}, "There is no GPU.");
        QCOMPARE(dialog.settings(), s);
        const auto labels = dialog.findChildren<QLabel*>();
        QVERIFY(std::any_of(labels.begin(), labels.end(), [](const QLabel* label) {
            return label->isVisible() && label->text() == QLatin1String("There is no GPU.");
        }));
    }

    /// A number of GB; nothing is all that is free. Without a GPU in use there is nothing to set.
    void memoryOfTheGpu() {
        ThemeStore themes;
        SettingsDialog dialog(&themes);
        QSignalSpy changed(&dialog, &SettingsDialog::changed);
        AppSettings s;
        s.gpu_memory_gb = 6.5;
        dialog.setSettings(s);
        dialog.show();
        dialog.showPage(SettingsDialog::Page::kGeneration);
        auto* memory = named<QDoubleSpinBox>(dialog, "GPU memory limit");
        QVERIFY(memory != nullptr);
        QCOMPARE(memory->text(), QStringLiteral("6.50 GB"));
        dialog.activateWindow();
        QCoreApplication::processEvents();
        QCOMPARE(dialog.settings(), s);
        memory->setFocus();
        memory->selectAll();
        QTest::keyClick(memory, Qt::Key_Backspace);
        QTest::keyClick(memory, Qt::Key_Tab);
        QCOMPARE(memory->text(), QStringLiteral("Automatic"));
        QCOMPARE(dialog.settings().gpu_memory_gb, 0.0);
        memory->setFocus();
        memory->selectAll();
        QTest::keyClicks(memory, QStringLiteral("12.5"));
        QTest::keyClick(memory, Qt::Key_Tab);
        QCOMPARE(memory->text(), QStringLiteral("12.50 GB"));
        auto* compute = named<QComboBox>(dialog, "Run on");
        compute->setCurrentIndex(1);
        QVERIFY(!memory->isEnabled());
        compute->setCurrentIndex(0);
        QVERIFY(memory->isEnabled());
        QTest::mouseClick(button(dialog, "OK"), Qt::LeftButton);
        QCOMPARE(changed.size(), 1);
        QCOMPARE(changed[0][0].value<AppSettings>().gpu_memory_gb, 12.5);
    }

    void cancelChangesNothing() {
        ThemeStore themes;
        SettingsDialog dialog(&themes);
        QSignalSpy changed(&dialog, &SettingsDialog::changed);
        dialog.show();
        named<QSpinBox>(dialog, "Text size")->setValue(200);
        QTest::mouseClick(button(dialog, "Cancel"), Qt::LeftButton);
        QVERIFY(changed.isEmpty());
        QCOMPARE(dialog.settings(), AppSettings());
    }

    void dataPage() {
        ThemeStore themes;
        SettingsDialog dialog(&themes);
        QSignalSpy backup(&dialog, &SettingsDialog::backupRequested),
            purge(&dialog, &SettingsDialog::purgeTrashRequested), open(&dialog, &SettingsDialog::openFolderRequested);
        dialog.setDataFolder(QStringLiteral("/data/moescope"));
        dialog.setTrashCount(2);
        dialog.showPage(SettingsDialog::Page::kData);
        dialog.show();
        QCOMPARE(named<QLineEdit>(dialog, "History folder")->text(), QStringLiteral("/data/moescope"));
        QTest::mouseClick(button(dialog, "Back up now"), Qt::LeftButton);
        QTest::mouseClick(button(dialog, "Open the history folder"), Qt::LeftButton);
        QCOMPARE(backup.size(), 1);
        QCOMPARE(open.size(), 1);
        auto* empty = dialog.findChild<QPushButton*>(QStringLiteral("purge"));
        QTest::mouseClick(empty, Qt::LeftButton);
        QCOMPARE(empty->text(), QStringLiteral("Delete permanently"));
        dialog.showPage(SettingsDialog::Page::kGeneral);  // turning away forgets the first press
        dialog.showPage(SettingsDialog::Page::kData);
        QTest::mouseClick(empty, Qt::LeftButton);
        QVERIFY(purge.isEmpty());
        QTest::mouseClick(empty, Qt::LeftButton);
        QCOMPARE(purge.size(), 1);
        dialog.setTrashCount(0);
        QVERIFY(!empty->isEnabled());
    }

    void theWheelOverAPageChangesNothing() {
        ThemeStore themes;
        SettingsDialog dialog(&themes);
        dialog.showPage(SettingsDialog::Page::kGeneration);
        dialog.show();
        for (const char* name : {"Top-k", "Maximum answer length"}) {
            auto* field = named<QSpinBox>(dialog, name);
            field->clearFocus();
            QWheelEvent wheel(QPointF(5, 5), field->mapToGlobal(QPointF(5, 5)), {}, QPoint(0, 120), Qt::NoButton,
                              Qt::NoModifier, Qt::NoScrollPhase, false);
            QCoreApplication::sendEvent(field, &wheel);
        }
        QCOMPARE(dialog.settings(), AppSettings());
    }

    void followsTheTheme() {
        ThemeStore themes;
        SettingsDialog dialog(&themes);
        themes.setMode(ThemeStore::Mode::kDark);
        QVERIFY(dialog.styleSheet().contains(themes.theme().background.name()));
        const int before = button(dialog, "OK")->sizeHint().height();
        themes.setZoom(2);
        QVERIFY(button(dialog, "OK")->sizeHint().height() >= 2 * before - 1);
        QVERIFY(!dialog.styleSheet().contains(QLatin1Char('@')));  // every name was replaced
    }
};

QTEST_MAIN(TestSettingsDialogs)
#include "test_settings_dialogs.moc"

#pragma once
// A composer in a window that has the keyboard; for its tests.

#include <QApplication>
#include <QClipboard>
#include <QInputMethodEvent>
#include <QPushButton>
#include <QTest>
#include <QVBoxLayout>

#include "ui/composer/composer.h"
#include "ui/composer/composer_edit.h"
#include "ui/theme.h"

namespace moescope {

struct ComposerBench {
    ThemeStore themes;
    QWidget window;
    Composer* composer;
    ComposerEdit* edit;
    QPushButton* button;

    ComposerBench() {
        auto* column = new QVBoxLayout(&window);
        composer = new Composer(&themes, &window);
        column->addStretch();
        column->addWidget(composer);
        edit = composer->findChild<ComposerEdit*>(QStringLiteral("composer_edit"));
        button = composer->findChild<QPushButton*>(QStringLiteral("composer_button"));
        window.resize(640, 500);
        window.show();
        window.activateWindow();
        composer->setFocus();
        QCoreApplication::processEvents();
    }

    void type(const char* text) { QTest::keyClicks(edit, QString::fromUtf8(text)); }
    void compose(const char* preedit, const char* commit) {
        QInputMethodEvent event(QString::fromUtf8(preedit), {});
        event.setCommitString(QString::fromUtf8(commit));
        QCoreApplication::sendEvent(edit, &event);
    }
    void paste(const QString& text) {
        QApplication::clipboard()->setText(text);
        edit->paste();
    }
};

}  // namespace moescope

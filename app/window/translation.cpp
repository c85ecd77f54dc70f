#include "app/window/translation.h"

#include <QCoreApplication>
#include <QLibraryInfo>
#include <QLocale>
#include <QTranslator>
#include <memory>

namespace moescope {
namespace {

/// Chinese in simplified letters, in whatever country.
bool isSimplifiedChinese(const QLocale& locale) {
    return locale.language() == QLocale::Chinese && locale.script() != QLocale::TraditionalChineseScript;
}

QTranslator* install(const QString& name, const QString& folder) {
    auto translator = std::make_unique<QTranslator>(QCoreApplication::instance());
    if (!translator->load(name, folder)) return nullptr;
    QCoreApplication::installTranslator(translator.get());
    translator->setObjectName(QStringLiteral("language"));
    return translator.release();
}

}  // namespace

QString shownLanguage(const QString& wanted) {
    const QString english = QStringLiteral("en"), chinese = QStringLiteral("zh_CN");
    if (wanted == english || wanted == chinese) return wanted;
    // The first language of the user's list that there is.
    for (const QString& name : QLocale::system().uiLanguages()) {
        const QLocale locale(name);
        if (isSimplifiedChinese(locale)) return chinese;
        if (locale.language() == QLocale::English) return english;
    }
    return english;
}

void useLanguage(const QString& wanted) {
    auto* app = QCoreApplication::instance();
    for (auto* old : app->findChildren<QTranslator*>(QStringLiteral("language"))) {
        QCoreApplication::removeTranslator(old);
        delete old;
    }
    const QString language = shownLanguage(wanted);
    install(QStringLiteral("qtbase_") + language, QLibraryInfo::path(QLibraryInfo::TranslationsPath));
    install(QStringLiteral("moescope_") + language, QStringLiteral(":/translations"));
    // Who has chosen a language gets its numbers too; else the country's habits stay.
    QLocale::setDefault(wanted.isEmpty() ? QLocale::system() : QLocale(language));
}

}  // namespace moescope

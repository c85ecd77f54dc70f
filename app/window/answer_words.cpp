#include "app/window/answer_words.h"

#include <QCoreApplication>
#include <QJsonDocument>

#include "engine/routing/rules_text.h"
#include "ui/settings/rules_words.h"

namespace moescope {
namespace {

/// Gives the strings of this file a context.
class AnswerWords {
    Q_DECLARE_TR_FUNCTIONS(moescope::AnswerWords)
};

/// "" for a text that came to its end.
QString finishText(const std::string& finish) {
    if (finish == "length") return AnswerWords::tr("length limit");
    if (finish == "context full") return AnswerWords::tr("context full");
    if (finish == "stopped") return AnswerWords::tr("stopped");
    if (finish == "interrupted") return AnswerWords::tr("interrupted");
    if (finish == "edited") return AnswerWords::tr("edited");
    return {};
}

}  // namespace

QJsonObject objectOf(const std::string& json) {
    return QJsonDocument::fromJson(QByteArray::fromStdString(json)).object();
}

std::string jsonOf(const QJsonObject& object) {
    return QJsonDocument(object).toJson(QJsonDocument::Compact).toStdString();
}

RouterRules rulesIn(const std::string& json) {
    const auto rules = parseRules(objectOf(json)[kRulesKey].toString().toStdString());
    return rules.ok() ? *rules : RouterRules();
}

void putRules(QJsonObject& object, const RouterRules& rules) {
    const std::string text = formatRules(rules);
    object.remove(kRulesKey);
    if (!text.empty()) object[kRulesKey] = QString::fromStdString(text);
}

QString endText(const std::string& finish, const std::string& settings) {
    const QString words = rulesWords(rulesIn(settings)), end = finishText(finish);
    if (words.isEmpty()) return end;
    const QString rules = AnswerWords::tr("rules: %1").arg(words);
    return end.isEmpty() ? rules : AnswerWords::tr("%1 · %2").arg(end, rules);
}

bool isPlainFinish(const std::string& finish) {
    for (const char* known : {"", "end of text", "length", "context full", "stopped", "interrupted", "edited"}) {
        if (finish == known) return true;
    }
    return false;
}

bool mayContinue(const std::string& finish) {
    return finish == "length" || finish == "stopped" || finish == "interrupted";
}

}  // namespace moescope

#include "ui/inspector/scope.h"

#include <QCoreApplication>
#include <QStringList>
#include <algorithm>

#include "engine/base/name_table.h"

namespace moescope {
namespace {

/// Gives the strings of this file a context.
class Words {
    Q_DECLARE_TR_FUNCTIONS(moescope::Scope)
};

constexpr Named<Scope::Only> kOnlyNames[] = {
    {Scope::Only::kAll, "all"},
    {Scope::Only::kText, "text"},
    {Scope::Only::kPattern, "pattern"},
    {Scope::Only::kDigits, "digits"},
    {Scope::Only::kPunctuation, "punctuation"},
    {Scope::Only::kQuestion, "question"},
    {Scope::Only::kSystem, "system"},
    {Scope::Only::kTemplate, "template"},
};

/// All of a token's characters but the blanks around them, and there is one.
template <class Is>
bool onlyOf(const QString& text, Is is) {
    const QString word = text.trimmed();
    return !word.isEmpty() && std::ranges::all_of(word, is);
}

}  // namespace

bool isOfPrompt(TokenPart part) {
    return part != TokenPart::kThinking && part != TokenPart::kAnswer;
}

QString nameOf(Scope::Only only) {
    const std::string_view name = nameIn(kOnlyNames, only);
    return QString::fromLatin1(name.data(), static_cast<qsizetype>(name.size()));
}

std::optional<Scope::Only> onlyFromName(const QString& name) {
    return valueIn(kOnlyNames, name.toStdString());
}

ScopeTest::ScopeTest(const Scope& scope) : m_scope(scope) {
    if (scope.only != Scope::Only::kPattern) return;
    m_pattern.setPattern(scope.text);
    m_pattern.setPatternOptions(QRegularExpression::UseUnicodePropertiesOption);
}

QString ScopeTest::error() const {
    if (m_pattern.isValid()) return {};
    return Words::tr("This is not a valid regular expression: %1.").arg(m_pattern.errorString());
}

bool ScopeTest::has(TokenPart part, int position, const QString& text) const {
    const Scope& s = m_scope;
    if (!(isOfPrompt(part) ? s.prompt : part == TokenPart::kThinking ? s.thinking : s.answer)) return false;
    if (position < s.from || (s.to >= 0 && position > s.to)) return false;
    switch (s.only) {
        case Scope::Only::kAll:
            return true;
        case Scope::Only::kText:
            return text.contains(s.text, Qt::CaseInsensitive);
        case Scope::Only::kPattern:
            return !m_pattern.isValid() || m_pattern.match(text).hasMatch();
        case Scope::Only::kDigits:
            return onlyOf(text, [](QChar c) { return c.isDigit(); });
        case Scope::Only::kPunctuation:
            return onlyOf(text, [](QChar c) { return c.isPunct() || c.isSymbol(); });
        case Scope::Only::kQuestion:
            return part == TokenPart::kQuestion;
        case Scope::Only::kSystem:
            return part == TokenPart::kSystem;
        case Scope::Only::kTemplate:
            return part == TokenPart::kTemplate;
    }
    return true;
}

std::optional<std::pair<int, int>> positionsFromText(const QString& text) {
    static const QRegularExpression kForm(QStringLiteral("^\\s*(\\d{0,9})\\s*([-–]?)\\s*(\\d{0,9})\\s*$"));
    const QRegularExpressionMatch found = kForm.match(text);
    if (!found.hasMatch() || text.trimmed().isEmpty()) return {};
    const QString from = found.captured(1), to = found.captured(3);
    const bool range = !found.captured(2).isEmpty();
    if (!range && !to.isEmpty()) return {};
    if (range && from.isEmpty() && to.isEmpty()) return {};
    const int first = from.toInt(), last = !range ? first : to.isEmpty() ? -1 : to.toInt();
    if (last >= 0 && last < first) return {};
    return std::pair(first, last);
}

QString scopeWords(const Scope& scope, int first_layer, bool thinks) {
    QStringList words;
    if (!scope.prompt || (!scope.thinking && thinks) || !scope.answer) {
        QStringList parts;
        if (scope.prompt) parts << Words::tr("prompt");
        if (scope.thinking && thinks) parts << Words::tr("thinking");
        if (scope.answer) parts << Words::tr("answer");
        words << (parts.isEmpty() ? Words::tr("no parts") : parts.join(QStringLiteral(", ")));
    }
    switch (scope.only) {
        case Scope::Only::kAll:
            break;
        case Scope::Only::kText:
            words << Words::tr("tokens with “%1”").arg(scope.text);
            break;
        case Scope::Only::kPattern:
            words << Words::tr("tokens that match /%1/").arg(scope.text);
            break;
        case Scope::Only::kDigits:
            words << Words::tr("digits");
            break;
        case Scope::Only::kPunctuation:
            words << Words::tr("punctuation");
            break;
        case Scope::Only::kQuestion:
            words << Words::tr("questions");
            break;
        case Scope::Only::kSystem:
            words << Words::tr("system prompt");
            break;
        case Scope::Only::kTemplate:
            words << Words::tr("chat template");
            break;
    }
    if (scope.from > 0 || scope.to >= 0) {
        words << (scope.to < 0 ? Words::tr("positions from %1").arg(scope.from)
                               : Words::tr("positions %1–%2").arg(scope.from).arg(scope.to));
    }
    if (scope.layer >= 0 && scope.expert >= 0)
        words << Words::tr("routed to expert %1 in layer %2").arg(scope.expert).arg(first_layer + scope.layer);
    return words.join(QStringLiteral(" · "));
}

}  // namespace moescope

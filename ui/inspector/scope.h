#pragma once
// Which tokens of a source count: what the scope bar says and every chart obeys. A small value; the tokens that it
// leaves are a RoutingSource of their own (RoutingSource::part()), whose records stay in the logs that they are in.

#include <QRegularExpression>
#include <QString>
#include <cstdint>
#include <optional>

namespace moescope {

/// What a token is part of.
enum class TokenPart : std::uint8_t {
    kTemplate,  ///< of a prompt, in none of its messages: the chat template's
    kPrompt,    ///< of a prompt, of which nothing more is known
    kSystem,
    kQuestion,
    kThinking,  ///< what the model thinks aloud before it answers
    kAnswer,
};
bool isOfPrompt(TokenPart part);

struct Scope {
    /// Which of the tokens with these parts.
    enum class Only : std::uint8_t { kAll, kText, kPattern, kDigits, kPunctuation, kQuestion, kSystem, kTemplate };

    bool prompt = true, thinking = true, answer = true;
    Only only = Only::kAll;
    QString text;           ///< of kText: what a token contains, in any case; of kPattern: a regular expression
    int from = 0, to = -1;  ///< positions in the context, both counted; to = -1: to the end
    int layer = -1;         ///< with `expert`: tokens that chose this expert in this MoE layer, counted from 0
    int expert = -1;

    bool all() const { return *this == Scope(); }
    bool operator==(const Scope&) const = default;
};

/// The name of a filter in texts and controls: "digits"; and back, nothing for a name of none.
QString nameOf(Scope::Only only);
std::optional<Scope::Only> onlyFromName(const QString& name);

/// Whether tokens are of a scope; for many.
class ScopeTest {
public:
    explicit ScopeTest(const Scope& scope);
    /// Of all that can be told without the records: part, text, position.
    bool has(TokenPart part, int position, const QString& text) const;
    /// A sentence about a regular expression that is none; "" if there is nothing to say. Then all texts match.
    QString error() const;

private:
    Scope m_scope;
    QRegularExpression m_pattern;
};

/// Positions as people type them: "20-40", "20-", "-40", "20"; none for anything else.
std::optional<std::pair<int, int>> positionsFromText(const QString& text);

/// What leaves tokens out, for people: "answer · digits · positions 20–40"; "" for all. `first_layer`: number of the
/// first MoE layer; `thinks`: whether there are thoughts, else they are not spoken of.
QString scopeWords(const Scope& scope, int first_layer, bool thinks);

}  // namespace moescope

#pragma once
// A run of tokens with its routing, as the inspector's views read it: an answer, the branch of a conversation, an
// imported trace. It has no records of its own: they stay in the logs of the answers. It may grow while an answer
// streams; it is read and grown on the GUI thread.
//
// The tokens of a source that a scope has are a source, too (part()): it reads texts and places in the whole one, whose
// id it has, and names its tokens as that does. Selections count tokens in the whole one: ofWhole() and inWhole()
// translate.

#include <QHash>
#include <QString>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "engine/routing/metrics.h"
#include "engine/routing/routing_runs.h"
#include "ui/chat/transcript_message.h"
#include "ui/inspector/scope.h"
#include "ui/selection.h"

namespace moescope {

/// A token's place in the transcript.
struct TokenPlace {
    qint64 message = 0;  ///< 0: it stands in no message (a prompt's or an imported token)
    int index = -1;      ///< among the message's tokens
};

/// Which tokens count: those of prompts (prefill), of answers (decode), or both.
enum class PhaseFilter : std::uint8_t { kBoth, kPrompt, kAnswer };

class RoutingSource {
public:
    using Vocabulary = std::function<QString(std::int32_t)>;

    /// `id` is unique among the sources of a window; `name` is for people ("Answer 2", "law.csv").
    RoutingSource(qint64 id, QString name, std::shared_ptr<const RoutingRuns> runs);
    /// Of the tokens that a log has by now.
    RoutingSource(qint64 id, QString name, const std::shared_ptr<const RoutingLog>& log)
        : RoutingSource(id, std::move(name), std::make_shared<const RoutingRuns>(log)) {}

    /// The tokens of `whole` that a scope has; all of them: `whole` itself.
    static std::shared_ptr<RoutingSource> part(const std::shared_ptr<RoutingSource>& whole, const Scope& scope);
    /// Takes what came to the whole since; nothing to do in one that is whole.
    void follow();
    /// A token's number in the whole source.
    int inWhole(int token) const { return m_whole ? m_indices[static_cast<std::size_t>(token)] : token; }
    /// What a spot of the whole source marks in this one: without tokens where none of them is here.
    Spot ofWhole(Spot spot) const;
    /// A spot in this one, in the whole source.
    Spot inWhole(Spot spot) const;

    qint64 id() const { return m_id; }
    const QString& name() const { return m_name; }
    /// Its records; a view has the tokens that there are when it is taken.
    RoutingView log() const { return *m_runs; }
    /// Of the records: while it is the same, tokens come at the end only.
    std::uint64_t recordsId() const { return m_runs->id(); }
    const RoutingShape& shape() const { return m_runs->shape(); }
    int size() const { return static_cast<int>(m_runs->size()); }
    bool empty() const { return m_runs->size() == 0 || shape().moe_layers == 0; }

    /// Texts of tokens that stand in no message, by id.
    void setVocabulary(Vocabulary vocabulary) { m_vocabulary = std::move(vocabulary); }
    /// Gives tokens of a message their texts and places. They are found by their positions in the context among the
    /// source's tokens `part` (that of several answers may have a position twice). `first_index` is the index of
    /// tokens[0] in the message. `of_prompt`: a question's or the system prompt's; else it is an answer's, whose
    /// thinking is found in the text.
    void place(qint64 message, std::string_view text, std::span<const TranscriptToken> tokens, TokenRange part,
               int first_index = 0, std::optional<TokenPart> of_prompt = {});
    /// What a token is part of, where it stands in no message: the template's, the system prompt's.
    void setPart(int token, TokenPart part) { word(static_cast<std::size_t>(token)).part = part; }
    /// Texts for an imported trace, in the order of its tokens.
    void setTexts(std::vector<QString> texts);

    /// As it stands in the text, blanks included; "" if it is not known.
    QString text(int token) const;
    /// For a heading: “stable_sort”, “line break”, or "token 17" where the text is not known.
    QString quoted(int token) const;
    TokenPlace placeOf(int token) const;
    TokenPart partOf(int token) const;
    /// Whether any token is known to be of a thought.
    bool thinks() const { return m_whole ? m_whole->thinks() : m_thinks; }
    /// The token of the source, or -1.
    int find(qint64 message, int index) const;

    /// Neighbouring tokens of a phase, together.
    std::vector<TokenRange> ranges(PhaseFilter filter, std::size_t from = 0) const;
    /// A sentence about what the records do not say (RoutingShape::has_gates ...), or "".
    QString missing() const;

private:
    struct Word {
        QString text;
        TokenPlace place;
        std::optional<TokenPart> part;
    };
    Word& word(std::size_t token);
    RoutingSource(std::shared_ptr<RoutingSource> whole, const Scope& scope, std::shared_ptr<RoutingRuns> runs);

    qint64 m_id;
    QString m_name;
    std::shared_ptr<const RoutingRuns> m_runs;
    Vocabulary m_vocabulary;
    std::vector<Word> m_words;                      // of the first tokens; the rest have none
    QHash<std::pair<qint64, int>, int> m_by_place;  // (message, index) -> token
    QHash<std::int32_t, std::size_t> m_positions;   // of the part that was placed last
    TokenRange m_placed;
    bool m_thinks = false;
    // Of a part:
    std::shared_ptr<RoutingSource> m_whole;
    std::shared_ptr<RoutingRuns> m_part_runs;  // the same as m_runs
    std::optional<ScopeTest> m_test;
    Scope m_scope;
    std::vector<int> m_indices;  // in the whole one, ascending
    std::size_t m_followed = 0;  // tokens of the whole one that were looked at
};

using SharedSource = std::shared_ptr<RoutingSource>;

}  // namespace moescope

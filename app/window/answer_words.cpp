#include "app/window/answer_words.h"

#include <QCoreApplication>
#include <QLocale>

#include "app/chat/answer_settings.h"
#include "ui/settings/rules_words.h"
#include "ui/widgets/plain_text.h"

namespace moescope {
namespace {

/// Gives the strings of this file a context.
class AnswerWords {
    Q_DECLARE_TR_FUNCTIONS(moescope::AnswerWords)
};

class PromptWords {
    Q_DECLARE_TR_FUNCTIONS(moescope::Prompt)
};

/// "" for a text that came to its end.
QString finishText(FinishReason finish) {
    switch (finish) {
        case FinishReason::kLength:
            return AnswerWords::tr("length limit");
        case FinishReason::kContextFull:
            return AnswerWords::tr("context full");
        case FinishReason::kStopped:
            return AnswerWords::tr("stopped");
        case FinishReason::kInterrupted:
            return AnswerWords::tr("interrupted");
        case FinishReason::kConnectionLost:
            return AnswerWords::tr("connection lost");
        case FinishReason::kEdited:
            return AnswerWords::tr("edited");
        case FinishReason::kUnfinished:
        case FinishReason::kEndOfText:
        case FinishReason::kError:  // has a sentence of its own
            break;
    }
    return {};
}

}  // namespace

QString endText(FinishReason finish, const std::string& settings) {
    const QString words = rulesWords(rulesIn(settings)), end = finishText(finish);
    if (words.isEmpty()) return end;
    const QString rules = AnswerWords::tr("rules: %1").arg(oneLine(words));
    return end.isEmpty() ? rules : AnswerWords::tr("%1 · %2").arg(end, rules);
}

QString overflowText(const ContextOverflow& overflow) {
    const QLocale locale;
    const QString tokens = overflow.exact ? locale.toString(overflow.tokens)
                                          : PromptWords::tr("at least %1").arg(locale.toString(overflow.tokens));
    if (overflow.question_alone) {
        return PromptWords::tr("This message is too long: %1 tokens, %2 available.")
            .arg(tokens, locale.toString(overflow.room()));
    }
    return PromptWords::tr(
               "This chat has %1 tokens, but the context holds %2, with %3 reserved for the answer. "
               "Shorten the question, start a new chat, or let the oldest turns be dropped (chat "
               "settings).")
        .arg(tokens, locale.toString(overflow.context), locale.toString(overflow.reserve));
}

TranscriptState stateOf(FinishReason finish) {
    if (finish == FinishReason::kError) return TranscriptState::kError;
    const bool cut_off = finish == FinishReason::kStopped || finish == FinishReason::kInterrupted ||
                         finish == FinishReason::kConnectionLost;
    return cut_off ? TranscriptState::kStopped : TranscriptState::kComplete;
}

}  // namespace moescope

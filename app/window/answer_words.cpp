#include "app/window/answer_words.h"

#include <QCoreApplication>

#include "app/chat/answer_settings.h"
#include "ui/settings/rules_words.h"

namespace moescope {
namespace {

/// Gives the strings of this file a context.
class AnswerWords {
    Q_DECLARE_TR_FUNCTIONS(moescope::AnswerWords)
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
    const QString rules = AnswerWords::tr("rules: %1").arg(words);
    return end.isEmpty() ? rules : AnswerWords::tr("%1 · %2").arg(end, rules);
}

TranscriptState stateOf(FinishReason finish) {
    if (finish == FinishReason::kError) return TranscriptState::kError;
    const bool cut_off = finish == FinishReason::kStopped || finish == FinishReason::kInterrupted;
    return cut_off ? TranscriptState::kStopped : TranscriptState::kComplete;
}

}  // namespace moescope

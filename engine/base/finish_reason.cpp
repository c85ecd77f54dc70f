#include "engine/base/finish_reason.h"

#include "engine/base/name_table.h"

namespace moescope {
namespace {

constexpr Named<FinishReason> kNames[] = {
    {FinishReason::kUnfinished, ""},
    {FinishReason::kEndOfText, "end of text"},
    {FinishReason::kLength, "length"},
    {FinishReason::kContextFull, "context full"},
    {FinishReason::kStopped, "stopped"},
    {FinishReason::kInterrupted, "interrupted"},
    {FinishReason::kConnectionLost, "connection lost"},
    {FinishReason::kEdited, "edited"},
    {FinishReason::kError, "error"},
};

}  // namespace

std::string_view finishReasonName(FinishReason reason) {
    return nameIn(kNames, reason);
}

Finish parseFinish(std::string_view text) {
    if (const auto reason = valueIn(kNames, text)) return {*reason, {}};
    return {FinishReason::kError, std::string(text)};
}

bool mayContinue(FinishReason reason) {
    switch (reason) {
        case FinishReason::kLength:
        case FinishReason::kStopped:
        case FinishReason::kInterrupted:
        case FinishReason::kConnectionLost:
            return true;
        case FinishReason::kUnfinished:
        case FinishReason::kEndOfText:
        case FinishReason::kContextFull:
        case FinishReason::kEdited:
        case FinishReason::kError:
            break;
    }
    return false;
}

}  // namespace moescope

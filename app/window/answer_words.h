#pragma once
// How an answer ended, in words for people.

#include <QString>
#include <string>

#include "app/chat/answerer.h"
#include "engine/base/finish_reason.h"
#include "ui/chat/transcript_message.h"

namespace moescope {

/// How an answer ended, and the rules in its settings (JSON): "length limit · rules: ...". "" for one that came to its
/// end by the model's own rules.
QString endText(FinishReason finish, const std::string& settings);
/// A sentence that says what to do.
QString overflowText(const ContextOverflow& overflow);
/// How the transcript shows an answer that ended so.
TranscriptState stateOf(FinishReason finish);

}  // namespace moescope

#pragma once
// Messages on paper as the transcript shows them: the same layout, in the light theme, broken into pages between lines.

#include <QString>
#include <functional>
#include <vector>

#include "ui/chat/transcript_message.h"

class QPagedPaintDevice;

namespace moescope {

struct PrintItem {
    enum Kind : std::uint8_t {
        kTitle,    ///< of a conversation, which begins on a page of its own
        kFacts,    ///< about it or an answer, small and grey
        kSpeaker,  ///< of the message that follows, and on its page
        kMessage,
    };
    Kind kind = kMessage;
    QString words;              ///< but of messages
    TranscriptMessage message;  ///< of kMessage; what it can do and its figures are not printed
};

/// Prints on pages of a device that is open and has its margins; their width is that of the transcript's column at 10
/// point. `goOn` is asked before each page, and ends the printing by false. False if it was ended, or the device
/// refuses to be painted on. Any thread; memory for the text and a page.
bool printTranscript(QPagedPaintDevice* device, const std::vector<PrintItem>& items,
                     const std::function<bool()>& goOn = {});

}  // namespace moescope

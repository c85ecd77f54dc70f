#pragma once
// Files as what goes with a question: texts in whatever encoding, and the text of PDFs, cut by lines or pages to what
// fits. Meant for a thread of its own: a file may be large.

#include <QString>
#include <functional>
#include <stop_token>
#include <string_view>

#include "engine/base/status.h"
#include "engine/markdown/attachment.h"

namespace moescope {

struct AttachmentLimits {
    int tokens = 0;                              ///< that fit
    std::function<int(std::string_view)> count;  ///< tokens of a text
    std::stop_token stop;
};

/// Whether the text of PDFs can be read in this build.
bool canReadPdf();

/// The first lines, or pages, of a file that fit, and which these are. Errors: sentences; kStopped.
Result<markdown::Attachment> readAttachment(const QString& path, const AttachmentLimits& limits);

}  // namespace moescope

#pragma once
// The transcript for assistive technology: a list with a child for each message, read from the model.

namespace moescope {

/// Registers the interface with Qt; more than once does no harm.
void installTranscriptAccessibility();

}  // namespace moescope

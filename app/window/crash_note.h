#pragma once
// What a crash leaves for the next start: by which signal the program ended, its version, and what it was doing. No
// texts, no names of files, and nothing is sent anywhere.

#include <optional>
#include <string>

namespace moescope {

struct CrashNote {
    std::string signal;   ///< "SIGSEGV"
    std::string version;  ///< of the program that ended
    std::string action;   ///< one of those that nowDoing() was told
};

/// From now on a crash (a fault, an abort) leaves a note in the folder, and goes on as it would have without. Once,
/// before other threads begin.
void leaveCrashNotes(const std::string& data_dir);

/// What a note would say. `action` is a literal: "loading a model". Any thread.
void nowDoing(const char* action);

/// The note of the last crash, which is then gone. Nothing in it is trusted.
std::optional<CrashNote> takeCrashNote(const std::string& data_dir);

/// "SIGSEGV in version 1.2, while loading a model": for a report.
std::string crashWords(const CrashNote& note);

}  // namespace moescope

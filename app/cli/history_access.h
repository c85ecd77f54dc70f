#pragma once
// What the commands that touch the history share.

#include <CLI/CLI.hpp>
#include <memory>
#include <string>
#include <string_view>

#include "storage/history.h"

namespace moescope::cli {

void addDataDirOption(CLI::App& command, std::string& data_dir);

/// Opens the history of a folder ("": the user's own) and says on stderr what opening had to report, if it is asked
/// to. Throws Failure; also where no history is yet, unless one may be begun.
enum class Begin { kNo, kYes };
enum class Report { kSay, kKeep };
std::unique_ptr<History> openHistory(const std::string& data_dir, Begin begin = Begin::kNo,
                                     Report report = Report::kSay);

/// A conversation as formats that people read want it: without deleted messages, tokens and routing, which take time
/// and memory.
Result<ConversationContent> briefContent(History& history, std::int64_t conversation);

/// "2026-11-24 15:30" in local time.
std::string localTime(std::int64_t ms);

void addHistoryExport(CLI::App& history);
void addHistoryImport(CLI::App& history);
void addHistoryExperts(CLI::App& history);

}  // namespace moescope::cli

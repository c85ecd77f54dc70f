#include "app/cli/history_access.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <cstdio>
#include <ctime>
#include <filesystem>

#include "app/cli/common.h"
#include "engine/base/data_dir.h"

namespace moescope::cli {

void addDataDirOption(CLI::App& command, std::string& data_dir) {
    command.add_option("--data-dir", data_dir, "History folder (default: $XDG_DATA_HOME/moescope)");
}

std::unique_ptr<History> openHistory(const std::string& data_dir, Begin begin, Report report) {
    if (begin == Begin::kNo) {
        // A mistyped folder is not made.
        const std::string path = (data_dir.empty() ? require(prepareDataDir({})) : data_dir) + "/history.sqlite";
        std::error_code error;
        if (std::filesystem::status(path, error).type() == std::filesystem::file_type::not_found) {
            throw Failure{
                fmt::format("{}: there is no history yet; start one with moescope-cli chat, or choose another "
                            "folder with --data-dir.",
                            path)};
        }
    }
    HistoryOptions options;
    options.reading_is_enough = begin == Begin::kNo;
    auto history = require(History::open(data_dir, options));
    const std::string sentence = history->report().sentence();
    if (report == Report::kSay && !sentence.empty()) note("moescope-cli: " + sentence);
    return history;
}

Result<ConversationContent> briefContent(History& history, std::int64_t id) {
    auto conversation = history.conversation(id);
    if (!conversation.ok()) return conversation.status();
    ConversationContent content;
    content.conversation = std::move(*conversation);
    if (content.conversation.folder) {
        auto folders = history.folders();
        if (!folders.ok()) return folders.status();
        for (const Folder& folder : *folders) {
            if (folder.id == *content.conversation.folder) content.folder_name = folder.name;
        }
    }
    auto messages = history.messages(id);
    if (!messages.ok()) return messages.status();
    for (Message& message : *messages) content.messages.push_back({std::move(message), {}, {}, {}});
    return content;
}

std::string localTime(std::int64_t ms) {
    return fmt::format("{:%Y-%m-%d %H:%M}", fmt::localtime(static_cast<std::time_t>(ms / 1000)));
}

}  // namespace moescope::cli

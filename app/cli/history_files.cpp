// `history export` and `history import`.

#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>

#include "app/cli/common.h"
#include "app/cli/history_access.h"
#include "app/cli/output.h"
#include "engine/base/foreign_text.h"
#include "storage/exchange/export.h"
#include "storage/exchange/import.h"

namespace moescope::cli {
namespace {

struct ExportRequest {
    std::string data_dir, format, out;
    std::vector<std::int64_t> ids;
    bool all = false;
    ExportOptions options;

    ExportFormat chosenFormat() const {
        if (!format.empty()) return require(parseExportFormat(format));
        const std::string extension =
            isStandardOutput(out) ? std::string() : std::filesystem::path(out).extension().string();
        return extension.empty() ? ExportFormat::kMarkdown : require(parseExportFormat(extension));
    }
};

/// Of all conversations outside the trash, newest first.
std::vector<std::int64_t> allIds(History& history) {
    std::vector<std::int64_t> ids;
    ConversationFilter filter;
    while (true) {
        const auto page = require(history.conversations(filter));
        for (const Conversation& c : page) ids.push_back(c.id);
        if (static_cast<int>(page.size()) < filter.limit) return ids;
        filter.offset += filter.limit;
    }
}

void exportTo(const ExportRequest& request) {
    if (request.ids.empty() && !request.all) throw CLI::RequiredError("ID or --all");
    const ExportFormat format = request.chosenFormat();
    const auto history = openHistory(request.data_dir);
    // What JSON shows is all; the others can do without what takes most of the room.
    const bool whole = format == ExportFormat::kJson || format == ExportFormat::kJsonLines || request.options.routing;
    std::vector<ConversationContent> contents;
    for (const std::int64_t id : request.all ? allIds(*history) : request.ids) {
        contents.push_back(require(whole ? history->content(id) : briefContent(*history, id)));
    }
    const std::string text = exportConversations(contents, format, request.options);
    if (request.out.empty() || isStandardOutput(request.out)) {
        writeOut(text);
    } else {
        require(writeExport(request.out, text));
    }
}

std::string counted(std::size_t count, std::string_view one) {
    return fmt::format("{} {}{}", count, one, count == 1 ? "" : "s");
}

/// "2 conversations with 30 messages imported, 1 was here already".
std::string resultLine(const BroughtIn& brought, const ImportedFile& file) {
    std::string line = fmt::format("{} with {} imported", counted(brought.added, "chat"),
                                   counted(brought.messages - brought.new_in_known, "message"));
    if (brought.extended > 0) {
        line += fmt::format(", {} added to {} that {} here already", counted(brought.new_in_known, "new message"),
                            counted(brought.extended, "chat"), brought.extended == 1 ? "was" : "were");
    }
    if (brought.present > 0) {
        line += fmt::format(", {} {} here already", counted(brought.present, "chat"),
                            brought.present == 1 ? "was" : "were");
    }
    if (brought.in_trash > 0) line += fmt::format(" ({} in the trash)", brought.in_trash);
    if (file.passed_over > 0) {
        line += fmt::format("; {} left out (from tools, hidden, or of an unknown form)",
                            counted(static_cast<std::size_t>(file.passed_over), "message"));
    }
    return line;
}

/// How far an import is: a bar on a terminal; elsewhere a line now and then if it takes long.
class ImportProgressLine {
public:
    void update(std::size_t stored, std::size_t all) {
        if (all == 0) return;
        m_line.update(static_cast<double>(stored) / static_cast<double>(all));
        constexpr std::chrono::seconds kQuiet{10};
        if (isatty(STDERR_FILENO) || std::chrono::steady_clock::now() - m_said < kQuiet) return;
        m_said = std::chrono::steady_clock::now();
        note(fmt::format("moescope-cli: {} of {} messages imported", stored, all));
    }
    void clear() { m_line.clear(); }

private:
    ProgressLine m_line{"Importing"};
    std::chrono::steady_clock::time_point m_said = std::chrono::steady_clock::now();
};

void importFrom(const std::string& data_dir, const std::vector<std::string>& paths) {
    const std::stop_token stop = Interrupts::begin();
    // All are read before the first is stored: a file that cannot be read leaves the history as it was.
    std::vector<ImportedFile> files;
    for (const std::string& path : paths) {
        files.push_back(require(importFile(path)));
        if (stop.stop_requested()) throw Failure{"The import was stopped; nothing was imported.", kExitInterrupted};
    }
    const auto history = openHistory(data_dir, Begin::kYes);
    std::size_t refused = 0;
    for (std::size_t i = 0; i < files.size(); ++i) {
        ImportedFile& file = files[i];
        BroughtIn brought;
        ImportProgressLine line;
        const Status stored = history->bringIn(
            file.conversations, brought, [&](std::size_t now, std::size_t all) { line.update(now, all); }, stop);
        line.clear();
        if (!stored.ok()) {
            const int code = stored.code() == StatusCode::kStopped ? kExitInterrupted : 1;
            throw Failure{
                fmt::format("{}: {} of {} were imported, then: {}", paths[i], brought.added + brought.extended,
                            counted(file.conversations.size(), "chat"), stored.message()),
                code};
        }
        writeOut(fmt::format("{}: {}\n", harmless(paths[i], true), resultLine(brought, file)));
        refused += file.refused.size();
        if (file.refused.empty()) continue;
        file.passed_over = 0;  // has been said
        note(fmt::format("moescope-cli: {}: {}", paths[i], file.remark()));
        file = {};
    }
    if (refused > 0) throw Failure{""};
}

}  // namespace

void addHistoryExport(CLI::App& history) {
    CLI::App* command = history.add_subcommand("export", "Export chats, for people or for other programs");
    const auto request = std::make_shared<ExportRequest>();
    addDataDirOption(*command, request->data_dir);
    auto* ids = command->add_option("ID", request->ids, "Chats, by their numbers in `history list`");
    command->add_flag("--all", request->all, "All chats that are not in the trash")->excludes(ids);
    command->add_option("--format", request->format,
                        "md, html, txt, json (everything, can be imported again) or jsonl (default: by the "
                        "file's extension, else md)");
    command->add_option("--out", request->out,
                        "Output file, written completely or not at all (default, and -: stdout)");
    ExportOptions& options = request->options;
    command->add_flag("--system-prompts,!--no-system-prompts", options.system_prompts,
                      "System prompts (default: with them); this and what follows does not apply to json");
    command->add_flag("--settings,!--no-settings", options.settings, "Sampling settings (default: without)");
    command->add_flag("--timings,!--no-timings", options.timings,
                      "Tokens, speed and time to the first token of each answer (default: without)");
    command->add_flag("--routing,!--no-routing", options.routing, "The top experts of each answer (default: without)");
    command->add_flag("--thoughts,!--no-thoughts", options.thoughts,
                      "What models thought before they answered (default: with it)");
    command->callback([request] { exportTo(*request); });
}

void addHistoryImport(CLI::App& history) {
    CLI::App* command = history.add_subcommand(
        "import", "Import chats from the JSON of `history export`, or from a data export of ChatGPT or DeepSeek");
    struct Options {
        std::string data_dir;
        std::vector<std::string> files;
    };
    const auto options = std::make_shared<Options>();
    addDataDirOption(*command, options->data_dir);
    command
        ->add_option("FILE", options->files,
                     "Files to import, including ZIP archives as you received them; if one cannot be "
                     "read, nothing is imported")
        ->required();
    command->callback([options] { importFrom(options->data_dir, options->files); });
}

}  // namespace moescope::cli

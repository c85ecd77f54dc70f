#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "app/cli/common.h"
#include "app/cli/history_access.h"
#include "engine/base/foreign_text.h"
#include "storage/exchange/export.h"

namespace moescope::cli {
namespace {

std::string dump(const nlohmann::ordered_json& json) {
    return json.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

std::string title(const Conversation& c) {
    return c.title.empty() ? "Untitled" : harmless(c.title, true);
}

struct ListOptions {
    std::string data_dir, folder;
    bool trash = false, json = false;
    int limit = 0;
};

/// Newest first, whether pinned or not; those of one time as they came, as everywhere.
std::vector<Conversation> select(History& history, const ListOptions& options, const std::vector<Folder>& folders) {
    std::vector<ConversationFilter> filters;
    if (options.folder.empty()) filters.push_back({});
    for (const Folder& folder : folders) {
        if (!options.folder.empty() && folder.name == options.folder) filters.emplace_back().folder = folder.id;
    }
    if (filters.empty()) throw Failure{fmt::format("There is no folder \"{}\".", options.folder)};
    std::vector<Conversation> found;
    for (ConversationFilter filter : filters) {
        filter.trash = options.trash;
        while (true) {
            auto page = require(history.conversations(filter));
            const auto size = static_cast<int>(page.size());
            std::move(page.begin(), page.end(), std::back_inserter(found));
            if (size < filter.limit) break;
            filter.offset += filter.limit;
        }
    }
    std::sort(found.begin(), found.end(), [](const Conversation& a, const Conversation& b) {
        return a.updated_ms != b.updated_ms ? a.updated_ms > b.updated_ms : a.id < b.id;
    });
    if (options.limit > 0) found.resize(std::min(found.size(), static_cast<std::size_t>(options.limit)));
    return found;
}

void list(const ListOptions& options) {
    const auto history = openHistory(options.data_dir);
    const auto folders = require(history->folders());
    const auto found = select(*history, options, folders);
    if (!options.json) {
        std::string lines;
        for (const Conversation& c : found) {
            lines += fmt::format("{:>6}  {}  {:>5} message{}  {}\n", c.id, localTime(c.updated_ms), c.message_count,
                                 c.message_count == 1 ? " " : "s", title(c));
        }
        return writeOut(lines);
    }
    auto entries = nlohmann::ordered_json::array();
    for (const Conversation& c : found) {
        nlohmann::ordered_json entry = {{"id", c.id},
                                        {"title", c.title},
                                        {"created_ms", c.created_ms},
                                        {"updated_ms", c.updated_ms},
                                        {"messages", c.message_count},
                                        {"pinned", c.pinned},
                                        {"model", c.model_path}};
        for (const Folder& folder : folders) {
            if (c.folder == folder.id) entry["folder"] = folder.name;
        }
        entries.push_back(std::move(entry));
    }
    writeOut(dump(entries));
}

void show(const std::string& data_dir, std::int64_t id, bool json) {
    const auto history = openHistory(data_dir);
    const ConversationContent content = require(json ? history->content(id) : briefContent(*history, id));
    const std::string text = exportConversations({&content, 1}, json ? ExportFormat::kJson : ExportFormat::kText);
    writeOut(isatty(STDOUT_FILENO) && !json ? harmless(text, false) : text);
}

/// The snippet with its hits in reverse video, if `marked`.
std::string snippet(const SearchHit& hit, bool marked) {
    std::string out;
    std::size_t at = 0;
    const std::string_view text = hit.snippet;
    for (const HitRange& range : hit.ranges) {
        if (!marked || range.begin < at || range.end > text.size()) continue;  // ranges of several words may overlap
        out += harmless(text.substr(at, range.begin - at), true) + "\033[7m" +
               harmless(text.substr(range.begin, range.end - range.begin), true) + "\033[27m";
        at = range.end;
    }
    return out + harmless(text.substr(at), true);
}

void search(const std::string& data_dir, const std::vector<std::string>& words, int limit, bool json) {
    std::string query;
    for (const std::string& word : words) query += (query.empty() ? "" : " ") + word;
    const auto history = openHistory(data_dir);
    constexpr int kPatienceMs = 60'000;  // nobody types on while this runs
    const SearchResult result = require(history->search(query, limit, Interrupts::begin(), kPatienceMs));
    if (json) {
        auto hits = nlohmann::ordered_json::array();
        for (const SearchHit& hit : result.hits) {
            auto ranges = nlohmann::ordered_json::array();
            for (const HitRange& range : hit.ranges) ranges.push_back({range.begin, range.end});
            nlohmann::ordered_json entry = {{"id", hit.conversation}, {"title", hit.title}};
            if (hit.message) entry["message"] = *hit.message;
            entry["snippet"] = hit.snippet;
            entry["ranges"] = std::move(ranges);
            hits.push_back(std::move(entry));
        }
        writeOut(dump(hits));
    } else {
        const bool marked = isatty(STDOUT_FILENO);
        std::string lines;
        for (const SearchHit& hit : result.hits) {
            // A hit in the title shows itself there.
            const std::string shown = snippet(hit, marked);
            lines += hit.message
                         ? fmt::format("{:>6}  {}\n        {}\n", hit.conversation, harmless(hit.title, true), shown)
                         : fmt::format("{:>6}  {}\n", hit.conversation, shown);
        }
        writeOut(lines);
    }
    if (result.hits.empty()) note("Nothing was found.");
    if (!result.complete) note("There are more hits; --limit shows them.");
}

void check(const std::string& data_dir) {
    const auto history = openHistory(data_dir, Begin::kNo, Report::kKeep);
    const OpenReport& report = history->report();
    require(history->checkIntegrity(Interrupts::begin()));
    if (!report.damaged_path.empty()) throw Failure{report.sentence()};
    std::int64_t conversations = 0, messages = 0;
    for (const bool trash : {false, true}) {
        ListOptions all;
        all.trash = trash;
        for (const Conversation& c : select(*history, all, {})) {
            ++conversations;
            messages += c.message_count;
        }
    }
    fmt::print("{}: the history is sound: {} chat{} with {} message{}\n", history->path(), conversations,
               conversations == 1 ? "" : "s", messages, messages == 1 ? "" : "s");
    if (!report.sentence().empty()) fmt::print("{}\n", report.sentence());
}

void addList(CLI::App& history) {
    CLI::App* command = history.add_subcommand("list", "List chats, newest first: id, date, messages, title");
    const auto options = std::make_shared<ListOptions>();
    addDataDirOption(*command, options->data_dir);
    command->add_flag("--trash", options->trash, "Chats in the trash instead");
    command->add_option("--folder", options->folder, "Only chats in the folder with this name");
    command->add_option("--limit", options->limit, "Maximum number of chats (default: all)")
        ->check(CLI::Range(1, 1 << 30));
    command->add_flag("--json", options->json, "Print JSON");
    command->callback([options] { list(*options); });
}

void addShow(CLI::App& history) {
    CLI::App* command = history.add_subcommand("show", "Print a chat as text");
    struct Options {
        std::string data_dir;
        std::int64_t id = 0;
        bool json = false;
    };
    const auto options = std::make_shared<Options>();
    addDataDirOption(*command, options->data_dir);
    command->add_option("ID", options->id, "Its number in `history list`")->required();
    command->add_flag("--json", options->json, "All of it: every branch, settings, tokens, routing");
    command->callback([options] { show(options->data_dir, options->id, options->json); });
}

void addSearch(CLI::App& history) {
    CLI::App* command = history.add_subcommand("search", "Search titles and messages for words or parts of words");
    struct Options {
        std::string data_dir;
        std::vector<std::string> words;
        int limit = 50;
        bool json = false;
    };
    const auto options = std::make_shared<Options>();
    addDataDirOption(*command, options->data_dir);
    command
        ->add_option("WORDS", options->words,
                     "All must occur; '\"in quotation marks\"' is one phrase; accents count if typed "
                     "(naive finds naïve)")
        ->required();
    command->add_option("--limit", options->limit, "Maximum number of hits")
        ->check(CLI::Range(1, 1 << 20))
        ->capture_default_str();
    command->add_flag("--json", options->json, "Print JSON");
    command->callback([options] { search(options->data_dir, options->words, options->limit, options->json); });
}

void addCheck(CLI::App& history) {
    CLI::App* command =
        history.add_subcommand("check", "Check the whole history for damage (exit code 1 if it is, or was, damaged)");
    const auto data_dir = std::make_shared<std::string>();
    addDataDirOption(*command, *data_dir);
    command->callback([data_dir] { check(*data_dir); });
}

}  // namespace

void addHistory(CLI::App& app) {
    CLI::App* command = app.add_subcommand("history", "Stored chats");
    command->require_subcommand(1);
    addList(*command);
    addShow(*command);
    addSearch(*command);
    addHistoryExperts(*command);
    addHistoryExport(*command);
    addHistoryImport(*command);
    addCheck(*command);
}

}  // namespace moescope::cli

#include "app/cli/trace_source.h"

#include <fmt/format.h>

#include <filesystem>

#include "app/cli/common.h"
#include "app/cli/history_access.h"
#include "storage/exchange/transcript.h"

namespace moescope::cli {

void TraceFileOptions::addTo(CLI::App& command) {
    std::string names;
    for (const TraceFormatInfo& f : traceFormats()) names += fmt::format("{}{}", names.empty() ? "" : ", ", f.name);
    command.add_option("--from", format,
                       fmt::format("Format of the file (default: detected from its content): {}", names));
    command.add_option("--experts", read.experts, "Routed experts per layer, if the file does not say")
        ->check(CLI::Range(1, kMaxTraceExperts));
    command.add_option("--top-k", read.experts_used, "Experts per token in a layer, if the file does not say")
        ->check(CLI::Range(1, kMaxActiveExperts));
    command.add_option("--layers", read.layers, "MoE layers, for a response of SGLang that does not say so")
        ->check(CLI::Range(1, kMaxTraceLayers));
    command
        .add_option("--start", read.start,
                    "Tokens of the prompt that a server left out before the first row (routed_experts_start_len)")
        ->check(CLI::NonNegativeNumber);
    command.add_option("--first-layer", read.first_layer, "Number of the first MoE layer, if the file does not say")
        ->check(CLI::Range(0, kMaxTraceLayers));
    command.add_option("--choice", read.choice, "Which answer of a server's response, from 0")->capture_default_str();
}

Trace TraceFileOptions::load(const std::string& path) const {
    TraceReadOptions chosen = read;
    if (!format.empty()) chosen.format = require(parseTraceFormat(format));
    return require(readTrace(path, chosen));
}

void TraceSource::addTo(CLI::App& command) {
    auto* path = command.add_option("FILE", file, "A trace in any of the formats, or a folder of expert_weights_N.txt");
    options.addTo(command);
    addDataDirOption(command, data_dir);
    auto* from_chat = command.add_option("--conversation", conversation, "Answers of a stored chat instead")
                          ->check(CLI::PositiveNumber)
                          ->excludes(path);
    command.add_option("--answer", answer, "Only its N-th answer, from 1, on the current branch")
        ->check(CLI::PositiveNumber)
        ->needs(from_chat);
    command.add_option("--message", message, "One stored answer, by the id that `history experts --json` gives")
        ->check(CLI::PositiveNumber)
        ->excludes(path)
        ->excludes(from_chat);
}

namespace {

/// Of an answer whose routing is `log`.
void addWords(TraceWords& words, std::string_view text, const std::vector<MessageToken>& tokens,
              const std::vector<TokenOdds>& odds, const RoutingLog& log) {
    std::map<std::int32_t, std::size_t> by_position;
    for (std::size_t i = 0; i < tokens.size(); ++i) {
        const MessageToken& token = tokens[i];
        by_position[token.position] = i;
        // A part of a character has no bytes of its own.
        if (token.begin < token.end && token.end <= text.size()) {
            words.texts.try_emplace(token.id, text.substr(token.begin, token.end - token.begin));
        }
    }
    for (std::size_t t = 0; t < log.size(); ++t) {
        const auto found = by_position.find(log.token(t).position);
        const bool known = found != by_position.end() && found->second < odds.size();
        words.odds.push_back(known ? odds[found->second] : TokenOdds());
    }
}

}  // namespace

Trace TraceSource::loadStored(TraceWords* words) const {
    const auto history = openHistory(data_dir);
    if (message > 0) {
        auto stored = require(history->routing(message));
        if (!stored) throw Failure{fmt::format("Message {} has no routing; only answers have it.", message)};
        if (words) {
            addWords(*words, require(history->message(message)).text, require(history->tokens(message)),
                     require(history->odds(message)), *stored);
        }
        return {TraceFormat::kSafetensors, std::move(*stored), {}};
    }
    const ConversationContent content = require(history->content(conversation));
    std::optional<RoutingLog> log;
    int number = 0;
    for (const MessageContent* shown : shownBranch(content)) {
        if (shown->message.author != Author::kAssistant) continue;
        ++number;
        if ((answer > 0 && number != answer) || !shown->routing) continue;
        if (!log) log.emplace(shown->routing->shape());
        if (!shown->routing->shape().continues(log->shape())) {
            throw Failure{
                fmt::format("The answers of chat {} come from models of different shapes; choose one with --answer.",
                            conversation)};
        }
        if (words) addWords(*words, shown->message.text, shown->tokens, shown->odds, *shown->routing);
        log->append(*shown->routing);
    }
    if (!log) {
        throw Failure{answer > number ? fmt::format("Chat {} has {} answers; expected at most --answer {}.",
                                                    conversation, number, number)
                                      : fmt::format("Chat {} has no answer with routing.", conversation)};
    }
    return {TraceFormat::kSafetensors, std::move(*log), {}};
}

Trace TraceSource::load(TraceWords* words) const {
    if (conversation > 0 || message > 0) return loadStored(words);
    if (file.empty()) throw CLI::RequiredError("FILE, --conversation or --message");
    return options.load(file);
}

std::string TraceSource::name() const {
    if (message > 0) return fmt::format("message {}", message);
    if (conversation > 0) {
        return fmt::format("chat {}", conversation) + (answer > 0 ? fmt::format(", answer {}", answer) : "");
    }
    return traceName(file);
}

std::string traceName(const std::string& file) {
    std::filesystem::path path(file);
    if (!path.has_filename()) path = path.parent_path();  // "folder/"
    return path.filename();
}

std::string grouped(std::size_t number) {
    const std::string digits = std::to_string(number);
    std::string text;
    for (std::size_t i = 0; i < digits.size(); ++i) {
        if (i > 0 && (digits.size() - i) % 3 == 0) text += ',';
        text += digits[i];
    }
    return text;
}

std::string describe(const RoutingLog& log) {
    const RoutingShape& shape = log.shape();
    const int last = shape.first_moe_layer + shape.moe_layers - 1;
    return fmt::format("{} token{}, {}, {} experts, top {}", grouped(log.size()), log.size() == 1 ? "" : "s",
                       shape.moe_layers == 1 ? fmt::format("layer {}", last)
                                             : fmt::format("layers {} to {}", shape.first_moe_layer, last),
                       shape.experts, shape.experts_used);
}

}  // namespace moescope::cli

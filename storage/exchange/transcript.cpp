#include "storage/exchange/transcript.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <nlohmann/json.hpp>
#include <unordered_map>

#include "engine/base/utf8.h"
#include "engine/markdown/thinking.h"
#include "engine/routing/metrics.h"
#include "storage/exchange/json_fields.h"

namespace moescope {
namespace {

using Parents = std::vector<std::ptrdiff_t>;  // index of each message's parent, -1: none

Parents parentsOf(const ConversationContent& content) {
    std::unordered_map<std::int64_t, std::ptrdiff_t> index;
    Parents parents;
    parents.reserve(content.messages.size());
    for (const auto& [message, tokens, odds, routing] : content.messages) {
        const auto found = message.parent ? index.find(*message.parent) : index.end();
        parents.push_back(found == index.end() ? -1 : found->second);
        index.emplace(message.id, std::ssize(parents) - 1);
    }
    return parents;
}

std::vector<bool> visible(const ConversationContent& content, const Parents& parents) {
    std::vector<bool> result(parents.size());
    for (std::size_t i = 0; i < parents.size(); ++i) {
        const bool above = parents[i] < 0 || result[static_cast<std::size_t>(parents[i])];
        result[i] = above && !content.messages[i].message.deleted_ms;
    }
    return result;
}

std::ptrdiff_t shownLeaf(const ConversationContent& content, const Parents& parents, const std::vector<bool>& seen) {
    std::vector<bool> has_child(parents.size());
    for (std::size_t i = 0; i < parents.size(); ++i) {
        if (content.conversation.leaf == content.messages[i].message.id && seen[i])
            return static_cast<std::ptrdiff_t>(i);
        if (seen[i] && parents[i] >= 0) has_child[static_cast<std::size_t>(parents[i])] = true;
    }
    std::ptrdiff_t newest = -1;
    for (std::size_t i = 0; i < parents.size(); ++i) {
        if (!seen[i] || has_child[i]) continue;
        const std::int64_t created = content.messages[i].message.created_ms;
        if (newest < 0 || created >= content.messages[static_cast<std::size_t>(newest)].message.created_ms) {
            newest = static_cast<std::ptrdiff_t>(i);
        }
    }
    return newest;
}

void add(std::string& line, std::string_view part) {
    if (part.empty()) return;
    if (!line.empty()) line += " · ";
    line += part;
}

/// "temperature: 0.7 · top_p: 0.9" of a JSON object.
std::string settingsLine(const std::string& settings) {
    std::string line;
    const auto object = parseSettings(settings);
    for (const auto& [key, value] : object.items()) {
        if (key == kReasoningKey) continue;  // a text, and no setting
        add(line, fmt::format("{}: {}", key, value.is_string() ? value.get<std::string>() : value.dump()));
    }
    return line;
}

}  // namespace

std::vector<bool> visibleMessages(const ConversationContent& content) {
    return visible(content, parentsOf(content));
}

std::vector<const MessageContent*> shownBranch(const ConversationContent& content) {
    const Parents parents = parentsOf(content);
    std::vector<const MessageContent*> branch;
    for (std::ptrdiff_t i = shownLeaf(content, parents, visible(content, parents)); i >= 0;
         i = parents[static_cast<std::size_t>(i)]) {
        branch.push_back(&content.messages[static_cast<std::size_t>(i)]);
    }
    std::reverse(branch.begin(), branch.end());
    return branch;
}

std::string validUtf8(std::string_view text) {
    std::string result;
    while (true) {
        const std::size_t valid = validPrefix(text);
        result += text.substr(0, valid);
        text.remove_prefix(valid);
        if (text.empty()) return result;
        result += "\uFFFD";
        text.remove_prefix(firstCharacter(text).bytes);
    }
}

std::string titleLine(const Conversation& conversation) {
    std::string title = validUtf8(conversation.title);
    std::replace_if(
        title.begin(), title.end(), [](char c) { return c >= 0 && c < ' '; }, ' ');
    return title.find_first_not_of(' ') == std::string::npos ? "Untitled" : title;
}

std::string utcTime(std::int64_t ms) {
    constexpr std::int64_t kYear10000 = 253402300800000;
    if (ms <= 0 || ms >= kYear10000) return "";
    const std::chrono::sys_time<std::chrono::milliseconds> time{std::chrono::milliseconds(ms)};
    const auto day = std::chrono::floor<std::chrono::days>(time);
    const std::chrono::year_month_day date(day);
    const auto minutes = std::chrono::floor<std::chrono::minutes>(time - day).count();
    return fmt::format("{:04}-{:02}-{:02} {:02}:{:02} UTC", static_cast<int>(date.year()),
                       static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), minutes / 60,
                       minutes % 60);
}

std::string conversationLine(const ConversationContent& content, const ExportOptions& options) {
    std::string line = utcTime(content.conversation.created_ms);
    if (!content.folder_name.empty()) add(line, "Folder: " + validUtf8(content.folder_name));
    if (options.settings) add(line, settingsLine(content.conversation.settings));
    return line;
}

std::string speaker(const Message& message) {
    if (message.author == Author::kUser) return "User";
    std::string who = "Assistant";
    add(who, validUtf8(message.model_name));
    return who;
}

SpokenText spokenText(const Message& message, const ExportOptions& options) {
    const std::string_view text = message.text;
    if (message.author == Author::kUser) return {{}, text};
    const auto thinking = markdown::thinkingOf(text);
    if (!thinking) return {{}, text};
    if (!options.thoughts) return {{}, text.substr(thinking->answer)};
    return {text.substr(thinking->begin, thinking->end - thinking->begin), text.substr(thinking->answer)};
}

std::string answerLine(const Message& message, const ExportOptions& options) {
    if (message.author == Author::kUser) return "";
    std::string line;
    if (options.timings) {
        add(line, utcTime(message.created_ms));
        if (message.answer_tokens > 0) add(line, fmt::format("{} tokens", message.answer_tokens));
        if (message.tokens_per_second > 0) add(line, fmt::format("{:.1f} tokens/s", message.tokens_per_second));
        if (message.first_token_seconds > 0)
            add(line, fmt::format("first token after {:.2f} s", message.first_token_seconds));
    }
    if (message.finish == FinishReason::kError) {
        add(line, validUtf8(message.error));
    } else if (options.timings || message.finish != FinishReason::kEndOfText) {
        add(line, std::string(finishReasonName(message.finish)));
    }
    if (options.settings) add(line, settingsLine(message.settings));
    return line;
}

std::vector<RoutingShares::Expert> RoutingShares::top(int layer, std::size_t count) const {
    std::vector<Expert> result;
    for (int e = 0; e < experts; ++e) {
        if (at(layer, e) > 0) result.push_back({e, at(layer, e)});
    }
    std::stable_sort(result.begin(), result.end(), [](const Expert& a, const Expert& b) { return a.share > b.share; });
    result.resize(std::min(count, result.size()));
    return result;
}

std::string RoutingShares::topLine(int layer) const {
    constexpr std::size_t kShown = 4;
    std::string line;
    for (const auto& [id, share] : top(layer, kShown)) {
        line += fmt::format("{}{} ({:.1f} %)", line.empty() ? "" : ", ", id, 100 * share);
    }
    return line;
}

RoutingShares routingShares(const RoutingLog& log) {
    const RoutingShape& shape = log.shape();
    TokenRange own = allTokens(log);
    while (own.begin < own.end && log.token(own.begin).phase != Phase::kDecode) ++own.begin;
    if (own.begin == own.end) own = allTokens(log);
    RoutingShares result{shape.first_moe_layer, shape.moe_layers, shape.experts, own.end - own.begin, {}};
    for (int layer = 0; layer < shape.moe_layers; ++layer) {
        auto mass = gateMass(log, layer, own);
        double sum = 0;
        for (double& m : mass) sum += m = std::isfinite(m) && m > 0 ? m : 0;
        for (const double m : mass) result.shares.push_back(sum > 0 ? m / sum : 0);
    }
    return result;
}

}  // namespace moescope

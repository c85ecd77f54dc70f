// Reads what export_json.cpp writes. docs/conversation-json.md describes it.

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <unordered_map>

#include "storage/exchange/import.h"
#include "storage/exchange/json_fields.h"
#include "storage/exchange/json_members.h"
#include "storage/exchange/readers.h"
#include "storage/exchange/transcript.h"

namespace moescope {
namespace {

using nlohmann::json;

constexpr std::int64_t kMaxInt32 = std::numeric_limits<std::int32_t>::max();
// Far beyond any model, and small enough that a table of layers x experts can be made of them.
constexpr int kMaxLayers = 1024, kMaxExperts = 4096;

bool isList(const json& value, std::size_t size) {
    return value.is_array() && value.size() == size;
}

std::int32_t int32(const JsonFields& fields, const char* key, std::int64_t highest = kMaxInt32) {
    return static_cast<std::int32_t>(fields.integer(key, 0, highest));
}

/// The first `count` entries of a list into `out`; false if it is no list of so many numbers in range.
template <std::size_t N>
bool readReals(const json& list, std::size_t count, std::array<float, N>& out) {
    if (!isList(list, count)) return false;
    for (std::size_t i = 0; i < count; ++i) {
        const auto value = jsonReal(list[i]);
        if (!value) return false;
        out[i] = static_cast<float>(*value);
    }
    return true;
}

template <std::size_t N>
bool readExperts(const json& list, std::size_t count, int lowest, int experts, std::array<std::int32_t, N>& out) {
    if (!isList(list, count)) return false;
    for (std::size_t i = 0; i < count; ++i) {
        const auto value = jsonInteger(list[i], lowest, experts - 1);
        if (!value) return false;
        out[i] = static_cast<std::int32_t>(*value);
    }
    return true;
}

bool readLayer(const json& record, int experts, LayerRouting& out) {
    if (!isList(record, 7) || !record[0].is_array() || record[0].size() > kMaxActiveExperts) return false;
    const std::size_t count = record[0].size();
    out.count = static_cast<int>(count);
    const auto shared = jsonReal(record[5]), routed = jsonReal(record[6]);
    out.shared_norm = static_cast<float>(shared.value_or(0));
    out.routed_norm = static_cast<float>(routed.value_or(0));
    return shared && routed && readExperts(record[0], count, 0, experts, out.experts) &&
           readReals(record[1], count, out.gates) && readReals(record[2], count, out.probabilities) &&
           readExperts(record[3], kRunnersUp, -1, experts, out.runners_up) &&
           readReals(record[4], kRunnersUp, out.runner_up_probabilities);
}

/// Which experts of a token's layers ran on a card.
bool readPlaces(const json& list, std::vector<LayerRouting>& layers) {
    if (!isList(list, layers.size())) return false;
    for (std::size_t l = 0; l < layers.size(); ++l) {
        const auto bits = jsonInteger(list[l], 0, (1 << layers[l].count) - 1);
        if (!bits) return false;
        layers[l].on_card = static_cast<std::uint16_t>(*bits);
    }
    return true;
}

/// What the choices of a token's layers went by, where that was not the probabilities.
bool readSelections(const json& list, std::vector<LayerRouting>& layers) {
    if (!isList(list, layers.size())) return false;
    for (std::size_t l = 0; l < layers.size(); ++l) {
        const bool good = isList(list[l], 2) &&
                          readReals(list[l][0], static_cast<std::size_t>(layers[l].count), layers[l].selections) &&
                          readReals(list[l][1], kRunnersUp, layers[l].runner_up_selections);
        if (!good) return false;
    }
    return true;
}

RoutingLog readRouting(const JsonFields& fields) {
    RoutingShape shape;
    shape.first_moe_layer = int32(fields, "first_moe_layer", kMaxLayers);
    shape.moe_layers = int32(fields, "moe_layers", kMaxLayers);
    shape.experts = int32(fields, "experts", kMaxExperts);
    shape.experts_used = int32(fields, "experts_used", kMaxExperts);
    shape.shared_experts = int32(fields, "shared_experts", kMaxExperts);
    shape.groups = std::max(1, int32(fields, "groups", kMaxExperts));
    shape.groups_used = std::max(1, int32(fields, "groups_used", kMaxExperts));
    if (!shape.groupsFit()) {
        fields.fail(fmt::format("{} experts in {} groups, {} of them used, cannot be", shape.experts, shape.groups,
                                shape.groups_used));
    }
    // Apart from the records, where programs that do not know them pass over them.
    const json& selections = fields.list("selections");
    const json& places = fields.list("on_card");
    shape.has_selections = !selections.empty();
    RoutingLog log(shape);
    std::vector<LayerRouting> layers(static_cast<std::size_t>(shape.moe_layers));
    const json& tokens = fields.list("tokens");
    if (!places.empty() && places.size() != tokens.size()) fields.fail("on_card has a different number of tokens");
    if (shape.has_selections && selections.size() != tokens.size()) {
        fields.fail("selections has a different number of tokens");
    }
    for (std::size_t t = 0; t < tokens.size() && fields.ok(); ++t) {
        const json& token = tokens[t];
        const bool is_token = isList(token, 4) && (token[2] == "prefill" || token[2] == "decode");
        const auto id = is_token ? jsonInteger(token[0], 0, kMaxInt32) : std::nullopt;
        const auto position = is_token ? jsonInteger(token[1], 0, kMaxInt32) : std::nullopt;
        bool good = id && position && isList(token[3], layers.size());
        for (std::size_t l = 0; l < layers.size() && good; ++l) {
            layers[l] = LayerRouting();
            good = readLayer(token[3][l], shape.experts, layers[l]);
        }
        if (good && !places.empty()) good = readPlaces(places[t], layers);
        if (good && shape.has_selections) good = readSelections(selections[t], layers);
        if (!good) {
            fields.fail(fmt::format("token {} is not a record of {} MoE layers with {} experts", t + 1,
                                    shape.moe_layers, shape.experts));
            break;
        }
        log.onToken({static_cast<std::int32_t>(*id), static_cast<std::int32_t>(*position),
                     token[2] == "decode" ? Phase::kDecode : Phase::kPrefill, layers});
    }
    return log;
}

std::vector<MessageToken> readTokens(const JsonFields& fields, std::size_t text_bytes) {
    const auto bytes = static_cast<std::int64_t>(text_bytes);
    const json& list = fields.list("tokens");
    std::vector<MessageToken> tokens;
    tokens.reserve(list.size());
    for (std::size_t t = 0; t < list.size() && fields.ok(); ++t) {
        const json& token = list[t];
        const bool is_token = isList(token, 4);
        const auto id = is_token ? jsonInteger(token[0], 0, kMaxInt32) : std::nullopt;
        const auto end = is_token ? jsonInteger(token[2], 0, std::min(bytes, kMaxInt32)) : std::nullopt;
        const auto begin = end ? jsonInteger(token[1], 0, *end) : std::nullopt;
        const auto position = is_token ? jsonInteger(token[3], 0, kMaxInt32) : std::nullopt;
        if (!id || !begin || !position) {
            fields.fail(
                fmt::format("token {} is not [id, begin, end, position] within its text of {} bytes", t + 1, bytes));
            break;
        }
        tokens.push_back({static_cast<std::int32_t>(*id), static_cast<std::uint32_t>(*begin),
                          static_cast<std::uint32_t>(*end), static_cast<std::int32_t>(*position)});
    }
    return tokens;
}

/// The likeliest tokens of one place, as export_json.cpp writes them.
bool readOdds(const json& entry, TokenOdds& odds) {
    if (!isList(entry, 5) || !entry[3].is_array() || !isList(entry[4], entry[3].size())) return false;
    const std::size_t count = entry[3].size();
    if (count == 0 || count > TokenOdds::kMost) return false;
    const auto rank = jsonInteger(entry[0], 0, kMaxInt32);
    const auto probability = jsonReal(entry[1]), entropy = jsonReal(entry[2]);
    if (!rank || !probability || !entropy || !readReals(entry[4], count, odds.probabilities)) return false;
    for (std::size_t i = 0; i < count; ++i) {
        const auto id = jsonInteger(entry[3][i], 0, kMaxInt32);
        if (!id) return false;
        odds.tokens[i] = static_cast<std::int32_t>(*id);
    }
    odds.count = static_cast<int>(count);
    odds.rank = static_cast<std::int32_t>(*rank);
    odds.probability = static_cast<float>(*probability);
    odds.entropy = static_cast<float>(*entropy);
    return true;
}

std::vector<TokenOdds> readAllOdds(const JsonFields& fields, std::size_t tokens) {
    const json& list = fields.list("alternatives");
    std::vector<TokenOdds> all(list.size());
    if (!list.empty() && list.size() != tokens) fields.fail("alternatives has a different number of tokens");
    for (std::size_t t = 0; t < list.size() && fields.ok(); ++t) {
        if (!list[t].is_null() && !readOdds(list[t], all[t]))
            fields.fail(fmt::format("alternative {} is not [rank, probability, entropy, ids, probabilities]", t + 1));
    }
    return all;
}

/// A piece of the file; an error is described for the whole of it.
json parsed(std::string_view piece, std::string_view file, Status& status) {
    if (!isModest(piece)) {
        status = invalid("The file cannot be imported: it holds more values than any export has.");
        return json();
    }
    json value = json::parse(piece, nullptr, false);
    if (value.is_discarded() && status.ok()) status = describeDamage(file);
    return value;
}

using LocalIds = std::unordered_map<std::int64_t, std::int64_t>;  // in the file -> in the result

std::optional<std::int64_t> readReference(const JsonFields& fields, const char* key, const LocalIds& ids,
                                          const char* expected) {
    const auto id = fields.optionalInteger(key, 1, kMaxJsonInteger);
    if (!id) return {};
    const auto found = ids.find(*id);
    if (found != ids.end()) return found->second;
    fields.fail(key, expected);
    return {};
}

MessageContent readMessage(const JsonFields& fields, LocalIds& ids, Status& status) {
    MessageContent content;
    Message& m = content.message;
    for (const char* key : {"id", "role", "text"}) {
        if (!fields.find(key)) fields.fail(fmt::format("\"{}\" is missing", key));
    }
    m.parent = readReference(fields, "parent", ids, "the id of a message before it");
    m.id = std::ssize(ids) + 1;
    if (!ids.emplace(fields.integer("id", 1, kMaxJsonInteger), m.id).second) fields.fail("its \"id\" is used twice");
    const std::string role = fields.text("role");
    if (role != "user" && role != "assistant") fields.fail("\"role\" should be \"user\" or \"assistant\"");
    m.author = role == "user" ? Author::kUser : Author::kAssistant;
    m.text = fields.text("text");
    m.created_ms = fields.integer("created_ms", -kMaxJsonInteger, kMaxJsonInteger);
    m.deleted_ms = fields.optionalInteger("deleted_ms", -kMaxJsonInteger, kMaxJsonInteger);
    const Finish finish = parseFinish(fields.text("finish"));
    m.finish = finish.reason;
    // Older exports have the sentence in place of the reason.
    if (m.finish == FinishReason::kError) m.error = finish.error.empty() ? fields.text("error") : finish.error;
    m.model_name = fields.text("model");
    m.settings = fields.settings("settings");
    m.prompt_tokens = int32(fields, "prompt_tokens");
    m.answer_tokens = int32(fields, "answer_tokens");
    m.first_token_seconds = fields.real("first_token_seconds");
    m.tokens_per_second = fields.real("tokens_per_second");
    m.thinking_tokens_per_second = fields.real("thinking_tokens_per_second");
    content.tokens = readTokens(fields, m.text.size());
    content.odds = readAllOdds(fields, content.tokens.size());
    if (const json* routing = fields.find("routing")) {
        content.routing = readRouting(JsonFields(*routing, fields.where() + ", routing", status));
    }
    return content;
}

/// The reference of a message that its own or a later one may be: looked up when all are known.
struct ContextStart {
    std::size_t message = 0;
    std::int64_t id = 0;
};

/// Messages are built one at a time: those with routing are long.
void readMessages(std::string_view list, std::string_view file, const std::string& where, ConversationContent& content,
                  LocalIds& ids, Status& status) {
    std::vector<ContextStart> starts;
    const auto name = [&](std::size_t i) { return fmt::format("{}, message {}", where, i + 1); };
    JsonMembers members(list);
    for (std::size_t i = 0; status.ok() && members.next(); ++i) {
        const json message = parsed(members.value(), file, status);
        if (!status.ok()) return;
        const JsonFields fields(message, name(i), status);
        content.messages.push_back(readMessage(fields, ids, status));
        if (const auto id = fields.optionalInteger("context_start", 1, kMaxJsonInteger)) starts.push_back({i, *id});
    }
    if (status.ok() && members.damaged()) status = describeDamage(file);
    for (const ContextStart& start : starts) {
        if (!status.ok()) return;
        const json reference = {{"context_start", start.id}};
        content.messages[start.message].message.context_start =
            readReference(JsonFields(reference, name(start.message), status), "context_start", ids,
                          "the id of a message of this conversation");
    }
}

ConversationContent readConversation(std::string_view text, std::string_view file, const std::string& where,
                                     Status& status) {
    ConversationContent content;
    json object = json::object();
    std::string_view messages = "[]";
    if (!text.starts_with('{')) object = parsed(text, file, status);
    JsonMembers members(text);
    while (status.ok() && text.starts_with('{') && members.next()) {
        if (members.key() == "messages" && members.value().starts_with('[')) {
            messages = members.value();
        } else {
            object[members.key()] = parsed(members.value(), file, status);
        }
    }
    if (status.ok() && text.starts_with('{') && members.damaged()) status = describeDamage(file);
    const JsonFields fields(object, where, status);
    fields.list("messages");
    Conversation& c = content.conversation;
    c.title = fields.text("title");
    c.automatic_title = fields.flag("automatic_title", true);
    content.folder_name = fields.text("folder");
    c.pinned = fields.flag("pinned", false);
    c.created_ms = fields.integer("created_ms", -kMaxJsonInteger, kMaxJsonInteger);
    c.updated_ms = fields.integer("updated_ms", -kMaxJsonInteger, kMaxJsonInteger);
    c.deleted_ms = fields.optionalInteger("deleted_ms", -kMaxJsonInteger, kMaxJsonInteger);
    c.system_prompt = fields.text("system_prompt");
    c.model_path = fields.text("model");
    c.settings = fields.settings("settings");
    c.draft = fields.text("draft");
    c.origin = fields.text("origin");

    LocalIds ids;
    readMessages(messages, file, where, content, ids, status);
    c.leaf = readReference(fields, "leaf", ids, "the id of a message of this conversation");
    const auto visible = visibleMessages(content);
    c.message_count = std::count(visible.begin(), visible.end(), true);
    return content;
}

}  // namespace

std::vector<ConversationContent> readMoescope(std::string_view text, Status& status) {
    json object = json::object();
    std::string_view list;
    JsonMembers members(text);
    while (status.ok() && members.next()) {
        if (members.key() == "conversations" && members.value().starts_with('[')) {
            list = members.value();
        } else {
            object[members.key()] = parsed(members.value(), text, status);
        }
    }
    if (status.ok() && (members.damaged() || members.offset() != text.size())) status = describeDamage(text);
    if (!status.ok()) return {};
    const JsonFields file(object, "the file", status);
    if (object["format"] != kJsonFormatName) {
        file.fail("format", fmt::format("\"{}\"", kJsonFormatName));
        return {};
    }
    const std::int64_t version = file.integer("version", 1, kMaxJsonInteger, 0);
    if (version == 0) file.fail("version", "a whole number");
    if (version > kJsonFormatVersion) {
        status =
            unsupported(fmt::format("The file has version {} of Moescope's export, this program reads up to {}; "
                                    "install a newer Moescope.",
                                    version, kJsonFormatVersion));
    }
    if (list.empty()) file.fail("conversations", "a list");
    std::vector<ConversationContent> result;
    if (!status.ok()) return result;
    JsonMembers conversations(list);
    for (std::size_t i = 1; status.ok() && conversations.next(); ++i) {
        result.push_back(readConversation(conversations.value(), text, fmt::format("conversation {}", i), status));
    }
    if (status.ok() && conversations.damaged()) status = describeDamage(text);
    return result;
}

}  // namespace moescope

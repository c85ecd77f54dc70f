#include "storage/exchange/import.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "storage/exchange/json_fields.h"
#include "storage/exchange/readers.h"

namespace moescope {
namespace {

using nlohmann::json;

constexpr std::string_view kKnownFiles = "choose a Moescope export in JSON, or conversations.json of a ChatGPT export";

std::vector<ConversationContent> read(const json& document, Status& status) {
    if (document.is_object() && document.contains("format")) return readMoescope(document, status);
    if (document.is_object() && document.contains("mapping")) return readChatGpt(json::array({document}), status);
    const auto is_chat = [](const json& value) { return value.is_object() && value.contains("mapping"); };
    if (document.is_array() && (document.empty() || is_chat(document[0]))) return readChatGpt(document, status);
    status = unsupported(fmt::format("The file is JSON, but holds no conversations that are known; {}.", kKnownFiles));
    return {};
}

}  // namespace

Result<std::vector<ConversationContent>> importConversations(std::string_view bytes) {
    if (bytes.starts_with("PK\x03\x04")) {
        return unsupported("The file is a ZIP archive; unpack it and choose conversations.json in it.");
    }
    if (!nestsAtMost(bytes, kMaxJsonDepth)) {
        return invalid(
            fmt::format("The file nests deeper than {} levels, which no export does; {}.", kMaxJsonDepth, kKnownFiles));
    }
    try {
        Status status;
        auto conversations = read(json::parse(bytes), status);
        if (!status.ok()) return status;
        return conversations;
    } catch (const json::parse_error& error) {
        return invalid(fmt::format("The file is no valid JSON: it is damaged at byte {} of {}; {}.", error.byte,
                                   bytes.size(), kKnownFiles));
    } catch (const json::exception&) {
        return invalid(fmt::format("The file holds a number that no export has; {}.", kKnownFiles));
    } catch (const std::bad_alloc&) {
        return outOfMemory(
            fmt::format("There is not enough memory to import a file of {} bytes; close other programs, "
                        "or export fewer conversations at a time.",
                        bytes.size()));
    }
}

}  // namespace moescope

#include "storage/exchange/import.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <nlohmann/json.hpp>

#include "engine/base/foreign_text.h"
#include "storage/exchange/foreign.h"
#include "storage/exchange/json_fields.h"
#include "storage/exchange/json_members.h"
#include "storage/exchange/mend_json.h"
#include "storage/exchange/readers.h"

namespace moescope {
namespace {

constexpr std::string_view kKnownFiles =
    "choose a Moescope export in JSON, or conversations.json of a ChatGPT or DeepSeek export";

std::string plural(std::int64_t count, std::string_view one) {
    return fmt::format("{} {}{}", count, one, count == 1 ? "" : "s");
}

/// Takes conversations of other programs one by one.
class ForeignReader {
public:
    void take(std::string_view value, bool broken_off) {
        ++m_count;
        const bool known = jsonMember(value, "mapping").has_value();
        m_any_known = m_any_known || known;
        ConversationContent content;
        Status status = known ? readMapping(value, content, m_file.passed_over)
                              : invalid(value == "null" ? "it is empty" : "it is not a known kind of conversation");
        if (broken_off) status = invalid("the file ends in it");
        if (status.ok()) {
            m_file.conversations.push_back(std::move(content));
            return;
        }
        const std::string& title = content.conversation.title;
        constexpr std::size_t kShownTitle = 40;
        m_file.refused.push_back(
            fmt::format("conversation {}{}: {}", m_count,
                        title.empty() ? "" : ", " + moescope::quoted(shortened(title, kShownTitle)), status.message()));
    }

    /// What was read, if anything was, or if there was nothing to read.
    Result<ImportedFile> finish(std::string_view text) {
        if (m_count > 0 && !m_any_known) return describeDamage(text);
        if (m_file.conversations.empty() && !m_file.refused.empty()) {
            return invalid(m_count == 1
                               ? fmt::format("The file cannot be imported: {}.", m_file.refused[0])
                               : fmt::format("None of the file's {} conversations can be imported: {}; and so on.",
                                             m_count, m_file.refused[0]));
        }
        return std::move(m_file);
    }

    /// A place where the list is no list any more, in words.
    void breakOff(std::size_t byte, std::size_t size) {
        m_file.refused.push_back(fmt::format("what follows byte {} of {}: it is damaged", byte, size));
    }
    std::int64_t count() const { return m_count; }

private:
    ImportedFile m_file;
    std::int64_t m_count = 0;
    bool m_any_known = false;
};

/// Whether a value ended with its own bracket, and not where the text did.
bool isClosed(std::string_view value) {
    JsonMembers members(value);
    while (members.next()) continue;
    return !members.damaged() && members.offset() == value.size();
}

Result<ImportedFile> readForeignList(std::string_view text) {
    ForeignReader reader;
    JsonMembers members(text);
    std::size_t last_good = 1;
    while (members.next()) {
        const bool at_end = members.offset() >= text.size();
        reader.take(members.value(), at_end && !isClosed(members.value()));
        last_good = members.offset();
    }
    const bool rest = !members.damaged() && members.offset() < text.size();
    if (reader.count() == 0 && (members.damaged() || rest)) return describeDamage(text);
    if (rest || (members.damaged() && last_good < text.size())) reader.breakOff(last_good, text.size());
    return reader.finish(text);
}

/// Objects one after another, each on its line or not.
Result<ImportedFile> readForeignSequence(std::string_view all) {
    ForeignReader reader;
    std::string_view text = all;
    while (!text.empty() && text[0] == '{') {
        JsonMembers members(text);
        while (members.next()) continue;
        const std::size_t bytes = members.damaged() ? text.size() : members.offset();
        reader.take(text.substr(0, bytes), members.damaged());
        text = withoutMarks(text.substr(bytes));
    }
    if (!text.empty()) reader.breakOff(all.size() - text.size(), all.size());
    return reader.finish(all);
}

Result<ImportedFile> read(std::string_view text) {
    if (text.empty()) return invalid(fmt::format("The file is empty; {}.", kKnownFiles));
    if (text[0] == '[') return readForeignList(text);
    if (text[0] != '{') return describeDamage(text);
    if (jsonMember(text, "format")) {
        if (!nestsAtMost(text, kMaxJsonDepth)) {
            return invalid(fmt::format("The file nests deeper than {} levels, which no export does; {}.", kMaxJsonDepth,
                                       kKnownFiles));
        }
        Status status;
        ImportedFile file;
        file.conversations = readMoescope(text, status);
        if (!status.ok()) return status;
        return file;
    }
    if (jsonMember(text, "mapping")) return readForeignSequence(text);
    // Neither: say what is wrong with it, if it is no JSON at all.
    return describeDamage(text);
}

/// Sees only whether a text is JSON, and where it is none.
struct DamageFinder : nlohmann::json_sax<nlohmann::json> {
    bool null() override { return true; }
    bool boolean(bool) override { return true; }
    bool number_integer(number_integer_t) override { return true; }
    bool number_unsigned(number_unsigned_t) override { return true; }
    bool number_float(number_float_t, const string_t&) override { return true; }
    bool string(string_t&) override { return true; }
    bool binary(binary_t&) override { return true; }
    bool start_object(std::size_t) override { return true; }
    bool key(string_t&) override { return true; }
    bool end_object() override { return true; }
    bool start_array(std::size_t) override { return true; }
    bool end_array() override { return true; }
    bool parse_error(std::size_t position, const std::string&, const nlohmann::detail::exception& error) override {
        byte = position;
        words = error.what();
        return false;
    }
    std::size_t byte = 0;
    std::string words;
};

}  // namespace

Status describeDamage(std::string_view text) {
    DamageFinder finder;
    if (nlohmann::json::sax_parse(text, &finder)) {
        return unsupported(
            fmt::format("The file is JSON, but holds no conversations in a known format; {}.", kKnownFiles));
    }
    const std::string where = fmt::format("byte {} of {}", std::min(finder.byte, text.size()), text.size());
    const auto says = [&](const char* words) { return finder.words.find(words) != std::string::npos; };
    if (says("number overflow")) {
        return invalid(fmt::format("The file holds a number that no export has, before {}; {}.", where, kKnownFiles));
    }
    if (finder.byte > text.size() || says("unexpected end of input")) {
        return invalid(
            fmt::format("The file is incomplete JSON: it ends too early, after {} bytes; copy or download it "
                        "again, or {}.",
                        text.size(), kKnownFiles));
    }
    if (says("surrogate")) {
        return invalid(
            fmt::format("The file holds half a character (an escape from \\ud800 to \\udfff that stands alone) "
                        "before {}, which no Moescope export has; was it changed by another program?",
                        where));
    }
    if (says("UTF-8")) {
        return invalid(
            fmt::format("The file holds bytes that are not UTF-8 before {}, which no Moescope export has; save "
                        "it as UTF-8.",
                        where));
    }
    return invalid(fmt::format("The file is not valid JSON: it is damaged at {}; {}.", where, kKnownFiles));
}

Result<ImportedFile> importConversations(std::string_view bytes) {
    if (bytes.starts_with("\xff\xfe") || bytes.starts_with("\xfe\xff")) {
        return unsupported("The file is UTF-16 text; save it as UTF-8.");
    }
    if (bytes.starts_with("PK\x03\x04")) return unsupported("The file is a ZIP archive; unpack it first.");
    try {
        return read(withoutMarks(bytes));
    } catch (const nlohmann::json::exception&) {
        return invalid(fmt::format("The file holds a number that no export has; {}.", kKnownFiles));
    } catch (const std::bad_alloc&) {
        return outOfMemory(
            fmt::format("There is not enough memory to import a file of {} bytes; close other programs, "
                        "or export fewer conversations at a time.",
                        bytes.size()));
    }
}

void ImportedFile::add(ImportedFile other) {
    std::move(other.conversations.begin(), other.conversations.end(), std::back_inserter(conversations));
    std::move(other.refused.begin(), other.refused.end(), std::back_inserter(refused));
    passed_over += other.passed_over;
}

std::size_t ImportedFile::messages() const {
    std::size_t count = 0;
    for (const ConversationContent& content : conversations) count += content.messages.size();
    return count;
}

std::string ImportedFile::remark() const {
    std::string text;
    if (!refused.empty()) {
        constexpr std::size_t kNamed = 2, kShown = 140;
        text = fmt::format("{} could not be imported: ", plural(std::ssize(refused), "conversation"));
        for (std::size_t i = 0; i < std::min(kNamed, refused.size()); ++i) {
            text += (i > 0 ? "; " : "") + shortened(refused[i], kShown);
        }
        if (refused.size() > kNamed) text += fmt::format("; and {} more", refused.size() - kNamed);
    }
    if (passed_over > 0) {
        text += fmt::format("{}{} {} left out (from tools, hidden, or of an unknown form)", text.empty() ? "" : "; ",
                            plural(passed_over, "message"), passed_over == 1 ? "was" : "were");
    }
    return text.empty() ? text : text + ".";
}

}  // namespace moescope

// Files to import: plain ones, and ZIP archives as ChatGPT and DeepSeek send them.

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zip.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>

#include "engine/base/foreign_text.h"
#include "engine/base/utf8.h"
#include "storage/exchange/import.h"

namespace moescope {
namespace {

/// JSON packs to a tenth, with much of the same to a thirtieth; what unpacks to more was made to fill the memory.
constexpr std::uint64_t kMostUnpackedShare = 100, kUnpackedRoom = std::uint64_t{16} << 20;
constexpr std::uint64_t kMostUnpacked = std::uint64_t{4} << 30;

/// A path in sentences, which stay short: its end says which file it is.
std::string shownPath(const std::string& path) {
    const std::string safe = harmless(path, true);
    constexpr std::size_t kLongest = 160;
    if (safe.size() <= kLongest) return safe;
    std::size_t from = safe.size() - kLongest;
    while (from < safe.size() && continuesCharacter(safe[from])) ++from;
    return "…" + safe.substr(from);
}

Status cannotRead(int error) {
    return ioError(fmt::format("cannot be read: {}.", std::strerror(error)));
}

/// The bytes of a regular file. Others may never end (devices), or wait for somebody (pipes).
Result<std::string> readRegular(const std::string& path) {
    struct Descriptor {
        int number;
        ~Descriptor() {
            if (number >= 0) ::close(number);
        }
    };
    const Descriptor file{::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC)};
    if (file.number < 0) return cannotRead(errno);
    struct stat facts {};
    if (::fstat(file.number, &facts) != 0) return cannotRead(errno);
    if (S_ISDIR(facts.st_mode)) return invalid("it is a folder; choose a file in it.");
    if (!S_ISREG(facts.st_mode)) return invalid("it is not a regular file; save its content to one first.");
    try {
        std::string bytes(static_cast<std::size_t>(facts.st_size), '\0');
        std::size_t filled = 0;
        while (true) {
            if (filled == bytes.size()) bytes.resize(filled + 4096);  // it grows while it is read, or is of /proc
            const ssize_t got = ::read(file.number, bytes.data() + filled, bytes.size() - filled);
            if (got < 0 && errno == EINTR) continue;
            if (got < 0) return cannotRead(errno);
            if (got == 0) break;
            filled += static_cast<std::size_t>(got);
        }
        bytes.resize(filled);
        return bytes;
    } catch (const std::bad_alloc&) {
        return outOfMemory(fmt::format("there is not enough memory for a file of {} bytes.", facts.st_size));
    } catch (const std::length_error&) {
        return outOfMemory(fmt::format("there is not enough memory for a file of {} bytes.", facts.st_size));
    }
}

using ZipArchive = std::unique_ptr<zip_t, decltype([](zip_t* zip) { zip_discard(zip); })>;
using ZipEntry = std::unique_ptr<zip_file_t, decltype([](zip_file_t* file) { zip_fclose(file); })>;

Status damagedArchive(const std::string& why) {
    return invalid(fmt::format("the ZIP archive cannot be read ({}); download it again.", why));
}

Result<ZipArchive> openArchive(std::string_view bytes) {
    zip_error_t error;
    zip_error_init(&error);
    zip_source_t* source = zip_source_buffer_create(bytes.data(), bytes.size(), 0, &error);
    zip_t* zip = source ? zip_open_from_source(source, ZIP_RDONLY, &error) : nullptr;
    const std::string why = zip ? "" : zip_error_strerror(&error);
    if (!zip && source) zip_source_free(source);
    zip_error_fini(&error);
    if (!zip) return damagedArchive(why);
    return ZipArchive(zip);
}

/// Whether an entry holds conversations: conversations.json, or its parts conversations-000.json and so on.
bool holdsConversations(std::string_view name) {
    name.remove_prefix(std::min(name.size(), name.find_last_of('/') + 1));
    return name.starts_with("conversations") && name.ends_with(".json");
}

struct Entry {
    zip_uint64_t index = 0;
    std::string name;
};

/// What is to be read, in the order of names: the conversations, or all JSON if nothing has that name.
std::vector<Entry> entriesOf(zip_t* zip) {
    std::vector<Entry> named, other;
    const zip_int64_t count = zip_get_num_entries(zip, 0);
    for (zip_int64_t i = 0; i < count; ++i) {
        const char* raw = zip_get_name(zip, static_cast<zip_uint64_t>(i), ZIP_FL_ENC_GUESS);
        const std::string name = raw ? raw : "";
        // What macOS adds to archives has the names of the real files.
        if (name.find("__MACOSX/") != std::string::npos || !name.ends_with(".json")) continue;
        (holdsConversations(name) ? named : other).push_back({static_cast<zip_uint64_t>(i), name});
    }
    std::vector<Entry>& wanted = named.empty() ? other : named;
    std::sort(wanted.begin(), wanted.end(), [](const Entry& a, const Entry& b) { return a.name < b.name; });
    return std::move(wanted);
}

/// Unpacks an entry; `room` is what may still come of the whole archive, whatever it states.
Result<std::string> unpack(zip_t* zip, const Entry& entry, std::uint64_t& room) {
    const ZipEntry file(zip_fopen_index(zip, entry.index, 0));
    if (!file) {
        zip_error_t* error = zip_get_error(zip);
        const bool locked = zip_error_code_zip(error) == ZIP_ER_NOPASSWD;
        if (locked) return unsupported("the ZIP archive has a password; unpack it, and choose the file in it.");
        return damagedArchive(fmt::format("{}: {}", moescope::quoted(entry.name), zip_error_strerror(error)));
    }
    std::string bytes;
    std::vector<char> piece(1 << 18);
    while (true) {
        const zip_int64_t got = zip_fread(file.get(), piece.data(), piece.size());
        if (got < 0) return damagedArchive(fmt::format("{} cannot be unpacked", moescope::quoted(entry.name)));
        if (got == 0) return bytes;
        if (static_cast<std::uint64_t>(got) > room) {
            return outOfRange(
                fmt::format("{} in the ZIP archive unpacks to far more than any export; nothing was imported.",
                            moescope::quoted(entry.name)));
        }
        room -= static_cast<std::uint64_t>(got);
        bytes.append(piece.data(), static_cast<std::size_t>(got));
    }
}

Result<ImportedFile> readArchive(std::string_view bytes) {
    const auto zip = openArchive(bytes);
    if (!zip.ok()) return zip.status();
    const std::vector<Entry> entries = entriesOf(zip->get());
    if (entries.empty()) {
        return unsupported("the ZIP archive holds no conversations.json, which exports of ChatGPT and DeepSeek have.");
    }
    std::uint64_t room = std::min(kMostUnpacked, bytes.size() * kMostUnpackedShare + kUnpackedRoom);
    ImportedFile all;
    Status first_error;
    bool any = false;
    for (const Entry& entry : entries) {
        auto unpacked = unpack(zip->get(), entry, room);
        if (!unpacked.ok()) return unpacked.status();
        auto file = importConversations(*unpacked);
        if (file.ok()) {
            all.add(std::move(*file));
            any = true;
        } else if (entries.size() > 1 && holdsConversations(entry.name)) {
            all.refused.push_back(fmt::format("{}: {}", moescope::quoted(entry.name), file.status().message()));
        }
        if (!file.ok() && first_error.ok()) first_error = file.status();
    }
    if (!any) return first_error;
    return all;
}

/// Tells contents apart; nobody gains by making two alike, as the second would only not come in.
class Fingerprint {
public:
    void add(std::string_view bytes) {
        for (const char c : bytes) mix(static_cast<unsigned char>(c));
        mix(0xff);  // not in UTF-8: where one text ends and the next begins
    }
    void add(std::int64_t number) { add(std::to_string(number)); }
    std::string text() const { return fmt::format("{:016x}{:016x}", m_a, m_b); }

private:
    // FNV-1a, with two offsets.
    void mix(unsigned char byte) {
        constexpr std::uint64_t kPrime = 0x100000001b3;
        m_a = (m_a ^ byte) * kPrime;
        m_b = (m_b ^ byte) * kPrime + (m_a >> 32);
    }
    std::uint64_t m_a = 0xcbf29ce484222325, m_b = 0x9e3779b97f4a7c15;
};

std::string fingerprint(const ConversationContent& content) {
    Fingerprint print;
    print.add(content.conversation.title);
    print.add(content.conversation.system_prompt);
    print.add(content.conversation.created_ms);
    for (const MessageContent& m : content.messages) {
        print.add(m.message.parent.value_or(0));
        print.add(m.message.author == Author::kUser ? 0 : 1);
        print.add(m.message.created_ms);
        print.add(m.message.text);
    }
    return "content:" + print.text();
}

Status named(const std::string& path, const Status& status) {
    return {status.code(), fmt::format("{}: {}", shownPath(path), status.message())};
}

}  // namespace

Result<ImportedFile> importFile(const std::string& path) {
    auto bytes = readRegular(path);
    if (!bytes.ok()) return named(path, bytes.status());
    auto file = bytes->starts_with("PK\x03\x04") ? readArchive(*bytes) : importConversations(*bytes);
    if (!file.ok()) return named(path, file.status());
    for (ConversationContent& content : file->conversations) {
        if (content.conversation.origin.empty()) content.conversation.origin = fingerprint(content);
    }
    return file;
}

}  // namespace moescope

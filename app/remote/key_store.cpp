#include "app/remote/key_store.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "app/remote/bounded_json.h"
#include "engine/base/atomic_file.h"
#include "engine/base/foreign_text.h"

namespace moescope {
namespace {

using nlohmann::json;

Result<json> read(const std::string& path) {
    struct stat file {};
    if (::stat(path.c_str(), &file) != 0) {
        if (errno == ENOENT) return json::object();
        return ioError(fmt::format("The server keys in {} cannot be read: {}.", quoted(path), std::strerror(errno)));
    }
    if ((file.st_mode & 077) != 0) {
        return ioError(fmt::format(
            "Other users can read the server keys in {}; restrict the file (chmod 600), or change the keys.",
            quoted(path)));
    }
    std::ifstream stream(path, std::ios::binary);
    const std::string text((std::istreambuf_iterator<char>(stream)), {});
    auto keys = boundedJson(text);
    if (text.empty()) keys = json::object();
    if (!keys || !keys->is_object()) {
        return ioError(
            fmt::format("The server keys in {} are damaged; remove the file and enter the keys again.", quoted(path)));
    }
    return std::move(*keys);
}

}  // namespace

Result<std::string> KeyStore::key(const std::string& url) const {
    const auto keys = read(m_path);
    if (!keys.ok()) return keys.status();
    const auto found = keys->find(url);
    return found != keys->end() && found->is_string() ? found->get<std::string>() : std::string();
}

std::vector<std::string> KeyStore::urls() const {
    std::vector<std::string> urls;
    const auto keys = read(m_path);
    if (!keys.ok()) return urls;
    for (const auto& entry : keys->items()) urls.push_back(entry.key());
    return urls;
}

Status KeyStore::set(const std::string& url, const std::string& key) const {
    auto keys = read(m_path);
    if (!keys.ok()) return keys.status();
    if (key.empty()) {
        if (keys->erase(url) == 0) return {};
    } else {
        (*keys)[url] = key;
    }
    // A file that is there keeps its mode; so it is there first, for its owner alone.
    const int made = ::open(m_path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    if (made < 0) {
        return ioError(fmt::format("The key cannot be stored in {}: {}.", quoted(m_path), std::strerror(errno)));
    }
    ::close(made);
    AtomicFile file(m_path);
    file.write(keys->dump(2, ' ', false, json::error_handler_t::replace) + "\n");
    return file.commit();
}

}  // namespace moescope

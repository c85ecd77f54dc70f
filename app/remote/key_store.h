#pragma once
// API keys of servers, in a file that only its owner may read: {"http://example.org:8000": "KEY", ...}.

#include <string>
#include <vector>

#include "engine/base/status.h"

namespace moescope {

class KeyStore {
public:
    /// `path`: of the file, which need not exist.
    explicit KeyStore(std::string path) : m_path(std::move(path)) {}

    /// "" if none is kept for the address. An error for a file that cannot be read, or that others may read.
    Result<std::string> key(const std::string& url) const;
    /// Addresses that have one; none where the file cannot be read.
    std::vector<std::string> urls() const;
    /// An empty key is forgotten. What cannot be read is not overwritten.
    Status set(const std::string& url, const std::string& key) const;

private:
    std::string m_path;
};

}  // namespace moescope

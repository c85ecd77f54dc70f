#pragma once
// SHA-256, by libcrypto.

#include <cstddef>
#include <memory>
#include <span>
#include <string>

namespace moescope {

/// Takes bytes piece by piece; hex() ends it.
class Sha256 {
public:
    Sha256();
    ~Sha256();
    Sha256(const Sha256&) = delete;
    Sha256& operator=(const Sha256&) = delete;

    void add(std::span<const std::byte> bytes);
    /// 64 small letters and digits; once.
    std::string hex();
    /// Forgets what was added.
    void restart();

private:
    struct State;
    std::unique_ptr<State> m_state;
};

/// Whether a text is a hash as hex() writes it.
bool isSha256(const std::string& text);

}  // namespace moescope

#pragma once
// Tells contents apart. FNV-1a with two beginnings: quick and the same everywhere, and no protection against someone
// who wants two of them to be equal.

#include <fmt/format.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace moescope {

class Fingerprint {
public:
    void add(std::span<const std::byte> bytes) {
        for (const std::byte byte : bytes) {
            m_a = (m_a ^ static_cast<std::uint64_t>(byte)) * kPrime;
            m_b = (m_b ^ static_cast<std::uint64_t>(byte)) * kPrime;
        }
    }
    /// 32 hexadecimal digits.
    std::string text() const { return fmt::format("{:016x}{:016x}", m_a, m_b); }

private:
    static constexpr std::uint64_t kPrime = 1099511628211u;
    std::uint64_t m_a = 14695981039346656037u, m_b = 0x51ed270b35a3c1f9u;
};

}  // namespace moescope

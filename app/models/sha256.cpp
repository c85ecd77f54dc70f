#include "app/models/sha256.h"

#include <openssl/evp.h>

#include <array>
#include <new>

namespace moescope {

struct Sha256::State {
    EVP_MD_CTX* context = EVP_MD_CTX_new();
    ~State() { EVP_MD_CTX_free(context); }
};

Sha256::Sha256() : m_state(std::make_unique<State>()) {
    restart();
}

Sha256::~Sha256() = default;

void Sha256::restart() {
    // It fails where there is no memory, and nowhere else.
    if (!m_state->context || EVP_DigestInit_ex(m_state->context, EVP_sha256(), nullptr) != 1) throw std::bad_alloc();
}

void Sha256::add(std::span<const std::byte> bytes) {
    if (EVP_DigestUpdate(m_state->context, bytes.data(), bytes.size()) != 1) throw std::bad_alloc();
}

std::string Sha256::hex() {
    std::array<unsigned char, 32> digest{};
    if (EVP_DigestFinal_ex(m_state->context, digest.data(), nullptr) != 1) throw std::bad_alloc();
    constexpr char kDigits[] = "0123456789abcdef";
    std::string text;
    for (const unsigned char byte : digest) {
        text += kDigits[byte >> 4];
        text += kDigits[byte & 15];
    }
    return text;
}

bool isSha256(const std::string& text) {
    return text.size() == 64 && text.find_first_not_of("0123456789abcdef") == std::string::npos;
}

}  // namespace moescope

#include "engine/text/byte_level_bpe.h"

#include <fmt/format.h>

#include <algorithm>
#include <queue>

#include "engine/base/utf8.h"

namespace moescope {
namespace {

/// GPT-2's alphabet: printable Latin-1 bytes stand for themselves, the others for U+0100 and up in order.
std::array<char32_t, 256> byteAlphabet() {
    std::array<char32_t, 256> letters{};
    char32_t next = 256;
    for (unsigned b = 0; b < 256; ++b) {
        const bool printable = (b >= 33 && b <= 126) || (b >= 161 && b <= 172) || b >= 174;
        letters[b] = printable ? b : next++;
    }
    return letters;
}

/// The letters are below U+0800.
std::string asUtf8(char32_t letter) {
    if (letter < 0x80) return {static_cast<char>(letter)};
    return {static_cast<char>(0xc0 | (letter >> 6)), static_cast<char>(0x80 | (letter & 0x3f))};
}

/// The bytes that a token's text stands for; the text itself if it has letters outside the alphabet.
std::string toBytes(const std::string& text, const std::unordered_map<std::string, unsigned char>& alphabet) {
    std::string bytes;
    for (std::size_t at = 0; at < text.size();) {
        const Utf8Character c = firstCharacter(std::string_view(text).substr(at));
        const auto found = alphabet.find(text.substr(at, c.bytes));
        if (found == alphabet.end()) return text;
        bytes += static_cast<char>(found->second);
        at += c.bytes;
    }
    return bytes;
}

}  // namespace

Result<std::unique_ptr<Tokenizer>> ByteLevelBpe::create(VocabularySource source) {
    auto splitter = PreTokenizer::create(source.pre_tokenizer);
    if (!splitter.ok()) return splitter.status();
    std::unique_ptr<ByteLevelBpe> bpe(new ByteLevelBpe(std::move(*splitter)));
    if (Status status = bpe->index(std::move(source)); !status.ok()) return status;
    return std::unique_ptr<Tokenizer>(std::move(bpe));
}

ByteLevelBpe::ByteLevelBpe(PreTokenizer splitter)
    : m_splitter(std::move(splitter)), m_kind(fmt::format("byte-level BPE ({})", m_splitter.name())) {}

Status ByteLevelBpe::index(VocabularySource source) {
    m_vocabulary = std::move(source.tokens);

    std::unordered_map<std::string, unsigned char> alphabet;
    const auto letters = byteAlphabet();
    for (unsigned b = 0; b < 256; ++b) alphabet[asUtf8(letters[b])] = static_cast<unsigned char>(b);
    std::unordered_map<std::string_view, std::int32_t> ids;
    for (std::int32_t id = 0; id < size(); ++id) {
        const std::string& text = m_vocabulary.texts[static_cast<std::size_t>(id)];
        const TokenKind kind = m_vocabulary.kind(id);
        if (kind == TokenKind::kNormal) ids.emplace(text, id);
        if (kind == TokenKind::kUserDefined && !text.empty()) {
            m_user_tokens.push_back(id);
            m_user_starts[static_cast<unsigned char>(text[0])] = true;
        }
        const bool raw = kind == TokenKind::kUserDefined;
        m_bytes.push_back(kind == TokenKind::kControl ? "" : (raw ? text : toBytes(text, alphabet)));
        m_longest = std::max(m_longest, m_bytes.back().size());
    }
    std::ranges::stable_sort(m_user_tokens, std::greater{}, [&](std::int32_t id) { return bytes(id).size(); });
    for (unsigned b = 0; b < 256; ++b) {
        const auto found = ids.find(asUtf8(letters[b]));
        // DeepSeek's vocabulary has no token for the bytes that UTF-8 never uses.
        const bool in_utf8 = b < 0xc0 || (b >= 0xc2 && b <= 0xf4);
        if (found == ids.end() && in_utf8) {
            return invalid(fmt::format("The vocabulary lacks a token for the byte 0x{:02X}.", b));
        }
        m_byte_tokens[b] = found == ids.end() ? -1 : found->second;
    }

    const auto& merges = source.merges;
    if (!merges) return invalid("The model file lacks its tokenizer's merges (tokenizer.ggml.merges).");
    m_merges.reserve(merges->size());
    for (std::uint32_t rank = 0; rank < merges->size(); ++rank) {
        const std::string_view merge = (*merges)[rank];
        const std::size_t blank = merge.find(' ', 1);
        if (blank == std::string_view::npos)
            return invalid(fmt::format("The tokenizer's merge {} is not two parts.", rank));
        const std::string_view left = merge.substr(0, blank), right = merge.substr(blank + 1);
        const auto l = ids.find(left), r = ids.find(right);
        const auto result = ids.find(std::string(left) + std::string(right));
        // A merge of or into something that is no token can never be used.
        if (l == ids.end() || r == ids.end() || result == ids.end()) continue;
        m_merges.emplace(pairKey(l->second, r->second), Merge{rank, result->second});
    }
    return {};
}

std::int32_t ByteLevelBpe::userToken(std::string_view text) const {
    if (!m_user_starts[static_cast<unsigned char>(text[0])]) return -1;
    for (const std::int32_t id : m_user_tokens) {
        if (text.starts_with(bytes(id))) return id;
    }
    return -1;
}

std::vector<TokenSpan> ByteLevelBpe::encode(std::string_view text) const {
    std::vector<TokenSpan> out;
    std::size_t start = 0;  // of the stretch of valid UTF-8 that is being collected
    const auto finishStretch = [&](std::size_t end) {
        encodeStretch(text.substr(start, end - start), static_cast<std::uint32_t>(start), out);
    };
    const auto single = [&](std::int32_t id, std::size_t at, std::size_t length) {
        finishStretch(at);
        out.push_back({id, static_cast<std::uint32_t>(at), static_cast<std::uint32_t>(at + length)});
        start = at + length;
    };
    for (std::size_t at = 0; at < text.size();) {
        const Utf8Character c = firstCharacter(text.substr(at));
        if (!c.valid) {
            const std::int32_t id = m_byte_tokens[static_cast<unsigned char>(text[at])];
            if (id >= 0) {
                single(id, at, 1);
            } else {
                finishStretch(at);
                replaceByte(static_cast<std::uint32_t>(at), out);
                start = at + 1;
            }
            at += 1;
        } else if (const std::int32_t id = userToken(text.substr(at)); id >= 0) {
            const std::size_t length = bytes(id).size();
            single(id, at, length);
            at += length;
        } else {
            at += c.bytes;
        }
    }
    finishStretch(text.size());
    return out;
}

void ByteLevelBpe::replaceByte(std::uint32_t at, std::vector<TokenSpan>& out) const {
    std::size_t first = out.size();
    encodeStretch("\xef\xbf\xbd", 0, out);
    for (; first < out.size(); ++first) out[first].begin = out[first].end = at;
    out.back().end = at + 1;  // the last token stands for the byte
}

void ByteLevelBpe::encodeStretch(std::string_view text, std::uint32_t offset, std::vector<TokenSpan>& out) const {
    if (text.empty()) return;
    for (const std::string_view word : m_splitter.split(text)) {
        mergeWord(word, offset + static_cast<std::uint32_t>(word.data() - text.data()), out);
    }
}

void ByteLevelBpe::mergeWord(std::string_view word, std::uint32_t offset, std::vector<TokenSpan>& out) const {
    // A linked list of symbols and a queue of possible merges: n log n also for a word of a million letters.
    struct Symbol {
        std::int32_t id;
        std::int32_t previous, next;  // -1: none
        std::uint32_t begin, end;     // empty: merged into the one before
    };
    struct Candidate {
        std::uint32_t rank;
        std::int32_t left;               // index of the left symbol
        std::int32_t left_id, right_id;  // as they were: a stale candidate no longer matches
        bool operator>(const Candidate& other) const {
            return rank != other.rank ? rank > other.rank : left > other.left;
        }
    };
    std::vector<Symbol> symbols(word.size());
    std::priority_queue<Candidate, std::vector<Candidate>, std::greater<>> queue;
    const auto n = static_cast<std::int32_t>(word.size());
    const auto at = [&](std::int32_t i) -> Symbol& { return symbols[static_cast<std::size_t>(i)]; };
    const auto propose = [&](std::int32_t left) {
        if (left < 0 || at(left).next < 0) return;
        const std::int32_t left_id = at(left).id, right_id = at(at(left).next).id;
        const auto merge = m_merges.find(pairKey(left_id, right_id));
        if (merge != m_merges.end()) queue.push({merge->second.rank, left, left_id, right_id});
    };
    for (std::int32_t i = 0; i < n; ++i) {
        const auto begin = static_cast<std::uint32_t>(i);
        const unsigned char byte = static_cast<unsigned char>(word[begin]);
        at(i) = {m_byte_tokens[byte], i - 1, i + 1 < n ? i + 1 : -1, begin, begin + 1};
    }
    for (std::int32_t i = 0; i + 1 < n; ++i) propose(i);
    while (!queue.empty()) {
        const Candidate c = queue.top();
        queue.pop();
        Symbol& left = at(c.left);
        if (left.begin == left.end || left.id != c.left_id || left.next < 0) continue;
        Symbol& right = at(left.next);
        if (right.id != c.right_id) continue;
        left.id = m_merges.at(pairKey(c.left_id, c.right_id)).result;
        left.end = right.end;
        right.begin = right.end;
        left.next = right.next;
        if (right.next >= 0) at(right.next).previous = c.left;
        propose(left.previous);
        propose(c.left);
    }
    for (std::int32_t i = n > 0 ? 0 : -1; i >= 0; i = at(i).next) {
        out.push_back({at(i).id, offset + at(i).begin, offset + at(i).end});
    }
}

std::string_view ByteLevelBpe::bytes(std::int32_t id) const {
    return m_vocabulary.contains(id) ? std::string_view(m_bytes[static_cast<std::size_t>(id)]) : std::string_view();
}

std::string ByteLevelBpe::name(std::int32_t id) const {
    if (!m_vocabulary.contains(id)) return fmt::format("[{}]", id);
    return std::string(isControl(id) ? std::string_view(m_vocabulary.texts[static_cast<std::size_t>(id)]) : bytes(id));
}

bool ByteLevelBpe::isControl(std::int32_t id) const {
    return m_vocabulary.contains(id) && m_vocabulary.kind(id) == TokenKind::kControl;
}

}  // namespace moescope

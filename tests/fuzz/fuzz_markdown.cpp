// Markdown of models: the reader keeps to its promises of positions, and the exports to their size.

#include <algorithm>
#include <cstdint>
#include <string_view>

#include "engine/markdown/mask.h"
#include "engine/markdown/reader.h"
#include "storage/exchange/markdown_html.h"
#include "storage/exchange/markdown_source.h"
#include "tests/fuzz/check.h"

using namespace moescope;

namespace {

/// Blocks and spans are nested, and what has a place stands there.
class Checker : public markdown::Sink {
public:
    explicit Checker(std::string_view text) : m_text(text) {}
    ~Checker() override = default;

    void enter(const markdown::BlockStart&) override { ++m_blocks; }
    void leave(markdown::Block) override { FUZZ_CHECK(--m_blocks >= 0 && m_spans == 0); }
    void enter(const markdown::SpanStart&) override { ++m_spans; }
    void leave(markdown::Span) override { FUZZ_CHECK(--m_spans >= 0); }
    void lineBreak() override {}
    void text(const markdown::TextPiece& piece) override {
        if (!piece.at) return;
        FUZZ_CHECK(*piece.at >= m_end && *piece.at + piece.size <= m_text.size());
        m_end = *piece.at + piece.size;
        if (piece.verbatim) FUZZ_CHECK(piece.text == m_text.substr(*piece.at, piece.size));
    }

private:
    std::string_view m_text;
    std::size_t m_end = 0;
    int m_blocks = 0, m_spans = 0;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const markdown::Masked masked = markdown::masked(text);
    std::size_t added = 0;
    for (const markdown::Insertion& insertion : masked.insertions) added += insertion.size;
    FUZZ_CHECK(masked.copy.size() == size + added && added <= 4 * size + 64);
    FUZZ_CHECK(markdown::withoutHugeTables(text).size() == size);
    Checker checker(text);
    (void)markdown::read(text, 0, &checker);
    FUZZ_CHECK(renderedMarkdown(text).size() <= 64 * size + (1 << 17));
    const std::string alone = standaloneMarkdown(text);
    FUZZ_CHECK(alone.size() <= 8 * size + 64);
    return 0;
}

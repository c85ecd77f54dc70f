// Formulas of models: whatever they are, they are read within the limits, and as MathML they are well-formed.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/math/mathml.h"
#include "tests/fuzz/check.h"

using namespace moescope::math;

namespace {

/// Places are those of the source; the deepest node.
int check(const Node& node, std::size_t size) {
    FUZZ_CHECK(node.begin <= node.end && node.end <= size);
    int depth = 0;
    const auto look = [&](const Node& inner) { depth = std::max(depth, check(inner, size)); };
    for (const Node& child : node.children) look(child);
    if (node.table) {
        FUZZ_CHECK(!node.table->rows.empty());
        for (const Table::Row& row : node.table->rows) {
            FUZZ_CHECK(!row.cells.empty());
            for (const Node& cell : row.cells) look(cell);
            look(row.tag);
        }
    }
    return depth + 1;
}

void checkTags(std::string_view xml) {
    std::vector<std::string_view> open;
    for (std::size_t at = xml.find('<'); at != std::string_view::npos; at = xml.find('<', at + 1)) {
        const std::size_t end = xml.find('>', at);
        FUZZ_CHECK(end != std::string_view::npos);
        const std::string_view tag = xml.substr(at + 1, end - at - 1);
        if (tag.starts_with('/')) {
            FUZZ_CHECK(!open.empty() && open.back() == tag.substr(1));
            open.pop_back();
        } else if (!tag.ends_with('/')) {
            open.push_back(tag.substr(0, tag.find(' ')));
        }
    }
    FUZZ_CHECK(open.empty());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    for (const std::string& source : {std::string(bytes), "$$" + std::string(bytes) + "$$"}) {
        const Formula formula = parse(source);
        if (!formula.canBeSet()) continue;
        FUZZ_CHECK(check(formula.root, source.size()) <= 8 * kDeepest);
        (void)check(formula.tag, source.size());
        const std::string xml = mathml(formula, source);
        FUZZ_CHECK(xml.size() <= 96 * source.size() + 256);
        checkTags(xml);
    }
    return 0;
}

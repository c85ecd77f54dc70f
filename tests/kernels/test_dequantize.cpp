// The values that quantised blocks stand for, against another implementation's. If these fail, published files are
// read as other weights.

#include <doctest/doctest.h>

#include <bit>
#include <cmath>

#include "engine/format/safetensors.h"
#include "kernels/dequantize.h"
#include "kernels/half.h"

using namespace moescope;

namespace {

/// Distance in representable floats.
std::int64_t ulps(float a, float b) {
    const auto ordered = [](float f) {
        const auto bits = std::bit_cast<std::int32_t>(f);
        return static_cast<std::int64_t>(bits < 0 ? std::int32_t{INT32_MIN} - bits : bits);
    };
    return std::abs(ordered(a) - ordered(b));
}

}  // namespace

TEST_CASE("blocks of every quantised type") {
    const auto file = SafetensorsFile::open(std::string(MOESCOPE_TEST_DATA) + "/quant_blocks.safetensors");
    REQUIRE_MESSAGE(file.ok(), file.status().message());
    int checked = 0;
    for (const TensorTypeInfo& t : tensorTypes()) {
        if (t.block_weights == 1) continue;
        CAPTURE(t.name);
        const SafetensorsTensor* blocks = file->tensor(std::string(t.name) + ".blocks");
        const SafetensorsTensor* values = file->tensor(std::string(t.name) + ".values");
        REQUIRE(blocks);
        REQUIRE(values);
        const auto expected = values->values<float>();
        std::vector<float> found(expected.size());
        dequantize(t.type, blocks->data.data(), found.size(), found.data());
        for (std::size_t i = 0; i < found.size(); ++i) {
            CAPTURE(i);
            REQUIRE(std::isnan(expected[i]) == std::isnan(found[i]));
            if (!std::isnan(expected[i])) REQUIRE(ulps(expected[i], found[i]) <= 1);
        }
        ++checked;
    }
    CHECK(checked == 20);
}

TEST_CASE("half floats: all 65,536 there and back") {
    for (std::uint32_t h = 0; h < 65536; ++h) {
        const auto half = static_cast<std::uint16_t>(h);
        const float f = halfToFloat(half);
        if (std::isnan(f)) {
            REQUIRE((half & 0x7fff) > 0x7c00);
            REQUIRE((floatToHalf(f) & 0x7fff) > 0x7c00);
        } else {
            REQUIRE(floatToHalf(f) == half);
        }
    }
    CHECK(floatToHalf(65520.0f) == 0x7c00);  // rounds past the largest
    CHECK(floatToHalf(65519.0f) == 0x7bff);
    CHECK(floatToHalf(1.0f + 0x1p-11f) == 0x3c00);  // a tie goes to even
    CHECK(floatToHalf(1.0f + 3 * 0x1p-11f) == 0x3c02);
    CHECK(floatToHalf(0x1p-25f) == 0);
    CHECK(floatToHalf(0x1.8p-25f) == 1);
}

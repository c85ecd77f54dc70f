// A model file comes from anywhere: if these fail, a damaged download crashes the program or is read wrongly.

#include <doctest/doctest.h>

#include "engine/format/gguf.h"
#include "tests/support/gguf_builder.h"

using namespace moescope;

namespace {

constexpr std::uint32_t kF32 = 0, kQ8_0 = 8;

GgufBuilder small() {
    GgufBuilder b;
    b.text("general.architecture", "deepseek");
    b.integer("deepseek.block_count", 2);
    b.real("deepseek.rope.freq_base", 10000.0f);
    b.boolean("tokenizer.ggml.add_bos_token", true);
    b.texts("tokenizer.ggml.tokens", {"a", "b", "c"});
    b.integers("tokenizer.ggml.token_type", {1, 1, 3});
    b.tensor("x.weight", {32, 4}, kF32, 512);
    b.tensor("y.weight", {64, 2}, kQ8_0, 136);
    return b;
}

std::string errorOf(const GgufBuilder& b) {
    const auto bytes = b.build();
    const auto file = GgufFile::parse(bytes);
    return file.ok() ? "no error" : file.status().message();
}

bool says(const std::string& message, std::string_view part) {
    INFO(message);
    return message.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("keys and tensors are read") {
    for (const std::uint32_t version : {2u, 3u}) {
        GgufBuilder b = small();
        b.version = version;
        const auto bytes = b.build();
        const auto file = GgufFile::parse(bytes);
        REQUIRE_MESSAGE(file.ok(), file.status().message());
        CHECK(file->version() == version);
        CHECK(*file->string("general.architecture").value() == "deepseek");
        CHECK(*file->integer("deepseek.block_count").value() == 2);
        CHECK(*file->real("deepseek.rope.freq_base").value() == 10000.0);
        CHECK(*file->boolean("tokenizer.ggml.add_bos_token").value());
        CHECK_FALSE(file->integer("no.such.key").value().has_value());
        CHECK_FALSE(file->integer("general.architecture").ok());
        CHECK(std::get<std::vector<std::string>>(file->array("tokenizer.ggml.tokens")->items).size() == 3);
        REQUIRE(file->tensor("y.weight"));
        CHECK(file->tensor("y.weight")->type == TensorType::kQ8_0);
        CHECK(file->tensor("y.weight")->rows() == 2);
        CHECK(file->tensor("y.weight")->data.size() == 136);
        CHECK(file->tensor("z.weight") == nullptr);
    }
}

TEST_CASE("a file that ends anywhere too early is refused") {
    const auto whole = small().build();
    // The last tensor ends 24 bytes before its padding does.
    for (std::size_t size = 0; size < whole.size() - 24; ++size) {
        const std::vector<std::byte> cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
        const auto file = GgufFile::parse(cut);
        REQUIRE_FALSE(file.ok());
        REQUIRE_FALSE(file.status().message().empty());
    }
}

TEST_CASE("any changed byte is read or refused, without a crash") {
    const auto whole = small().build();
    for (std::size_t at = 0; at < whole.size(); ++at) {
        for (const int value : {0x00, 0x7f, 0x80, 0xff}) {
            auto bytes = whole;
            bytes[at] = static_cast<std::byte>(value);
            const auto file = GgufFile::parse(bytes);
            if (file.ok()) {
                for (const GgufTensor& t : file->tensors())
                    REQUIRE(t.data.data() + t.data.size() <= bytes.data() + bytes.size());
            }
        }
    }
}

TEST_CASE("what is wrong is said") {
    SUBCASE("not GGUF") {
        const std::vector<std::byte> bytes(100);
        CHECK(says(GgufFile::parse(bytes).status().message(), "not a GGUF file"));
    }
    SUBCASE("another version") {
        GgufBuilder b = small();
        b.version = 1;
        CHECK(says(errorOf(b), "version 1"));
        b.version = 0x03000000;
        CHECK(says(errorOf(b), "big-endian"));
    }
    SUBCASE("absurd counts ask for no memory") {
        GgufBuilder b = small();
        b.extra_keys = 1ull << 60;
        CHECK(says(errorOf(b), "damaged or incomplete"));
        b.extra_keys = 0;
        b.extra_tensors = 1ull << 40;
        CHECK(says(errorOf(b), "damaged or incomplete"));
    }
    SUBCASE("duplicate key") {
        GgufBuilder b = small();
        b.integer("deepseek.block_count", 3);
        CHECK(says(errorOf(b), "deepseek.block_count occurs twice"));
    }
    SUBCASE("duplicate tensor") {
        GgufBuilder b = small();
        b.tensor("x.weight", {32}, kF32, 128);
        CHECK(says(errorOf(b), "x.weight occurs twice"));
    }
    SUBCASE("a type that is not supported is named") {
        GgufBuilder b = small();
        b.tensor("z.weight", {256}, 16, 66);
        CHECK(says(errorOf(b), "IQ2_XXS"));
    }
    SUBCASE("a type that nobody knows") {
        GgufBuilder b = small();
        b.tensor("z.weight", {256}, 99, 66);
        CHECK(says(errorOf(b), "number 99"));
    }
    SUBCASE("rows that are no whole blocks") {
        GgufBuilder b = small();
        b.tensor("z.weight", {33}, kQ8_0, 64);
        CHECK(says(errorOf(b), "multiple of 32"));
    }
    SUBCASE("shapes") {
        for (const auto& dims : std::vector<std::vector<std::uint64_t>>{{}, {0}, {1ull << 63, 4}, {1, 1, 1, 1, 1}}) {
            GgufBuilder b = small();
            b.tensor("z.weight", dims, kF32, 32);
            CHECK(says(errorOf(b), "z.weight"));
        }
    }
    SUBCASE("an offset past the end") {
        GgufBuilder b = small();
        b.tensor("z.weight", {32}, kF32, 0, 1 << 20);
        CHECK(says(errorOf(b), "z.weight needs 128 bytes from offset 1048576"));
    }
    SUBCASE("an offset that is not aligned") {
        GgufBuilder b = small();
        b.tensor("z.weight", {1}, kF32, 0, 4);
        CHECK(says(errorOf(b), "no multiple of 32"));
    }
    SUBCASE("overlap") {
        GgufBuilder b = small();
        b.tensor("z.weight", {8}, kF32, 0, 32);
        CHECK(says(errorOf(b), "overlap"));
    }
    SUBCASE("alignment") {
        GgufBuilder b = small();
        b.integer("general.alignment", 24);
        CHECK(says(errorOf(b), "power of two"));
    }
}

TEST_CASE("files that cannot be opened") {
    CHECK(says(GgufFile::open("/no/such/file.gguf").status().message(), "/no/such/file.gguf"));
    CHECK(says(GgufFile::open("/").status().message(), "not a regular file"));
}

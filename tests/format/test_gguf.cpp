// A model file comes from anywhere: if these fail, a damaged download crashes the program or is read wrongly.

#include <doctest/doctest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

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
        CHECK(says(errorOf(b), "\"deepseek.block_count\" occurs twice"));
    }
    SUBCASE("duplicate tensor") {
        GgufBuilder b = small();
        b.tensor("x.weight", {32}, kF32, 128);
        CHECK(says(errorOf(b), "\"x.weight\" occurs twice"));
    }
    SUBCASE("shapes") {
        for (const auto& dims : std::vector<std::vector<std::uint64_t>>{{}, {1ull << 63, 4}, {1, 1, 1, 1, 1}}) {
            GgufBuilder b = small();
            b.tensor("z.weight", dims, kF32, 32);
            CHECK(says(errorOf(b), "z.weight"));
        }
    }
    SUBCASE("an offset past the end") {
        GgufBuilder b = small();
        b.tensor("z.weight", {32}, kF32, 0, 1 << 20);
        CHECK(says(errorOf(b), "\"z.weight\" needs 128 bytes from offset 1048576"));
    }
    SUBCASE("an offset that is not aligned") {
        GgufBuilder b = small();
        b.tensor("z.weight", {1}, kF32, 0, 4);
        CHECK(says(errorOf(b), "not a multiple of 32"));
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

TEST_CASE("tensors that cannot be used do not keep the file out, and say why they cannot") {
    struct Odd {
        std::vector<std::uint64_t> dims;
        std::uint32_t type;
        std::string_view says;
    };
    for (const auto& [dims, type, part] :
         {Odd{{256}, 34, "TQ1_0, which"},
          {{256}, 26, "I32, which"},
          {{256}, 31, "Q4_0_4_4, which"},
          {{256}, 40, "NVFP4, which"},
          {{256}, 41, "Q1_0, which"},
          {{256}, 139, "IQ4_K, which this program cannot read; it is made for ik_llama.cpp"},
          {{256}, 77, "number 77, which"},
          {{256}, 999, "number 999, which"},
          {{33}, kQ8_0, "multiple of 32"},
          {{0}, kF32, "no elements"},
          {{32, 0, 4}, kQ8_0, "no elements"}}) {
        GgufBuilder b = small();
        b.tensor("z.weight", dims, type, 32, 7);  // where it lies does not matter
        const auto bytes = b.build();
        const auto file = GgufFile::parse(bytes);
        REQUIRE_MESSAGE(file.ok(), file.status().message());
        REQUIRE(file->tensors().size() == 3);
        CHECK(says(file->tensor("z.weight")->problem, part));
        CHECK(says(file->tensor("z.weight")->problem, "\"z.weight\""));
        CHECK(file->tensor("z.weight")->data.empty());
        CHECK(file->tensor("y.weight")->problem.empty());
        CHECK(file->tensor("y.weight")->data.size() == 136);
    }
}

TEST_CASE("names of a file neither flood a sentence nor command a terminal") {
    const std::string evil = "\x1b]52;c;AAAA\x07" + std::string(60000, 'n');
    std::vector<std::string> sentences;
    const auto with = [&](auto change) {
        GgufBuilder b = small();
        change(b);
        sentences.push_back(errorOf(b));
    };
    with([&](GgufBuilder& b) { b.integer(evil, 1), b.integer(evil, 2); });
    with([&](GgufBuilder& b) { b.tensor(evil, {32}, kF32, 128), b.tensor(evil, {32}, kF32, 128); });
    with([&](GgufBuilder& b) { b.tensor(evil, {1ull << 63, 4}, kF32, 32); });
    with([&](GgufBuilder& b) { b.tensor(evil, {1, 1, 1, 1, 1}, kF32, 32); });
    with([&](GgufBuilder& b) { b.tensor(evil, {32}, kF32, 0, 1 << 20); });
    with([&](GgufBuilder& b) { b.tensor(evil, {8}, kF32, 0, 4); });
    with([&](GgufBuilder& b) { b.tensor(evil, {8}, kF32, 0, 32); });
    for (const std::string& sentence : sentences) {
        INFO(sentence);
        CHECK(sentence != "no error");
        CHECK(sentence.size() < 400);
        CHECK(sentence.find('\x1b') == std::string::npos);
    }
}

TEST_CASE("true and false may be written as numbers") {
    GgufBuilder b = small();
    b.integer("one", 1);
    b.integer("zero", 0);
    b.integer("two", 2);
    const auto bytes = b.build();
    const auto file = GgufFile::parse(bytes);
    REQUIRE(file.ok());
    CHECK(file->boolean("one").value() == true);
    CHECK(file->boolean("zero").value() == false);
    CHECK_FALSE(file->boolean("two").ok());
}

TEST_CASE("a part of a model that was split names the others") {
    const auto open = [](const std::string& name, std::uint32_t number, std::uint32_t count) {
        GgufBuilder b = small();
        b.integer("split.no", number);
        b.integer("split.count", count);
        const auto bytes = b.build();
        const std::string path = "/tmp/" + name;
        std::ofstream(path, std::ios::binary)
            .write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
        const auto file = GgufFile::open(path);
        std::filesystem::remove(path);
        REQUIRE(file.ok());
        return file->wholeModel();
    };
    const std::string mine = "moescope-split-" + std::to_string(getpid());
    CHECK(open(mine, 0, 1).ok());
    const std::string first = open(mine + "-00001-of-00002.gguf", 0, 2).message();
    CHECK(says(first, "It is part 1 of 2"));
    CHECK(says(first, "the other part is \"" + mine + "-00002-of-00002.gguf\""));
    const std::string third = open(mine + "-00003-of-00009.gguf", 2, 9).message();
    CHECK(says(third, "It is part 3 of 9"));
    CHECK(says(third, "-00001-of-00009.gguf\" to \"" + mine + "-00009-of-00009.gguf\""));
    CHECK(says(open(mine + ".gguf", 1, 2).message(), "It is part 2 of 2"));
}

TEST_CASE("files that cannot be opened") {
    CHECK(says(GgufFile::open("/no/such/file.gguf").status().message(), "/no/such/file.gguf"));
    CHECK(says(GgufFile::open("/").status().message(), "not a regular file"));
}

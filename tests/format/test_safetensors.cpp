// Traces and evaluations leave as safetensors: if these fail, other programs read something else than was computed,
// or a full disk leaves half a file.

#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>

#include "engine/format/safetensors.h"

using namespace moescope;
namespace fs = std::filesystem;

namespace {

struct Folder {
    fs::path path;
    Folder() {
        std::string name = (fs::temp_directory_path() / "moescope-XXXXXX").string();
        path = mkdtemp(name.data());
    }
    ~Folder() { fs::remove_all(path); }
};

}  // namespace

TEST_CASE("what is written is read back") {
    const Folder folder;
    const std::string path = folder.path / "a.safetensors";
    const std::vector<float> x = {1.5f, -2.0f, 3.25f, 0.0f, 5.0f, 6.0f};
    const std::vector<std::int32_t> ids = {7, -1};
    SafetensorsWriter writer;
    writer.add("x", {2, 3}, std::span<const float>(x));
    writer.add("ids", {2}, std::span<const std::int32_t>(ids));
    writer.setMetadata({{"format", "test"}});
    REQUIRE(writer.write(path).ok());
    const auto file = SafetensorsFile::open(path);
    REQUIRE_MESSAGE(file.ok(), file.status().message());
    CHECK(file->tensor("x")->values<float>() == x);
    CHECK(file->tensor("x")->shape == std::vector<std::uint64_t>{2, 3});
    CHECK(file->tensor("ids")->values<std::int32_t>() == ids);
    CHECK(file->metadata().at("format") == "test");
    CHECK(std::distance(fs::directory_iterator(folder.path), fs::directory_iterator()) == 1);
}

TEST_CASE("a place that cannot be written gives a sentence and leaves nothing") {
    SafetensorsWriter writer;
    const Status status = writer.write("/no/such/folder/a.safetensors");
    CHECK_FALSE(status.ok());
    CHECK(status.message().find("/no/such/folder/a.safetensors") != std::string::npos);
    // A full disk: the system's own device for it.
    const Folder folder;
    fs::create_directory(folder.path / "taken.safetensors");
    const Status taken = writer.write(folder.path / "taken.safetensors");
    CHECK_FALSE(taken.ok());
    CHECK(std::distance(fs::directory_iterator(folder.path), fs::directory_iterator()) == 1);
}

TEST_CASE("damaged files are refused") {
    const auto parse = [](std::string header, std::size_t data) {
        std::string text(8, '\0');
        const std::uint64_t size = header.size();
        std::copy_n(reinterpret_cast<const char*>(&size), 8, text.begin());
        text += header + std::string(data, '\0');
        std::vector<std::byte> bytes(text.size());
        std::copy_n(reinterpret_cast<const std::byte*>(text.data()), text.size(), bytes.begin());
        return SafetensorsFile::parse(bytes).ok();
    };
    CHECK(parse(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})", 8));
    CHECK_FALSE(parse(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})", 7));
    CHECK_FALSE(parse(R"({"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}})", 8));
    // A type that is not known is for whoever needs the tensor.
    CHECK(parse(R"({"a":{"dtype":"F8_E4M3","shape":[2],"data_offsets":[0,2]}})", 8));
    CHECK_FALSE(parse(R"({"a":{"dtype":"F8_E4M3","shape":[2],"data_offsets":[0,9]}})", 8));
    CHECK_FALSE(parse(R"({"a":{"dtype":"F8_E4M3","shape":[2],"data_offsets":[8,0]}})", 8));
    CHECK_FALSE(parse(R"({"a":{"dtype":"F32","shape":[18446744073709551615,4],"data_offsets":[0,8]}})", 8));
    CHECK_FALSE(parse(R"({"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,8]}})", 8));
    CHECK_FALSE(parse(R"([1])", 8));
    CHECK_FALSE(parse("", 0));
}

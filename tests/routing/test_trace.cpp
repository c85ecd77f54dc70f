// If these fail, other programs read other experts and gates than those that ran.

#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <sstream>

#include "engine/format/safetensors.h"
#include "engine/routing/trace.h"

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

RoutingLog example() {
    RoutingLog log({1, 2, 8, 2, 2});
    for (int t = 0; t < 3; ++t) {
        std::vector<LayerRouting> layers(2);
        for (std::size_t l = 0; l < 2; ++l) {
            layers[l].count = 2;
            layers[l].experts[0] = (t + static_cast<int>(l)) % 8;
            layers[l].experts[1] = 7;
            layers[l].gates[0] = 0.1f * static_cast<float>(t + 1);
            layers[l].gates[1] = 1.0f / 3;
            layers[l].runners_up = {4, 5};
            layers[l].routed_norm = 2.5f;
        }
        log.onToken({100 + t, t, t < 2 ? Phase::kPrefill : Phase::kDecode, layers});
    }
    return log;
}

std::string readAll(const fs::path& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace

TEST_CASE("CSV") {
    const Folder folder;
    TraceOptions options;
    options.expert_bytes = 42;
    REQUIRE(writeTrace(folder.path / "t.csv", example(), options).ok());
    std::istringstream lines(readAll(folder.path / "t.csv"));
    std::string line;
    std::getline(lines, line);
    CHECK(line == "# route_trace v1");
    std::getline(lines, line);
    CHECK(line == "turn,phase,step,layer,slot,expert,weight,residency,expert_bytes,dropped");
    std::getline(lines, line);
    CHECK(line == "0,prefill,0,1,0,0,0.1,ram,42,0");
    std::getline(lines, line);
    // Enough digits that the same float comes back.
    CHECK(std::stof(line.substr(std::string("0,prefill,0,1,1,7,").size())) == 1.0f / 3);
    int rows = 2;
    while (std::getline(lines, line)) ++rows;
    CHECK(rows == 3 * 2 * 2);
    CHECK(line.empty());
}

TEST_CASE("JSONL, with a token that is half a character") {
    const Folder folder;
    TraceOptions options;
    options.token_text = [](std::int32_t) { return std::string("\xf0\x9f"); };
    REQUIRE(writeTrace(folder.path / "t.jsonl", example(), options).ok());
    std::istringstream lines(readAll(folder.path / "t.jsonl"));
    std::string line;
    int tokens = 0;
    while (std::getline(lines, line)) {
        const auto j = nlohmann::json::parse(line);
        CHECK(j["token"] == 100 + tokens);
        CHECK(j["phase"] == (tokens < 2 ? "prefill" : "decode"));
        CHECK(j["layers"][1]["layer"] == 2);
        CHECK(j["layers"][1]["experts"] == std::vector<int>{tokens + 1, 7});
        CHECK(j["layers"][0]["gates"][1].get<float>() == 1.0f / 3);
        ++tokens;
    }
    CHECK(tokens == 3);
}

TEST_CASE("safetensors") {
    const Folder folder;
    REQUIRE(writeTrace(folder.path / "t.safetensors", example(), {}).ok());
    const auto file = SafetensorsFile::open(folder.path / "t.safetensors");
    REQUIRE(file.ok());
    CHECK(file->tensor("tokens")->values<std::int32_t>() == std::vector<std::int32_t>{100, 101, 102});
    CHECK(file->tensor("phases")->values<std::uint8_t>() == std::vector<std::uint8_t>{0, 0, 1});
    CHECK(file->tensor("layers.2.experts")->values<std::int32_t>() == std::vector<std::int32_t>{1, 7, 2, 7, 3, 7});
    CHECK(file->tensor("layers.1.gates")->shape == std::vector<std::uint64_t>{3, 2});
}

TEST_CASE("other names and places that cannot be written") {
    CHECK(checkTracePath("a.txt").message().find(".csv, .jsonl or .safetensors") != std::string::npos);
    CHECK_FALSE(checkTracePath("folder.csv/name").ok());
    for (const char* name : {"/no/such/t.csv", "/no/such/t.jsonl", "/no/such/t.safetensors"}) {
        CHECK(writeTrace(name, example(), {}).message().find("/no/such/t.") != std::string::npos);
    }
}

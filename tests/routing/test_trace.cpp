// If these fail, other programs read other experts and gates than those that ran, or a trace that was exported is not
// what comes back.

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "engine/format/safetensors.h"
#include "tests/routing/trace_samples.h"

using namespace moescope;

namespace {

RoutingLog example() {
    RoutingLog log({1, 2, 8, 2, 2});
    for (int t = 0; t < 3; ++t) {
        std::vector<LayerRouting> layers(2);
        for (std::size_t l = 0; l < 2; ++l) {
            layers[l].count = 2;
            layers[l].experts[0] = (t + static_cast<int>(l)) % 7;
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

/// Writes and reads again.
RoutingLog roundTrip(const RoutingLog& log, const std::string& name, std::optional<TraceFormat> format = {}) {
    const TestFolder folder;
    TraceOptions options;
    options.format = format;
    const Status written = writeTrace(folder.file(name), log, options);
    REQUIRE_MESSAGE(written.ok(), written.message());
    const auto trace = readTrace(folder.file(name));
    REQUIRE_MESSAGE(trace.ok(), trace.status().message());
    return trace->log;
}

}  // namespace

TEST_CASE("where experts ran is told, if any ran on a GPU") {
    RoutingLog log({1, 1, 8, 2, 2});
    for (int t = 0; t < 3; ++t) {
        std::vector<LayerRouting> layers(1);
        layers[0].count = 2;
        layers[0].experts[0] = 3;
        layers[0].experts[1] = 5;
        layers[0].on_card = t == 0 ? 0 : t == 1 ? 0b10 : 0b11;
        log.onToken({100 + t, t, Phase::kDecode, layers});
    }
    const TestFolder folder;
    REQUIRE(writeTrace(folder.file("t.csv"), log, {}).ok());
    std::istringstream lines(readAll(folder.file("t.csv")));
    std::string line, residency;
    while (std::getline(lines, line)) {
        if (line[0] != '#' && line[0] != 't') residency += line[line.size() - 5];
    }
    CHECK(residency == "000111");
    for (const char* name : {"t.jsonl", "t.safetensors", "t.npz"}) {
        const RoutingLog back = roundTrip(log, name);
        for (std::size_t t = 0; t < 3; ++t) CHECK(back.at(t, 0).on_card == log.at(t, 0).on_card);
    }
}

TEST_CASE("CSV is route_trace v1") {
    const TestFolder folder;
    TraceOptions options;
    options.model = "Tiny MoE";
    options.architecture = "deepseek";
    REQUIRE(writeTrace(folder.file("t.csv"), example(), options).ok());
    std::istringstream lines(readAll(folder.file("t.csv")));
    std::string line;
    std::getline(lines, line);
    CHECK(line == "# route_trace v1");
    std::getline(lines, line);
    CHECK(line == "# model=Tiny_MoE arch=deepseek n_layer=3 n_expert=8 n_expert_used=2");
    std::getline(lines, line);
    CHECK(line == "turn,phase,step,layer,slot,expert,weight,residency,expert_bytes,dropped");
    std::getline(lines, line);
    CHECK(line == "0,0,0,1,0,0,0.1,1,0,0");
    std::getline(lines, line);
    // Enough digits that the same float comes back.
    CHECK(std::stof(line.substr(std::string("0,0,0,1,1,7,").size())) == 1.0f / 3);
    int rows = 2;
    std::string last;
    while (std::getline(lines, line)) {
        ++rows;
        last = line;
    }
    CHECK(rows == 3 * 2 * 2);
    CHECK(last.starts_with("0,1,2,2,1,7,"));
}

TEST_CASE("JSONL, with a token that is half a character") {
    const TestFolder folder;
    TraceOptions options;
    options.token_text = [](std::int32_t) { return std::string("\xf0\x9f"); };
    REQUIRE(writeTrace(folder.file("t.jsonl"), example(), options).ok());
    std::istringstream lines(readAll(folder.file("t.jsonl")));
    std::string line;
    std::getline(lines, line);
    CHECK(nlohmann::json::parse(line)["experts"] == 8);
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
    const auto trace = readTrace(folder.file("t.jsonl"));
    REQUIRE(trace.ok());
    CHECK(difference(example(), trace->log) == "");
}

TEST_CASE("JSONL tells what else a token might have been, and readers pass over it") {
    const TestFolder folder;
    std::vector<TokenOdds> odds(3);
    odds[2].count = 2;
    odds[2].tokens = {102, 7};
    odds[2].probabilities = {0.75f, 0.25f};
    odds[2].probability = 0.75f;
    odds[2].entropy = 0.5f;
    TraceOptions options;
    options.odds = odds;
    REQUIRE(writeTrace(folder.file("t.jsonl"), example(), options).ok());
    std::istringstream lines(readAll(folder.file("t.jsonl")));
    std::string line;
    for (int i = 0; i < 3; ++i) std::getline(lines, line);
    CHECK_FALSE(nlohmann::json::parse(line).contains("alternatives"));
    std::getline(lines, line);
    const auto told = nlohmann::json::parse(line)["alternatives"];
    CHECK(told["rank"] == 0);
    CHECK(told["probability"] == 0.75);
    CHECK(told["entropy"] == 0.5);
    CHECK(told["tokens"] == std::vector<int>{102, 7});
    CHECK(told["probabilities"] == std::vector<double>{0.75, 0.25});
    const auto trace = readTrace(folder.file("t.jsonl"));
    REQUIRE(trace.ok());
    CHECK(difference(example(), trace->log) == "");
}

TEST_CASE("safetensors") {
    const TestFolder folder;
    REQUIRE(writeTrace(folder.file("t.safetensors"), example(), {}).ok());
    const auto file = SafetensorsFile::open(folder.file("t.safetensors"));
    REQUIRE(file.ok());
    CHECK(file->tensor("tokens")->values<std::int32_t>() == std::vector<std::int32_t>{100, 101, 102});
    CHECK(file->tensor("phases")->values<std::uint8_t>() == std::vector<std::uint8_t>{0, 0, 1});
    CHECK(file->tensor("layers.2.experts")->values<std::int32_t>() == std::vector<std::int32_t>{1, 7, 2, 7, 3, 7});
    CHECK(file->tensor("layers.1.gates")->shape == std::vector<std::uint64_t>{3, 2});
}

TEST_CASE("our own formats give every bit back, whatever is known") {
    for (unsigned known = 0; known <= (kAllParts | kSelections); ++known) {
        const unsigned parts = known % 3 == 0 ? known | kGroups : known;
        const RoutingLog log = randomLog(shapeKnowing(parts), 20, 0, parts);
        for (const char* name : {"t.safetensors", "t.jsonl", "t.npz"}) {
            CAPTURE(name);
            CAPTURE(parts);
            const RoutingLog back = roundTrip(log, name);
            CHECK(difference(log, back) == "");
            CHECK(back.shape() == log.shape());
        }
    }
}

TEST_CASE("groups that do not go with the experts are an error, and without groups files are as they were") {
    const RoutingLog log = randomLog(shapeKnowing(kAllParts | kGroups), 4, 0, 1);
    const TestFolder folder;
    REQUIRE(writeTrace(folder.file("t.jsonl"), log, {}).ok());
    const std::string text = readAll(folder.file("t.jsonl"));
    const std::string said = "\"groups\":8,\"groups_used\":3,";
    REQUIRE(text.find(said) != std::string::npos);
    for (const char* wrong : {"\"groups\":7,\"groups_used\":3,", "\"groups\":8,\"groups_used\":9,",
                              "\"groups\":1,\"groups_used\":2,", "\"groups\":128,\"groups_used\":1,"}) {
        std::string changed = text;
        changed.replace(changed.find(said), said.size(), wrong);
        const auto trace = parseText(changed);
        REQUIRE_FALSE(trace.ok());
        CHECK(trace.status().message().find("groups") != std::string::npos);
    }
    for (const char* name : {"t.safetensors", "t.npz"}) {
        REQUIRE(writeTrace(folder.file(name), log, {}).ok());
        TraceReadOptions more;
        more.experts = 68;  // what the file says of groups cannot be true of these
        CHECK_FALSE(readTrace(folder.file(name), more).ok());
    }
    REQUIRE(writeTrace(folder.file("t.jsonl"), randomLog(shapeKnowing(kAllParts), 4, 0, 1), {}).ok());
    CHECK(readAll(folder.file("t.jsonl")).find("groups") == std::string::npos);
}

TEST_CASE("NaN and infinity: bits in tensors, NaN in JSON") {
    RoutingLog log({1, 1, 4, 1, 0});
    for (const float value : {NAN, INFINITY, -INFINITY, -0.0f}) {
        LayerRouting r;
        r.count = 1;
        r.experts[0] = 2;
        r.gates[0] = r.probabilities[0] = r.shared_norm = value;
        log.onToken({1, static_cast<int>(log.size()), Phase::kDecode, {&r, 1}});
    }
    CHECK(difference(log, roundTrip(log, "t.safetensors")) == "");
    CHECK(difference(log, roundTrip(log, "t.npz")) == "");
    CHECK(difference(log, roundTrip(log, "t.csv")) == "");
    const RoutingLog json = roundTrip(log, "t.jsonl");
    CHECK(std::isnan(json.at(0, 0).gates[0]));
    CHECK(std::isnan(json.at(1, 0).gates[0]));
    CHECK(std::signbit(json.at(3, 0).gates[0]));
}

TEST_CASE("route_trace gives experts, gates, positions and phases back") {
    for (unsigned parts = 0; parts <= kAllParts; ++parts) {
        if (!(parts & 16)) continue;  // a slot is a rank
        CAPTURE(parts);
        const RoutingLog log = randomLog(shapeKnowing(parts), 24, 1, parts);
        const RoutingLog back = roundTrip(log, "t.csv");
        CHECK(difference(log, back) == "");
        CHECK(back.shape().has_gates == log.shape().has_gates);
        CHECK(back.shape().has_phases);
        CHECK_FALSE(back.shape().has_probabilities);
        CHECK_FALSE(back.shape().has_norms);
        CHECK_FALSE(back.shape().has_tokens);
    }
}

TEST_CASE("npy gives ids back, ESFT also gates and sequences") {
    for (unsigned seed = 0; seed < 4; ++seed) {
        RoutingShape shape = shapeKnowing(kAllParts);
        // All ids occur, so that the number of experts can be inferred.
        const RoutingLog full = randomLog(shape, 200, shape.experts_used, seed);
        TraceReadOptions from_one;
        from_one.first_layer = 1;
        const TestFolder folder;
        REQUIRE(writeTrace(folder.file("t.npy"), full, {}).ok());
        const auto ids = readTrace(folder.file("t.npy"), from_one);
        REQUIRE(ids.ok());
        CHECK(ids->log.size() == full.size());
        CHECK(missingParts(ids->log.shape()).find("no gates") != std::string::npos);
        bool same = true;
        for (std::size_t t = 0; t < full.size(); ++t) {
            for (int l = 0; l < shape.moe_layers; ++l)
                same = same && ids->log.at(t, l).experts == full.at(t, l).experts;
        }
        CHECK(same);
        const RoutingLog esft = roundTrip(full, "folder", TraceFormat::kEsft);
        CHECK(difference(full, esft) == "");
        CHECK(esft.shape().has_gates);
        CHECK_FALSE(esft.shape().has_phases);
    }
}

TEST_CASE("an empty log") {
    const RoutingLog log({1, 3, 64, 6, 2});
    for (const char* name : {"t.safetensors", "t.jsonl", "t.npz"}) {
        const RoutingLog back = roundTrip(log, name);
        CHECK(back.size() == 0);
        CHECK(back.shape() == log.shape());
    }
    // The formats of others would be files that nobody can read.
    const TestFolder folder;
    RoutingLog unknown({1, 3, 64, 6, 2});
    const std::vector<LayerRouting> nothing(3);
    unknown.onToken({1, 0, Phase::kPrefill, nothing});
    for (const RoutingLog* each : std::initializer_list<const RoutingLog*>{&log, &unknown}) {
        for (const char* name : {"t.csv", "t.npy"}) {
            CHECK(writeTrace(folder.file(name), *each, {}).message().find("no records") != std::string::npos);
        }
    }
    CHECK(std::filesystem::is_empty(folder.path));
}

TEST_CASE("what a format cannot say is refused, and nothing is written") {
    const TestFolder folder;
    TraceOptions options;
    options.format = TraceFormat::kEsft;
    const RoutingLog ids_only = randomLog(shapeKnowing(16), 5, 6, 1);
    CHECK(writeTrace(folder.file("a"), ids_only, options).message().find("weights") != std::string::npos);
    const RoutingLog uneven = randomLog(shapeKnowing(kAllParts), 50, 1, 1);
    CHECK(writeTrace(folder.file("b"), uneven, options).message().find("same number") != std::string::npos);
    CHECK(std::filesystem::is_empty(folder.path / "b"));
    options.format = TraceFormat::kVllm;
    CHECK(writeTrace(folder.file("c"), uneven, options).message().find("only be read") != std::string::npos);
}

TEST_CASE("other names and places that cannot be written or read") {
    CHECK(checkTracePath("a.txt").message().find(".safetensors") != std::string::npos);
    CHECK(checkTracePath("a.txt", TraceFormat::kNpz).ok());
    CHECK_FALSE(checkTracePath("folder.csv/name").ok());
    for (const char* name : {"/no/such/t.csv", "/no/such/t.jsonl", "/no/such/t.safetensors", "/no/such/t.npz"}) {
        CHECK(writeTrace(name, example(), {}).message().find("/no/such/t.") != std::string::npos);
        CHECK(readTrace(name).status().message().find("/no/such/t.") != std::string::npos);
    }
    const TestFolder folder;
    CHECK(readTrace(folder.path.string()).status().message().find("expert_weights_N") != std::string::npos);
    CHECK(parseTraceFormat("csv").status().message().find("route_trace") != std::string::npos);
}

// If these fail, traces of other programs are read as other experts than theirs.

#include <doctest/doctest.h>

#include <fstream>

#include "engine/routing/metrics.h"
#include "engine/routing/trace/base64.h"
#include "engine/routing/trace/npy.h"
#include "tests/routing/trace_samples.h"
#include "tests/support/skip.h"

using namespace moescope;

namespace {

Trace read(const std::string& text, const TraceReadOptions& options = {}) {
    auto trace = parseText(text, options);
    REQUIRE_MESSAGE(trace.ok(), trace.status().message());
    return std::move(*trace);
}

std::vector<std::int32_t> experts(const RoutingLog& log, std::size_t token, int layer) {
    const ExpertIds ids = log.experts(token, layer);
    return {ids.begin(), ids.end()};
}
using Ids = std::vector<std::int32_t>;

std::string base64(std::string_view bytes) {
    static constexpr char kAlphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string text;
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        std::uint32_t bits = 0;
        for (std::size_t j = 0; j < 3; ++j) {
            bits = bits << 8 | (i + j < bytes.size() ? static_cast<unsigned char>(bytes[i + j]) : 0u);
        }
        for (int j = 3; j >= 0; --j) text += kAlphabet[bits >> (6 * j) & 63];
    }
    for (std::size_t i = 0; i < (3 - bytes.size() % 3) % 3; ++i) text[text.size() - 1 - i] = '=';
    return text;
}

template <class T>
std::string raw(const std::vector<T>& values) {
    return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T)};
}

std::string npy(std::string_view descr, std::vector<std::size_t> shape, const std::string& values) {
    return npyHeader(descr, shape) + values;
}

}  // namespace

TEST_CASE("route_trace as its program writes it: columns in any order, a prompt layer by layer, unknown weights") {
    const Trace trace = read(
        "# route_trace v1\n"
        "# model=/m/q.gguf arch=qwen3moe n_layer=4 n_expert=128 n_expert_used=2\n"
        "# layer=0 expert_bytes=1802240 dense_bytes=46448640\n"
        "expert,turn,phase,step,layer,slot,weight,residency,expert_bytes,dropped,later\n"
        // The prompt: layer 2 of both tokens, then the last layer of the last token only.
        "5,0,0,0,2,1,0.25,0,1802240,0,x\n"
        "9,0,0,0,2,0,0.5,1,0,1,x\n"
        "7,0,0,1,2,0,nan,2,0,0,x\n"
        "8,0,0,1,2,1,0.125,0,0,0,x\n"
        "1,0,0,1,3,0,0.75,0,0,0,x\n"
        "127,0,0,1,3,1,0.0625,0,0,0,x\n"
        "4,0,1,2,2,0,1e-3,0,0,0,x\n"
        "3,1,1,0,2,0,0.5,0,0,0,x\n");
    const RoutingLog& log = trace.log;
    CHECK(trace.format == TraceFormat::kRouteTrace);
    REQUIRE(log.size() == 4);
    CHECK(log.shape().first_moe_layer == 2);
    CHECK(log.shape().moe_layers == 2);
    CHECK(log.shape().experts == 128);
    CHECK(log.shape().experts_used == 2);
    CHECK(log.shape().has_gates);
    CHECK(experts(log, 0, 0) == Ids{9, 5});
    CHECK(log.at(0, 0).gates[0] == 0.5f);
    CHECK(experts(log, 0, 1).empty());
    CHECK(std::isnan(log.at(1, 0).gates[0]));
    CHECK(experts(log, 1, 1) == Ids{1, 127});
    CHECK(log.token(1).phase == Phase::kPrefill);
    CHECK(log.token(2).phase == Phase::kDecode);
    CHECK(log.token(2).position == 2);
    CHECK(log.token(3).position == 0);
    CHECK(trace.notes.size() == 1);  // of the choice that was dropped
    // No weight at all: ids only.
    CHECK_FALSE(
        read("# route_trace v1\nturn,phase,step,layer,slot,expert,weight\n0,0,0,0,0,3,nan\n").log.shape().has_gates);
    // Columns that readers may miss, and words for phases.
    const Trace small =
        read("# route_trace v1\r\nphase,step,layer,expert\r\nprefill,0,1,3\r\nprefill,0,1,2\r\ndecode,1,1,0\r\n");
    CHECK(experts(small.log, 0, 0) == Ids{3, 2});
    CHECK(small.log.token(1).phase == Phase::kDecode);
}

TEST_CASE("moe-trace: batches are parted where layers do not rise, and K is found") {
    // A prompt of three tokens, whose last layer has only the last one, then two tokens.
    const std::string prompt = "1,3\n1,5\n1,0\n1,2\n1,3\n1,4\n2,7\n2,6\n", one = "1,1\n1,2\n2,3\n2,4\n",
                      two = "1,5\n1,1\n2,0\n2,2\n";
    for (const std::string& head : {std::string(), std::string("layer,expert\n")}) {
        const Trace trace = read(head + prompt + one + two);
        REQUIRE(trace.log.size() == 5);
        CHECK(trace.log.shape().experts == 8);
        CHECK(trace.log.shape().experts_used == 2);
        CHECK(experts(trace.log, 0, 0) == Ids{3, 5});
        CHECK(experts(trace.log, 1, 1).empty());
        CHECK(experts(trace.log, 2, 1) == Ids{7, 6});
        CHECK(experts(trace.log, 4, 0) == Ids{5, 1});
        CHECK(missingParts(trace.log.shape()) ==
              "no gates, no probabilities, no runners-up, no norms, no ids of tokens, no phases");
    }
    TraceReadOptions options;
    options.experts_used = 1;
    options.experts = 16;
    options.first_layer = 0;
    const Trace asked = read(prompt, options);
    CHECK(asked.log.size() == 6);
    CHECK(asked.log.shape().experts == 16);
    CHECK(asked.log.shape().first_moe_layer == 0);
    CHECK(asked.notes.empty());
}

TEST_CASE("ESFT: a file, with rows as sequences and slots in no order") {
    TraceReadOptions options;
    options.experts_used = 2;
    options.first_layer = 7;
    const Trace trace = read("4\t9\t1\t3\t\t0.25\t0.5\t0.125\t0.125\n2\t8\t\t1e-2\t0.75\n", options);
    REQUIRE(trace.log.size() == 3);
    CHECK(experts(trace.log, 0, 0) == Ids{9, 4});  // by weight
    CHECK(trace.log.at(0, 0).gates[0] == 0.5f);
    CHECK(experts(trace.log, 1, 0) == Ids{1, 3});  // ties by id
    CHECK(trace.log.token(1).position == 1);
    CHECK(trace.log.token(2).position == 0);
    CHECK(trace.log.shape().first_moe_layer == 7);
    // K: the largest that divides rows of 4 and 2 and repeats no id.
    CHECK(read("4\t9\t1\t3\t\t1\t1\t1\t1\n2\t8\t\t1\t1\n").log.shape().experts_used == 2);
    CHECK(read("4\t9\t4\t3\t\t1\t1\t1\t1\n").log.shape().experts_used == 2);
    CHECK(read("4\t9\t9\t4\t3\t7\t7\t1\t\t1\t1\t1\t1\t1\t1\t1\t1\n").log.shape().experts_used == 2);
}

TEST_CASE("ESFT: a folder") {
    const TestFolder folder;
    writeAll(folder.file("expert_weights_10.txt"), "1\t2\t\t0.5\t0.25\n");
    writeAll(folder.file("expert_weights_9.txt"), "3\t0\t\t0.5\t0.25\n");
    writeAll(folder.file("summary.json"), "{}");
    auto trace = readTrace(folder.path.string());
    REQUIRE(trace.ok());
    CHECK(trace->log.shape().first_moe_layer == 9);
    CHECK(experts(trace->log, 0, 0) == Ids{3, 0});
    CHECK(experts(trace->log, 0, 1) == Ids{1, 2});
    writeAll(folder.file("expert_weights_9.txt"), "3\t0\t1\t0\t\t1\t1\t1\t1\n");
    const std::string error = readTrace(folder.path.string()).status().message();
    CHECK(error.find("expert_weights_10.txt has different rows than expert_weights_9.txt") != std::string::npos);
    // One of them alone knows its layer by its name.
    trace = readTrace(folder.file("expert_weights_10.txt"));
    REQUIRE(trace.ok());
    CHECK(trace->log.shape().first_moe_layer == 10);
}

TEST_CASE("Megatron: steps and batches, other blocks left out") {
    const Trace trace = read(
        R"({"step": 0, "stage": "pre_dispatch", "block": "decoder", "layer": 3, "rank": 0, "num_tokens": 2, "topk": 2, "top_indices": [[1, 5], [0, 7]]})"
        "\n"
        R"({"step": 0, "stage": "pre_dispatch", "block": "decoder", "layer": 4, "rank": 0, "num_tokens": 2, "topk": 2, "top_indices": [[2, 3], [4, 6]]})"
        "\n"
        R"({"step": 0, "block": "mtp", "mtp_idx": 0, "layer": 3, "top_indices": [[2, 3], [4, 6]]})"
        "\n"
        R"({"step": 0, "block": "decoder", "layer": 3, "top_indices": [[6, 7]]})"
        "\n"
        R"({"step": 1, "block": "decoder", "layer": 3, "top_indices": [[5, 6]]})"
        "\n");
    CHECK(trace.format == TraceFormat::kMegatron);
    REQUIRE(trace.log.size() == 4);
    CHECK(trace.log.shape().first_moe_layer == 3);
    CHECK(experts(trace.log, 1, 0) == Ids{0, 7});
    CHECK(experts(trace.log, 1, 1) == Ids{4, 6});
    CHECK(experts(trace.log, 2, 0) == Ids{6, 7});
    CHECK(experts(trace.log, 2, 1).empty());
    CHECK_FALSE(trace.log.shape().has_order);
    CHECK(topExpert(trace.log, 0, 0) == -1);
    CHECK(trace.notes.size() == 2);
}

TEST_CASE("moe_routes: requests that run at once, passes that count anew, logs that are appended to") {
    const auto route = [](const char* request, int token, int layer, const char* ids, const char* weights) {
        return std::string(R"({"type": "route", "req_id": ")") + request + R"(", "token_idx": )" +
               std::to_string(token) + R"(, "layer": )" + std::to_string(layer) + R"(, "topk_ids": )" + ids +
               R"(, "topk_weights": )" + weights + "}\n";
    };
    const std::string meta = R"({"type":"meta","model_id":"m","layers_logged":[1,2],"top_k":2,"num_experts":60})"
                             "\n";
    const Trace trace = read(meta + route("r0", 0, 1, "[3, 12]", "[0.25, 0.75]") +  // in no order
                             route("r1", 0, 1, "[5, 6]", "[0.5, 0.5]") + route("r0", 0, 2, "[7, 8]", "[0.6, 0.4]") +
                             route("r1", 0, 2, "[1, 2]", "[0.9, 0.1]") + route("r0", 1, 1, "[9, 10]", "null") +
                             route("r0", 0, 1, "[11, 4]", "[0.6, 0.4]") + R"({"type": "end"})" + "\n" + meta +
                             route("r0", 0, 2, "[13, 14]", "[0.6, 0.4]"));
    const RoutingLog& log = trace.log;
    CHECK(trace.format == TraceFormat::kMoeRoutes);
    CHECK(log.shape().experts == 60);
    CHECK(log.shape().experts_used == 2);
    CHECK(log.shape().first_moe_layer == 1);
    CHECK(log.shape().moe_layers == 2);
    // r0: token 0 in two layers, token 1, token 0 of another pass; r1; and r0 of the log that follows.
    REQUIRE(log.size() == 5);
    CHECK(experts(log, 0, 0) == Ids{12, 3});
    CHECK(log.at(0, 0).gates[0] == 0.75f);
    CHECK(experts(log, 0, 1) == Ids{7, 8});
    CHECK(experts(log, 1, 0) == Ids{9, 10});
    CHECK(std::isnan(log.at(1, 0).gates[0]));
    CHECK(log.token(1).position == 1);
    CHECK(experts(log, 2, 0) == Ids{11, 4});
    CHECK(log.token(2).position == 0);
    CHECK(experts(log, 3, 0) == Ids{5, 6});
    CHECK(experts(log, 3, 1) == Ids{1, 2});
    CHECK(experts(log, 4, 0).empty());
    CHECK(experts(log, 4, 1) == Ids{13, 14});
    CHECK(trace.notes.size() == 1);  // of the line of another type
    CHECK(missingParts(log.shape()) == "no probabilities, no runners-up, no norms, no ids of tokens, no phases");
    // Without weights, ids are in no order that is known.
    const Trace bare = read(R"({"token_idx": 0, "layer": 0, "topk_ids": [3, 1]})");
    CHECK_FALSE(bare.log.shape().has_gates);
    CHECK_FALSE(bare.log.shape().has_order);
    CHECK(experts(bare.log, 0, 0) == Ids{3, 1});
}

TEST_CASE("vLLM 0.21: nested lists of prompt and answer, -1 where the prefix was cached") {
    const Trace trace = read(R"({"id": "x", "prompt_routed_experts": [[[-1, -1], [-1, -1]], [[1, 2], [3, 0]]],)"
                             R"( "choices": [{"index": 0, "routed_experts": [[[2, 1], [0, 3]]]}]})");
    CHECK(trace.format == TraceFormat::kVllm);
    REQUIRE(trace.log.size() == 3);
    CHECK(experts(trace.log, 0, 0).empty());
    CHECK(experts(trace.log, 1, 0) == Ids{1, 2});
    CHECK(trace.log.token(1).phase == Phase::kPrefill);
    CHECK(trace.log.token(2).phase == Phase::kDecode);
    CHECK(trace.log.shape().has_phases);
}

TEST_CASE("vLLM from 0.22: base64 of .npy, dense layers, of one answer of two") {
    const std::vector<std::uint8_t> first(2 * 3 * 2), second = {0, 0, 1, 2, 3, 4, 0, 0, 5, 6, 7, 0};
    const auto choice = [&](const std::vector<std::uint8_t>& ids) {
        return R"({"routed_experts": ")" + base64(npy("|u1", {2, 3, 2}, raw(ids))) + R"("})";
    };
    TraceReadOptions options;
    options.choice = 1;
    const Trace trace = read(R"({"choices": [)" + choice(first) + "," + choice(second) +
                                 R"(], "usage": {"prompt_tokens": 1, "completion_tokens": 2}})",
                             options);
    REQUIRE(trace.log.size() == 2);
    CHECK(trace.log.shape().first_moe_layer == 1);
    CHECK(trace.log.shape().moe_layers == 2);
    CHECK(experts(trace.log, 0, 0) == Ids{1, 2});
    CHECK(experts(trace.log, 1, 1) == Ids{7, 0});
    CHECK(trace.log.token(0).phase == Phase::kPrefill);
    CHECK(trace.log.token(1).phase == Phase::kDecode);
    const std::string off = parseText(R"({"choices": [{"routed_experts": null}]})").status().message();
    CHECK(off.find("--enable-return-routed-experts") != std::string::npos);
}

TEST_CASE("SGLang: bare numbers, whose sizes the response or the user gives") {
    const std::vector<std::int32_t> ids = {0, 0, 1, 2, 3, 4, 0, 0, 5, 6, 7, 1};
    const std::string text = base64(raw(ids));
    const std::string generate =
        R"({"text": "", "meta_info": {"prompt_tokens": 2, "completion_tokens": 1, "routed_experts": ")" + text +
        R"("}})";
    const std::string openai = R"({"choices": [{"sgl_ext": {"routed_experts": ")" + text +
                               R"("}}], "usage": {"prompt_tokens": 1, "completion_tokens": 2}})";
    TraceReadOptions k;
    k.experts_used = 2;  // so few numbers do not tell it
    const std::string top = R"({"choices": [{"index": 0}], "sglext": {"routed_experts": ")" + text +
                            R"("}, "usage": {"prompt_tokens": 1, "completion_tokens": 2}})";
    CHECK(parseText(generate).status().message().find("--top-k") != std::string::npos);
    for (const std::string& response : {generate, openai, top, "[" + generate + "]"}) {
        const Trace trace = read(response, k);
        CHECK(trace.format == TraceFormat::kSglang);
        REQUIRE(trace.log.size() == 2);
        CHECK(trace.log.shape().first_moe_layer == 1);
        CHECK(trace.log.shape().experts_used == 2);
        CHECK(experts(trace.log, 1, 0) == Ids{5, 6});
        CHECK(experts(trace.log, 1, 1) == Ids{7, 1});
    }
    const std::string bare = R"({"meta_info": {"routed_experts": ")" + text + R"("}})";
    CHECK(parseText(bare).status().message().find("--layers") != std::string::npos);
    TraceReadOptions options;
    options.layers = 3;
    options.experts_used = 2;
    CHECK(read(bare, options).log.size() == 2);
    options.layers = 5;
    CHECK(parseText(bare, options).status().message().find("multiple") != std::string::npos);
}

TEST_CASE("npy: types, orders and versions") {
    const std::vector<std::int64_t> wide = {1, 2, 3, 0, 5, 6, 7, 4};
    CHECK(experts(read(npy("<i8", {2, 2, 2}, raw(wide))).log, 1, 0) == Ids{5, 6});
    const std::vector<std::uint16_t> narrow = {1, 300};
    CHECK(read(npy("<u2", {1, 2}, raw(narrow))).log.shape().experts == 304);
    // The same values with the first index fastest.
    std::string fortran = npy("<i8", {2, 2, 2}, raw(std::vector<std::int64_t>{1, 5, 3, 7, 2, 6, 0, 4}));
    fortran.replace(fortran.find("False, "), 7, "True,  ");
    CHECK(experts(read(fortran).log, 1, 0) == Ids{5, 6});
    CHECK(experts(read(fortran).log, 0, 1) == Ids{3, 0});
    const auto errorOf = [](const std::string& text) { return parseText(text).status().message(); };
    CHECK(errorOf(npy(">i8", {2, 2, 2}, raw(wide))).find("little-endian") != std::string::npos);
    CHECK(errorOf(npy("<f8", {2, 2, 2}, raw(wide))).find("whole numbers") != std::string::npos);
    CHECK(errorOf(npy("<i8", {8}, raw(wide))).find("(tokens, layers, k)") != std::string::npos);
    CHECK(errorOf(npy("<i8", {2, 2, 3}, raw(wide))).find("cut off") != std::string::npos);
    CHECK(errorOf(npy("<i8", {2, 2}, raw(wide))).find("shape says") != std::string::npos);
    CHECK(errorOf(npy("<i8", {1}, raw(std::vector<std::int64_t>{1ll << 40}))).find("(tokens") != std::string::npos);
    CHECK(errorOf(npy("<i8", {1, 1}, raw(std::vector<std::int64_t>{1ll << 40}))).find("32 bits") != std::string::npos);
    CHECK(errorOf(npy("<i8", {1, 3}, raw(std::vector<std::int64_t>{3, 3, 1}))).find("twice") != std::string::npos);
    CHECK(errorOf(npy("<i8", {1, 2}, raw(std::vector<std::int64_t>{3, -2}))).find("not an expert") !=
          std::string::npos);
}

TEST_CASE("base64") {
    const auto text = [](std::string_view encoded) {
        const auto bytes = decodeBase64(encoded);
        return bytes ? std::string(reinterpret_cast<const char*>(bytes->data()), bytes->size()) : "none";
    };
    CHECK(text("") == "");
    CHECK(text("Zg==") == "f");
    CHECK(text("Zm8=") == "fo");
    CHECK(text("Zm9v") == "foo");
    CHECK(text("Zm9vYmE=") == "fooba");
    for (const char* wrong : {"Z", "Zg", "Zg=", "Zg===", "Z===", "====", "Zm 9v", "Zm9v\n"})
        CHECK(text(wrong) == "none");
}

TEST_CASE("the ESFT data of DeepSeek-V2-Lite" * doctest::test_suite("data")) {
    const std::string archive = MOESCOPE_SHARED "/data/esft/law.tar.xz";
    if (!std::filesystem::exists(archive)) return skipCase("there is no " + archive);
    const TestFolder folder;
    REQUIRE(std::system(("tar xJf '" + archive + "' -C '" + folder.path.string() + "'").c_str()) == 0);
    const auto trace = readTrace(folder.file("law"));
    REQUIRE(trace.ok());
    const RoutingShape& shape = trace->log.shape();
    CHECK(shape.first_moe_layer == 1);
    CHECK(shape.moe_layers == 26);
    CHECK(shape.experts == 64);
    CHECK(shape.experts_used == 6);
    CHECK(trace->log.size() == 49962 / 6);
    TraceOptions options;
    options.format = TraceFormat::kEsft;
    REQUIRE(writeTrace(folder.file("again"), trace->log, options).ok());
    const auto again = readTrace(folder.file("again"));
    REQUIRE(again.ok());
    CHECK(difference(trace->log, again->log) == "");
}

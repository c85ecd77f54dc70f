// If these fail, what a server says of its experts is read as others, put to other tokens, or refused with a sentence
// that is not true. Answers in data/traces/served were recorded from servers; the others in data/traces are one run of
// 8 + 5 tokens, 3 layers, 4 of 32 experts, as each program would hand it out.

#include <doctest/doctest.h>

#include <algorithm>

#include "engine/routing/trace/base64.h"
#include "engine/routing/trace/half.h"
#include "tests/routing/trace_samples.h"

using namespace moescope;

namespace {

std::string data(const std::string& name) {
    return std::string(MOESCOPE_TEST_DATA) + "/traces/" + name;
}

Trace read(const std::string& name, const TraceReadOptions& options = {}) {
    auto trace = readTrace(data(name), options);
    REQUIRE_MESSAGE(trace.ok(), trace.status().message());
    return std::move(*trace);
}

std::string refusal(const std::string& name, const TraceReadOptions& options = {}) {
    const auto trace = readTrace(data(name), options);
    REQUIRE_FALSE(trace.ok());
    return trace.status().message();
}

bool says(const std::vector<std::string>& notes, std::string_view part) {
    return std::ranges::any_of(notes, [&](const std::string& n) { return n.find(part) != std::string::npos; });
}

bool contains(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

std::vector<std::int32_t> sorted(const ExpertIds& ids) {
    std::vector<std::int32_t> list(ids.begin(), ids.end());
    std::ranges::sort(list);
    return list;
}

/// Whether each record of `log` is that of the other, or empty where `masked` says so.
void checkSame(const RoutingLog& log, const RoutingLog& other, const std::vector<std::size_t>& masked = {}) {
    REQUIRE(log.size() == other.size());
    REQUIRE(log.shape().moe_layers == other.shape().moe_layers);
    CHECK(log.shape().experts_used == other.shape().experts_used);
    for (std::size_t t = 0; t < log.size(); ++t) {
        const bool empty = std::ranges::find(masked, t) != masked.end();
        for (int l = 0; l < log.shape().moe_layers; ++l) {
            INFO("token ", t, ", layer ", l);
            if (empty) {
                CHECK(log.experts(t, l).empty());
            } else {
                CHECK(sorted(log.experts(t, l)) == sorted(other.experts(t, l)));
            }
        }
    }
}

}  // namespace

TEST_CASE("masked rows are not known, and are counted, in every format") {
    const Trace whole = read("vllm_bom.json");
    REQUIRE(whole.log.size() == 12);
    for (const char* name : {"sglang_minus.json", "sglang_zero_rows.json", "vllm_zero_prefix.json", "zero_prefix.npy",
                             "zero_last.npy", "zero_rows.npz", "zero_rows.safetensors", "megatron_minus.jsonl",
                             "megatron_zero.jsonl", "vllm_lists_zero.json", "vllm_lists_null.json"}) {
        INFO(name);
        const Trace trace = read(name);
        REQUIRE(trace.log.size() == 12);
        REQUIRE(trace.log.shape().moe_layers == 3);
        CHECK(trace.log.shape().experts_used == 4);
        std::size_t masked = 0;
        for (std::size_t t = 0; t < 12; ++t) {
            const bool empty = trace.log.experts(t, 0).empty();
            masked += empty;
            for (int l = 0; l < 3; ++l) CHECK(trace.log.experts(t, l).size() == (empty ? 0 : 4));
        }
        CHECK(masked > 0);
        CHECK(says(trace.notes, std::to_string(masked) + " of 12 tokens"));
    }
    checkSame(read("sglang_minus.json").log, whole.log, {5, 6, 7});
    const Trace dense = read("megatron_dense0.jsonl");
    CHECK(dense.log.shape().first_moe_layer == 2);
    CHECK(dense.log.shape().moe_layers == 2);
    CHECK(says(dense.notes, "taken as dense"));
    CHECK_FALSE(says(dense.notes, "not known"));
}

TEST_CASE("every form of the same routing is the same routing") {
    const Trace whole = read("vllm_bom.json");
    for (const char* name :
         {"dynamo_sglang.json", "dynamo_vllm.json", "lightllm.json", "prime.json", "sglang_stream.txt",
          "vllm_stream.txt", "vllm_jsonl.jsonl", "sglang_u8.json", "sglang_u16.json", "arr0.npz", "batch4d.npy"}) {
        INFO(name);
        checkSame(read(name).log, whole.log);
    }
    const RoutingShape shape = read("sglang_u8.json").log.shape();
    CHECK(shape.has_phases);
    CHECK(says(read("sglang_u8.json").notes, "--top-k"));
    CHECK(says(read("sglang_u8.json").notes, "--start"));
    CHECK(says(read("vllm_jsonl.jsonl").notes, "--choice"));
    for (const char* name : {"moe_trace_bom.csv", "route_trace_bom.csv"}) CHECK(read(name).log.size() == 12);
}

TEST_CASE("numbers of other widths") {
    const Trace plain = read("u8.safetensors");
    for (const char* name : {"i64.safetensors", "odd_dtype.safetensors", "gates_f16.safetensors",
                             "gates_bf16.safetensors", "gates_f16.npz", "num1d.npz"}) {
        INFO(name);
        checkSame(read(name).log, plain.log);
    }
    const RoutingLog f16 = read("gates_f16.safetensors").log, bf16 = read("gates_bf16.safetensors").log,
                     npz = read("gates_f16.npz").log;
    const float first[] = {0.787109375f, 0.033905029296875f, 0.95751953125f, 0.315185546875f};
    for (std::size_t i = 0; i < 4; ++i) {
        CHECK(f16.gates(0, 0)[i] == first[i]);
        CHECK(npz.gates(0, 0)[i] == first[i]);
        CHECK(bf16.gates(0, 0)[i] == doctest::Approx(first[i]).epsilon(0.01));
    }
    CHECK(read("num1d.npz").log.shape().experts == 64);
    CHECK(halfToFloat(0x3c00) == 1.0f);
    CHECK(halfToFloat(0xc000) == -2.0f);
    CHECK(halfToFloat(0x0001) == 0x1p-24f);
    CHECK(halfToFloat(0x7bff) == 65504.0f);
    CHECK(std::isinf(halfToFloat(0xfc00)));
    CHECK(std::isnan(halfToFloat(0x7e00)));
    CHECK(bfloatToFloat(0x3f80) == 1.0f);
}

TEST_CASE("rows of a prompt that was left out are put where they belong") {
    // vLLM: the shape tells.
    const Trace answer = read("served/vllm-generate-start.json");
    REQUIRE(answer.log.size() == 5);
    CHECK(answer.log.token(0).position == 26);
    CHECK(answer.log.token(0).phase == Phase::kDecode);
    CHECK(says(answer.notes, "The first 26 tokens"));
    const Trace whole = read("served/vllm-generate.json");
    REQUIRE(whole.log.size() == 31);
    CHECK(whole.log.token(25).phase == Phase::kPrefill);
    CHECK(whole.log.token(26).phase == Phase::kDecode);
    for (std::size_t t = 0; t < 5; ++t) {
        CHECK(sorted(answer.log.experts(t, 1)) == sorted(whole.log.experts(26 + t, 1)));
    }
    // SGLang: only the request knows, and the user.
    const char* start = "served/sglang-generate-start.json";
    CHECK(contains(refusal(start), "--start"));
    TraceReadOptions options;
    options.start = 6;
    const Trace placed = read(start, options);
    REQUIRE(placed.log.size() == 4);
    CHECK(placed.log.token(0).position == 6);
    CHECK(placed.log.shape().moe_layers == 3);
    options = {};
    options.layers = 4;
    options.experts_used = 3;
    checkSame(read(start, options).log, placed.log);
    CHECK(read(start, options).log.token(3).position == 9);
    options.start = 3;
    CHECK(contains(refusal(start, options), "rows"));
    // Prompt and answer in lists apart, of which the prompt's begins late.
    const auto lists = parseText(
        R"({"prompt_routed_experts": [[[1, 2], [3, 0]]], "usage": {"prompt_tokens": 3, "completion_tokens": 2},)"
        R"( "choices": [{"routed_experts": [[[2, 1], [0, 3]]]}]})");
    REQUIRE(lists.ok());
    CHECK(lists->log.token(0).position == 2);
    CHECK(lists->log.token(0).phase == Phase::kPrefill);
    CHECK(lists->log.token(1).phase == Phase::kDecode);
    // More rows than tokens: none of them can be placed.
    CHECK(contains(parseText(R"({"usage": {"prompt_tokens": 1, "completion_tokens": 1},)"
                             R"( "choices": [{"routed_experts": [[[2, 1]], [[2, 1]], [[2, 1]]]}]})")
                       .status()
                       .message(),
                   "3 rows"));
}

TEST_CASE("streams of servers, with ids of tokens") {
    const Trace sglang = read("served/sglang-chat-stream.sse");
    REQUIRE(sglang.log.size() == 29);
    CHECK(sglang.log.shape().first_moe_layer == 1);
    CHECK(sglang.log.shape().experts_used == 3);
    CHECK(sglang.log.token(25).phase == Phase::kPrefill);
    CHECK(sglang.log.token(26).phase == Phase::kDecode);
    CHECK(sglang.log.shape().has_tokens);
    const Trace vllm = read("served/vllm-generate-stream.sse");
    checkSame(vllm.log, read("served/vllm-generate.json").log);
    CHECK(vllm.log.token(0).token == 263);
    CHECK(vllm.log.token(26).token == 290);
    CHECK(vllm.log.token(30).token == 160);
    checkSame(read("served/sglang-generate-stream.sse").log, read("served/sglang-generate.json").log);
}

TEST_CASE("sizes that are guessed and could be others are refused") {
    // 6 rows of 3 layers with 4 experts, as routed_experts_start_len 6 gives them: 12 rows of 6 ids would divide too.
    const std::string whole = readAll(data("sglang_u8.json"));
    const std::size_t at = whole.find("routed_experts\": \"") + 18;
    REQUIRE(decodeBase64(whole.substr(at, whole.find('"', at) - at))->size() == 144);
    // Base64 of 72 bytes is the second half of the text, as 72 is a multiple of 3.
    const std::string text = whole.substr(0, at) + whole.substr(at + 96);
    const auto refused = parseText(text);
    REQUIRE_FALSE(refused.ok());
    CHECK(contains(refused.status().message(), "--top-k"));
    CHECK(contains(refused.status().message(), "--start"));
    TraceReadOptions options;
    options.start = 6;
    options.experts_used = 4;
    const auto placed = parseText(text, options);
    REQUIRE_MESSAGE(placed.ok(), placed.status().message());
    REQUIRE(placed->log.size() == 6);
    CHECK(placed->log.shape().moe_layers == 3);
    CHECK(placed->log.shape().experts_used == 4);
    CHECK(placed->log.token(0).position == 6);
    // Two tokens of two layers: too few to tell 2 experts of 2 layers from 1 of 4.
    const auto few =
        parseText(R"({"meta_info": {"prompt_tokens": 2, "completion_tokens": 1, "routed_experts_dtype": "uint8",)"
                  R"( "routed_experts": "AQIDBAUGBwg="}})");
    REQUIRE_FALSE(few.ok());
    CHECK(contains(few.status().message(), "--layers"));
}

TEST_CASE("refusals say what is true") {
    CHECK(contains(refusal("served/vllm-off.json"), "is null"));
    CHECK(contains(refusal("served/vllm-chat-stream.sse"), "send none in streams"));
    CHECK(contains(refusal("served/vllm-error.json"), "maximum context length"));
    CHECK(contains(parseText(R"({"choices": [{"index": 0}]})").status().message(), "--enable-return-routed-experts"));
    CHECK(contains(parseText("data: {\"choices\": [\n").status().message(), "Line 1"));
    CHECK(contains(parseText("\xff\xfe{").status().message(), "UTF-16"));
    CHECK(contains(parseText(R"({"meta_info": {"routed_experts": "/////w==", "routed_experts_dtype": "float8"}})")
                       .status()
                       .message(),
                   "\"float8\""));
    // A null for each of many tokens stands for far more ids than there are.
    std::string nulls = R"({"choices": [{"routed_experts": [[[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16]])";
    for (int i = 0; i < 100'000; ++i) nulls += ",null";
    CHECK(contains(parseText(nulls + "]}]}").status().message(), "16 ids of experts for 100001 tokens"));
}

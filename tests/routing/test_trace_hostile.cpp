// If these fail, a damaged or hostile file ends the program, fills its memory, or is taken for a trace.

#include <doctest/doctest.h>

#include "engine/routing/trace/formats.h"
#include "engine/routing/trace/npy.h"
#include "tests/routing/trace_samples.h"

using namespace moescope;

namespace {

/// A sentence: begins with a capital, ends with a full stop, no line breaks.
bool isSentence(const std::string& text) {
    return !text.empty() && text.back() == '.' && text.find('\n') == std::string::npos && text.size() < 400;
}

std::string written(TraceFormat format, const RoutingLog& log) {
    const TestFolder folder;
    TraceOptions options;
    options.format = format;
    REQUIRE(writeTrace(folder.file("t"), log, options).ok());
    return readAll(format == TraceFormat::kEsft ? folder.file("t/expert_weights_1.txt") : folder.file("t"));
}

template <class T>
std::string raw(const std::vector<T>& values) {
    return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T)};
}

/// A whole file of each format.
std::vector<std::pair<TraceFormat, std::string>> wholeFiles() {
    const RoutingLog log = randomLog(shapeKnowing(kAllParts), 8, 6, 3, false);
    std::vector<std::pair<TraceFormat, std::string>> files;
    for (const TraceFormatInfo& f : traceFormats()) {
        if (f.written) files.emplace_back(f.format, written(f.format, log));
    }
    files.emplace_back(TraceFormat::kMoeTrace, "1,3\n1,5\n2,7\n2,6\n1,1\n1,2\n2,3\n2,4\n");
    files.emplace_back(TraceFormat::kMegatron,
                       "{\"step\": 0, \"block\": \"decoder\", \"layer\": 3, \"top_indices\": [[1, 5], [0, 7]]}\n"
                       "{\"step\": 0, \"block\": \"decoder\", \"layer\": 4, \"top_indices\": [[2, 3], [4, 6]]}\n");
    files.emplace_back(
        TraceFormat::kVllm,
        R"({"prompt_routed_experts": [[[1, 2], [3, 0]]], "choices": [{"routed_experts": [[[2, 1], [0, 3]]]}]})");
    files.emplace_back(TraceFormat::kSglang, readAll(std::string(MOESCOPE_TEST_DATA) + "/traces/sglang_u8.json"));
    files.emplace_back(
        TraceFormat::kMoeRoutes,
        "{\"type\": \"meta\", \"layers_logged\": [0, 1], \"top_k\": 2}\n"
        R"({"type": "route", "req_id": "r0", "token_idx": 0, "layer": 0, "topk_ids": [1, 5], "topk_weights": [0.6, 0.4]})"
        "\n"
        R"({"type": "route", "req_id": "r0", "token_idx": 0, "layer": 1, "topk_ids": [0, 7], "topk_weights": [0.7, 0.3]})"
        "\n"
        R"({"type": "route", "req_id": "r0", "token_idx": 1, "layer": 0, "topk_ids": [2, 5], "topk_weights": [0.5, 0.5]})"
        "\n");
    return files;
}

std::string errorOf(const std::string& text, TraceReadOptions options = {}, std::optional<TraceFormat> format = {}) {
    options.format = format;
    const auto trace = parseText(text, options);
    if (trace.ok()) return "";
    CHECK_MESSAGE(isSentence(trace.status().message()), trace.status().message());
    return trace.status().message();
}

bool says(const std::string& error, const char* part) {
    const bool found = error.find(part) != std::string::npos;
    if (!found) MESSAGE("the error is: ", error);
    return found;
}

}  // namespace

TEST_CASE("whole files are told by their content") {
    for (const auto& [format, text] : wholeFiles()) {
        const auto trace = parseText(text);
        REQUIRE_MESSAGE(trace.ok(), info(format).name, ": ", trace.status().message());
        CHECK(trace->format == format);
    }
}

TEST_CASE("files cut off anywhere are read as fewer tokens, or refused with a sentence") {
    for (const auto& [format, text] : wholeFiles()) {
        CAPTURE(info(format).name);
        TraceReadOptions options;
        options.format = format;
        if (format == TraceFormat::kMoeTrace) options.experts_used = 2;  // what is left may look like another K
        const std::size_t whole = parseText(text, options)->log.size();
        const bool in_lines = format == TraceFormat::kJsonl || format == TraceFormat::kRouteTrace ||
                              format == TraceFormat::kMoeTrace || format == TraceFormat::kMegatron ||
                              format == TraceFormat::kEsft || format == TraceFormat::kMoeRoutes;
        int read = 0;
        const std::size_t step = text.size() > 4000 ? 7 : 1;
        for (std::size_t length = 0; length < text.size(); length += step) {
            const auto trace = parseText(text.substr(0, length), options);
            if (trace.ok()) {
                CHECK(trace->log.size() <= whole);
                ++read;
            } else {
                CHECK_MESSAGE(isSentence(trace.status().message()), trace.status().message());
            }
            CHECK((!parseText(text.substr(0, length)).ok() || in_lines));  // nor as another format
        }
        // Only what ends with any line can be whole when it is cut.
        if (!in_lines) CHECK(read == 0);
    }
}

TEST_CASE("files with one byte changed never do more than fail") {
    for (const auto& [format, text] : wholeFiles()) {
        TraceReadOptions options;
        options.format = format;
        std::mt19937 random(5);
        for (int i = 0; i < 400; ++i) {
            std::string changed = text;
            changed[random() % changed.size()] = static_cast<char>(random());
            const auto trace = parseText(changed, options);
            if (!trace.ok()) CHECK_MESSAGE(isSentence(trace.status().message()), trace.status().message());
        }
    }
}

TEST_CASE("every format refuses every other format") {
    const auto files = wholeFiles();
    for (const auto& [format, text] : files) {
        for (const auto& [other, other_text] : files) {
            if (format == other) continue;
            const auto served = [](TraceFormat f) { return f == TraceFormat::kVllm || f == TraceFormat::kSglang; };
            if (served(format) && served(other)) continue;  // where the ids lie tells which one it is
            CAPTURE(info(format).name);
            CAPTURE(info(other).name);
            TraceReadOptions options;
            options.format = format;
            CHECK_FALSE(parseText(other_text, options).ok());
        }
    }
}

TEST_CASE("what is no trace") {
    for (const std::string& text : {std::string(), std::string("\n\n"), std::string("hello"), std::string("{}"),
                                    std::string("[]"), std::string("{\"layers\": []}"), std::string(100, '\0')}) {
        CHECK(says(errorOf(text), "not a trace"));
    }
}

TEST_CASE("route_trace") {
    const std::string head = "# route_trace v1\nturn,phase,step,layer,slot,expert,weight\n";
    CHECK(says(errorOf("# route_trace v1\n"), "before its header"));
    CHECK(says(errorOf("# route_trace v1\nturn,phase,layer\n"), "\"step\""));
    CHECK(says(errorOf(head), "no records"));
    CHECK(says(errorOf(head + "0,0,0,1,0,3,0.5\n0,0,-1,1,0,3,0.5\n"), "Line 4: the column step is \"-1\""));
    CHECK(says(errorOf(head + "0,2,0,1,0,3,0.5\n"), "expected 0 or 1"));
    CHECK(says(errorOf(head + "0,0,0,1024,0,3,0.5\n"), "0 to 1023"));
    CHECK(says(errorOf(head + "0,0,0,1,0,99999999999999999999,0.5\n"), "expected an expert"));
    CHECK(says(errorOf(head + "0,0,0,1,0,3,x\n"), "number or nan"));
    CHECK(says(errorOf(head + "0,0,0,1,0,3\n"), "the column weight is \"\""));
    CHECK(says(errorOf(head + "0,0,0,1,0,3,1\n0,0,0,1,1,3,1\n0,0,0,1,2,4,1\n"), "expert 3 is chosen twice"));
    CHECK(says(errorOf(head + "0,0,0,1,0,3,1\n0,0,0,1,0,4,1\n"), "slot 0 occurs twice"));
    CHECK(says(errorOf("# route_trace v1\n# model=m n_expert=8 n_expert_used=2\nstep,layer,expert\n0,0,8\n"),
               "at most 7"));
    std::string many = head;
    for (int e = 0; e <= kMaxActiveExperts; ++e)
        many += "0,0,0,1," + std::to_string(e) + "," + std::to_string(e) + ",1\n";
    CHECK(says(errorOf(many), "More than 16"));
}

TEST_CASE("few records of many layers would fill memory") {
    std::string text = "# route_trace v1\nstep,layer,expert\n0,1023,1\n";
    for (int t = 0; t < 10'000; ++t) text += std::to_string(t) + ",0,0\n";
    CHECK(says(errorOf(text), "damaged"));
}

TEST_CASE("moe-trace") {
    CHECK(says(errorOf("1,2\n3\n"), "Line 2 is \"3\""));
    CHECK(says(errorOf("1,2\n1024,1\n"), "layers below 1024"));
    CHECK(says(errorOf("1,2\n1,4096\n"), "experts below 4096"));
    TraceReadOptions two;
    two.experts_used = 2;
    CHECK(says(errorOf("1,2\n1,3\n2,1\n", two), "multiples of 1"));
    two.experts_used = 40;
    CHECK(says(errorOf("1,2\n1,3\n2,1\n", two), "multiple"));
}

TEST_CASE("ESFT") {
    CHECK(says(errorOf("1\t2\t0.5\t0.5\n"), "not separated by two tabs"));
    CHECK(says(errorOf("1\t2\t\t0.5\n"), "2 ids and 1 weights"));
    CHECK(says(errorOf("1\tx\t\t0.5\t0.5\n"), "\"x\" is not an expert"));
    CHECK(says(errorOf("1\t2\t\t0.5\ty\n"), "\"y\" is not a weight"));
    CHECK(says(errorOf("\t\t\n", {}, TraceFormat::kEsft), "0 ids"));
    TraceReadOptions three;
    three.experts_used = 3;
    CHECK(says(errorOf("1\t2\t\t0.5\t0.5\n", three), "multiple"));
    const EsftFile files[] = {{"a", 5, "1\t\t1\n"}, {"b", 5, "1\t\t1\n"}};
    CHECK(says(parseEsftTrace(files, {}).status().message(), "so is another file"));
}

TEST_CASE("JSONL of ours") {
    const auto head = [](const std::string& more) { return "{\"moescope_trace\":1," + more + "}\n"; };
    const std::string shape = R"("first_moe_layer":1,"moe_layers":1,"experts":4,"experts_used":2,"shared_experts":0,)";
    const std::string ids_only =
        head(shape + R"("unknown":["gates","probabilities","runners_up","norms","token","phase"])");
    CHECK(errorOf(ids_only + R"({"position":0,"layers":[{"experts":[3,0]}]})").empty());
    CHECK(says(errorOf("{\"moescope_trace\":2}\n"), "Line 1"));
    CHECK(says(errorOf(head(R"("first_moe_layer":-1)")), "first_moe_layer"));
    CHECK(says(errorOf(head(R"("first_moe_layer":1,"moe_layers":100000)")), "moe_layers"));
    CHECK(says(errorOf(ids_only + "[]\n"), "Line 2: it is not a JSON object"));
    CHECK(says(errorOf(ids_only + "{\"position\":-1}\n"), "position"));
    CHECK(says(errorOf(ids_only + "{\"position\":0,\"layers\":[]}\n"), "not a list of 1 records"));
    for (const char* record : {"1", "{}", R"({"experts":[4]})", R"({"experts":[-2]})", R"({"experts":[1,1,2]})",
                               R"({"experts":[0.5]})", R"({"experts":[0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0]})"}) {
        CHECK(says(errorOf(ids_only + R"({"position":0,"layers":[)" + record + "]}\n"), "record 0"));
    }
    const std::string all = head(shape + R"("unknown":[])");
    CHECK(says(errorOf(all + R"({"position":0,"token":1,"phase":"decode","layers":[{"experts":[1]}]})"), "record 0"));
    CHECK(says(errorOf(all + R"({"position":0,"token":1,"phase":"x","layers":[]})"), "phase"));
    CHECK(says(errorOf(all + R"({"position":0,"phase":"decode","layers":[]})"), "token"));
}

TEST_CASE("Megatron") {
    const auto record = [](const std::string& rest) {
        return R"({"step": 0, "block": "decoder", "layer": 0, "top_indices": )" + rest + "}\n";
    };
    CHECK(says(errorOf(record("[[1,2]]") + record("7")), "Line 2: \"top_indices\" is not a list"));
    CHECK(says(errorOf(record("[[1,2],[]]")), "token 1 has no list"));
    CHECK(says(errorOf(record("[[0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16]]")), "1 to 16"));
    CHECK(says(errorOf(record("[[1,-2]]")), "an invalid expert"));
    CHECK(says(errorOf(record("[[1,5000]]")), "an invalid expert"));
    CHECK(says(errorOf(record("[[1,1,2]]")), "twice"));
    CHECK(says(errorOf(record("[]")), "no records"));
    CHECK(says(errorOf(record("[[1,2]]") + R"({"step": 0, "layer": 1, "top_indices": [[1,2],[2,3]]})"),
               "expected 1, as in"));
    CHECK(says(errorOf(R"({"top_indices": [[1]], "layer": 5000, "step": 1})"), "layer"));
    CHECK(says(errorOf(R"({"top_indices": [[1]], "layer": 5, "step": "a"})"), "step"));
}

TEST_CASE("moe_routes") {
    const auto record = [](const std::string& rest) { return R"({"type": "route", "token_idx": 0, )" + rest + "}\n"; };
    CHECK(errorOf(record(R"("layer": 0, "topk_ids": [1, 2])")).empty());
    CHECK(says(errorOf(record(R"("layer": 0, "topk_ids": [1, 2])") + "7\n"), "Line 2: it is not a JSON object"));
    CHECK(says(errorOf(R"({"layer": 0, "topk_ids": [1], "token_idx": 2147483648})"), "token_idx"));
    CHECK(says(errorOf(record(R"("layer": 1024, "topk_ids": [1])")), "0 to 1023"));
    CHECK(says(errorOf(record(R"("layer": 18446744073709551615, "topk_ids": [1])")), "0 to 1023"));
    CHECK(says(errorOf(record(R"("layer": 0, "topk_ids": [])")), "1 to 16"));
    CHECK(says(errorOf(record(R"("layer": 0, "topk_ids": [0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16])")), "1 to 16"));
    for (const char* id : {"-2", "4096", "0.5", "\"3\""})
        CHECK(says(errorOf(record(R"("layer": 0, "topk_ids": [1, )" + std::string(id) + "]")), "invalid expert"));
    CHECK(says(errorOf(record(R"("layer": 0, "topk_ids": [1, 1, 2])")), "twice"));
    CHECK(says(errorOf(record(R"("layer": 0, "topk_ids": [1, 2], "topk_weights": [1])")), "list of 2 numbers"));
    CHECK(says(errorOf(record(R"("layer": 0, "topk_ids": [1, 2], "topk_weights": [1, "x"])")), "not a number"));
    const std::string meta = R"({"type": "meta", "layers_logged": [0], "num_experts": )";
    CHECK(says(errorOf(meta + "64}\n"), "no records"));
    CHECK(says(errorOf(meta + "0}\n"), "from 1 to 4096"));
    CHECK(says(errorOf(meta + "2}\n" + record(R"("layer": 0, "topk_ids": [1, 2])")), "at most 1"));
}

TEST_CASE("responses of servers") {
    CHECK(says(errorOf(R"({"routed_experts": 1})"), "neither a list"));
    CHECK(says(errorOf(R"({"choices": [], "x": {"routed_experts": 1}})"), "no answers"));
    CHECK(says(errorOf(R"({"choices": [{"routed_experts": 1}]})"), "neither a list"));
    CHECK(says(errorOf(R"({"choices": [{"routed_experts": "!!"}]})"), "not base64"));
    CHECK(says(errorOf(R"({"choices": [{"routed_experts": "AAAA"}]})"), "4 bytes"));
    CHECK(says(errorOf(R"({"choices": [{"routed_experts": [[1]]}]})"), "tokens, layers and experts"));
    CHECK(says(errorOf(R"({"choices": [{"routed_experts": [[[1, 2]], [[1]]]}]})"), "without 2 experts"));
    CHECK(says(errorOf(R"({"choices": [{"routed_experts": [[[1]], [[1], [2]]]}]})"), "has 1 layers; expected 2"));
    CHECK(says(errorOf(R"({"choices": [{"routed_experts": [[[1, 4096]]]}]})"), "an invalid expert"));
    CHECK(says(errorOf(R"({"choices": [{"routed_experts": [[[0, 0]]]}]})"), "no records"));
    CHECK(says(errorOf(R"({"choices": [{"routed_experts": []}]})"), "no rows"));
    TraceReadOptions second;
    second.choice = 1;
    CHECK(says(errorOf(R"({"choices": [{"routed_experts": []}]})", second), "1 answer,"));
    CHECK(says(errorOf(R"({"meta_info": {"routed_experts": 5}})"), "neither a list"));
    CHECK(says(errorOf(R"({"meta_info": {"routed_experts": "AAA="}})"), "4 bytes"));
    CHECK(says(errorOf(R"({"meta_info": {"routed_experts": ""}})"), "empty"));
    CHECK(says(errorOf(R"({"meta_info": {}})"), "--enable-return-routed-experts"));
    CHECK(says(errorOf(std::string(100'000, '[') + "\"meta_info\""), "not JSON"));
}

TEST_CASE("npy and npz with sizes that lie") {
    const auto array = [](const std::string& header, const std::string& values) {
        std::string text("\x93NUMPY\x01\0", 8);
        text += static_cast<char>(header.size() & 0xff);
        text += static_cast<char>(header.size() >> 8);
        return text + header + values;
    };
    CHECK(
        says(errorOf(array("{'descr': '<i4', 'fortran_order': False, 'shape': (9223372036854775807, 2, 2), }", "abcd")),
             "cut off"));
    CHECK(says(errorOf(array("{'descr': '<i4', 'fortran_order': False, 'shape': (0, 9223372036854775807, 4), }", "")),
               "no records"));
    CHECK(says(errorOf(array("{'descr': '<i4', 'fortran_order': True, 'shape': (1, 2, 0), }", "")), "no records"));
    CHECK(says(errorOf(array("{'descr': '<i4', 'fortran_order': False, 'shape': (1,1,1,1,1,1,1,1,1), }", "abcd")),
               "few numbers"));
    CHECK(says(errorOf(array("{'descr': '<i4', 'fortran_order': False}", "abcd")), "no shape"));
    CHECK(says(errorOf(array("{'descr': '<i4', 'shape': (1,)}", "abcd")), "fortran_order"));
    CHECK(
        says(errorOf(array("{'descr': [('a', '<i4')], 'fortran_order': False, 'shape': (1,)}", "abcd")), "structures"));
    CHECK(says(errorOf(array("{'descr': '<c8', 'fortran_order': False, 'shape': (1,)}", "abcdefgh")), "type"));
    CHECK(says(errorOf(std::string("\x93NUMPY\x01\0\xff\xff{", 11)), "longer than the file"));
    CHECK(says(errorOf(std::string("\x93NUMPY\x09\0\0\0", 10)), "version"));

    const RoutingLog log = randomLog(shapeKnowing(kAllParts), 8, 6, 3);
    const std::string npz = written(TraceFormat::kNpz, log);
    CHECK(says(errorOf("PK\x03\x04 and nothing else"), ".npz file is damaged"));
    std::string other = npz;
    for (std::size_t at; (at = other.find("experts.npy")) != std::string::npos;) other.replace(at, 11, "exqerts.npy");
    CHECK(says(errorOf(other), "no array \"experts\""));
}

TEST_CASE("safetensors of other things") {
    const auto file = [](const std::string& header, const std::string& data) {
        std::string text(8, '\0');
        text[0] = static_cast<char>(header.size() & 0xff);
        text[1] = static_cast<char>(header.size() >> 8);
        return text + header + data;
    };
    const std::string zeros(64, '\0');
    CHECK(says(errorOf(file("{}", "")), "no tensor"));
    CHECK(says(errorOf(file(R"({"layers.x.experts":{"dtype":"I32","shape":[1,1],"data_offsets":[0,4]}})", zeros)),
               "names no layer"));
    CHECK(says(errorOf(file(R"({"layers.1.experts":{"dtype":"I32","shape":[1],"data_offsets":[0,4]}})", zeros)),
               "expected [tokens"));
    CHECK(says(errorOf(file(R"({"layers.1.experts":{"dtype":"I32","shape":[0,9999],"data_offsets":[0,0]}})", zeros)),
               "1 to 16"));
    CHECK(says(errorOf(file(R"({"layers.1.experts":{"dtype":"F32","shape":[1,1],"data_offsets":[0,4]}})", zeros)),
               "expected whole numbers"));
    CHECK(says(errorOf(file(R"({"layers.1.experts":{"dtype":"F8_E4M3","shape":[1,1],"data_offsets":[0,1]}})", zeros)),
               "\"F8_E4M3\""));
    CHECK(says(errorOf(file(R"({"layers.1.experts":{"dtype":"I32","shape":[1,2],"data_offsets":[0,8]}})", zeros)),
               "no records"));
    const std::string two = R"({"layers.1.experts":{"dtype":"I32","shape":[1,2],"data_offsets":[0,8]},)";
    const std::string ids = raw(std::vector<std::int32_t>{1, 2, -1, -2});
    CHECK(says(errorOf(file(two + R"("positions":{"dtype":"I32","shape":[1],"data_offsets":[8,12]}})", ids)),
               "position -1"));
    CHECK(says(errorOf(file(two + R"("tokens":{"dtype":"I32","shape":[1],"data_offsets":[12,16]}})", ids)), "id -2"));
    CHECK(says(errorOf(file(two + R"("phases":{"dtype":"I8","shape":[1],"data_offsets":[4,5]}})", ids)), "phase 2"));
    CHECK(says(errorOf(file(two + R"("layers.1.on_card":{"dtype":"I32","shape":[1],"data_offsets":[8,12]}})", ids)),
               "on_card"));
    const std::string huge = raw(std::vector<std::int32_t>{1, 0x7fff'ffff});
    CHECK(says(errorOf(file(R"({"layers.1.experts":{"dtype":"I32","shape":[1,2],"data_offsets":[0,8]}})", huge)),
               "2147483647"));
    CHECK(says(
        errorOf(file(
            R"({"layers.1.experts":{"dtype":"I32","shape":[2,1],"data_offsets":[0,8]},"layers.2.experts":{"dtype":"I32","shape":[1,1],"data_offsets":[0,4]}})",
            zeros)),
        "expected [2, 1]"));
    CHECK(says(
        errorOf(file(
            R"({"layers.1.experts":{"dtype":"I32","shape":[1,1],"data_offsets":[0,4]},"layers.900.experts":{"dtype":"I32","shape":[1,1],"data_offsets":[0,4]}})",
            zeros)),
        "damaged"));
    CHECK(says(
        errorOf(file(R"({"layers.1.experts":{"dtype":"I32","shape":[1,1],"data_offsets":[0,4]}})", "\xf0\xff\xff\xff")),
        "expert -16"));
}

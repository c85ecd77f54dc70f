// The `deepseek2` family (DeepSeek-V2, V3, Moonlight, GLM-4.7-Flash) and GQA against what Hugging Face's transformers
// computes in float64. If these fail, answers of these models and the picture of their routing are wrong.

#include <filesystem>

#include "engine/backend/cpu/cpu_backend.h"
#include "tests/engine/fp8_model.h"
#include "tests/engine/golden_run.h"
#include "tests/engine/rewritten_model.h"
#include "tests/support/skip.h"

using namespace moescope;

namespace {

const std::string kFamily = std::string(MOESCOPE_TEST_DATA) + "/family/";

std::shared_ptr<Model> load(const std::string& path, std::optional<Isa> isa = {}) {
    ModelOptions options;
    options.threads = 2;
    options.backend = BackendChoice::kCpu;
    options.isa = isa;
    auto model = Model::load(path, options);
    REQUIRE_MESSAGE(model.ok(), model.status().message());
    return *model;
}

/// Norms of latents have an epsilon that no file tells, which other programs take from the model's other norms; where
/// that is another one, golden data may be either's.
double toleranceOf(const std::string& name) {
    return name == "tiny-moonlight" || name == "tiny-moonlight-tied" || name == "tiny-glm-flash" ? 5e-5 : 1e-5;
}

struct Golden {
    std::string name, model, expected;
};

/// The models of this repository, and those of the shared folder that are not.
std::vector<Golden> goldens() {
    std::vector<Golden> all;
    for (const char* name : {"tiny-gqa", "tiny-v2-groups", "tiny-v3", "tiny-glm-flash", "tiny-moonlight-tied"}) {
        all.push_back({name, kFamily + name + "/model.gguf", kFamily + name + "/expected.safetensors"});
    }
    const std::string shared = std::string(MOESCOPE_SHARED) + "/golden/";
    for (const auto& [name, expected] : {std::pair("tiny-moonlight", "expected"), std::pair("tiny-mla", "expected"),
                                         std::pair("tiny-mla", "expected-hf"), std::pair("tiny-mla-qlora", "expected"),
                                         std::pair("tiny-mla-qlora", "expected-hf")}) {
        const std::string model = shared + name + "/model.gguf";
        if (std::filesystem::exists(model)) {
            all.push_back({name, model, shared + name + "/" + expected + ".safetensors"});
        }
    }
    return all;
}

template <class F>
void forEachIsa(F f) {
    for (const Isa isa : {Isa::kScalar, Isa::kAvx2, Isa::kAvxVnni, Isa::kAvx512, Isa::kAmx}) {
        if (!isaAvailable(isa)) {
            MESSAGE("skipped: this processor lacks " << isaName(isa));
            continue;
        }
        CAPTURE(isaName(isa));
        f(isa);
    }
}

SafetensorsFile open(const std::string& path) {
    auto golden = SafetensorsFile::open(path);
    REQUIRE_MESSAGE(golden.ok(), golden.status().message());
    return std::move(*golden);
}

}  // namespace

TEST_CASE("logits, experts, gates and norms are those of the golden data") {
    for (const Golden& g : goldens()) {
        CAPTURE(g.name);
        CAPTURE(g.expected);
        const SafetensorsFile golden = open(g.expected);
        const auto tokens = golden.tensor("tokens")->values<std::int32_t>();
        forEachIsa([&](Isa isa) {
            const auto model = load(g.model, isa);
            const GoldenRun at_once = runGolden(model, tokens, 512);
            checkGolden(golden, at_once, toleranceOf(g.name));
            for (const int chunk : {1, 7, 24, 0}) {
                CAPTURE(chunk);
                const GoldenRun run = runGolden(model, tokens, chunk);
                checkGolden(golden, run, toleranceOf(g.name));
                CHECK(run.logits == at_once.logits);  // not only near: the same bits
            }
        });
    }
}

TEST_CASE("a long text, past the context that YaRN stretches") {
    const SafetensorsFile golden = open(kFamily + "tiny-v3/expected-long.safetensors");
    const auto tokens = golden.tensor("tokens")->values<std::int32_t>();
    const auto model = load(kFamily + "tiny-v3/model.gguf");
    // In large chunks keys and values are made of the latents; in small ones nothing is.
    checkGolden(golden, runGolden(model, tokens, 512), 1e-5);
    const GoldenRun chunked = runGolden(model, tokens, 48);
    checkGolden(golden, chunked, 1e-5);
    // Token by token the segments of the context are shared out over threads.
    CHECK(runGolden(model, tokens, 0).logits == chunked.logits);
}

TEST_CASE("weights of 8 bits in blocks, as DeepSeek-V3 is published, written as F32") {
    const std::string folder = std::string(MOESCOPE_SHARED) + "/golden/tiny-v3-fp8/";
    if (!std::filesystem::exists(folder + "model.safetensors")) return skipCase("the golden model is not there");
    RewrittenModel model(kFamily + "tiny-v3/model.gguf");
    becomeFp8Model(model, open(folder + "model.safetensors"));
    const std::string path = model.write().front();
    const SafetensorsFile golden = open(folder + "expected.safetensors");
    const auto tokens = golden.tensor("tokens")->values<std::int32_t>();
    forEachIsa([&](Isa isa) {
        const auto loaded = load(path, isa);
        for (const int chunk : {512, 7, 0}) {
            CAPTURE(chunk);
            checkGolden(golden, runGolden(loaded, tokens, chunk), 1e-5);
        }
    });
}

TEST_CASE("many tokens at once are computed as few are") {
    for (const std::string name : {"tiny-v2-groups", "tiny-v3", "tiny-glm-flash", "tiny-moonlight-tied"}) {
        CAPTURE(name);
        const auto some = open(kFamily + name + "/expected.safetensors").tensor("tokens")->values<std::int32_t>();
        std::vector<std::int32_t> tokens;
        for (int i = 0; i < 3; ++i) tokens.insert(tokens.end(), some.begin(), some.end());
        forEachIsa([&](Isa isa) {
            const auto model = load(kFamily + name + "/model.gguf", isa);
            for (const KvType type : {KvType::kF32, KvType::kF16, KvType::kQ8_0}) {
                CAPTURE(static_cast<int>(type));
                const double tolerance = type == KvType::kF32 ? 1e-5 : type == KvType::kF16 ? 2e-3 : 0.1;
                const GoldenRun few = runGolden(model, tokens, 24, type);
                for (const int chunk : {64, 512}) {
                    CAPTURE(chunk);
                    const GoldenRun many = runGolden(model, tokens, chunk, type);
                    // Rounding on the way into a small cache may fall either way.
                    const std::size_t least = type == KvType::kF32 ? tokens.size() : 4;
                    CHECK(errorWhereRoutedAlike(few, many, least) <= tolerance);
                }
            }
        });
    }
}

TEST_CASE("a model's license is the one that its file names") {
    struct Named {
        const char *license, *name, *link, *expected;
    };
    for (const Named& n : {Named{"mit", "", "", "mit"}, Named{"other", "deepseek", "https://x", "deepseek"},
                           Named{"other", "", "https://x/LICENSE", "https://x/LICENSE"},
                           Named{"other", "", "", "other"}, Named{"", "", "", ""}}) {
        RewrittenModel model(kFamily + "tiny-v2-groups/model.gguf");
        const auto set = [&](const char* key, std::string value) {
            if (!value.empty()) model.keys[key] = std::move(value);
        };
        set("general.license", n.license);
        set("general.license.name", n.name);
        set("general.license.link", n.link);
        const auto source = ModelSource::open(model.write().front());
        REQUIRE(source.ok());
        CHECK((*source)->license() == n.expected);
    }
}

TEST_CASE("every way in which files write a model gives the same logits") {
    struct Way {
        const char* what;
        std::size_t parts;
        void (*change)(RewrittenModel&);
    };
    const Way ways[] = {
        {"as it is", 1, [](RewrittenModel&) {}},
        {"keys and values joined, as old files have them", 1, [](RewrittenModel& m) { m.joinKeysAndValues(false); }},
        {"keys and values joined and apart", 1, [](RewrittenModel& m) { m.joinKeysAndValues(true); }},
        {"gate and up in one", 1, [](RewrittenModel& m) { m.fuseGateAndUp(); }},
        {"a block that predicts a further token", 1, [](RewrittenModel& m) { m.addPrediction(); }},
        {"in three files, of which any opens the model", 3, [](RewrittenModel&) {}},
        {"without the kind of scores: a bias means sigmoid", 1,
         [](RewrittenModel& m) { m.keys.erase("deepseek2.expert_gating_func"); }},
        {"the bias without an ending", 1,
         [](RewrittenModel& m) {
             for (auto& t : m.tensors) {
                 if (t.name.ends_with("exp_probs_b.bias")) t.name.resize(t.name.size() - 5);
             }
         }},
        {"everything at once", 4,
         [](RewrittenModel& m) {
             m.joinKeysAndValues(false);
             m.fuseGateAndUp();
             m.addPrediction();
         }},
    };
    for (const std::string name : {"tiny-v2-groups", "tiny-v3", "tiny-glm-flash"}) {
        CAPTURE(name);
        const std::string path = kFamily + name + "/model.gguf";
        const auto tokens = open(kFamily + name + "/expected.safetensors").tensor("tokens")->values<std::int32_t>();
        const GoldenRun plain = runGolden(load(path), tokens, 512);
        for (const Way& way : ways) {
            CAPTURE(way.what);
            RewrittenModel model(path);
            way.change(model);
            for (const std::string& part : model.write(way.parts)) {
                CHECK(runGolden(load(part), tokens, 512).logits == plain.logits);
            }
        }
    }
}

TEST_CASE("a missing part of a model is named") {
    const RewrittenModel model(kFamily + "tiny-v3/model.gguf");
    const auto parts = model.write(3);
    std::filesystem::remove(parts[1]);
    const auto file = ModelFile::open(parts[2]);
    REQUIRE_FALSE(file.ok());
    CAPTURE(file.status().message());
    CHECK(file.status().message().find("part 3 of 3") != std::string::npos);
    CHECK(file.status().message().find("\"model-00002-of-00003.gguf\" is missing") != std::string::npos);
}

TEST_CASE("smaller caches stay near") {
    for (const std::string name : {"tiny-v3", "tiny-glm-flash"}) {
        CAPTURE(name);
        const auto tokens = open(kFamily + name + "/expected.safetensors").tensor("tokens")->values<std::int32_t>();
        forEachIsa([&](Isa isa) {
            const auto model = load(kFamily + name + "/model.gguf", isa);
            const GoldenRun exact = runGolden(model, tokens, 512);
            CHECK(errorWhereRoutedAlike(exact, runGolden(model, tokens, 512, KvType::kF16), 4) <= 2e-3);
            CHECK(errorWhereRoutedAlike(exact, runGolden(model, tokens, 512, KvType::kQ8_0), 2) <= 0.1);
        });
    }
}

TEST_CASE("sessions take the memory that was said before") {
    for (const std::string name : {"tiny-gqa", "tiny-v3", "tiny-moonlight-tied"}) {
        CAPTURE(name);
        const auto model = load(kFamily + name + "/model.gguf");
        CHECK(model->backend().memoryBytes() == cpuWeightBytes(model->matrices()));
        for (const KvType type : {KvType::kF32, KvType::kF16}) {
            for (const int context : {48, 700, 40000}) {
                SessionOptions options;
                options.kv_type = type;
                options.context = context;
                options.chunk_tokens = 32;
                const auto session = Session::create(model, options);
                REQUIRE(session.ok());
                CHECK((*session)->memoryBytes() == sessionBytes(model->config(), options, 2).all());
            }
        }
    }
}

TEST_CASE("what is cached of a token of DeepSeek-V2-Lite is 31 KB") {
    ModelConfig c;
    c.layers = 27;
    c.dense_layers = 1;
    c.hidden = 2048;
    c.experts = 64;
    c.attention = {.heads = 16,
                   .kv_heads = 16,
                   .key_dim = 192,
                   .value_dim = 128,
                   .rope_first = 128,
                   .rope_dim = 64,
                   .latent = 512,
                   .query_latent = 0};
    SessionOptions options;
    options.context = 32768;
    CHECK(sessionBytes(c, options).cache == 32768ull * 27 * 576 * 2);
}

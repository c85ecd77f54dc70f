// The `deepseek2` family on a GPU: latent attention and the routers of V2 and V3 against golden data of Hugging Face's
// transformers and llama.cpp, however they are computed. If these fail, GPUs answer wrongly with these models, or the
// picture of their routing is wrong.

#include "engine/backend/cuda/cuda_weights.h"
#include "engine/backend/cuda/expert_cache.h"
#include "engine/backend/cuda/mla_forms.h"
#include "engine/backend/cuda/session_memory.h"
#include "kernels/half.h"
#include "tests/cuda_backend/emulated_model.h"
#include "tests/cuda_backend/golden_models.h"
#include "tests/engine/rewritten_model.h"

#if defined(MOESCOPE_CUDA_EMULATION)
#include "tests/cuda_emulation/runtime.h"
#endif

using namespace moescope;

namespace {

std::shared_ptr<Model> load(const std::string& path, BackendChoice backend = BackendChoice::kCuda,
                            std::uint64_t gpu_memory = 0) {
    usePlugin(moescope_plugin());
    ModelOptions options;
    options.threads = 2;
    options.backend = backend;
    options.gpu_memory = gpu_memory;
    options.session.kv_type = KvType::kF32;
    options.session.context = 256;
    auto model = Model::load(path, options);
    REQUIRE_MESSAGE(model.ok(), model.status().message());
    return *model;
}

SafetensorsFile open(const std::string& path) {
    auto golden = SafetensorsFile::open(path);
    REQUIRE_MESSAGE(golden.ok(), golden.status().message());
    return std::move(*golden);
}

std::vector<std::int32_t> tokensOf(const std::string& name) {
    return open(kFamily + name + "/expected.safetensors").tensor("tokens")->values<std::int32_t>();
}

/// Writes the matrices that have whole blocks of 32 columns as Q8_0.
void quantize(RewrittenModel& model) {
    for (auto& t : model.tensors) {
        if (t.type != 0 || t.dims.size() < 2 || t.dims[0] % 32 || t.name.find("gate_inp") != std::string::npos)
            continue;
        std::string blocks;
        for (std::size_t at = 0; at < t.data.size(); at += 128) {
            float x[32], largest = 0;
            std::memcpy(x, &t.data[at], sizeof x);
            for (const float v : x) largest = std::max(largest, std::abs(v));
            const std::uint16_t d = floatToHalf(largest / 127);
            blocks.append(reinterpret_cast<const char*>(&d), 2);
            const float scale = halfToFloat(d);
            for (const float v : x) blocks += static_cast<char>(scale > 0 ? std::lround(v / scale) : 0);
        }
        t.data = std::move(blocks);
        t.type = static_cast<std::uint32_t>(TensorType::kQ8_0);
    }
}

}  // namespace

TEST_CASE("logits, experts, gates and norms are those of the golden data") {
    for (const GoldenModel& g : goldenModels()) {
        CAPTURE(g.name);
        CAPTURE(g.expected);
        const SafetensorsFile golden = open(g.expected);
        const auto tokens = golden.tensor("tokens")->values<std::int32_t>();
        const auto model = load(g.model);
        CHECK(model->backend().name().starts_with("CUDA"));
        // At once (in the expanded form where models are as they are here), in chunks, as a chat does.
        for (const int chunk : {512, 7, 0}) {
            CAPTURE(chunk);
            checkGolden(golden, runGolden(model, tokens, chunk), 1e-3);
        }
    }
}

TEST_CASE("a long text, past the context that YaRN stretches") {
    const SafetensorsFile golden = open(kFamily + "tiny-v3/expected-long.safetensors");
    const auto tokens = golden.tensor("tokens")->values<std::int32_t>();
    const auto model = load(kFamily + "tiny-v3/model.gguf");
    for (const int chunk : {512, 24}) {
        CAPTURE(chunk);
        checkGolden(golden, runGolden(model, tokens, chunk), 1e-3);
    }
}

TEST_CASE("the form of attention changes with the length of a batch, and logits do not") {
    // tiny-v3 is expanded from 32 tokens on, of which the second batch has too few.
    const std::string folder = kFamily + "tiny-v3";
    const SafetensorsFile golden = open(folder + "/expected.safetensors");
    const auto model = load(folder + "/model.gguf");
    const int from = expandFrom(model->config().attention);
    REQUIRE(from == 32);
    for (const int chunk : {from - 1, from, 40}) {
        CAPTURE(chunk);
        checkGolden(golden, runGolden(model, golden.tensor("tokens")->values<std::int32_t>(), chunk), 1e-3);
    }
}

TEST_CASE("every way in which files write a model gives the same logits") {
    struct Way {
        const char* what;
        std::size_t parts;
        void (*change)(RewrittenModel&);
    };
    const Way ways[] = {
        {"keys and values joined, as old files have them", 1, [](RewrittenModel& m) { m.joinKeysAndValues(false); }},
        {"keys and values joined and apart", 1, [](RewrittenModel& m) { m.joinKeysAndValues(true); }},
        {"everything at once", 4,
         [](RewrittenModel& m) {
             m.joinKeysAndValues(false);
             m.fuseGateAndUp();
             m.addPrediction();
         }},
    };
    for (const std::string name : {"tiny-v3", "tiny-glm-flash"}) {
        CAPTURE(name);
        const std::string path = kFamily + name + "/model.gguf";
        auto tokens = tokensOf(name);
        tokens.resize(12);
        const GoldenRun plain = runGolden(load(path), tokens, 512);
        for (const Way& way : ways) {
            CAPTURE(way.what);
            RewrittenModel model(path);
            way.change(model);
            CHECK(runGolden(load(model.write(way.parts)[0]), tokens, 512).logits == plain.logits);
        }
    }
}

TEST_CASE("quantised weights, whose old files have keys that must be transposed, give what the CPU gives") {
    for (const std::string name : {"tiny-v3", "tiny-moonlight-tied"}) {
        CAPTURE(name);
        RewrittenModel quantised(kFamily + name + "/model.gguf");
        quantised.joinKeysAndValues(false);
        quantize(quantised);
        const std::string path = quantised.write()[0];
        auto tokens = tokensOf(name);
        tokens.resize(24);
        const GoldenRun expected = runGolden(load(path, BackendChoice::kCpu), tokens, 512);
        const auto model = load(path);
        for (const int chunk : {512, 0}) {
            CAPTURE(chunk);
            // Both round activations to int8; where a sum's last bit decides how, rows of 32 differ by a percent.
            CHECK(errorWhereRoutedAlike(expected, runGolden(model, tokens, chunk), 8) <= 3e-2);
        }
    }
}

TEST_CASE("smaller caches stay near") {
    for (const std::string name : {"tiny-v3", "tiny-glm-flash"}) {
        CAPTURE(name);
        const auto tokens = tokensOf(name);
        const auto model = load(kFamily + name + "/model.gguf");
        const GoldenRun exact = runGolden(model, tokens, 24);
        for (const int chunk : {24, 0}) {
            CAPTURE(chunk);
            CHECK(errorWhereRoutedAlike(exact, runGolden(model, tokens, chunk, KvType::kF16), 4) <= 2e-3);
            CHECK(errorWhereRoutedAlike(exact, runGolden(model, tokens, chunk, KvType::kQ8_0), 2) <= 0.1);
        }
    }
}

TEST_CASE("with room for some experts, logits and routing are the golden ones") {
    for (const std::string name : {"tiny-v3", "tiny-v2-groups"}) {
        CAPTURE(name);
        const SafetensorsFile golden = open(kFamily + name + "/expected.safetensors");
        const auto tokens = golden.tensor("tokens")->values<std::int32_t>();
        const std::string path = kFamily + name + "/model.gguf";
        const auto whole = load(path);
        const BackendSessionOptions options{256, KvType::kF32, 256};
        const PlacementSizes sizes = placementSizes(whole->config(), whole->matrices(), cudaPackedBytes);
        const std::uint64_t limit = sizes.always + sizes.routed() / 3 + exchangeBytes(whole->matrices()) +
                                    sessionBytes(whole->config(), blasNeeds(whole->matrices()), options).all();
        const auto model = load(path, BackendChoice::kCuda, limit);
        CHECK(model->backend().name().find(" + CPU") != std::string::npos);
        for (const int chunk : {512, 7, 0}) {
            CAPTURE(chunk);
            checkGolden(golden, runGolden(model, tokens, chunk), 1e-3);
        }
    }
}

#if defined(MOESCOPE_CUDA_EMULATION)
TEST_CASE("sessions take the memory that was said before") {
    for (const std::string name : {"tiny-gqa", "tiny-v3", "tiny-moonlight-tied"}) {
        CAPTURE(name);
        const auto model = load(kFamily + name + "/model.gguf");
        for (const KvType type : {KvType::kF32, KvType::kF16, KvType::kQ8_0}) {
            if (type == KvType::kQ8_0 && model->config().attention.latent == 0) continue;  // heads of 16 values
            for (const int context : {48, 700}) {
                SessionOptions options;
                options.kv_type = type;
                options.context = context;
                options.chunk_tokens = 32;
                const std::size_t before = cuda_emulation::allocatedBytes();
                const auto session = Session::create(model, options);
                REQUIRE(session.ok());
                const SessionBytes said = model->backend().sessionBytes({context, type, 32});
                CHECK(cuda_emulation::allocatedBytes() - before == said.all());
                if (model->config().attention.latent == 0) continue;
                const auto& c = model->config();
                const std::size_t width =
                    static_cast<std::size_t>((c.attention.latent + c.attention.rope_dim + 31) / 32 * 32);
                const std::size_t rows = static_cast<std::size_t>(context) * kvBytes(type, width);
                CHECK(said.cache == static_cast<std::size_t>(c.layers) * ((rows + 255) / 256 * 256));
            }
        }
    }
}
#endif

// What is said where a pretended machine has no driver, no GPU, an old one, or too little memory, and that kAuto goes
// on with the CPU.

#include "engine/backend/cuda/cuda_attention.h"
#include "tests/cuda_backend/emulated_model.h"
#include "tests/cuda_emulation/runtime.h"

using namespace moescope;

namespace {

struct Pretend {
    explicit Pretend(auto change) { change(cuda_emulation::machine()); }
    ~Pretend() { cuda_emulation::machine() = before; }
    cuda_emulation::Machine before = cuda_emulation::machine();
};

void checkRefused(const char* sentence) {
    const std::string path = kTinyFolder + "/model.gguf";
    const auto refused = loadOnCard(path);
    REQUIRE_FALSE(refused.ok());
    CAPTURE(refused.status().message());
    CHECK(refused.status().message().find(sentence) != std::string::npos);

    ModelOptions options;
    options.threads = 2;
    const auto model = Model::load(path, options);
    REQUIRE(model.ok());
    CHECK((*model)->backend().name().starts_with("CPU"));
    CHECK((*model)->cardStatus().message() == refused.status().message());
}

}  // namespace

TEST_CASE("each reason is a sentence, and the CPU goes on") {
    usePlugin(moescope_plugin());
    SUBCASE("no driver") {
        Pretend p([](auto& m) { m.driver_version = 0; });
        checkRefused("no NVIDIA driver");
        CHECK(surveyCuda().cards.empty());
    }
    SUBCASE("old driver") {
        Pretend p([](auto& m) { m.driver_version = 12080; });
        checkRefused("supports CUDA 12.8, but 13.0 is needed");
    }
    SUBCASE("no GPU") {
        Pretend p([](auto& m) { m.devices = 0; });
        checkRefused("no GPU");
    }
    SUBCASE("old GPU") {
        Pretend p([](auto& m) { m.major = 6, m.minor = 1; });
        checkRefused("too old: its compute capability is 6.1");
        CHECK(surveyCuda().cards.size() == 1);
    }
    SUBCASE("little memory") {
        Pretend p([](auto& m) { m.memory_bytes = std::size_t{322} << 20; });
        checkRefused("the model needs");
    }
}

TEST_CASE("heads that the kernels do not take are named") {
    CHECK(CudaAttention::check({.heads = 4, .kv_heads = 4, .key_dim = 128, .value_dim = 256}).ok());
    const auto wide = CudaAttention::check({.heads = 4, .kv_heads = 4, .key_dim = 288, .value_dim = 128});
    CHECK(wide.message().find("up to 256; this model's have 288") != std::string::npos);
    AttentionShape latents = {.heads = 4, .key_dim = 192, .value_dim = 128, .rope_dim = 64, .latent = 512};
    CHECK(CudaAttention::check(latents).ok());
    latents.rope_dim = 160;
    CHECK(CudaAttention::check(latents).message().find("this model's have 512 and 672") != std::string::npos);
    latents.rope_dim = 64;
    for (const int latent : {544, 48}) {
        latents.latent = latent;
        CHECK_FALSE(CudaAttention::check(latents).ok());
    }
}

TEST_CASE("with a GPU, kAuto takes it; a CPU asked for by name is taken") {
    usePlugin(moescope_plugin());
    Pretend p([](auto& m) { m.devices = 2; });
    ModelOptions options;
    options.threads = 2;
    options.device = 1;
    auto model = Model::load(kTinyFolder + "/model.gguf", options);
    REQUIRE(model.ok());
    CHECK((*model)->backend().name() == "CUDA (Emulated GPU)");
    CHECK((*model)->cardStatus().ok());
    options.isa = Isa::kScalar;
    model = Model::load(kTinyFolder + "/model.gguf", options);
    REQUIRE(model.ok());
    CHECK((*model)->backend().name().starts_with("CPU"));
    options = {};
    options.device = 2;
    options.backend = BackendChoice::kCuda;
    CHECK(Model::load(kTinyFolder + "/model.gguf", options).status().message().find("There is no GPU 2") !=
          std::string::npos);
}

TEST_CASE("all of the GPU's memory comes back") {
    const std::size_t before = cuda_emulation::allocatedBytes();
    {
        const auto model = tinyOnCard();
        const auto session = sessionOf(model);
        CHECK(cuda_emulation::allocatedBytes() > before);
    }
    CHECK(cuda_emulation::allocatedBytes() == before);
}

TEST_CASE("memory that may not be pinned at all is a sentence, and what was pinned is given back") {
    const std::size_t before = cuda_emulation::pinnedBytes();
    {
        Pretend p([](auto& m) { m.pinnable_bytes = 1000; });
        checkRefused("could not be reserved to copy weights to the GPU");
    }
    CHECK(cuda_emulation::pinnedBytes() == before);
    sessionOf(tinyOnCard());
    CHECK(cuda_emulation::pinnedBytes() == before);
}

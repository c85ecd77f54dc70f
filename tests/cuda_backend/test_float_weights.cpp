// Models with weights of 16 bits: prompts through cuBLAS, tokens and machines without it through our own kernels. If
// these fail, such models answer wrongly or differently from machine to machine.

#include <unistd.h>

#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "engine/format/gguf.h"
#include "kernels/half.h"
#include "tests/cuda_backend/emulated_model.h"

#if defined(MOESCOPE_CUDA_EMULATION)
#include <cublas_v2.h>
#endif

using namespace moescope;

namespace {

/// The tiny model with its matrices in another type: each tensor stays where it is, and its data becomes shorter; or
/// in F32 still, with values rounded to that type.
class Converted {
public:
    Converted(TensorType type, bool as_f32) {
        const std::string source = kTinyFolder + "/model.gguf";
        std::ifstream in(source, std::ios::binary);
        std::string bytes((std::istreambuf_iterator<char>(in)), {});
        const auto file = GgufFile::open(source);
        REQUIRE(file.ok());
        for (const GgufTensor& t : file->tensors()) {
            if (t.type != TensorType::kF32 || t.dims.size() < 2 || t.name.find("gate_inp") != std::string::npos)
                continue;
            // The tensor's entry: length and name, the number of dimensions, these, the type, the place.
            std::string entry(8, '\0');
            const std::uint64_t length = t.name.size();
            std::memcpy(entry.data(), &length, 8);
            const std::size_t at = bytes.find(entry + t.name);
            REQUIRE(at != std::string::npos);
            const auto number = static_cast<std::uint32_t>(type);
            if (!as_f32) std::memcpy(&bytes[at + 8 + t.name.size() + 4 + 8 * t.dims.size()], &number, 4);
            const std::size_t offset = offsetOf(bytes, t);
            for (std::size_t i = 0; i < t.data.size() / 4; ++i) {
                float value;
                std::memcpy(&value, t.data.data() + 4 * i, 4);
                std::uint16_t bits = floatToHalf(value);
                if (type == TensorType::kBF16) std::memcpy(&bits, t.data.data() + 4 * i + 2, 2);
                if (as_f32) {
                    value = type == TensorType::kBF16 ? bfloat16ToFloat(bits) : halfToFloat(bits);
                    std::memcpy(&bytes[offset + 4 * i], &value, 4);
                } else {
                    std::memcpy(&bytes[offset + 2 * i], &bits, 2);
                }
            }
        }
        m_path = std::filesystem::temp_directory_path() /
                 ("moescope-float-" + std::to_string(getpid()) + (as_f32 ? "-f32" : "") + ".gguf");
        std::ofstream(m_path, std::ios::binary).write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    }
    ~Converted() { std::filesystem::remove(m_path); }
    std::string path() const { return m_path.string(); }

private:
    static std::size_t offsetOf(const std::string& bytes, const GgufTensor& t) {
        const std::string_view data(reinterpret_cast<const char*>(t.data.data()), t.data.size());
        const std::size_t at = bytes.find(data);
        REQUIRE(at != std::string::npos);
        return at;
    }
    std::filesystem::path m_path;
};

std::shared_ptr<Model> load(const Converted& file, BackendChoice backend, std::uint64_t gpu_memory = 0) {
    ModelOptions options;
    options.threads = 2;
    options.backend = backend;
    options.gpu_memory = gpu_memory;
    options.session.kv_type = KvType::kF32;
    usePlugin(moescope_plugin());
    auto model = Model::load(file.path(), options);
    REQUIRE_MESSAGE(model.ok(), model.status().message());
    return *model;
}

/// Ids equal; gates and logits within what F32 sums may differ.
void checkNear(const Run& expected, const Run& found) {
    CHECK(relativeError(expected.logits, found.logits) <= 1e-4);
    for (std::size_t t = 0; t < expected.log.size(); ++t) {
        for (int l = 0; l < expected.log.shape().moe_layers; ++l) {
            const LayerRouting a = expected.log.at(t, l), b = found.log.at(t, l);
            REQUIRE(a.experts == b.experts);
            for (std::size_t i = 0; i < a.gates.size(); ++i) REQUIRE(std::abs(a.gates[i] - b.gates[i]) <= 1e-5f);
        }
    }
}

}  // namespace

TEST_CASE("F16 and BF16 weights: experts and logits are those of the same values in F32, and of the CPU") {
    const Golden golden;
    const auto tokens = golden.tokens();
    for (const TensorType type : {TensorType::kF16, TensorType::kBF16}) {
        CAPTURE(info(type).name);
        const Converted file(type, false), same_values(type, true);
        const Run expected = evaluate(*sessionOf(load(same_values, BackendChoice::kCpu)), tokens);
        checkNear(expected, evaluate(*sessionOf(load(file, BackendChoice::kCpu)), tokens));

        const auto model = load(file, BackendChoice::kCuda);
        CHECK(model->backend().placement().find("float weights in prompts") != std::string::npos);
        const Run at_once = evaluate(*sessionOf(model), tokens);
        checkNear(expected, at_once);
        checkNear(expected, evaluate(*sessionOf(model, 5), tokens));
        checkNear(expected, evaluate(*sessionOf(model), tokens, 1));
        CHECK(evaluate(*sessionOf(model), tokens).logits == at_once.logits);  // the same bits again
    }
}

#if defined(MOESCOPE_CUDA_EMULATION)

TEST_CASE("without cuBLAS our own kernels multiply, and it is said; quantised models never ask for it") {
    const Golden golden;
    const Converted file(TensorType::kBF16, false);
    const std::uint64_t before = cuda_emulation::blasProducts();
    const auto by_blas = load(file, BackendChoice::kCuda);
    CHECK(by_blas->backend().placement().find("cuBLAS multiplies") != std::string::npos);
    const Run with = evaluate(*sessionOf(by_blas), golden.tokens());
    CHECK(cuda_emulation::blasProducts() > before);

    cuda_emulation::machine().cublas = false;
    const auto model = load(file, BackendChoice::kCuda);
    cuda_emulation::machine().cublas = true;
    CAPTURE(model->backend().placement());
    CHECK(model->backend().placement().find("since libcublas.so.13 is missing") != std::string::npos);
    const std::uint64_t until = cuda_emulation::blasProducts();
    checkNear(with, evaluate(*sessionOf(model), golden.tokens()));
    CHECK(cuda_emulation::blasProducts() == until);

    const auto demo = loadOnCard(MOESCOPE_DEMO_MODEL);
    REQUIRE(demo.ok());
    CHECK((*demo)->backend().placement().find("BLAS") == std::string::npos);
}

#endif

// Writes a model of DeepSeekMoE 16B's shape in Q4_K_M with random weights, for measuring speed: 10.8 GB in some
// seconds. Types are those of the published files. Usage: synthetic_model OUT.gguf [LAYERS]

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <map>
#include <random>

#include "kernels/half.h"
#include "kernels/tensor_type.h"
#include "tests/support/gguf_builder.h"

using namespace moescope;

namespace {

struct Tensor {
    std::string name;
    std::vector<std::uint64_t> dims;
    TensorType type;
    std::uint64_t bytes() const {
        std::uint64_t rows = 1;
        for (std::size_t i = 1; i < dims.size(); ++i) rows *= dims[i];
        return rows * rowBytes(type, dims[0]);
    }
};

/// K-quants want rows of multiples of 256; others fall back.
TensorType quantised(std::uint64_t columns, bool more_bits) {
    if (columns % 256 == 0) return more_bits ? TensorType::kQ6_K : TensorType::kQ4_K;
    return more_bits ? TensorType::kQ8_0 : TensorType::kQ5_0;
}

std::vector<Tensor> tensorsOf(int layers) {
    constexpr std::uint64_t kHidden = 2048, kExpert = 1408, kShared = 2816, kDense = 10944, kVocabulary = 102400;
    std::vector<Tensor> all;
    const auto add = [&](const std::string& name, std::vector<std::uint64_t> dims, bool more_bits = false) {
        all.push_back({name, dims, quantised(dims[0], more_bits)});
    };
    const auto floats = [&](const std::string& name, std::vector<std::uint64_t> dims) {
        all.push_back({name, std::move(dims), TensorType::kF32});
    };
    add("token_embd.weight", {kHidden, kVocabulary});
    floats("output_norm.weight", {kHidden});
    add("output.weight", {kHidden, kVocabulary}, true);
    for (int i = 0; i < layers; ++i) {
        const std::string b = "blk." + std::to_string(i) + ".";
        const bool more = 8 * i < layers || 8 * i >= 7 * layers || i * 24 / layers % 3 == 2;
        floats(b + "attn_norm.weight", {kHidden});
        add(b + "attn_q.weight", {kHidden, kHidden});
        add(b + "attn_k.weight", {kHidden, kHidden});
        add(b + "attn_v.weight", {kHidden, kHidden}, more);
        add(b + "attn_output.weight", {kHidden, kHidden});
        floats(b + "ffn_norm.weight", {kHidden});
        if (i == 0) {
            add(b + "ffn_gate.weight", {kHidden, kDense});
            add(b + "ffn_up.weight", {kHidden, kDense});
            add(b + "ffn_down.weight", {kDense, kHidden}, more);
            continue;
        }
        floats(b + "ffn_gate_inp.weight", {kHidden, 64});
        add(b + "ffn_gate_exps.weight", {kHidden, kExpert, 64});
        add(b + "ffn_up_exps.weight", {kHidden, kExpert, 64});
        add(b + "ffn_down_exps.weight", {kExpert, kHidden, 64}, more);
        add(b + "ffn_gate_shexp.weight", {kHidden, kShared});
        add(b + "ffn_up_shexp.weight", {kHidden, kShared});
        add(b + "ffn_down_shexp.weight", {kShared, kHidden}, more);
    }
    return all;
}

/// A vocabulary of bytes and of tokens that are never met.
void addTokenizer(GgufBuilder& file) {
    std::vector<std::string> texts;
    std::vector<std::int32_t> kinds;
    int extra = 0;
    const auto utf8 = [](int c) {
        return c < 0x80 ? std::string(1, static_cast<char>(c))
                        : std::string{static_cast<char>(0xc0 | c >> 6), static_cast<char>(0x80 | (c & 63))};
    };
    for (int b = 0; b < 256; ++b) {
        const bool printable = (b > 32 && b < 127) || (b > 160 && b != 173);
        texts.push_back(utf8(printable ? b : 256 + extra++));
        kinds.push_back(1);
    }
    texts.insert(texts.end(), {"<begin>", "<end>"});
    kinds.insert(kinds.end(), {3, 3});
    while (texts.size() < 102400) {
        texts.push_back("[unused " + std::to_string(texts.size()) + "]");
        kinds.push_back(5);
    }
    file.text("tokenizer.ggml.model", "gpt2");
    file.text("tokenizer.ggml.pre", "deepseek-llm");
    file.texts("tokenizer.ggml.tokens", texts);
    file.integers("tokenizer.ggml.token_type", kinds);
    file.texts("tokenizer.ggml.merges", {"t h"});
    file.integer("tokenizer.ggml.bos_token_id", 256);
    file.integer("tokenizer.ggml.eos_token_id", 257);
}

void putHalf(unsigned char* at, float value) {
    const std::uint16_t h = floatToHalf(value);
    at[0] = static_cast<unsigned char>(h & 255);
    at[1] = static_cast<unsigned char>(h >> 8);
}

/// Blocks of a type whose weights have a standard deviation of about 0.02; integers are random bits.
std::string randomBlocks(TensorType type, std::size_t bytes, std::mt19937_64& random) {
    std::string out(bytes, '\0');
    auto* data = reinterpret_cast<unsigned char*>(out.data());
    for (std::size_t i = 0; i + 8 <= bytes; i += 8) {
        const std::uint64_t r = random();
        std::memcpy(data + i, &r, 8);
    }
    const std::size_t block = info(type).block_bytes;
    std::normal_distribution<float> normal(0, 0.02f);
    for (std::size_t at = 0; at + block <= bytes; at += block) {
        switch (type) {
            case TensorType::kF32: {
                const float f = normal(random);
                std::memcpy(data + at, &f, 4);
                break;
            }
            case TensorType::kQ4_K:
                putHalf(data + at, 9e-5f);
                putHalf(data + at + 2, 6.8e-4f);
                break;
            case TensorType::kQ6_K:
                putHalf(data + at + 208, 1.5e-5f);
                break;
            case TensorType::kQ5_0:
                putHalf(data + at, 2.2e-3f);
                break;
            default:  // Q8_0
                putHalf(data + at, 2.7e-4f);
        }
    }
    return out;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 2) {
        std::fprintf(stderr, "Usage: synthetic_model OUT.gguf [LAYERS]\n");
        return 2;
    }
    const int layers = argc > 2 ? std::max(2, std::atoi(argv[2])) : 28;
    GgufBuilder file;
    file.text("general.architecture", "deepseek");
    file.text("general.name", "Synthetic 16B");
    for (const auto& [key, value] : std::initializer_list<std::pair<const char*, std::uint32_t>>{
             {"block_count", static_cast<std::uint32_t>(layers)},
             {"context_length", 4096},
             {"embedding_length", 2048},
             {"feed_forward_length", 10944},
             {"attention.head_count", 16},
             {"attention.head_count_kv", 16},
             {"rope.dimension_count", 128},
             {"leading_dense_block_count", 1},
             {"vocab_size", 102400},
             {"expert_count", 64},
             {"expert_used_count", 6},
             {"expert_shared_count", 2},
             {"expert_feed_forward_length", 1408}}) {
        file.integer(std::string("deepseek.") + key, value);
    }
    file.real("deepseek.attention.layer_norm_rms_epsilon", 1e-6f);
    file.real("deepseek.rope.freq_base", 10000);
    file.real("deepseek.expert_weights_scale", 1);
    addTokenizer(file);
    const auto tensors = tensorsOf(layers);
    for (const Tensor& t : tensors) file.tensor(t.name, t.dims, static_cast<std::uint32_t>(t.type), t.bytes());

    std::ofstream out(argv[1], std::ios::binary);
    const std::string head = file.head();
    out.write(head.data(), static_cast<std::streamsize>(head.size()));
    std::mt19937_64 random(1);
    // Random bits are dear: a pool a type is written again and again, from another block on each time.
    std::map<TensorType, std::string> pools;
    for (const Tensor& t : tensors) {
        const std::size_t block = info(t.type).block_bytes;
        std::string& pool = pools[t.type];
        if (pool.empty()) pool = randomBlocks(t.type, block * ((std::size_t{16} << 20) / block), random);
        if (t.name.find("norm") != std::string::npos) {
            for (std::uint64_t i = 0; i < t.bytes(); i += 4) {
                const float one = 1;
                out.write(reinterpret_cast<const char*>(&one), 4);
            }
        } else {
            std::size_t at = random() % (pool.size() / block) * block;
            for (std::uint64_t left = t.bytes(); left > 0;) {
                const auto n = std::min<std::uint64_t>(left, pool.size() - at);
                out.write(pool.data() + at, static_cast<std::streamsize>(n));
                left -= n;
                at = 0;
            }
        }
        const std::string padding((32 - t.bytes() % 32) % 32, '\0');
        out.write(padding.data(), static_cast<std::streamsize>(padding.size()));
    }
    out.close();
    if (!out) {
        std::fprintf(stderr, "%s could not be written; is the disk full?\n", argv[1]);
        return 1;
    }
    return 0;
}

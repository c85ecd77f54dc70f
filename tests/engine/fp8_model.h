#pragma once
// The golden model whose weights are 8-bit floats in blocks of 128 x 128, as DeepSeek-V3 is published by its makers,
// written as a GGUF file of F32.

#include <cmath>
#include <cstring>

#include "engine/format/safetensors.h"
#include "kernels/half.h"
#include "tests/engine/rewritten_model.h"

namespace moescope {

/// Sign, 4 bits of exponent, 3 of mantissa; exponents and mantissas of ones only are no number.
inline float fp8ToFloat(std::uint8_t bits) {
    const int exponent = bits >> 3 & 15, mantissa = bits & 7;
    const float sign = bits & 0x80 ? -1.0f : 1.0f;
    if (exponent == 15 && mantissa == 7) return std::nanf("");
    if (exponent == 0) return sign * std::ldexp(static_cast<float>(mantissa), -9);
    return sign * std::ldexp(static_cast<float>(8 + mantissa), exponent - 10);
}

/// A tensor as F32. Of 8-bit floats, each block of 128 rows and columns (fewer at the edges) has a factor of its own.
inline std::vector<float> floatsOf(const SafetensorsFile& file, const std::string& name) {
    const SafetensorsTensor& t = *file.tensor(name);
    if (t.dtype == "F32") return t.values<float>();
    std::vector<float> values;
    if (t.dtype == "BF16") {
        for (const std::uint16_t v : t.values<std::uint16_t>()) values.push_back(bfloat16ToFloat(v));
        return values;
    }
    constexpr std::size_t kBlock = 128;
    const auto scales = file.tensor(name + "_scale_inv")->values<float>();
    const std::size_t columns = t.shape[1], blocks = (columns + kBlock - 1) / kBlock;
    const auto bytes = t.values<std::uint8_t>();
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        const std::size_t row = i / columns, column = i % columns;
        values.push_back(fp8ToFloat(bytes[i]) * scales[row / kBlock * blocks + column / kBlock]);
    }
    return values;
}

/// `model` is one of the same kind (tiny-v3), which leaves its tokenizer and what else the two have in common.
inline void becomeFp8Model(RewrittenModel& model, const SafetensorsFile& file) {
    constexpr int kLayers = 3, kExperts = 8;
    const auto set = [&](const char* key, std::uint64_t value) { model.keys[std::string("deepseek2.") + key] = value; };
    set("block_count", kLayers);
    set("leading_dense_block_count", 1);
    set("embedding_length", 192);
    set("feed_forward_length", 288);
    set("expert_feed_forward_length", 144);
    set("expert_count", kExperts);
    set("expert_used_count", 3);
    set("attention.head_count_kv", 4);
    set("attention.q_lora_rank", 144);
    set("attention.kv_lora_rank", 48);
    set("attention.key_length", 48);
    set("attention.value_length", 32);
    model.keys.erase("deepseek2.attention.key_length_mla");
    model.keys.erase("deepseek2.attention.value_length_mla");
    model.tensors.clear();
    const auto add = [&](const std::string& name, std::vector<std::uint64_t> dims, const std::vector<float>& values) {
        std::string data(values.size() * sizeof(float), '\0');
        std::memcpy(data.data(), values.data(), data.size());
        model.tensors.push_back({name, std::move(dims), 0, std::move(data)});
    };
    const auto copy = [&](const std::string& from, const std::string& to) {
        const auto& shape = file.tensor(from)->shape;
        add(to, {shape.rbegin(), shape.rend()}, floatsOf(file, from));
    };
    copy("model.embed_tokens.weight", "token_embd.weight");
    copy("model.norm.weight", "output_norm.weight");
    copy("lm_head.weight", "output.weight");
    for (int layer = 0; layer < kLayers; ++layer) {
        const std::string from = "model.layers." + std::to_string(layer) + ".",
                          to = "blk." + std::to_string(layer) + ".";
        for (const auto& [theirs, ours] :
             {std::pair("input_layernorm", "attn_norm"), std::pair("post_attention_layernorm", "ffn_norm"),
              std::pair("self_attn.q_a_proj", "attn_q_a"), std::pair("self_attn.q_a_layernorm", "attn_q_a_norm"),
              std::pair("self_attn.q_b_proj", "attn_q_b"), std::pair("self_attn.kv_a_proj_with_mqa", "attn_kv_a_mqa"),
              std::pair("self_attn.kv_a_layernorm", "attn_kv_a_norm"), std::pair("self_attn.kv_b_proj", "attn_kv_b"),
              std::pair("self_attn.o_proj", "attn_output")}) {
            copy(from + theirs + ".weight", to + ours + ".weight");
        }
        if (layer > 0) {
            copy(from + "mlp.gate.weight", to + "ffn_gate_inp.weight");
            copy(from + "mlp.gate.e_score_correction_bias", to + "exp_probs_b.bias");
        }
        for (const std::string part : {"gate", "up", "down"}) {
            if (layer == 0) {
                copy(from + "mlp." + part + "_proj.weight", to + "ffn_" + part + ".weight");
                continue;
            }
            copy(from + "mlp.shared_experts." + part + "_proj.weight", to + "ffn_" + part + "_shexp.weight");
            std::vector<float> all;
            std::vector<std::uint64_t> dims;
            for (int e = 0; e < kExperts; ++e) {
                const std::string name = from + "mlp.experts." + std::to_string(e) + "." + part + "_proj.weight";
                const auto values = floatsOf(file, name);
                all.insert(all.end(), values.begin(), values.end());
                dims = {file.tensor(name)->shape[1], file.tensor(name)->shape[0], kExperts};
            }
            add(to + "ffn_" + part + "_exps.weight", dims, all);
        }
    }
}

}  // namespace moescope

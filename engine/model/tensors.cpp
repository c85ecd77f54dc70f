#include "engine/model/tensors.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <numeric>

namespace moescope {
namespace {

class Finder {
public:
    explicit Finder(const GgufFile& file) : m_file(file) {}
    const Status& status() const { return m_status; }
    bool has(const std::string& name) const { return m_file.tensor(name) != nullptr; }

    const GgufTensor* find(const std::string& name, std::vector<std::uint64_t> dims) {
        const GgufTensor* tensor = m_file.tensor(name);
        if (!m_status.ok()) return tensor;
        if (!tensor) {
            m_status = invalid(fmt::format("The model file lacks the tensor {}.", name));
        } else if (!tensor->problem.empty()) {
            m_status = unsupported(tensor->problem);
        } else if (tensor->dims != dims) {
            m_status = invalid(fmt::format("The tensor {} has the shape [{}]; expected [{}].", name,
                                           fmt::join(tensor->dims, ", "), fmt::join(dims, ", ")));
        }
        return tensor;
    }

    /// A vector or matrix that is used as F32.
    const GgufTensor* findF32(const std::string& name, std::vector<std::uint64_t> dims) {
        const GgufTensor* tensor = find(name, std::move(dims));
        if (m_status.ok() && tensor->type != TensorType::kF32) {
            m_status = unsupported(fmt::format("The tensor {} is {}; expected F32.", name, info(tensor->type).name));
        }
        return tensor;
    }

private:
    const GgufFile& m_file;
    Status m_status;
};

std::uint64_t elements(const GgufTensor* t) {
    return t ? t->columns() * t->rows() : 0;
}
std::uint64_t bytesOf(const GgufTensor* t) {
    return t ? t->data.size() : 0;
}

}  // namespace

Result<ModelTensors> ModelTensors::find(const GgufFile& file, const ModelConfig& c) {
    using U = std::uint64_t;
    const U hidden = static_cast<U>(c.hidden), vocabulary = static_cast<U>(c.vocabulary);
    const U experts = static_cast<U>(c.experts), width = static_cast<U>(c.expert_ff);
    const U shared = width * static_cast<U>(c.shared_experts), dense = static_cast<U>(c.dense_ff);
    const U queries = static_cast<U>(c.queryWidth()), keys = static_cast<U>(c.kvWidth());

    Finder finder(file);
    ModelTensors all;
    all.embedding = finder.find("token_embd.weight", {hidden, vocabulary});
    all.output_norm = finder.findF32("output_norm.weight", {hidden});
    all.output = finder.has("output.weight") ? finder.find("output.weight", {hidden, vocabulary}) : all.embedding;
    for (int i = 0; i < c.layers && finder.status().ok(); ++i) {
        const std::string prefix = fmt::format("blk.{}.", i);
        const auto at = [&](std::string_view name) { return fmt::format("{}{}.weight", prefix, name); };
        LayerTensors layer;
        layer.attention_norm = finder.findF32(at("attn_norm"), {hidden});
        layer.query = finder.find(at("attn_q"), {hidden, queries});
        layer.key = finder.find(at("attn_k"), {hidden, keys});
        layer.value = finder.find(at("attn_v"), {hidden, keys});
        layer.attention_output = finder.find(at("attn_output"), {queries, hidden});
        layer.ffn_norm = finder.findF32(at("ffn_norm"), {hidden});
        if (i < c.dense_layers) {
            layer.dense = {finder.find(at("ffn_gate"), {hidden, dense}), finder.find(at("ffn_up"), {hidden, dense}),
                           finder.find(at("ffn_down"), {dense, hidden})};
        } else {
            layer.router = finder.findF32(at("ffn_gate_inp"), {hidden, experts});
            layer.routed = {finder.find(at("ffn_gate_exps"), {hidden, width, experts}),
                            finder.find(at("ffn_up_exps"), {hidden, width, experts}),
                            finder.find(at("ffn_down_exps"), {width, hidden, experts})};
            if (c.shared_experts > 0) {
                layer.shared = {finder.find(at("ffn_gate_shexp"), {hidden, shared}),
                                finder.find(at("ffn_up_shexp"), {hidden, shared}),
                                finder.find(at("ffn_down_shexp"), {shared, hidden})};
            }
        }
        all.layers.push_back(layer);
    }
    if (!finder.status().ok()) return finder.status();
    return all;
}

ModelStatistics statistics(const ModelConfig& c, const ModelTensors& tensors) {
    ModelStatistics s;
    const auto used = [&](std::uint64_t x) {
        return x / static_cast<std::uint64_t>(c.experts) * static_cast<std::uint64_t>(c.experts_used);
    };
    const auto count = [&](const GgufTensor* t, bool routed) {
        s.parameters += elements(t);
        s.bytes += bytesOf(t);
        s.active_parameters += routed ? used(elements(t)) : elements(t);
        s.bytes_per_token += routed ? used(bytesOf(t)) : bytesOf(t);
    };
    for (const LayerTensors& l : tensors.layers) {
        for (const GgufTensor* t :
             {l.attention_norm, l.query, l.key, l.value, l.attention_output, l.ffn_norm, l.router, l.dense.gate,
              l.dense.up, l.dense.down, l.shared.gate, l.shared.up, l.shared.down}) {
            count(t, false);
        }
        for (const GgufTensor* t : {l.routed.gate, l.routed.up, l.routed.down}) {
            count(t, true);
            s.expert_bytes += bytesOf(t) / static_cast<std::uint64_t>(c.experts);
        }
    }
    s.prefill_macs = s.active_parameters;
    count(tensors.output_norm, false);
    count(tensors.output, false);
    s.expert_bytes /= static_cast<std::uint64_t>(c.moeLayers());
    const std::uint64_t row = rowBytes(tensors.embedding->type, tensors.embedding->columns());
    s.active_parameters += tensors.embedding->columns();
    s.bytes_per_token += row;
    if (tensors.embedding != tensors.output) {
        s.parameters += elements(tensors.embedding);
        s.bytes += bytesOf(tensors.embedding);
    }
    s.memory_bytes = s.bytes + (tensors.embedding == tensors.output ? bytesOf(tensors.embedding) : 0);
    return s;
}

}  // namespace moescope

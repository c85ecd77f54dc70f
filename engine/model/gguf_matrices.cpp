#include <fmt/format.h>
#include <fmt/ranges.h>

#include "engine/model/gguf_source.h"

namespace moescope {
namespace {

class Finder {
public:
    explicit Finder(GgufParts parts) : m_parts(parts) {}
    const Status& status() const { return m_status; }
    bool has(const std::string& name) const { return ggufTensor(m_parts, name) != nullptr; }

    /// A matrix, or as many as the third dimension says.
    MatrixSource find(const std::string& name, std::vector<std::uint64_t> dims) {
        const GgufTensor* tensor = ggufTensor(m_parts, name);
        if (!m_status.ok()) return {};
        if (!tensor) {
            m_status = invalid(fmt::format("The model file lacks the tensor {}.", name));
        } else if (!tensor->problem.empty()) {
            m_status = unsupported(tensor->problem);
        } else if (tensor->dims != dims) {
            m_status = invalid(fmt::format("The tensor {} has the shape [{}]; expected [{}].", name,
                                           fmt::join(tensor->dims, ", "), fmt::join(dims, ", ")));
        }
        if (!m_status.ok()) return {};
        dims.resize(3, 1);
        MatrixSource m{name, tensor->type, dims[0], dims[1], dims[2], 0, tensor->data};
        m.stride = m.matrixBytes();
        return m;
    }

    /// Matrices of one shape one after another, as a tensor of three dimensions, or of two with all their rows.
    MatrixSource findStack(const std::string& name, std::uint64_t columns, std::uint64_t rows, std::uint64_t count) {
        const GgufTensor* tensor = ggufTensor(m_parts, name);
        if (tensor && tensor->dims == std::vector{columns, rows * count}) {
            MatrixSource m = find(name, {columns, rows * count});
            if (!m) return m;
            m.rows = rows;
            m.count = count;
            m.stride = m.matrixBytes();
            return m;
        }
        return find(name, {columns, rows, count});
    }

    /// A vector or matrix that is used as F32.
    MatrixSource findF32(const std::string& name, std::vector<std::uint64_t> dims) {
        MatrixSource m = find(name, std::move(dims));
        if (m_status.ok() && m.type != TensorType::kF32) {
            m_status = unsupported(fmt::format("The tensor {} is {}; expected F32.", name, info(m.type).name));
        }
        return m;
    }

private:
    GgufParts m_parts;
    Status m_status;
};

/// Rows first..first + rows of each of a source's matrices.
MatrixSource rowsOf(const MatrixSource& m, std::uint64_t first, std::uint64_t rows) {
    if (!m) return {};
    MatrixSource part = m;
    part.rows = rows;
    const std::uint64_t begin = first * rowBytes(m.type, m.columns);
    part.bytes = m.bytes.subspan(begin, (m.count - 1) * m.stride + part.matrixBytes());
    return part;
}

MhaMatrices findMha(Finder& finder, const std::string& prefix, const ModelConfig& c) {
    const AttentionShape& a = c.attention;
    const auto find = [&](std::string_view name, int rows) {
        return finder.find(fmt::format("{}{}.weight", prefix, name),
                           {static_cast<std::uint64_t>(c.hidden), static_cast<std::uint64_t>(rows)});
    };
    return {find("attn_q", a.queryWidth()), find("attn_k", a.keyWidth()), find("attn_v", a.valueWidth())};
}

/// What makes keys and values from latents comes as attn_k_b and attn_v_b, or in older files as attn_kv_b, which has a
/// head's rows for keys (not transposed) and then those for values; where all three are, the first two are taken.
MlaMatrices findMla(Finder& finder, const std::string& prefix, const ModelConfig& c) {
    using U = std::uint64_t;
    const AttentionShape& a = c.attention;
    const U hidden = static_cast<U>(c.hidden), heads = static_cast<U>(a.heads), latent = static_cast<U>(a.latent);
    const U plain = static_cast<U>(a.plainDim()), value = static_cast<U>(a.value_dim);
    const U query_latent = static_cast<U>(a.query_latent), queries = static_cast<U>(a.queryWidth());
    const auto at = [&](std::string_view name) { return fmt::format("{}{}.weight", prefix, name); };
    MlaMatrices m;
    if (query_latent > 0) {
        m.query_a = finder.find(at("attn_q_a"), {hidden, query_latent});
        m.query_a_norm = finder.findF32(at("attn_q_a_norm"), {query_latent});
        m.query_b = finder.find(at("attn_q_b"), {query_latent, queries});
    } else {
        m.query = finder.find(at("attn_q"), {hidden, queries});
    }
    m.kv_a = finder.find(at("attn_kv_a_mqa"), {hidden, latent + static_cast<U>(a.rope_dim)});
    m.kv_a_norm = finder.findF32(at("attn_kv_a_norm"), {latent});
    if (finder.has(at("attn_k_b")) || finder.has(at("attn_v_b")) || !finder.has(at("attn_kv_b"))) {
        m.key_b = finder.findStack(at("attn_k_b"), plain, latent, heads);
        m.value_b = finder.findStack(at("attn_v_b"), latent, value, heads);
        return m;
    }
    const MatrixSource both = finder.findStack(at("attn_kv_b"), latent, plain + value, heads);
    m.key_b = rowsOf(both, 0, plain);
    m.value_b = rowsOf(both, plain, value);
    m.key_b_transposed = true;
    return m;
}

}  // namespace

const GgufTensor* ggufRouterBias(GgufParts parts, int layer) {
    for (const std::string_view ending : {".bias", "", ".weight"}) {
        if (const GgufTensor* bias = ggufTensor(parts, fmt::format("blk.{}.exp_probs_b{}", layer, ending))) return bias;
    }
    return nullptr;
}

Result<ModelMatrices> ggufMatrices(GgufParts parts, const ModelConfig& c) {
    using U = std::uint64_t;
    const U hidden = static_cast<U>(c.hidden), vocabulary = static_cast<U>(c.vocabulary);
    const U experts = static_cast<U>(c.experts), width = static_cast<U>(c.expert_ff);
    const U shared = width * static_cast<U>(c.shared_experts), dense = static_cast<U>(c.dense_ff);
    const AttentionShape& a = c.attention;

    Finder finder(parts);
    ModelMatrices all;
    all.embedding = finder.find("token_embd.weight", {hidden, vocabulary});
    all.output_norm = finder.findF32("output_norm.weight", {hidden});
    if (finder.has("output.weight")) all.output = finder.find("output.weight", {hidden, vocabulary});
    for (int i = 0; i < c.layers && finder.status().ok(); ++i) {
        const std::string prefix = fmt::format("blk.{}.", i);
        const auto at = [&](std::string_view name) { return fmt::format("{}{}.weight", prefix, name); };
        LayerMatrices layer;
        layer.attention_norm = finder.findF32(at("attn_norm"), {hidden});
        if (a.latent > 0) {
            layer.attention = findMla(finder, prefix, c);
        } else {
            layer.attention = findMha(finder, prefix, c);
        }
        layer.attention_output = finder.find(at("attn_output"), {static_cast<U>(a.outputWidth()), hidden});
        layer.ffn_norm = finder.findF32(at("ffn_norm"), {hidden});
        if (i < c.dense_layers) {
            layer.dense = {finder.find(at("ffn_gate"), {hidden, dense}), finder.find(at("ffn_up"), {hidden, dense}),
                           finder.find(at("ffn_down"), {dense, hidden})};
        } else {
            layer.router = finder.findF32(at("ffn_gate_inp"), {hidden, experts});
            if (c.selection_bias) {
                const GgufTensor* bias = ggufRouterBias(parts, i);
                layer.router_bias = finder.findF32(bias ? bias->name : prefix + "exp_probs_b.bias", {experts});
            }
            if (finder.has(at("ffn_gate_up_exps"))) {
                const MatrixSource both = finder.findStack(at("ffn_gate_up_exps"), hidden, 2 * width, experts);
                layer.routed.gate = rowsOf(both, 0, width);
                layer.routed.up = rowsOf(both, width, width);
            } else {
                layer.routed.gate = finder.findStack(at("ffn_gate_exps"), hidden, width, experts);
                layer.routed.up = finder.findStack(at("ffn_up_exps"), hidden, width, experts);
            }
            layer.routed.down = finder.findStack(at("ffn_down_exps"), width, hidden, experts);
            if (c.shared_experts > 0) {
                layer.shared = {finder.find(at("ffn_gate_shexp"), {hidden, shared}),
                                finder.find(at("ffn_up_shexp"), {hidden, shared}),
                                finder.find(at("ffn_down_shexp"), {shared, hidden})};
            }
        }
        all.layers.push_back(std::move(layer));
    }
    if (!finder.status().ok()) return finder.status();
    return all;
}

}  // namespace moescope

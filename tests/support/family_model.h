#pragma once
// Models of the `deepseek2` family of any shape with random weights, small widths, and what they compute, in double
// precision: DeepSeek-V2 and V3 have more experts, in groups, and GLM-4.7-Flash more layers than small golden models.

#include <algorithm>
#include <cmath>
#include <fstream>
#include <limits>
#include <map>
#include <numeric>
#include <random>
#include <string>
#include <vector>

#include "tests/text/vocabularies.h"

namespace moescope {

/// As ModelConfig has it; the numbers that all have in common are constants of FamilyModel.
struct FamilyShape {
    const char* name;
    int layers, dense_layers;
    int experts, used, shared;
    int groups, groups_used;
    bool sigmoid;  ///< with a bias, groups by their two best, and gates that sum to 1 before scaling
    float scale;
    int context;
};

// The routing and the layers of published models, with fewer layers where it makes no difference.
inline constexpr FamilyShape kLikeV2{.name = "like V2",
                                     .layers = 4,
                                     .dense_layers = 1,
                                     .experts = 160,
                                     .used = 6,
                                     .shared = 2,
                                     .groups = 8,
                                     .groups_used = 3,
                                     .sigmoid = false,
                                     .scale = 16,
                                     .context = 4096};
inline constexpr FamilyShape kLikeV3{.name = "like V3",
                                     .layers = 5,
                                     .dense_layers = 3,
                                     .experts = 256,
                                     .used = 8,
                                     .shared = 1,
                                     .groups = 8,
                                     .groups_used = 4,
                                     .sigmoid = true,
                                     .scale = 2.5f,
                                     .context = 4096};
inline constexpr FamilyShape kLikeGlm{.name = "like GLM-4.7-Flash",
                                      .layers = 47,
                                      .dense_layers = 1,
                                      .experts = 64,
                                      .used = 4,
                                      .shared = 1,
                                      .groups = 1,
                                      .groups_used = 1,
                                      .sigmoid = true,
                                      .scale = 1.8f,
                                      .context = 4096};
inline constexpr const FamilyShape* kFamilyShapes[] = {&kLikeV2, &kLikeV3, &kLikeGlm};

class FamilyModel {
public:
    static constexpr int kHidden = 32, kDenseFf = 64, kExpertFf = 32, kHeads = 4, kQueryLatent = 32, kLatent = 32;
    static constexpr int kPlain = 16, kRope = 16, kValue = 16, kVocabulary = 261;
    static constexpr double kBase = 10000, kEps = 1e-6;

    FamilyModel(const FamilyShape& shape, unsigned seed) : m_shape(shape), m_random(seed) {
        const auto n = [](int a) { return static_cast<std::uint64_t>(a); };
        const std::uint64_t hidden = n(kHidden), shared = n(kExpertFf * shape.shared), experts = n(shape.experts);
        matrix("token_embd", {hidden, n(kVocabulary)});
        norm("output_norm", kHidden);
        matrix("output", {hidden, n(kVocabulary)});
        for (int i = 0; i < shape.layers; ++i) {
            const std::string b = at(i);
            norm(b + "attn_norm", kHidden);
            norm(b + "ffn_norm", kHidden);
            matrix(b + "attn_q_a", {hidden, n(kQueryLatent)});
            norm(b + "attn_q_a_norm", kQueryLatent);
            matrix(b + "attn_q_b", {n(kQueryLatent), n(kHeads * (kPlain + kRope))});
            matrix(b + "attn_kv_a_mqa", {hidden, n(kLatent + kRope)});
            norm(b + "attn_kv_a_norm", kLatent);
            matrix(b + "attn_k_b", {n(kPlain), n(kLatent), n(kHeads)});
            matrix(b + "attn_v_b", {n(kLatent), n(kValue), n(kHeads)});
            matrix(b + "attn_output", {n(kHeads * kValue), hidden});
            const std::string end = i < shape.dense_layers ? "" : "_exps";
            const std::uint64_t width = n(i < shape.dense_layers ? kDenseFf : kExpertFf);
            const std::uint64_t count = i < shape.dense_layers ? 1 : experts;
            matrix(b + "ffn_gate" + end, {hidden, width, count});
            matrix(b + "ffn_up" + end, {hidden, width, count});
            matrix(b + "ffn_down" + end, {width, hidden, count});
            if (i < shape.dense_layers) continue;
            matrix(b + "ffn_gate_inp", {hidden, experts});
            matrix(b + "ffn_gate_shexp", {hidden, shared});
            matrix(b + "ffn_up_shexp", {hidden, shared});
            matrix(b + "ffn_down_shexp", {shared, hidden});
            if (!shape.sigmoid) continue;
            std::vector<float> bias(static_cast<std::size_t>(shape.experts));
            for (float& x : bias) x = static_cast<float>(normal() * 0.1 - 0.3);
            m_tensors.push_back({b + "exp_probs_b.bias", {experts}, std::move(bias)});
        }
        for (std::size_t i = 0; i < m_tensors.size(); ++i) m_places[m_tensors[i].name] = i;
    }

    /// As a GGUF file.
    void write(const std::string& path) const {
        GgufBuilder file = byteLevelBuilder();
        const auto number = [&](const std::string& key, int value) {
            file.integer("deepseek2." + key, static_cast<std::uint32_t>(value));
        };
        file.text("general.architecture", "deepseek2");
        file.text("general.name", m_shape.name);
        number("block_count", m_shape.layers);
        number("leading_dense_block_count", m_shape.dense_layers);
        number("embedding_length", kHidden);
        number("feed_forward_length", kDenseFf);
        number("expert_feed_forward_length", kExpertFf);
        number("expert_count", m_shape.experts);
        number("expert_used_count", m_shape.used);
        number("expert_shared_count", m_shape.shared);
        number("expert_group_count", m_shape.groups);
        number("expert_group_used_count", m_shape.groups_used);
        number("expert_gating_func", m_shape.sigmoid ? 2 : 1);
        file.boolean("deepseek2.expert_weights_norm", m_shape.sigmoid);
        file.real("deepseek2.expert_weights_scale", m_shape.scale);
        number("attention.head_count", kHeads);
        number("attention.head_count_kv", 1);
        number("attention.q_lora_rank", kQueryLatent);
        number("attention.kv_lora_rank", kLatent);
        number("attention.key_length", kLatent + kRope);
        number("attention.value_length", kLatent);
        number("attention.key_length_mla", kPlain + kRope);
        number("attention.value_length_mla", kValue);
        number("rope.dimension_count", kRope);
        file.real("deepseek2.rope.freq_base", static_cast<float>(kBase));
        file.real("deepseek2.attention.layer_norm_rms_epsilon", static_cast<float>(kEps));
        number("context_length", m_shape.context);
        std::string data;
        for (const Tensor& t : m_tensors) {
            file.tensor(t.name, t.dims, 0, t.values.size() * sizeof(float));
            data.append(reinterpret_cast<const char*>(t.values.data()), t.values.size() * sizeof(float));
            data.resize((data.size() + 31) / 32 * 32);
        }
        std::ofstream out(path, std::ios::binary);
        out << file.head() << data;
    }

    /// What a token chose in a MoE layer, by falling probability.
    struct Choice {
        std::vector<int> experts;
        std::vector<double> gates;
    };
    struct Run {
        std::vector<double> logits;                ///< (tokens, vocabulary)
        std::vector<std::vector<Choice>> choices;  ///< (tokens, MoE layers)
        /// The smallest difference that decided something: which groups, which experts, which order.
        double least_gap = std::numeric_limits<double>::infinity();
    };

    Run run(const std::vector<std::int32_t>& tokens) const {
        Run result;
        std::vector<Vector> hidden;
        for (const std::int32_t t : tokens) hidden.push_back(row("token_embd.weight", t, kHidden));
        result.choices.resize(tokens.size());
        for (int i = 0; i < m_shape.layers; ++i) {
            const std::string b = at(i);
            attend(b, hidden);
            for (std::size_t t = 0; t < tokens.size(); ++t) {
                const Vector x = normed(hidden[t], b + "ffn_norm.weight", kEps);
                if (i < m_shape.dense_layers) {
                    add(hidden[t], network(b, "", x, 0), 1);
                    continue;
                }
                const Choice choice = route(b, x, result.least_gap);
                for (std::size_t e = 0; e < choice.experts.size(); ++e) {
                    add(hidden[t], network(b, "_exps", x, choice.experts[e]), choice.gates[e]);
                }
                add(hidden[t], network(b, "_shexp", x, 0), 1);
                result.choices[t].push_back(choice);
            }
        }
        for (const Vector& x : hidden) {
            const Vector logits = product("output.weight", normed(x, "output_norm.weight", kEps));
            result.logits.insert(result.logits.end(), logits.begin(), logits.end());
        }
        return result;
    }

private:
    using Vector = std::vector<double>;
    struct Tensor {
        std::string name;
        std::vector<std::uint64_t> dims;
        std::vector<float> values;
    };

    static std::string at(int layer) { return "blk." + std::to_string(layer) + "."; }
    double normal() { return m_normal(m_random); }

    void matrix(const std::string& name, std::vector<std::uint64_t> dims) {
        std::size_t count = 1;
        for (const std::uint64_t n : dims) count *= n;
        std::vector<float> values(count);
        const double deviation = 1 / std::sqrt(static_cast<double>(dims[0]));
        for (float& x : values) x = static_cast<float>(normal() * deviation);
        if (dims.back() == 1) dims.pop_back();
        m_tensors.push_back({name + ".weight", std::move(dims), std::move(values)});
    }
    void norm(const std::string& name, int width) {
        std::vector<float> values(static_cast<std::size_t>(width));
        for (float& x : values) x = static_cast<float>(1 + 0.1 * normal());
        m_tensors.push_back({name + ".weight", {static_cast<std::uint64_t>(width)}, std::move(values)});
    }

    const Tensor& tensor(const std::string& name) const { return m_tensors[m_places.at(name)]; }
    Vector row(const std::string& name, int index, int width) const {
        const auto begin = tensor(name).values.begin() + static_cast<std::ptrdiff_t>(index) * width;
        return {begin, begin + width};
    }
    /// Of matrix `index` of a tensor.
    Vector product(const std::string& name, const Vector& x, int index = 0) const {
        const Tensor& t = tensor(name);
        const std::size_t columns = t.dims[0], rows = t.dims[1];
        const float* w = t.values.data() + static_cast<std::size_t>(index) * columns * rows;
        Vector y(rows, 0);
        for (std::size_t r = 0; r < rows; ++r) {
            for (std::size_t c = 0; c < columns; ++c) y[r] += static_cast<double>(w[r * columns + c]) * x[c];
        }
        return y;
    }
    Vector normed(const Vector& x, const std::string& name, double eps) const {
        double squares = 0;
        for (const double v : x) squares += v * v;
        const double scale = 1 / std::sqrt(squares / static_cast<double>(x.size()) + eps);
        Vector y(x);
        for (std::size_t i = 0; i < y.size(); ++i) y[i] *= scale * static_cast<double>(tensor(name).values[i]);
        return y;
    }
    static void add(Vector& to, const Vector& x, double factor) {
        for (std::size_t i = 0; i < to.size(); ++i) to[i] += factor * x[i];
    }
    /// Neighbouring pairs of the last kRope values.
    static void rotate(Vector& x, std::size_t first, std::size_t position) {
        for (int i = 0; i < kRope / 2; ++i) {
            const double angle = static_cast<double>(position) * std::pow(kBase, -2.0 * i / kRope);
            double &a = x[first + 2 * static_cast<std::size_t>(i)], &b = x[first + 2 * static_cast<std::size_t>(i) + 1];
            const double turned = a * std::cos(angle) - b * std::sin(angle);
            b = a * std::sin(angle) + b * std::cos(angle);
            a = turned;
        }
    }
    static double dot(const Vector& a, const Vector& b) {
        return std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
    }

    void attend(const std::string& b, std::vector<Vector>& hidden) const {
        const std::size_t tokens = hidden.size();
        std::vector<Vector> queries, latents, turned;
        for (std::size_t t = 0; t < tokens; ++t) {
            const Vector x = normed(hidden[t], b + "attn_norm.weight", kEps);
            const Vector query_latent = normed(product(b + "attn_q_a.weight", x), b + "attn_q_a_norm.weight", kEps);
            queries.push_back(product(b + "attn_q_b.weight", query_latent));
            for (int h = 0; h < kHeads; ++h) {
                rotate(queries[t], static_cast<std::size_t>(h * (kPlain + kRope) + kPlain), t);
            }
            const Vector all = product(b + "attn_kv_a_mqa.weight", x);
            latents.push_back(normed({all.begin(), all.begin() + kLatent}, b + "attn_kv_a_norm.weight", kEps));
            turned.emplace_back(all.begin() + kLatent, all.end());
            rotate(turned[t], 0, t);
        }
        const Tensor& key_b = tensor(b + "attn_k_b.weight");
        std::vector<Vector> out(tokens, Vector(static_cast<std::size_t>(kHeads * kValue), 0));
        for (int h = 0; h < kHeads; ++h) {
            std::vector<Vector> keys, values;
            for (std::size_t t = 0; t < tokens; ++t) {
                Vector key(static_cast<std::size_t>(kPlain), 0);
                for (int j = 0; j < kLatent; ++j) {
                    for (int i = 0; i < kPlain; ++i) {
                        key[static_cast<std::size_t>(i)] +=
                            static_cast<double>(
                                key_b.values[static_cast<std::size_t>((h * kLatent + j) * kPlain + i)]) *
                            latents[t][static_cast<std::size_t>(j)];
                    }
                }
                key.insert(key.end(), turned[t].begin(), turned[t].end());
                keys.push_back(std::move(key));
                values.push_back(product(b + "attn_v_b.weight", latents[t], h));
            }
            for (std::size_t t = 0; t < tokens; ++t) {
                const auto begin = queries[t].begin() + h * (kPlain + kRope);
                const Vector query(begin, begin + kPlain + kRope);
                Vector weights(t + 1);
                for (std::size_t s = 0; s <= t; ++s) {
                    weights[s] = std::exp(dot(query, keys[s]) / std::sqrt(static_cast<double>(kPlain + kRope)));
                }
                const double sum = std::accumulate(weights.begin(), weights.end(), 0.0);
                for (std::size_t s = 0; s <= t; ++s) {
                    for (int i = 0; i < kValue; ++i) {
                        out[t][static_cast<std::size_t>(h * kValue + i)] +=
                            weights[s] / sum * values[s][static_cast<std::size_t>(i)];
                    }
                }
            }
        }
        for (std::size_t t = 0; t < tokens; ++t) add(hidden[t], product(b + "attn_output.weight", out[t]), 1);
    }

    Vector network(const std::string& b, const std::string& end, const Vector& x, int expert) const {
        Vector gate = product(b + "ffn_gate" + end + ".weight", x, expert);
        const Vector up = product(b + "ffn_up" + end + ".weight", x, expert);
        for (std::size_t i = 0; i < gate.size(); ++i) gate[i] = gate[i] / (1 + std::exp(-gate[i])) * up[i];
        return product(b + "ffn_down" + end + ".weight", gate, expert);
    }

    /// Indices by falling value; the gap is that between the last of `count` and the next.
    static std::vector<int> best(const Vector& values, std::size_t count, double& gap) {
        std::vector<int> order(values.size());
        std::iota(order.begin(), order.end(), 0);
        const auto value = [&](int i) { return values[static_cast<std::size_t>(i)]; };
        std::ranges::stable_sort(order, std::greater(), value);
        if (count < order.size()) gap = std::min(gap, value(order[count - 1]) - value(order[count]));
        order.resize(count);
        return order;
    }

    Choice route(const std::string& b, const Vector& x, double& gap) const {
        Vector scores = product(b + "ffn_gate_inp.weight", x);
        if (m_shape.sigmoid) {
            for (double& s : scores) s = 1 / (1 + std::exp(-s));
        } else {
            for (double& s : scores) s = std::exp(s);
            const double sum = std::accumulate(scores.begin(), scores.end(), 0.0);
            for (double& s : scores) s /= sum;
        }
        Vector chosen_by = scores;
        if (m_shape.sigmoid) {
            for (std::size_t e = 0; e < scores.size(); ++e) {
                chosen_by[e] += static_cast<double>(tensor(b + "exp_probs_b.bias").values[e]);
            }
        }
        if (m_shape.groups > 1) {
            const std::size_t size = scores.size() / static_cast<std::size_t>(m_shape.groups);
            Vector of_groups;
            for (std::size_t g = 0; g < static_cast<std::size_t>(m_shape.groups); ++g) {
                const auto begin = chosen_by.begin() + static_cast<std::ptrdiff_t>(g * size);
                Vector group(begin, begin + static_cast<std::ptrdiff_t>(size));
                std::ranges::sort(group, std::greater());
                of_groups.push_back(m_shape.sigmoid ? group[0] + group[1] : group[0]);
            }
            const std::vector<int> kept = best(of_groups, static_cast<std::size_t>(m_shape.groups_used), gap);
            for (std::size_t e = 0; e < chosen_by.size(); ++e) {
                if (std::ranges::find(kept, static_cast<int>(e / size)) == kept.end()) {
                    chosen_by[e] = -std::numeric_limits<double>::infinity();
                }
            }
        }
        Choice choice;
        choice.experts = best(chosen_by, static_cast<std::size_t>(m_shape.used), gap);
        const auto score = [&](int e) { return scores[static_cast<std::size_t>(e)]; };
        std::ranges::stable_sort(choice.experts, std::greater(), score);
        double sum = 0;
        for (std::size_t i = 0; i < choice.experts.size(); ++i) {
            sum += score(choice.experts[i]);
            if (i > 0) gap = std::min(gap, score(choice.experts[i - 1]) - score(choice.experts[i]));
        }
        for (const int e : choice.experts) {
            choice.gates.push_back(score(e) / (m_shape.sigmoid ? sum : 1) * static_cast<double>(m_shape.scale));
        }
        return choice;
    }

    FamilyShape m_shape;
    std::mt19937 m_random;
    std::normal_distribution<double> m_normal;
    std::vector<Tensor> m_tensors;
    std::map<std::string, std::size_t> m_places;
};

}  // namespace moescope

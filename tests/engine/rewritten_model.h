#pragma once
// The same model written another way: GGUF files of the family come in several dialects.

#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "engine/format/gguf.h"

namespace moescope {

/// A model's keys and tensors, taken from a file, to be changed and written again into a folder of its own.
class RewrittenModel {
public:
    struct Tensor {
        std::string name;
        std::vector<std::uint64_t> dims;
        std::uint32_t type = 0;
        std::string data;
    };
    std::map<std::string, GgufValue, std::less<>> keys;
    std::vector<Tensor> tensors;

    explicit RewrittenModel(const std::string& path) {
        const auto file = GgufFile::open(path);
        if (!file.ok()) return;
        keys = file->metadata();
        for (const GgufTensor& t : file->tensors()) {
            tensors.push_back({t.name,
                               t.dims,
                               static_cast<std::uint32_t>(t.type),
                               {reinterpret_cast<const char*>(t.data.data()), t.data.size()}});
        }
        static int count = 0;
        m_folder = std::filesystem::temp_directory_path() /
                   ("moescope-rewritten-" + std::to_string(getpid()) + "-" + std::to_string(count++));
        std::filesystem::create_directories(m_folder);
    }
    ~RewrittenModel() { std::filesystem::remove_all(m_folder); }
    RewrittenModel(const RewrittenModel&) = delete;

    std::uint64_t number(const std::string& key) const {
        const auto found = keys.find(key);
        return found == keys.end() ? 0 : std::get<std::uint64_t>(found->second);
    }

    /// attn_k_b and attn_v_b as attn_kv_b, whose rows for keys are not transposed; or beside it.
    void joinKeysAndValues(bool keep_both) {
        const std::string a = "deepseek2.";
        const std::uint64_t heads = number(a + "attention.head_count"), rope = number(a + "rope.dimension_count");
        const std::uint64_t plain = number(a + "attention.key_length_mla") - rope;
        const std::uint64_t value = number(a + "attention.value_length_mla");
        const std::uint64_t latent = number(a + "attention.kv_lora_rank");
        std::vector<Tensor> all;
        for (Tensor& t : tensors) {
            if (!t.name.ends_with("attn_k_b.weight")) {
                const bool drop = !keep_both && t.name.ends_with("attn_v_b.weight");
                if (!drop) all.push_back(t);
                continue;
            }
            const std::string block = t.name.substr(0, t.name.find("attn_k_b"));
            const std::string& values = find(block + "attn_v_b.weight")->data;
            Tensor joined{block + "attn_kv_b.weight", {latent, heads * (plain + value)}, t.type, {}};
            for (std::uint64_t h = 0; h < heads; ++h) {
                for (std::uint64_t i = 0; i < plain; ++i) {
                    for (std::uint64_t j = 0; j < latent; ++j) {
                        joined.data += t.data.substr(4 * ((h * latent + j) * plain + i), 4);
                    }
                }
                joined.data += values.substr(4 * h * value * latent, 4 * value * latent);
            }
            if (keep_both) all.push_back(t);
            all.push_back(std::move(joined));
        }
        tensors = std::move(all);
        if (keep_both) return;
        keys.erase(a + "attention.key_length_mla");
        keys.erase(a + "attention.value_length_mla");
        keys[a + "attention.key_length"] = plain + rope;
        keys[a + "attention.value_length"] = value;
        keys[a + "attention.head_count_kv"] = heads;
    }

    /// ffn_gate_exps and ffn_up_exps as ffn_gate_up_exps: an expert's gate, then its up.
    void fuseGateAndUp() {
        std::vector<Tensor> all;
        for (const Tensor& t : tensors) {
            if (t.name.ends_with("ffn_up_exps.weight")) continue;
            if (!t.name.ends_with("ffn_gate_exps.weight")) {
                all.push_back(t);
                continue;
            }
            const std::string block = t.name.substr(0, t.name.find("ffn_gate"));
            const std::string& up = find(block + "ffn_up_exps.weight")->data;
            Tensor both{block + "ffn_gate_up_exps.weight", {t.dims[0], 2 * t.dims[1], t.dims[2]}, t.type, {}};
            const std::size_t bytes = t.data.size() / t.dims[2];
            for (std::size_t e = 0; e < t.dims[2]; ++e) {
                both.data += t.data.substr(e * bytes, bytes) + up.substr(e * bytes, bytes);
            }
            all.push_back(std::move(both));
        }
        tensors = std::move(all);
    }

    /// A block past the layers that predicts a further token, whose tensors must not be looked at.
    void addPrediction() {
        const std::string block = "blk." + std::to_string(number("deepseek2.block_count")) + ".";
        keys["deepseek2.block_count"] = number("deepseek2.block_count") + 1;
        keys["deepseek2.nextn_predict_layers"] = std::uint64_t{1};
        for (const char* name :
             {"attn_norm.weight", "nextn.eh_proj.weight", "nextn.enorm.weight", "ffn_gate_inp.weight"}) {
            tensors.push_back({block + name, {8}, 0, std::string(32, '\x7f')});
        }
    }

    /// Writes everything into one file, or into as many; returns the paths.
    std::vector<std::string> write(std::size_t parts = 1) const {
        std::vector<std::string> paths;
        for (std::size_t part = 0; part < parts; ++part) {
            char name[64] = "model.gguf";
            if (parts > 1) std::snprintf(name, sizeof name, "model-%05zu-of-%05zu.gguf", part + 1, parts);
            std::string head_keys;
            std::uint64_t key_count = 0;
            const auto add = [&](const std::string& key, const GgufValue& value) {
                put(head_keys, key, value);
                ++key_count;
            };
            if (part == 0) {
                for (const auto& [key, value] : keys) add(key, value);
            }
            if (parts > 1) {
                add("split.no", std::uint64_t{part});
                add("split.count", std::uint64_t{parts});
                add("split.tensors.count", std::uint64_t{tensors.size()});
            }
            const std::size_t first = part * tensors.size() / parts, last = (part + 1) * tensors.size() / parts;
            std::string infos, data;
            for (std::size_t i = first; i < last; ++i) {
                const Tensor& t = tensors[i];
                text(infos, t.name);
                raw(infos, static_cast<std::uint32_t>(t.dims.size()));
                for (const std::uint64_t n : t.dims) raw(infos, n);
                raw(infos, t.type);
                raw(infos, static_cast<std::uint64_t>(data.size()));
                data += t.data;
                data.resize((data.size() + 31) / 32 * 32);
            }
            std::string out = "GGUF";
            raw(out, std::uint32_t{3});
            raw(out, static_cast<std::uint64_t>(last - first));
            raw(out, key_count);
            out += head_keys + infos;
            out.resize((out.size() + 31) / 32 * 32);
            out += data;
            paths.push_back((m_folder / name).string());
            std::ofstream(paths.back(), std::ios::binary).write(out.data(), static_cast<std::streamsize>(out.size()));
        }
        return paths;
    }

private:
    const Tensor* find(const std::string& name) const {
        for (const Tensor& t : tensors) {
            if (t.name == name) return &t;
        }
        return nullptr;
    }
    template <class T>
    static void raw(std::string& out, T value) {
        out.append(reinterpret_cast<const char*>(&value), sizeof value);
    }
    static void text(std::string& out, const std::string& value) {
        raw(out, static_cast<std::uint64_t>(value.size()));
        out += value;
    }
    /// The kinds of GGUF by type: bool 7, string 8, array 9, u64 10, i64 11, f64 12.
    static void item(std::string& out, bool v) { raw(out, static_cast<std::uint8_t>(v)); }
    static void item(std::string& out, const std::string& v) { text(out, v); }
    template <class T>
    static void item(std::string& out, T v) {
        raw(out, v);
    }
    template <class T>
    static constexpr std::uint32_t kindOf() {
        if constexpr (std::is_same_v<T, bool>) return 7;
        if constexpr (std::is_same_v<T, std::string>) return 8;
        if constexpr (std::is_same_v<T, std::uint64_t>) return 10;
        if constexpr (std::is_same_v<T, std::int64_t>) return 11;
        return 12;
    }
    static void put(std::string& out, const std::string& key, const GgufValue& value) {
        text(out, key);
        std::visit(
            [&]<class T>(const T& v) {
                if constexpr (std::is_same_v<T, GgufArray>) {
                    raw(out, std::uint32_t{9});
                    std::visit(
                        [&]<class V>(const std::vector<V>& items) {
                            raw(out, kindOf<V>());
                            raw(out, static_cast<std::uint64_t>(items.size()));
                            for (const V& i : items) item(out, i);
                        },
                        v.items);
                } else {
                    raw(out, kindOf<T>());
                    item(out, v);
                }
            },
            value);
    }

    std::filesystem::path m_folder;
};

}  // namespace moescope

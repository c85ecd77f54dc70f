#pragma once
// What there is to know of a model before its weights are loaded: for `moescope-cli info` and the window's model card.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "app/chat/load_plan.h"

namespace moescope {

enum class AttentionKind : std::uint8_t {
    kMultiHead,     ///< each head has keys and values of its own
    kGroupedQuery,  ///< heads share them
    kLatent,        ///< they are made from one latent a position
};
AttentionKind attentionKind(const AttentionShape& shape);
/// "MHA", "GQA", "MLA".
std::string_view attentionName(AttentionKind kind);

/// Bytes that a position takes in the caches of all layers.
std::uint64_t cacheBytesPerToken(const ModelConfig& config, KvType type);

/// A context that could be chosen, and what all of the model takes with it.
struct ContextMemory {
    int tokens = 0;
    std::uint64_t bytes = 0;
    bool fits = false;  ///< into what is free
};

struct ModelFacts {
    std::string path;  ///< of the part that was opened
    std::string name;  ///< its own, or empty
    std::string license;
    int files = 1;
    std::uint64_t file_bytes = 0;  ///< of all of them

    struct TypeShare {
        TensorType type;
        double share;  ///< of the bytes of all tensors
    };
    std::vector<TypeShare> types;  ///< largest share first

    ModelConfig config;
    ModelStatistics statistics;
    AttentionKind attention = AttentionKind::kMultiHead;
    KvType kv_type = KvType::kF16;
    std::uint64_t cache_bytes_per_token = 0;  ///< with that type

    bool own_template = false;       ///< the file's own is used
    bool thinking_choice = false;    ///< and can be asked to think, or not to
    std::string template_words;      ///< a line: which form
    std::string template_note;       ///< a sentence: why answers may suffer from it; or empty
    std::vector<std::string> notes;  ///< sentences of the tokenizer

    LoadPlan plan;  ///< as it would be loaded
    /// Powers of two from kShortestContext on, the one of the plan and the model's own, shortest first.
    std::vector<ContextMemory> contexts;
};

/// Of a file that has been opened, as it would be loaded with `choices` where `free` is free. Takes microseconds.
ModelFacts modelFacts(const ModelFile& file, const LoadChoices& choices, const FreeMemory& free);

/// "Q4_K 71.2 %, Q5_0 20.1 %, ..."
std::string typesText(const ModelFacts& facts);

}  // namespace moescope

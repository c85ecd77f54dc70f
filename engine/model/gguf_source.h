#pragma once
// A model in a GGUF file, or in several that one was split into.

#include <vector>

#include "engine/format/gguf.h"
#include "engine/model/model_source.h"

namespace moescope {

/// The files of one model, in order; all metadata are in the first.
using GgufParts = std::span<const GgufFile>;

class GgufSource : public ModelSource {
public:
    explicit GgufSource(std::vector<GgufFile> parts) : m_parts(std::move(parts)) {}
    /// Opens the file and, if it is a part of a model, the others beside it.
    static Result<std::unique_ptr<ModelSource>> open(const std::string& path);

    Result<ModelConfig> config() const override;
    Result<ModelMatrices> matrices(const ModelConfig& config) const override;
    Result<VocabularySource> vocabulary() const override { return VocabularySource::fromGguf(m_parts.front()); }
    Result<std::string> chatTemplate() const override;
    std::string license() const override;
    int files() const override { return static_cast<int>(m_parts.size()); }
    SamplingAdvice samplingAdvice() const override;
    std::uint64_t fileBytes() const override;
    std::string fingerprint() const override;
    std::map<TensorType, std::uint64_t> bytesByType() const override;
    Status intact() const override;
    void populate(std::span<const std::byte> part) const override { m_parts.front().populate(part); }
    void release(std::span<const std::byte> part) const override { m_parts.front().release(part); }

private:
    std::vector<GgufFile> m_parts;  // at least one
};

/// A tensor of whichever part has it; null if none does.
const GgufTensor* ggufTensor(GgufParts parts, std::string_view name);
/// Reads and checks a model's metadata. Names what is missing, out of range, or not supported.
Result<ModelConfig> ggufConfig(GgufParts parts);
/// The tensor that a router adds to its scores where experts are chosen; null if there is none in that layer.
const GgufTensor* ggufRouterBias(GgufParts parts, int layer);
/// Finds every matrix that the architecture needs; names the first that is missing or misshapen.
Result<ModelMatrices> ggufMatrices(GgufParts parts, const ModelConfig& config);

}  // namespace moescope

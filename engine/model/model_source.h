#pragma once
// Where a model comes from: its configuration, matrices, vocabulary and chat template, whatever form its file has.

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "engine/base/status.h"
#include "engine/format/vocabulary.h"
#include "engine/model/config.h"
#include "engine/model/matrices.h"

namespace moescope {

/// How its makers would sample; none of what the file does not say. Out of range as it may stand there.
struct SamplingAdvice {
    std::optional<double> temperature, top_k, top_p, min_p, repetition_penalty;
};

/// A model as it is stored. Immutable. What matrices point to lives as long as the source.
class ModelSource {
public:
    virtual ~ModelSource() = default;

    /// Opens a model's file and checks its form; takes milliseconds. It may lack anything that is not asked for: a
    /// vocabulary alone will do for a tokenizer. Messages name the path.
    static Result<std::unique_ptr<ModelSource>> open(const std::string& path);
    /// The same from bytes that outlive the source; for tests and fuzzers. Messages name no file.
    static Result<std::unique_ptr<ModelSource>> parse(std::span<const std::byte> bytes);

    virtual Result<ModelConfig> config() const = 0;
    /// Every matrix that the architecture needs. Error: the first that is missing, misshapen or of a type that is not
    /// read.
    virtual Result<ModelMatrices> matrices(const ModelConfig& config) const = 0;
    virtual Result<VocabularySource> vocabulary() const = 0;
    virtual Result<std::string> chatTemplate() const = 0;  ///< as Jinja; empty if there is none
    virtual std::string license() const = 0;               ///< as the file names it ("mit"); empty if it does not
    virtual SamplingAdvice samplingAdvice() const = 0;

    virtual int files() const = 0;
    virtual std::uint64_t fileBytes() const = 0;  ///< of all of them
    /// Tells what is stored here from anything else and from what it was before a change, in a few letters and digits;
    /// empty if that cannot be told. See MappedFile.
    virtual std::string fingerprint() const = 0;
    /// Bytes of all tensors by their type, those that the model does not need included.
    virtual std::map<TensorType, std::uint64_t> bytesByType() const = 0;

    // Reading what matrices point to; see MappedFile.

    /// Whether what was read so far was that of the file; a sentence if it was cut or changed meanwhile.
    virtual Status intact() const = 0;
    /// Brings a part of a matrix into memory in one go.
    virtual void populate(std::span<const std::byte> part) const = 0;
    /// Tells the system that a part is no longer needed, after a backend has taken its own copy.
    virtual void release(std::span<const std::byte> part) const = 0;
};

}  // namespace moescope

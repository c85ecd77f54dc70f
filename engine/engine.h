#pragma once
// The engine as programs use it: load a model, open sessions, compute tokens. Where memory or threads run out a Status
// says so.
//
//   auto model = Model::load(path, {});
//   auto session = Session::create(*model, {});
//   session->evaluate(tokens, LogitsWanted::kLast, sink, {});

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "engine/backend/backend.h"
#include "engine/base/compute_choice.h"
#include "engine/base/status.h"
#include "engine/model/model_source.h"
#include "engine/text/chat_template.h"
#include "engine/text/tokenizer.h"
#include "kernels/cpu/cpu_kernels.h"

namespace moescope {

/// What can be known of a model file without loading its weights. Move-only; owns the mapped file.
struct ModelFile {
    std::string path;
    std::unique_ptr<ModelSource> source;
    ModelConfig config;
    ModelMatrices matrices;
    std::unique_ptr<Tokenizer> tokenizer;
    ChatTemplate chat_template;

    /// Maps and validates everything; takes milliseconds.
    static Result<ModelFile> open(const std::string& path);
    /// The same from bytes that outlive the result; for tests and fuzzers. Messages do not name a file.
    static Result<ModelFile> parse(std::span<const std::byte> bytes);

private:
    static Result<ModelFile> openAndUnderstand(const std::string& path);
    static Result<ModelFile> understand(std::unique_ptr<ModelSource> source);
};

struct SessionOptions {
    int context = 0;  ///< positions; 0: the model's own context length
    KvType kv_type = KvType::kF16;
    int chunk_tokens = 512;  ///< prompts are computed in pieces of this many tokens
};

struct ModelOptions {
    int threads = 0;         ///< of the CPU; 0: one for each processor
    std::optional<Isa> isa;  ///< the best that the processor has; with kAuto, naming one means the CPU
    BackendChoice backend = BackendChoice::kAuto;
    int device = -1;               ///< number of the GPU; -1: the usable one with the most free memory
    std::uint64_t gpu_memory = 0;  ///< bytes of the GPU's memory that may be used; 0: what is free
    SessionOptions session;        ///< that is to fit on the GPU beside the weights
    /// Of packed weights (packed_store.h), which the CPU maps if they are there; empty: none.
    std::string packed_folder;
    bool keep_packed = false;  ///< what was packed is kept there, beside other work
};

/// A loaded model: immutable, shared by its sessions.
class Model {
public:
    /// Once loaded, nothing is read from the file anymore (but from packed weights, if these are mapped). Errors: also
    /// a file that changes or cannot be read to its end while it is being loaded.
    static Result<std::shared_ptr<Model>> load(const std::string& path, const ModelOptions& options,
                                               const LoadControl& control = {});
    /// The same of a file that has been opened already.
    static Result<std::shared_ptr<Model>> load(ModelFile file, const ModelOptions& options,
                                               const LoadControl& control = {});

    const ModelConfig& config() const { return m_file.config; }
    const Tokenizer& tokenizer() const { return *m_file.tokenizer; }
    const ChatTemplate& chatTemplate() const { return m_file.chat_template; }
    const ModelMatrices& matrices() const { return m_file.matrices; }
    const std::string& path() const { return m_file.path; }
    SamplingAdvice samplingAdvice() const { return m_file.source->samplingAdvice(); }
    Backend& backend() const { return *m_backend; }
    /// With kAuto on the CPU: why not on a GPU. kNotFound if the machine has none that could be used; anything else
    /// is worth telling. Ok otherwise.
    const Status& cardStatus() const { return m_card_status; }

private:
    static Result<std::shared_ptr<Model>> loadFile(ModelFile file, const ModelOptions& options,
                                                   const LoadControl& control);
    explicit Model(ModelFile file) : m_file(std::move(file)) {}
    ModelFile m_file;
    Status m_card_status;
    std::unique_ptr<Backend> m_backend;  // after the file, which it points into
};

/// Memory that a session of such options will take on the CPU beside the model's weights; `threads` as in ModelOptions.
SessionBytes sessionBytes(const ModelConfig& config, const SessionOptions& options, int threads = 0);

class SharedCompute;  // shared_compute.h

/// One conversation: its tokens, their cached keys and values, and the router's rules. One thread at a time.
class Session {
public:
    static Result<std::unique_ptr<Session>> create(std::shared_ptr<Model> model, const SessionOptions& options);

    const Model& model() const { return *m_model; }
    int context() const { return m_context; }
    int position() const { return static_cast<int>(m_tokens.size()); }    ///< tokens computed
    const std::vector<std::int32_t>& tokens() const { return m_tokens; }  ///< what has been computed
    std::uint64_t memoryBytes() const { return m_backend->memoryBytes(); }

    /// Forgets the tokens from `position` on. Does nothing if fewer were computed.
    void truncate(int position);

    /// Cuts back to the longest common start with `tokens` that leaves at least one of them to compute, and returns
    /// its length: the tokens that need not be computed again. The rules must not have changed in between.
    int reuse(std::span<const std::int32_t> tokens);

    /// Appends and computes tokens, in chunks. `sink` may be null; it gets each token's routing in order once its
    /// chunk is computed, and `progress` (may be empty) how many of `tokens` are computed after each chunk. Errors: an
    /// id outside the vocabulary, no room in the context (nothing is computed then), kStopped (chunks before the stop
    /// stay).
    Status evaluate(std::span<const std::int32_t> tokens, LogitsWanted wanted, RoutingSink* sink, Phase phase,
                    const std::stop_token& stop, const std::function<void(int done)>& progress = {});

    /// Whether decode() can choose tokens as these settings say, where the model is computed.
    bool canDecode(const SamplerSettings& sampling) const {
        return !m_shared && !sampling.adjustsLogits() && m_backend->canChain(sampling);
    }
    /// Appends and computes `token` and those that follow from it. `sampler` has accepted `token`. After each, `sink`
    /// (may be null) gets its routing, and `on_next` the token chosen to follow (-1: no logit is a number); false ends
    /// it, and the one that was chosen is not computed. Errors: as evaluate(). logits() is empty after.
    Status decode(std::int32_t token, const Sampler& sampler, RoutingSink* sink, const std::stop_token& stop,
                  const std::function<bool(std::int32_t next)>& on_next);

    /// Whether evaluateDrafts() gives what computing token by token does.
    bool canDraft() const { return m_backend->sameInBatches(); }
    /// Appends and computes `token` and, in the same batch, `drafts` that are thought to follow it (those that find
    /// room). Then `on_logits` gets the logits (vocabulary) after each of them in order, and says what follows; where
    /// that is not the next draft, or nothing (the answer ends), the drafts from there on are forgotten, and `sink`
    /// (may be null) does not hear of them. Gives the number of drafts that were right. Errors: as evaluate().
    /// logits() is empty after.
    Result<std::size_t> evaluateDrafts(
        std::int32_t token, std::span<const std::int32_t> drafts, RoutingSink* sink, const std::stop_token& stop,
        const std::function<std::optional<std::int32_t>(std::span<const float> logits)>& on_logits);

    /// Of the last evaluate(): (tokens, vocabulary) for kAll, (1, vocabulary) for kLast.
    std::span<const float> logits() const { return m_logits; }

    /// From now on evaluate() adds up where its time goes, on CPUs; null: no more. `times` outlives its use.
    void measure(PhaseTimes* times) { m_times = times; }

    /// From now on it computes beside other sessions of its model, which are on threads of their own; null: alone.
    /// `shared` outlives its use.
    void share(SharedCompute* shared) { m_shared = shared; }

    /// Changes the rules for the tokens to come. Error: rules that do not fit the model.
    Status setRouterRules(const RouterRules& rules);

private:
    /// Whether the tokens are ids of the model and find room in the context.
    Status admits(std::span<const std::int32_t> tokens) const;
    Status compute(std::span<const std::int32_t> tokens, LogitsWanted wanted, RoutingSink* sink, Phase phase,
                   const std::stop_token& stop, const std::function<void(int done)>& progress);
    Status forward(const ForwardRequest& request);
    Result<std::size_t> computeDrafts(
        std::span<const std::int32_t> batch, RoutingSink* sink, const std::stop_token& stop,
        const std::function<std::optional<std::int32_t>(std::span<const float> logits)>& on_logits);
    Session(std::shared_ptr<Model> model, std::unique_ptr<BackendSession> backend, int context);

    std::shared_ptr<Model> m_model;
    std::unique_ptr<BackendSession> m_backend;
    int m_context;
    std::vector<std::int32_t> m_tokens;
    std::vector<float> m_logits;
    ForwardResult m_result;
    PhaseTimes* m_times = nullptr;
    SharedCompute* m_shared = nullptr;
};

}  // namespace moescope

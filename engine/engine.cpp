#include "engine/engine.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/backend/cpu/cpu_backend.h"
#include "engine/backend/plugin_loader.h"
#include "engine/base/out_of_memory.h"
#include "engine/routing/router_rules.h"
#include "engine/shared_compute.h"

namespace moescope {

Result<ModelFile> ModelFile::open(const std::string& path) {
    return withinLimits([&] { return openAndUnderstand(path); });
}

Result<ModelFile> ModelFile::openAndUnderstand(const std::string& path) {
    auto source = ModelSource::open(path);
    if (!source.ok()) return source.status();  // names the path itself
    auto model = understand(std::move(*source));
    if (!model.ok()) return Status(model.status().code(), fmt::format("{}: {}", path, model.status().message()));
    model->path = path;
    return model;
}

Result<ModelFile> ModelFile::parse(std::span<const std::byte> bytes) {
    auto source = ModelSource::parse(bytes);
    if (!source.ok()) return source.status();
    return understand(std::move(*source));
}

Result<ModelFile> ModelFile::understand(std::unique_ptr<ModelSource> source) {
    ModelFile model;
    model.source = std::move(source);
    auto config = model.source->config();
    if (!config.ok()) return config.status();
    model.config = std::move(*config);
    auto matrices = model.source->matrices(model.config);
    if (!matrices.ok()) return matrices.status();
    model.matrices = std::move(*matrices);
    auto vocabulary = model.source->vocabulary();
    if (!vocabulary.ok()) return vocabulary.status();
    const bool bos_first = vocabulary->tokens.add_bos && vocabulary->tokens.add_bos_stated;
    auto tokenizer = Tokenizer::create(std::move(*vocabulary));
    if (!tokenizer.ok()) return tokenizer.status();
    model.tokenizer = std::move(*tokenizer);
    if (model.tokenizer->size() > model.config.vocabulary) {
        return invalid(fmt::format("The tokenizer has {} tokens, but the model has only {} rows of embeddings.",
                                   model.tokenizer->size(), model.config.vocabulary));
    }
    const auto jinja = model.source->chatTemplate();
    if (!jinja.ok()) return jinja.status();
    model.chat_template = ChatTemplate::choose(*jinja, *model.tokenizer, bos_first);
    return model;
}

namespace {

BackendSessionOptions backendOptions(const ModelConfig& config, const SessionOptions& options) {
    const int context = options.context > 0 ? options.context : config.context_length;
    return {context, options.kv_type, std::min(options.chunk_tokens, context)};
}

}  // namespace

Result<std::shared_ptr<Model>> Model::load(const std::string& path, const ModelOptions& options,
                                           const LoadControl& control) {
    auto file = ModelFile::open(path);
    if (!file.ok()) return file.status();
    return load(std::move(*file), options, control);
}

Result<std::shared_ptr<Model>> Model::load(ModelFile file, const ModelOptions& options, const LoadControl& control) {
    return withinLimits([&] { return loadFile(std::move(file), options, control); });
}

Result<std::shared_ptr<Model>> Model::loadFile(ModelFile file, const ModelOptions& options,
                                               const LoadControl& control) {
    const std::shared_ptr<Model> model(new Model(std::move(file)));
    CpuBackendOptions cpu;
    cpu.threads = options.threads;
    cpu.isa = options.isa.value_or(bestIsa());
    cpu.packed_folder = options.packed_folder;
    cpu.keep_packed = options.keep_packed;
    cpu.model_path = model->path();
    if (!isaAvailable(cpu.isa)) {
        return unsupported(
            fmt::format("This CPU does not support {}; let the program choose the instruction set.", isaName(cpu.isa)));
    }
    const bool named_cpu = options.backend == BackendChoice::kAuto && options.isa;
    if (options.backend != BackendChoice::kCpu && !named_cpu) {
        const CudaBackendOptions cuda{options.device, options.gpu_memory,
                                      backendOptions(model->config(), options.session), cpu};
        auto backend = loadCudaBackend(*model->m_file.source, model->config(), model->matrices(), cuda, control);
        if (Status status = model->m_file.source->intact(); !status.ok()) return status;
        if (backend.ok()) {
            model->m_backend = std::move(*backend);
            return model;
        }
        const bool last_word =
            options.backend == BackendChoice::kCuda || backend.status().code() == StatusCode::kStopped;
        if (last_word) return backend.status();
        model->m_card_status = backend.status();
    }
    auto backend = loadCpuBackend(*model->m_file.source, model->config(), model->matrices(), cpu, control);
    if (Status status = model->m_file.source->intact(); !status.ok()) return status;
    if (!backend.ok()) return backend.status();
    model->m_backend = std::move(*backend);
    return model;
}

SessionBytes sessionBytes(const ModelConfig& config, const SessionOptions& options, int threads) {
    return cpuSessionBytes(config, backendOptions(config, options), threads);
}

Result<std::unique_ptr<Session>> Session::create(std::shared_ptr<Model> model, const SessionOptions& options) {
    if (options.context < 0 || options.chunk_tokens < 1) {
        return invalid("The context and the chunk must be at least one token.");
    }
    return withinLimits([&]() -> Result<std::unique_ptr<Session>> {
        const BackendSessionOptions wanted = backendOptions(model->config(), options);
        auto backend = model->backend().createSession(wanted);
        if (!backend.ok()) return backend.status();
        return std::unique_ptr<Session>(new Session(std::move(model), std::move(*backend), wanted.context));
    });
}

Session::Session(std::shared_ptr<Model> model, std::unique_ptr<BackendSession> backend, int context)
    : m_model(std::move(model)), m_backend(std::move(backend)), m_context(context) {
    // Workspace like the backend's: the first prompt does not wait for it.
    m_result.routing.resize(static_cast<std::size_t>(m_backend->maxBatch()) *
                            static_cast<std::size_t>(m_model->config().moeLayers()));
}

void Session::truncate(int position) {
    if (position < this->position()) m_tokens.resize(static_cast<std::size_t>(std::max(0, position)));
}

int Session::reuse(std::span<const std::int32_t> tokens) {
    const auto [mine, theirs] = std::mismatch(m_tokens.begin(), m_tokens.end(), tokens.begin(), tokens.end());
    int common = static_cast<int>(mine - m_tokens.begin());
    common = std::min(common, std::max(0, static_cast<int>(tokens.size()) - 1));
    truncate(common);
    return common;
}

Status Session::admits(std::span<const std::int32_t> tokens) const {
    const std::size_t room = static_cast<std::size_t>(m_context - position());
    if (tokens.size() > room) {
        return outOfRange(
            fmt::format("The context is full: {} more tokens do not fit after {}, because it holds {}. "
                        "Shorten the text, start a new chat, or choose a larger context.",
                        tokens.size(), position(), m_context));
    }
    for (const std::int32_t id : tokens) {
        if (id < 0 || id >= m_model->config().vocabulary) {
            return invalid(
                fmt::format("The token {} is not in the vocabulary of {} tokens.", id, m_model->config().vocabulary));
        }
    }
    return {};
}

Status Session::evaluate(std::span<const std::int32_t> tokens, LogitsWanted wanted, RoutingSink* sink, Phase phase,
                         const std::stop_token& stop, const std::function<void(int done)>& progress) {
    return withinLimits([&] { return compute(tokens, wanted, sink, phase, stop, progress); });
}

Status Session::compute(std::span<const std::int32_t> tokens, LogitsWanted wanted, RoutingSink* sink, Phase phase,
                        const std::stop_token& stop, const std::function<void(int done)>& progress) {
    m_logits.clear();
    if (Status status = admits(tokens); !status.ok()) return status;
    const std::size_t chunk = static_cast<std::size_t>(m_backend->maxBatch());
    const std::size_t moe_layers = static_cast<std::size_t>(m_model->config().moeLayers());
    for (std::size_t at = 0; at < tokens.size(); at += chunk) {
        ForwardRequest request;
        request.tokens = tokens.subspan(at, std::min(chunk, tokens.size() - at));
        request.first_position = position();
        const bool last = at + request.tokens.size() == tokens.size();
        request.logits = wanted == LogitsWanted::kLast && !last ? LogitsWanted::kNone : wanted;
        request.trace = sink != nullptr;
        request.stop = stop;
        request.times = m_times;
        if (Status status = forward(request); !status.ok()) return status;
        m_logits.insert(m_logits.end(), m_result.logits.begin(), m_result.logits.end());
        for (std::size_t t = 0; t < request.tokens.size(); ++t) {
            if (sink) {
                sink->onToken({request.tokens[t], position(), phase,
                               std::span(m_result.routing).subspan(t * moe_layers, moe_layers)});
            }
            m_tokens.push_back(request.tokens[t]);
        }
        if (progress) progress(static_cast<int>(at + request.tokens.size()));
    }
    return {};
}

Status Session::forward(const ForwardRequest& request) {
    return m_shared ? m_shared->forward(*m_backend, request, m_result) : m_backend->forward(request, m_result);
}

Status Session::decode(std::int32_t token, const Sampler& sampler, RoutingSink* sink, const std::stop_token& stop,
                       const std::function<bool(std::int32_t next)>& on_next) {
    m_logits.clear();
    if (position() >= m_context) return outOfRange("The context is full; choose a larger one.");
    ChainRequest request;
    request.token = token;
    request.position = position();
    request.most = m_context - position();
    request.sampler = sampler.state();
    request.trace = sink != nullptr;
    request.stop = stop;
    request.on_token = [&](const ChainedToken& t) {
        if (sink) sink->onToken({t.token, position(), Phase::kDecode, t.routing});
        m_tokens.push_back(t.token);
        return on_next(t.next);
    };
    return withinLimits([&] { return m_backend->chain(request); });
}

Result<std::size_t> Session::evaluateDrafts(
    std::int32_t token, std::span<const std::int32_t> drafts, RoutingSink* sink, const std::stop_token& stop,
    const std::function<std::optional<std::int32_t>(std::span<const float> logits)>& on_logits) {
    m_logits.clear();
    return withinLimits([&]() -> Result<std::size_t> {
        const int room = std::max(1, std::min(m_context - position(), m_backend->maxBatch()));
        drafts = drafts.first(std::min(drafts.size(), static_cast<std::size_t>(room) - 1));
        std::vector<std::int32_t> batch = {token};
        batch.insert(batch.end(), drafts.begin(), drafts.end());
        if (Status status = admits(batch); !status.ok()) return status;
        return computeDrafts(batch, sink, stop, on_logits);
    });
}

Result<std::size_t> Session::computeDrafts(
    std::span<const std::int32_t> batch, RoutingSink* sink, const std::stop_token& stop,
    const std::function<std::optional<std::int32_t>(std::span<const float> logits)>& on_logits) {
    ForwardRequest request;
    request.tokens = batch;
    request.first_position = position();
    request.logits = LogitsWanted::kAll;
    request.trace = sink != nullptr;
    request.stop = stop;
    if (Status status = forward(request); !status.ok()) return status;
    const std::size_t moe_layers = static_cast<std::size_t>(m_model->config().moeLayers());
    const std::size_t vocabulary = static_cast<std::size_t>(m_model->config().vocabulary);
    for (std::size_t t = 0;; ++t) {
        if (sink) {
            sink->onToken({batch[t], position(), Phase::kDecode,
                           std::span(m_result.routing).subspan(t * moe_layers, moe_layers)});
        }
        m_tokens.push_back(batch[t]);
        const auto next = on_logits(std::span(m_result.logits).subspan(t * vocabulary, vocabulary));
        if (t + 1 == batch.size() || next != batch[t + 1]) return t;
    }
}

Status Session::setRouterRules(const RouterRules& rules) {
    if (Status status = validate(rules, m_model->config().routingShape()); !status.ok()) return status;
    m_backend->setRouterRules(rules);
    return {};
}

}  // namespace moescope

#pragma once
// A model to answer with, and an observer that keeps what it is told.

#include <doctest/doctest.h>
#include <unistd.h>

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "app/chat/local_answerer.h"
#include "engine/routing/routing_log.h"
#include "tests/support/demo_template.h"

namespace moescope {

inline std::shared_ptr<Model> loaded(const std::string& path) {
    ModelOptions options;
    options.threads = 2;
    options.backend = BackendChoice::kCpu;
    auto model = Model::load(path, options);
    REQUIRE_MESSAGE(model.ok(), model.status().message());
    return *model;
}

/// Loaded once for all tests of a program: models are immutable.
inline std::shared_ptr<Model> demoModel() {
    static const std::shared_ptr<Model> kModel = loaded(MOESCOPE_DEMO_MODEL);
    return kModel;
}

/// The demo model with another chat template.
inline std::shared_ptr<Model> demoWithTemplate(const std::string& jinja) {
    static int count = 0;
    const std::filesystem::path path =
        std::filesystem::temp_directory_path() /
        ("moescope-template-" + std::to_string(getpid()) + "-" + std::to_string(++count) + ".gguf");
    REQUIRE(writeWithTemplate(MOESCOPE_DEMO_MODEL, path.string(), jinja));
    auto model = loaded(path.string());
    std::filesystem::remove(path);  // the model has it mapped
    return model;
}

/// With a template without a blank before answers, which refuses more than three messages.
inline std::shared_ptr<Model> blanklessModel() {
    static const std::shared_ptr<Model> kModel = demoWithTemplate(
        "{% if messages | length > 3 %}{{ raise_exception('Too much said') }}{% endif %}{{ bos_token }}"
        "{% for m in messages %}{{ ('User: ' + m.content + '\\n\\n') if m.role == 'user' else "
        "('Assistant:' + m.content + eos_token) }}{% endfor %}"
        "{% if add_generation_prompt %}{{ 'Assistant:' }}{% endif %}");
    return kModel;
}

/// With one that opens a thought, unless it is told not to.
inline std::shared_ptr<Model> thinkingModel() {
    static const std::shared_ptr<Model> kModel = demoWithTemplate(kThinkingTemplate);
    return kModel;
}

/// Numbers without meaning, and a context of 512.
inline std::shared_ptr<Model> tinyModel() {
    static const std::shared_ptr<Model> kModel = loaded(MOESCOPE_TEST_DATA "/tiny-moe/model.gguf");
    return kModel;
}

inline std::unique_ptr<LocalAnswerer> answererOf(const std::shared_ptr<Model>& model, int context = 0) {
    SessionOptions options;
    options.context = context;
    auto answerer = LocalAnswerer::create(model, options);
    REQUIRE_MESSAGE(answerer.ok(), answerer.status().message());
    return std::move(*answerer);
}

inline Message turn(std::int64_t id, Author author, const std::string& text) {
    Message m;
    m.id = id;
    if (id > 1) m.parent = id - 1;
    m.author = author;
    m.text = text;
    return m;
}

/// A question after the turns before it, answered exactly.
inline AnswerRequest question(const std::string& text, std::vector<Message> before = {}) {
    AnswerRequest request;
    request.conversation = 1;
    request.turns = std::move(before);
    request.turns.push_back(turn(static_cast<std::int64_t>(request.turns.size()) + 1, Author::kUser, text));
    request.settings.temperature = 0;
    request.settings.random_seed = false;
    return request;
}

class Listener : public AnswerObserver {
public:
    explicit Listener(const RoutingShape& shape) : log(shape) {}

    Result<std::int64_t> onBegin(const AnswerBegin& given) override {
        begin = given;
        ++begun;
        if (!refusal.ok()) return refusal;
        return id;
    }
    void onPiece(const AnswerPiece& piece) override {
        CHECK(piece.begin == text.size());
        text += piece.text;
        CHECK(piece.end == text.size());
        if (piece.token >= 0) tokens.push_back({piece.token, piece.begin, piece.end, piece.position});
        if (on_piece) on_piece();
    }
    void onPrefill(int done, int total) override { prefill.emplace_back(done, total); }
    void onToken(const TokenRouting& token) override { log.onToken(token); }
    bool wantsRouting() const override { return wants_routing; }

    std::int64_t id = 2;  // that the answer gets
    Status refusal;
    bool wants_routing = true;
    std::function<void()> on_piece;

    int begun = 0;
    AnswerBegin begin;
    std::string text;
    std::vector<MessageToken> tokens;
    std::vector<std::pair<int, int>> prefill;
    RoutingLog log;
};

}  // namespace moescope

// Guesses at what follows change nothing but the time that an answer takes. If these fail, a text that repeats itself
// is continued by tokens that the model did not choose, or the inspector shows experts of tokens that nobody said.

#include <doctest/doctest.h>

#include <algorithm>
#include <cstring>

#include "engine/generate.h"
#include "engine/routing/routing_log.h"

using namespace moescope;

namespace {

/// All that can be seen of an answer.
struct Seen {
    Generation answer;
    std::vector<std::int32_t> pieces;
    std::vector<float> logits;  // of each choice
    std::vector<float> odds;
    RoutingLog log;
    std::vector<std::int32_t> session;
};

std::shared_ptr<Model> load(const std::string& path) {
    ModelOptions options;
    options.threads = 2;
    options.backend = BackendChoice::kCpu;
    auto model = Model::load(path, options);
    REQUIRE_MESSAGE(model.ok(), model.status().message());
    return *model;
}

std::vector<std::int32_t> repeating(int count, int period) {
    std::vector<std::int32_t> ids;
    for (int i = 0; i < count; ++i) ids.push_back(3 + i % period * 5 % 90);
    return ids;
}

Seen ask(const std::shared_ptr<Model>& model, std::span<const std::int32_t> prompt, GenerationOptions options,
         const SessionOptions& session_options = {}) {
    const auto session = Session::create(model, session_options);
    REQUIRE_MESSAGE(session.ok(), session.status().message());
    Seen seen{{}, {}, {}, {}, RoutingLog(model->config().routingShape()), {}};
    options.sink = &seen.log;
    options.on_piece = [&](const GeneratedPiece& piece) {
        seen.pieces.push_back(piece.token);
        if (piece.odds) seen.odds.push_back(static_cast<float>(piece.odds->entropy));
    };
    options.on_choice = [&](std::int32_t, std::span<const float> logits) {
        seen.logits.insert(seen.logits.end(), logits.begin(), logits.end());
    };
    auto answer = generate(**session, prompt, options);
    REQUIRE_MESSAGE(answer.ok(), answer.status().message());
    seen.answer = std::move(*answer);
    seen.session = (*session)->tokens();
    return seen;
}

bool sameBits(const std::vector<float>& a, const std::vector<float>& b) {
    return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0;
}

void checkAlike(const Seen& drafted, const Seen& plain) {
    CHECK(plain.answer.drafted_tokens == 0);
    CHECK(drafted.answer.tokens == plain.answer.tokens);
    CHECK(drafted.answer.text == plain.answer.text);
    CHECK(drafted.answer.finish == plain.answer.finish);
    CHECK(drafted.pieces == plain.pieces);
    CHECK(drafted.session == plain.session);
    CHECK(sameBits(drafted.logits, plain.logits));
    CHECK(sameBits(drafted.odds, plain.odds));
    REQUIRE(drafted.log.size() == plain.log.size());
    for (std::size_t t = 0; t < plain.log.size(); ++t) {
        CHECK(drafted.log.token(t).token == plain.log.token(t).token);
        CHECK(drafted.log.token(t).position == plain.log.token(t).position);
        CHECK(drafted.log.token(t).phase == plain.log.token(t).phase);
        for (int layer = 0; layer < plain.log.shape().moe_layers; ++layer) {
            const LayerRouting a = drafted.log.at(t, layer), b = plain.log.at(t, layer);
            CHECK(a.experts == b.experts);
            CHECK(a.gates == b.gates);
            CHECK(a.shared_norm == b.shared_norm);
        }
    }
}

/// Softmax and sigmoid routers, groups; multi-head, grouped and latent attention.
const char* const kModels[] = {"tiny-moe",       "family/tiny-gqa",       "family/tiny-v2-groups",
                               "family/tiny-v3", "family/tiny-glm-flash", "family/tiny-moonlight-tied"};

}  // namespace

TEST_CASE("an answer with drafts is the answer without, to the bit") {
    for (const char* name : kModels) {
        CAPTURE(name);
        const auto model = load(std::string(MOESCOPE_TEST_DATA) + "/" + name + "/model.gguf");
        std::size_t right = 0, wrong = 0;
        for (const int period : {4, 7, 19}) {
            for (const float temperature : {0.0f, 0.3f, 1.0f}) {
                for (const int chunk : {1, 3, 512}) {
                    GenerationOptions options;
                    options.max_tokens = 60;
                    options.sampling.temperature = temperature;
                    options.sampling.seed = static_cast<std::uint64_t>(period);
                    options.odds = OddsWanted::kAlways;
                    SessionOptions session;
                    session.chunk_tokens = chunk;
                    const auto prompt = repeating(40, period);
                    const Seen drafted = ask(model, prompt, options, session);
                    options.drafts = false;
                    checkAlike(drafted, ask(model, prompt, options, session));
                    right += drafted.answer.right_drafts;
                    wrong += drafted.answer.drafted_tokens - drafted.answer.right_drafts;
                    if (chunk == 1) CHECK(drafted.answer.right_drafts == 0);
                }
            }
        }
        // Else nothing was tried.
        CHECK(right > 0);
        CHECK(wrong > 0);
    }
}

TEST_CASE("limits hold within a batch of drafts") {
    const auto model = load(std::string(MOESCOPE_TEST_DATA) + "/tiny-moe/model.gguf");
    const auto prompt = repeating(40, 4);
    GenerationOptions options;
    options.sampling.temperature = 0;
    for (int most = 0; most <= 40; ++most) {
        CAPTURE(most);
        options.max_tokens = most;
        options.drafts = true;
        const Seen drafted = ask(model, prompt, options);
        options.drafts = false;
        checkAlike(drafted, ask(model, prompt, options));
        CHECK(drafted.answer.tokens.size() <= static_cast<std::size_t>(most));
    }
    options.max_tokens = 1000;
    for (int context = 41; context <= 70; ++context) {
        CAPTURE(context);
        SessionOptions session;
        session.context = context;
        options.drafts = true;
        const Seen drafted = ask(model, prompt, options, session);
        options.drafts = false;
        checkAlike(drafted, ask(model, prompt, options, session));
    }
}

TEST_CASE("text that ends an answer ends it within a batch of drafts") {
    const auto model = load(MOESCOPE_DEMO_MODEL);
    const std::string text = "A list: one red apple, two green pears. A list: one red apple, two green pears. A list:";
    std::vector<std::int32_t> prompt;
    for (const TokenSpan& token : model->tokenizer().encode(text)) prompt.push_back(token.id);
    GenerationOptions options;
    options.sampling.temperature = 0;
    options.max_tokens = 60;
    const Seen whole = ask(model, prompt, options);
    for (const std::string& stop : {std::string("green"), std::string("ar"), whole.answer.text.substr(0, 5)}) {
        CAPTURE(stop);
        options.stop_texts = {stop};
        options.drafts = true;
        const Seen drafted = ask(model, prompt, options);
        options.drafts = false;
        checkAlike(drafted, ask(model, prompt, options));
    }
}

TEST_CASE("a stop leaves what was said, and the session goes on") {
    const auto model = load(std::string(MOESCOPE_TEST_DATA) + "/tiny-moe/model.gguf");
    const auto prompt = repeating(40, 4);
    const auto session = Session::create(model, {});
    REQUIRE(session.ok());
    std::stop_source source;
    GenerationOptions options;
    options.sampling.temperature = 0;
    options.max_tokens = 60;
    options.stop = source.get_token();
    int pieces = 0;
    options.on_piece = [&](const GeneratedPiece&) {
        if (++pieces == 20) source.request_stop();
    };
    const auto stopped = generate(**session, prompt, options);
    REQUIRE(stopped.ok());
    CHECK(stopped->finish == FinishReason::kStopped);
    options.stop = {};
    options.on_piece = {};
    const auto again = generate(**session, prompt, options);
    REQUIRE(again.ok());
    CHECK(again->tokens == ask(model, prompt, options).answer.tokens);
    REQUIRE(stopped->tokens.size() <= again->tokens.size());
    CHECK(std::equal(stopped->tokens.begin(), stopped->tokens.end(), again->tokens.begin()));
}

TEST_CASE("a draft that is no token of the model is refused") {
    const auto model = load(std::string(MOESCOPE_TEST_DATA) + "/tiny-moe/model.gguf");
    const auto session = Session::create(model, {});
    REQUIRE(session.ok());
    const std::int32_t drafts[] = {5, 1 << 30};
    const auto result = (*session)->evaluateDrafts(
        3, drafts, nullptr, {}, [](std::span<const float>) { return std::optional<std::int32_t>(); });
    CHECK(result.status().code() == StatusCode::kInvalid);
    CHECK((*session)->position() == 0);
}

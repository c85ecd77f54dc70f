// Sessions of one model that compute together. If these fail, one chat's answer depends on what others ask at the same
// time, or a request waits forever.

#include <doctest/doctest.h>

#include <algorithm>
#include <cstring>
#include <thread>

#include "engine/generate.h"
#include "engine/routing/rules_text.h"
#include "engine/shared_compute.h"

using namespace moescope;

namespace {

std::shared_ptr<Model> load(const char* name) {
    ModelOptions options;
    options.threads = 2;
    options.backend = BackendChoice::kCpu;
    auto model = Model::load(std::string(MOESCOPE_TEST_DATA) + "/" + name + "/model.gguf", options);
    REQUIRE_MESSAGE(model.ok(), model.status().message());
    return *model;
}

std::vector<std::int32_t> someTokens(int count, int start) {
    std::vector<std::int32_t> ids;
    for (int i = 0; i < count; ++i) ids.push_back((start + i * 7) % 90 + 3);
    return ids;
}

bool sameBits(std::span<const float> a, std::span<const float> b) {
    return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size_bytes()) == 0;
}

bool sameRecords(const LayerRouting& a, const LayerRouting& b) {
    return a.count == b.count && a.experts == b.experts && a.gates == b.gates && a.routed_norm == b.routed_norm &&
           a.shared_norm == b.shared_norm;
}

/// A backend that computes nothing, and only when it is told to.
class Gate : public Backend {
public:
    class Nothing : public BackendSession {
    public:
        Status forward(const ForwardRequest&, ForwardResult&) override { return {}; }
        void setRouterRules(const RouterRules&) override {}
        int maxBatch() const override { return 512; }
        std::uint64_t memoryBytes() const override { return 0; }
    };

    Result<std::unique_ptr<BackendSession>> createSession(const BackendSessionOptions&) override {
        return std::unique_ptr<BackendSession>(std::make_unique<Nothing>());
    }
    SessionBytes sessionBytes(const BackendSessionOptions&) const override { return {}; }
    std::string name() const override { return "gate"; }
    int threads() const override { return 1; }
    std::uint64_t memoryBytes() const override { return 0; }

    void forwardTogether(std::span<SharedBatch> batches) override {
        std::unique_lock lock(m_mutex);
        computed.emplace_back();
        for (const SharedBatch& batch : batches) computed.back().push_back(batch.request->tokens.front());
        ++m_entered;
        m_changed.notify_all();
        m_changed.wait(lock, [&] { return m_open || m_passes > 0; });
        if (!m_open) --m_passes;
    }
    /// Waits until somebody computes, for the nth time.
    void await(int nth) {
        std::unique_lock lock(m_mutex);
        m_changed.wait(lock, [&] { return m_entered >= nth; });
    }
    void let(bool all = false) {
        const std::lock_guard lock(m_mutex);
        m_open = all;
        ++m_passes;
        m_changed.notify_all();
    }

    std::vector<std::vector<std::int32_t>> computed;  ///< the first token of each batch, computation by computation

private:
    std::mutex m_mutex;
    std::condition_variable m_changed;
    int m_entered = 0, m_passes = 0;
    bool m_open = false;
};

/// Batches of sessions that wait behind one that is being computed.
class Line {
public:
    Line() { begin(1, 1); }
    ~Line() { m_gate.let(true); }

    /// Another session asks for `tokens` tokens, the first of which is `name`.
    void begin(std::int32_t name, std::size_t tokens) {
        const bool first = m_threads.empty();
        const int before = m_shared.waiting();
        m_threads.emplace_back([this, name, tokens](const std::stop_token& stop) {
            Gate::Nothing session;
            std::vector<std::int32_t> ids(tokens, name);
            ForwardRequest request;
            request.tokens = ids;
            request.stop = stop;
            ForwardResult result;
            const Status status = m_shared.forward(session, request, result);
            const std::lock_guard lock(m_mutex);
            m_ended.emplace_back(name, status.code());
        });
        if (first) {
            m_gate.await(1);
        } else {
            while (m_shared.waiting() == before) std::this_thread::yield();
        }
    }
    void stop(std::size_t index) {
        m_threads[index].request_stop();
        m_threads[index].join();
    }
    std::vector<std::vector<std::int32_t>> computeAll() {
        m_gate.let(true);
        for (auto& thread : m_threads) {
            if (thread.joinable()) thread.join();
        }
        return m_gate.computed;
    }
    StatusCode endOf(std::int32_t name) const {
        const auto at = std::ranges::find(m_ended, name, &std::pair<std::int32_t, StatusCode>::first);
        return at == m_ended.end() ? StatusCode::kNotFound : at->second;
    }

private:
    Gate m_gate;
    SharedCompute m_shared{m_gate};
    std::mutex m_mutex;
    std::vector<std::pair<std::int32_t, StatusCode>> m_ended;
    std::vector<std::jthread> m_threads;
};

/// A session of the backend, and what it computed last.
struct Running {
    std::unique_ptr<BackendSession> session;
    int position = 0;
    ForwardResult result;

    Running(const Model& model, const BackendSessionOptions& options, const RouterRules& rules) {
        auto made = model.backend().createSession(options);
        REQUIRE_MESSAGE(made.ok(), made.status().message());
        session = std::move(*made);
        session->setRouterRules(rules);
    }
    ForwardRequest next(std::span<const std::int32_t> tokens, LogitsWanted logits) {
        ForwardRequest request;
        request.tokens = tokens;
        request.first_position = position;
        request.logits = logits;
        position += static_cast<int>(tokens.size());
        return request;
    }
    void read(std::span<const std::int32_t> prompt) {
        for (std::size_t at = 0; at < prompt.size(); at += 64) {
            const auto request =
                next(prompt.subspan(at, std::min<std::size_t>(64, prompt.size() - at)), LogitsWanted::kLast);
            REQUIRE(session->forward(request, result).ok());
        }
    }
};

}  // namespace

TEST_CASE("batches of several sessions have the bits that each would have alone") {
    for (const char* name : {"tiny-moe", "family/tiny-gqa", "family/tiny-v2-groups", "family/tiny-glm-flash"}) {
        CAPTURE(name);
        const auto model = load(name);
        const std::size_t moe_layers = static_cast<std::size_t>(model->config().moeLayers());
        BackendSessionOptions options;
        options.context = 1200;
        // Of different lengths, one of them longer than a segment of latent attention; under different rules.
        const int lengths[] = {600, 3, 17, 90};
        const auto one_expert = parseRules("k 1");
        REQUIRE(one_expert.ok());
        const RouterRules rules[] = {{}, *one_expert, {}, {}};
        std::vector<Running> alone, together;
        for (int i = 0; i < 4; ++i) {
            for (auto* running : {&alone, &together}) {
                options.max_batch = i == 1 ? 128 : 64;  // how prompts are cut need not be the same
                running->emplace_back(*model, options, rules[i]);
                running->back().read(someTokens(lengths[i], i));
            }
        }
        for (int step = 0; step < 6; ++step) {
            CAPTURE(step);
            std::vector<std::vector<std::int32_t>> tokens;
            std::vector<ForwardRequest> requests;
            std::vector<SharedBatch> batches;
            requests.reserve(4);
            tokens.reserve(4);
            for (int i = 0; i < 4; ++i) {
                // The next token, or guesses at some; whoever reads a prompt wants no logits of it.
                const int count = step % 2 == 0 ? 1 : 1 + i;
                const auto wanted = count == 1 ? LogitsWanted::kLast
                                    : i == 2   ? LogitsWanted::kNone
                                               : LogitsWanted::kAll;
                tokens.push_back(someTokens(count, 11 * step + i));
                requests.push_back(together[static_cast<std::size_t>(i)].next(tokens.back(), wanted));
                const auto same = alone[static_cast<std::size_t>(i)].next(tokens.back(), wanted);
                auto& by_itself = alone[static_cast<std::size_t>(i)];
                REQUIRE(by_itself.session->forward(same, by_itself.result).ok());
            }
            for (std::size_t i = 0; i < 4; ++i) {
                batches.push_back({together[i].session.get(), &requests[i], &together[i].result, {}});
            }
            model->backend().forwardTogether(batches);
            for (std::size_t i = 0; i < 4; ++i) {
                CAPTURE(i);
                REQUIRE(batches[i].status.ok());
                CHECK(sameBits(together[i].result.logits, alone[i].result.logits));
                for (std::size_t r = 0; r < tokens[i].size() * moe_layers; ++r) {
                    CHECK(sameRecords(together[i].result.routing[r], alone[i].result.routing[r]));
                }
            }
        }
    }
}

TEST_CASE("sessions that were made otherwise, or leave shared experts out, are computed beside them all the same") {
    const auto model = load("tiny-moe");
    BackendSessionOptions options;
    options.context = 64;
    RouterRules without_shared;
    without_shared.shared_experts = false;
    std::vector<Running> alone, together;
    for (auto* running : {&alone, &together}) {
        running->emplace_back(*model, options, RouterRules());
        running->emplace_back(*model, options, without_shared);
        options.context = 96;
        running->emplace_back(*model, options, RouterRules());
        options.context = 64;
    }
    const auto token = someTokens(1, 5);
    std::vector<ForwardRequest> requests;
    std::vector<SharedBatch> batches;
    for (Running& r : together) requests.push_back(r.next(token, LogitsWanted::kLast));
    for (std::size_t i = 0; i < 3; ++i) {
        batches.push_back({together[i].session.get(), &requests[i], &together[i].result, {}});
    }
    model->backend().forwardTogether(batches);
    for (std::size_t i = 0; i < 3; ++i) {
        REQUIRE(batches[i].status.ok());
        REQUIRE(alone[i].session->forward(alone[i].next(token, LogitsWanted::kLast), alone[i].result).ok());
        CHECK(sameBits(together[i].result.logits, alone[i].result.logits));
    }
    CHECK_FALSE(sameBits(together[0].result.logits, together[1].result.logits));
}

TEST_CASE("answers on threads of their own are those that each would get alone") {
    const auto model = load("family/tiny-v3");
    constexpr int kSessions = 4;
    const auto answer = [&](int i, SharedCompute* shared) {
        auto session = Session::create(model, {});
        if (!session.ok()) return Generation();
        (*session)->share(shared);
        GenerationOptions options;
        options.max_tokens = 40;
        options.sampling.seed = static_cast<std::uint64_t>(i);
        options.sampling.temperature = i % 2 == 0 ? 0.0f : 1.5f;
        // Some repeat themselves, so that guesses are computed too.
        auto prompt = someTokens(5 + 20 * i, i);
        prompt.insert(prompt.end(), prompt.begin(), prompt.end());
        auto result = generate(**session, prompt, options);
        return result.ok() ? std::move(*result) : Generation();
    };
    std::vector<Generation> alone(kSessions), together(kSessions);
    for (int i = 0; i < kSessions; ++i) alone[static_cast<std::size_t>(i)] = answer(i, nullptr);
    SharedCompute shared(model->backend());
    {
        std::vector<std::jthread> threads;
        for (int i = 0; i < kSessions; ++i) {
            threads.emplace_back([&, i] { together[static_cast<std::size_t>(i)] = answer(i, &shared); });
        }
    }
    for (std::size_t i = 0; i < kSessions; ++i) {
        CHECK_FALSE(alone[i].tokens.empty());
        CHECK(together[i].tokens == alone[i].tokens);
        CHECK(together[i].text == alone[i].text);
    }
}

TEST_CASE("who waits for one computation shares the next, and prompts have their turn") {
    Line line;  // 1 is being computed
    line.begin(2, 1);
    line.begin(3, 500);
    line.begin(4, 3);
    line.begin(5, 500);
    line.begin(6, 1);
    CHECK(line.computeAll() == std::vector<std::vector<std::int32_t>>{{1}, {2, 4, 6}, {3}, {5}});
}

TEST_CASE("who was stopped before computes nothing, although it is its turn") {
    // Else it would take the others along, and since they must go on, go on with them.
    Gate gate;
    gate.let(true);
    SharedCompute shared(gate);
    Gate::Nothing session;
    const std::vector<std::int32_t> ids = {1};
    std::stop_source stop;
    stop.request_stop();
    ForwardRequest request;
    request.tokens = ids;
    request.stop = stop.get_token();
    ForwardResult result;
    CHECK(shared.forward(session, request, result).code() == StatusCode::kStopped);
    CHECK(gate.computed.empty());
}

TEST_CASE("who is stopped in the line leaves it, and the others go on") {
    Line line;
    line.begin(2, 500);
    line.begin(3, 1);
    line.stop(1);
    CHECK(line.endOf(2) == StatusCode::kStopped);
    CHECK(line.computeAll() == std::vector<std::vector<std::int32_t>>{{1}, {3}});
    CHECK(line.endOf(1) == StatusCode::kOk);
    CHECK(line.endOf(3) == StatusCode::kOk);
}

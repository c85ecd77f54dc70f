// The loss of a text and the experiments on it. If these fail, a plot of the paper's figures lies.

#include <doctest/doctest.h>

#include <chrono>
#include <cmath>
#include <thread>

#include "engine/experiment.h"

using namespace moescope;
using doctest::Approx;

namespace {

std::shared_ptr<Model> loadModel(const std::string& path) {
    ModelOptions options;
    options.threads = 2;
    auto model = Model::load(path, options);
    REQUIRE_MESSAGE(model.ok(), model.status().message());
    return *model;
}

std::shared_ptr<Model> tinyModel() {
    return loadModel(std::string(MOESCOPE_TEST_DATA) + "/tiny-moe/model.gguf");
}

std::unique_ptr<Session> newSession(const std::shared_ptr<Model>& model, int context = 0) {
    SessionOptions options;
    options.context = context;
    auto session = Session::create(model, options);
    REQUIRE_MESSAGE(session.ok(), session.status().message());
    return std::move(session.value());
}

std::vector<std::int32_t> someTokens(int count) {
    std::vector<std::int32_t> ids;
    for (int i = 0; i < count; ++i) ids.push_back(3 + i * 5 % 90);
    return ids;
}

TextLoss lossOf(Session& session, const ScoredText& text) {
    const auto loss = textLoss(session, text, {});
    REQUIRE_MESSAGE(loss.ok(), loss.status().message());
    return *loss;
}

}  // namespace

TEST_CASE("the loss is the sum of -ln p of each token after the one before") {
    const auto model = tinyModel();
    const auto session = newSession(model);
    const auto ids = someTokens(20);
    const bool bos = model->tokenizer().addBos() && model->tokenizer().bos();
    std::vector<std::int32_t> all;
    if (bos) all.push_back(*model->tokenizer().bos());
    all.insert(all.end(), ids.begin(), ids.end());
    double expected = 0;
    for (std::size_t i = 0; i + 1 < all.size(); ++i) {
        REQUIRE(session->evaluate(std::span(all).subspan(i, 1), LogitsWanted::kLast, nullptr, Phase::kDecode, {}).ok());
        double total = 0;
        for (const float l : session->logits()) total += std::exp(static_cast<double>(l));
        expected += std::log(total) - session->logits()[static_cast<std::size_t>(all[i + 1])];
    }
    const TextLoss loss = lossOf(*session, {ids, {}});
    CHECK(loss.tokens == all.size() - 1);
    CHECK(loss.nats == Approx(expected).epsilon(1e-6));
    CHECK(loss.bits() == Approx(loss.mean() / std::log(2.0)));
    // A shorter context is two windows, each with a first token that does not count.
    const auto small = newSession(model, 12);
    const TextLoss windows = lossOf(*small, {ids, {}});
    CHECK(windows.tokens == (bos ? 20 : 18));
    CHECK_FALSE(textLoss(*session, {bos ? std::vector<std::int32_t>() : someTokens(1), {}}, {}).ok());
    // Only what counts counts, and it is predicted from all before it.
    ScoredText half{ids, std::vector<std::uint8_t>(20, 0)};
    CHECK_FALSE(textLoss(*session, half, {}).ok());
    double parts = 0;
    for (const int parity : {0, 1}) {
        for (std::size_t i = 0; i < 20; ++i) half.counts[i] = static_cast<int>(i % 2) == parity;
        parts += lossOf(*session, half).nats;
    }
    CHECK(parts == Approx(loss.nats).epsilon(1e-9));
}

TEST_CASE("the settings of the figures") {
    const RoutingShape shape{1, 27, 64, 6, 2};
    const auto masked = experimentSettings(ExperimentFigure::kMaskedTop, shape);
    REQUIRE(masked.size() == 10);
    CHECK(masked[0].own);
    CHECK(masked[0].rules == RouterRules());
    CHECK(masked[1].rules.all.masked_top == 4);
    CHECK(masked[8].rules.all.masked_top == 32);
    CHECK(masked[8].x == 0.5);
    CHECK(masked[9].reference);
    CHECK_FALSE(masked[9].rules.shared_experts);
    CHECK(masked[9].rules.all.experts_used == 7);
    const auto active = experimentSettings(ExperimentFigure::kActiveExperts, shape);
    REQUIRE(active.size() == 9);
    CHECK(active[0].rules.all.experts_used == 1);
    CHECK(active[5].own);
    CHECK(active[7].rules.all.experts_used == 8);
    for (const RoutingShape& s :
         {shape, RoutingShape{0, 4, 8, 4, 1}, {1, 1, 3, 2, 0}, {0, 1, 16, 16, 1}, {0, 1, 1, 1, 1}}) {
        for (const auto figure : {ExperimentFigure::kMaskedTop, ExperimentFigure::kActiveExperts}) {
            const auto settings = experimentSettings(figure, s);
            REQUIRE_FALSE(settings.empty());
            int own = 0;
            for (const ExperimentSetting& setting : settings) {
                CHECK_MESSAGE(validate(setting.rules, s).ok(), setting.label);
                own += setting.own;
            }
            CHECK(own == 1);
        }
    }
}

TEST_CASE("the demo model loses when its best experts are masked, and with fewer experts") {
    const auto model = loadModel(MOESCOPE_DEMO_MODEL);
    const auto session = newSession(model);
    const ScoredText text = ScoredText::answers(
        *model, {{Role::kUser, "What is a router?"},
                 {Role::kAssistant,
                  "The router scores all experts for a token with a softmax and sends the token to the best ones."},
                 {Role::kUser, "What is 7 plus 8?"},
                 {Role::kAssistant, "7 + 8 = 15"}});
    const RoutingShape shape = model->config().routingShape();
    std::vector<std::size_t> reported;
    ExperimentOptions options;
    double last = 0;
    options.progress = [&](double fraction) {
        CHECK(fraction >= last);
        last = fraction;
    };
    options.on_point = [&](const ExperimentPoint& p) { reported.push_back(p.loss.tokens); };
    const auto masked = runExperiment(*session, text, experimentSettings(ExperimentFigure::kMaskedTop, shape), options);
    REQUIRE_MESSAGE(masked.ok(), masked.status().message());
    CHECK(reported.size() == masked->size());
    CHECK(last == Approx(1));
    const double own = lossOf(*session, text).nats;  // the model's own rules are back
    CHECK((*masked)[0].loss.nats == own);
    for (std::size_t i = 1; i < masked->size(); ++i) CHECK((*masked)[i].loss.nats > 10 * own);
    CHECK(masked->back().setting.reference);
    CHECK(masked->back().loss.nats > own);

    last = 0;
    const auto active =
        runExperiment(*session, text, experimentSettings(ExperimentFigure::kActiveExperts, shape), options);
    REQUIRE(active.ok());
    CHECK((*active)[0].loss.nats > own);
    for (const ExperimentPoint& p : *active) {
        if (p.setting.own) CHECK(p.loss.nats == own);
    }
    const std::string csv = experimentCsv(*active);
    CHECK(csv.starts_with("setting,x,reference,nats_per_token,bits_per_token,tokens\n\"k = 1\",1,0,"));
    CHECK(static_cast<std::size_t>(std::count(csv.begin(), csv.end(), '\n')) == active->size() + 1);
}

TEST_CASE("an experiment stops when it is asked to") {
    const auto model = loadModel(MOESCOPE_DEMO_MODEL);
    const auto session = newSession(model);
    std::string long_text;
    while (long_text.size() < 200'000) long_text += "A fox met a snail on a hill and they talked for a while. ";
    const ScoredText text = ScoredText::whole(model->tokenizer(), long_text);
    std::stop_source stop;
    std::jthread stopper([&] {
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
        stop.request_stop();
    });
    ExperimentOptions options;
    options.stop = stop.get_token();
    const auto settings = experimentSettings(ExperimentFigure::kMaskedTop, model->config().routingShape());
    const auto result = runExperiment(*session, text, settings, options);
    REQUIRE_FALSE(result.ok());
    CHECK(result.status().code() == StatusCode::kStopped);
}

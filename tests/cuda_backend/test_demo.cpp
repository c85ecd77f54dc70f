// The demo model, quantised, answers the same on a GPU as on the CPU.

#include "engine/generate.h"
#include "tests/cuda_backend/emulated_model.h"

using namespace moescope;

namespace {

std::string answer(const std::shared_ptr<Model>& model, const std::string& question) {
    SessionOptions options;
    options.context = 256;
    auto session = Session::create(model, options);
    REQUIRE(session.ok());
    const auto prompt = model->chatTemplate().render(model->tokenizer(), {{Role::kUser, question}}, true).ids();
    GenerationOptions generation;
    generation.sampling.temperature = 0;
    generation.max_tokens = 24;
    const auto result = generate(**session, prompt, generation);
    REQUIRE_MESSAGE(result.ok(), result.status().message());
    return result->text;
}

}  // namespace

TEST_CASE("greedy answers of the demo model are those of the CPU") {
    ModelOptions options;
    options.session.context = 256;
    const auto on_card = loadOnCard(MOESCOPE_DEMO_MODEL, options);
    REQUIRE_MESSAGE(on_card.ok(), on_card.status().message());
    options.backend = BackendChoice::kCpu;
    options.threads = 2;
    const auto on_cpu = Model::load(MOESCOPE_DEMO_MODEL, options);
    REQUIRE_MESSAGE(on_cpu.ok(), on_cpu.status().message());
    for (const char* question : {"What is 7 plus 5?", "What does the router do?", "Who are you?"}) {
        CAPTURE(question);
        const std::string expected = answer(*on_cpu, question);
        CHECK(expected.size() > 2);
        CHECK(answer(*on_card, question) == expected);
    }
}

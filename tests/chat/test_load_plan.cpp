// If these fail, a model is loaded otherwise than was chosen, or one that cannot fit takes the machine's memory.

#include <doctest/doctest.h>

#include "app/chat/load_plan.h"

using namespace moescope;

namespace {

ModelFile tinyFile() {
    auto file = ModelFile::open(MOESCOPE_TEST_DATA "/tiny-moe/model.gguf");
    REQUIRE_MESSAGE(file.ok(), file.status().message());
    return std::move(*file);
}

}  // namespace

TEST_CASE("a plan has what was chosen") {
    const ModelFile file = tinyFile();
    LoadChoices choices;
    choices.compute.backend = BackendChoice::kCpu;
    choices.threads = 3;
    choices.context = 256;
    choices.kv_type = KvType::kF32;
    choices.gpu_memory = 5;
    const LoadPlan plan = planLoad(file, choices);
    CHECK(plan.model.backend == BackendChoice::kCpu);
    CHECK(plan.model.threads == 3);
    CHECK(plan.model.gpu_memory == 5);
    CHECK(plan.session.context == 256);
    CHECK(plan.session.kv_type == KvType::kF32);
    CHECK(plan.model.session.context == 256);
    // A GPU that is named is wanted, and not insisted on.
    choices.compute = {BackendChoice::kCuda, 1};
    CHECK(planLoad(file, choices).model.backend == BackendChoice::kAuto);
    CHECK(planLoad(file, choices).model.device == 1);
    choices.context = 0;
    CHECK(planLoad(file, choices).session.context == file.config.context_length);
}

TEST_CASE("memory is what the model takes, against what there is") {
    const ModelFile file = tinyFile();
    LoadChoices choices;
    choices.compute.backend = BackendChoice::kCpu;
    const LoadPlan plan = planLoad(file, choices);
    CHECK(plan.weights > 0);
    CHECK(plan.cache == sessionBytes(file.config, plan.session).cache);
    CHECK(plan.needed() == plan.weights + plan.cache + plan.workspace);
    CHECK(plan.fits());
    CHECK(plan.available > 0);
    // Twice the precision, twice the cache; and a context that no machine has room for.
    choices.kv_type = KvType::kF32;
    CHECK(planLoad(file, choices).cache == 2 * plan.cache);
    choices.context = 1 << 30;
    CHECK_FALSE(planLoad(file, choices).fits());
    // What is estimated is no less than what is taken.
    auto model = Model::load(MOESCOPE_TEST_DATA "/tiny-moe/model.gguf", plan.model);
    REQUIRE(model.ok());
    auto session = Session::create(*model, plan.session);
    REQUIRE(session.ok());
    CHECK((*model)->backend().memoryBytes() + (*session)->memoryBytes() <= plan.needed());
}

TEST_CASE("a context that does not fit is shortened, unless somebody chose it") {
    ModelFile file = tinyFile();
    file.config.context_length = 163'840;  // DeepSeek-V2-Lite's
    const FreeMemory plenty{std::uint64_t{1} << 40, 0};
    const LoadPlan whole = planLoad(file, {}, plenty);
    CHECK(whole.session.context == 163'840);
    CHECK(whole.fits());

    // Room for the weights and half of the cache.
    const FreeMemory half{whole.needed() - whole.cache / 2, 0};
    const LoadPlan shorter = planLoad(file, {}, half);
    CHECK(shorter.fits());
    CHECK(shorter.own_context == 163'840);
    CHECK((shorter.session.context == 65'536 || shorter.session.context == 32'768));
    CHECK(shorter.model.session.context == shorter.session.context);
    CHECK(shorter.needed() < half.all());  // others keep some

    LoadChoices chosen;
    chosen.context = 163'840;
    CHECK(planLoad(file, chosen, half).session.context == 163'840);
    CHECK_FALSE(planLoad(file, chosen, half).fits());

    // No room for the weights: the plan says what the whole model needs.
    const LoadPlan none = planLoad(file, {}, {1000, 0});
    CHECK_FALSE(none.fits());
    CHECK(none.needed() == whole.needed());
    // Of a GPU's memory as well.
    CHECK(planLoad(file, {}, {whole.needed() / 2, whole.needed() / 2 + 1}).session.context == 163'840);
}

TEST_CASE("one more session takes what was planned, and none is planned where it does not fit") {
    auto model = Model::load(MOESCOPE_TEST_DATA "/tiny-moe/model.gguf", {});
    REQUIRE(model.ok());
    SessionOptions chat;
    chat.kv_type = KvType::kF32;
    const FreeMemory plenty{std::uint64_t{1} << 40, 0};
    const SessionPlan plan = planSession(**model, chat, plenty);
    CHECK(plan.fits());
    CHECK(plan.session.context == (*model)->config().context_length);
    CHECK(plan.session.kv_type == KvType::kF32);
    auto session = Session::create(*model, plan.session);
    REQUIRE(session.ok());
    CHECK((*session)->memoryBytes() == plan.bytes.all());
    // Others keep some.
    CHECK_FALSE(planSession(**model, chat, {plan.bytes.all(), 0}).fits());

    // A long context is shortened to what fits; where even a short one does not, the plan is for the whole.
    chat.context = 65'536;
    const SessionPlan whole = planSession(**model, chat, plenty);
    const FreeMemory half{whole.bytes.all() / 2, 0};
    const SessionPlan shorter = planSession(**model, chat, half);
    CHECK(shorter.fits());
    CHECK(shorter.session.context == 16'384);
    CHECK(shorter.bytes.all() < half.all());
    const SessionPlan none = planSession(**model, chat, {1000, 0});
    CHECK_FALSE(none.fits());
    CHECK(none.bytes.all() == whole.bytes.all());
}

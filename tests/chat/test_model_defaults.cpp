// If these fail, a model answers otherwise than its makers advise although nobody has chosen anything.

#include <doctest/doctest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "app/chat/model_defaults.h"
#include "engine/engine.h"
#include "tests/support/gguf_builder.h"

using namespace moescope;

TEST_CASE("a file's advice is read, whole numbers and nonsense included") {
    GgufBuilder file;
    file.real("general.sampling.temp", 0.5f);
    file.integer("general.sampling.top_k", 20);
    file.integer("general.sampling.min_p", 0);
    file.text("general.sampling.top_p", "much");
    const auto bytes = file.build();
    const auto source = ModelSource::parse(bytes);
    REQUIRE_MESSAGE(source.ok(), source.status().message());
    const SamplingAdvice advice = (*source)->samplingAdvice();
    CHECK(advice.temperature == 0.5);
    CHECK(advice.top_k == 20.0);
    CHECK(advice.min_p == 0.0);
    CHECK_FALSE(advice.top_p);
    CHECK_FALSE(advice.repetition_penalty);
}

TEST_CASE("what stands beside a model counts where its file says nothing") {
    namespace fs = std::filesystem;
    const fs::path folder = fs::temp_directory_path() / ("moescope-defaults-" + std::to_string(getpid()));
    fs::create_directories(folder);
    const fs::path path = folder / "model.gguf", config = folder / "generation_config.json";
    fs::copy_file(MOESCOPE_TEST_DATA "/tiny-moe/model.gguf", path, fs::copy_options::overwrite_existing);
    const auto model = Model::load(path.string(), {});
    REQUIRE_MESSAGE(model.ok(), model.status().message());
    CHECK(modelDefaults(**model) == GenerationSettings());
    const auto with = [&](const char* text) {
        std::ofstream(config) << text;
        return modelDefaults(**model);
    };
    const GenerationSettings advised = with(R"({"do_sample": true, "temperature": 0.3, "top_p": 0.9})");
    CHECK(advised.temperature == 0.3);
    CHECK(advised.top_p == 0.9);
    CHECK(advised.top_k == 0);  // no other filter than those that are advised
    CHECK(advised.min_p == 0);
    CHECK(advised.max_tokens == GenerationSettings().max_tokens);
    CHECK(with(R"({"do_sample": false})").temperature == 0);
    CHECK(with(R"({"temperature": 1e300, "top_k": -1, "repetition_penalty": 99})").temperature ==
          GenerationSettings::kMaxTemperature);
    for (const char* nothing : {"", "[]", "{\"temperature\": \"hot\"}", "{\"temperature\"", "{}"}) {
        CHECK(with(nothing) == GenerationSettings());
    }
    fs::remove_all(folder);
}

// If these fail, a model file that is replaced, cut short or pulled with its drive ends the program, or is answered
// from as if nothing had happened.

#include <doctest/doctest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <thread>

#include "engine/generate.h"

using namespace moescope;

namespace {

struct ModelCopy {
    std::string folder = [] {
        char name[] = "/tmp/moescope-test-XXXXXX";
        REQUIRE(mkdtemp(name));
        return std::string(name);
    }();
    std::string path = folder + "/model.gguf";
    ModelCopy() { std::filesystem::copy_file(std::string(MOESCOPE_TEST_DATA) + "/tiny-moe/model.gguf", path); }
    ~ModelCopy() { std::filesystem::remove_all(folder); }

    Result<std::shared_ptr<Model>> load(const LoadControl& control = {}) const {
        ModelOptions options;
        options.threads = 2;
        options.backend = BackendChoice::kCpu;
        return Model::load(path, options, control);
    }
    void overwrite() const {
        std::this_thread::sleep_for(std::chrono::milliseconds(20));  // times of files move in steps
        std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
        file << std::string(std::filesystem::file_size(path), 'z');
    }
};

std::vector<std::int32_t> answer(const std::shared_ptr<Model>& model) {
    const auto session = Session::create(model, {});
    REQUIRE(session.ok());
    GenerationOptions options;
    options.max_tokens = 12;
    options.sampling.temperature = 0;
    const std::vector<std::int32_t> prompt = {5, 17, 40, 200, 299};
    const auto generated = generate(**session, prompt, options);
    REQUIRE_MESSAGE(generated.ok(), generated.status().message());
    return generated->tokens;
}

}  // namespace

TEST_CASE_FIXTURE(ModelCopy, "a loaded model answers on whatever becomes of its file") {
    const auto reference = load();
    REQUIRE(reference.ok());
    const auto expected = answer(*reference);
    const auto cut = load();
    REQUIRE(cut.ok());
    REQUIRE(truncate(path.c_str(), 0) == 0);
    CHECK(answer(*cut) == expected);
    CHECK(answer(*reference) == expected);
}

TEST_CASE_FIXTURE(ModelCopy, "overwritten in place") {
    const auto model = load();
    REQUIRE(model.ok());
    const auto expected = answer(*model);
    overwrite();
    CHECK(answer(*model) == expected);
}

TEST_CASE_FIXTURE(ModelCopy, "a file that changes while it is loaded is said") {
    for (const bool cut : {true, false}) {
        INFO(cut);
        std::filesystem::copy_file(std::string(MOESCOPE_TEST_DATA) + "/tiny-moe/model.gguf", path,
                                   std::filesystem::copy_options::overwrite_existing);
        bool done = false;
        LoadControl control;
        control.progress = [&](double fraction) {
            if (done || fraction < 0.3) return;
            done = true;
            if (cut) REQUIRE(truncate(path.c_str(), 4096) == 0);
            if (!cut) overwrite();
        };
        const auto model = load(control);
        REQUIRE(done);
        REQUIRE_FALSE(model.ok());
        const std::string& sentence = model.status().message();
        INFO(sentence);
        CHECK(sentence.starts_with(path));
        CHECK(sentence.find(cut ? "cut short" : "was changed") != std::string::npos);
        CHECK(sentence.find('\n') == std::string::npos);
    }
}

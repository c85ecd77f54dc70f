// If these fail, a model starts from packed weights that are not its own, answers otherwise than from its file, or ends
// the program when they are lost.

#include <doctest/doctest.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <thread>

#include "engine/backend/cpu/cpu_weights.h"
#include "engine/backend/cpu/packed_store.h"
#include "engine/base/fingerprint.h"
#include "engine/generate.h"

using namespace moescope;
namespace fs = std::filesystem;

namespace {

const std::string kData = MOESCOPE_TEST_DATA;

struct Folder {
    std::string path = [] {
        char name[] = "/tmp/moescope-test-XXXXXX";
        REQUIRE(mkdtemp(name));
        return std::string(name);
    }();
    std::string model_path = path + "/model.gguf", packed = path + "/packed";
    PackedStore store{packed};

    Folder() { fs::copy_file(kData + "/tiny-moe/model.gguf", model_path); }
    ~Folder() { fs::remove_all(path); }

    std::shared_ptr<Model> load(bool keep = false) const {
        ModelOptions options;
        options.threads = 2;
        options.backend = BackendChoice::kCpu;
        options.packed_folder = packed;
        options.keep_packed = keep;
        auto loaded = Model::load(model_path, options);
        REQUIRE_MESSAGE(loaded.ok(), loaded.status().message());
        return *loaded;
    }
    /// Waits for the one file of the store. A model that goes before has stopped keeping it.
    std::string kept() const {
        for (int i = 0; i < 1000 && store.models().empty(); ++i) {
            std::this_thread::sleep_for(std::chrono::milliseconds(10));
        }
        const auto models = store.models();
        REQUIRE(models.size() == 1);
        return models.front().file;
    }
    std::string keep() const {
        const auto first = load(true);
        return kept();
    }
};

bool mapped(const std::shared_ptr<Model>& model) {
    return model->backend().placement().find("mapped") != std::string::npos;
}

Result<std::vector<float>> logits(const std::shared_ptr<Model>& model) {
    const auto session = Session::create(model, {});
    REQUIRE(session.ok());
    const std::vector<std::int32_t> prompt = {5, 17, 40, 200, 299};
    if (Status s = (*session)->evaluate(prompt, LogitsWanted::kLast, nullptr, Phase::kPrefill, {}); !s.ok()) return s;
    return std::vector((*session)->logits().begin(), (*session)->logits().end());
}

/// A model's weights, packed or from a store.
CpuWeights weightsOf(const std::string& path, ThreadPool& pool, const PackedStore& store) {
    auto file = ModelFile::open(path);
    REQUIRE_MESSAGE(file.ok(), file.status().message());
    auto weights =
        CpuWeights::load(*file->source, file->config, file->matrices, pool, {}, CpuWeightsPart::kAll, &store);
    REQUIRE_MESSAGE(weights.ok(), weights.status().message());
    return std::move(*weights);
}

}  // namespace

TEST_CASE_FIXTURE(Folder, "a second start maps what the first one kept, and computes the same bits") {
    const auto first = load(true);
    CHECK_FALSE(mapped(first));
    const auto expected = logits(first);
    REQUIRE(expected.ok());
    kept();
    CHECK(store.models().front().model == model_path);
    const auto second = load();
    CHECK(mapped(second));
    CHECK(second->backend().memoryBytes() == first->backend().memoryBytes());
    const auto again = logits(second);
    REQUIRE(again.ok());
    CHECK(*again == *expected);
    // What is in use may be removed.
    REQUIRE(store.forget(store.models().front()).ok());
    CHECK(store.models().empty());
    CHECK(*logits(second) == *expected);
    CHECK_FALSE(mapped(load()));
}

TEST_CASE("every form of model comes back from a store as it was packed") {
    ThreadPool pool(2);
    for (const char* name : {"tiny-moe", "family/tiny-glm-flash", "family/tiny-moonlight-tied", "family/tiny-v3"}) {
        INFO(name);
        const Folder folder;
        const std::string path = kData + "/" + name + "/model.gguf";
        const CpuWeights packed = weightsOf(path, pool, folder.store);
        REQUIRE_FALSE(packed.mapped());
        REQUIRE(folder.store.keep(packed.key(), path, packed.packed(), {}).ok());
        const CpuWeights back = weightsOf(path, pool, folder.store);
        REQUIRE(back.mapped());
        CHECK(std::ranges::equal(back.packed(), packed.packed()));
        const auto offset = [](const CpuWeights& w, const PackedMatrix& m) {
            return reinterpret_cast<const std::byte*>(m.data) - w.packed().data();
        };
        CHECK(offset(back, back.output()) == offset(packed, packed.output()));
        CHECK(offset(back, back.layers().back().ffns.back().down) ==
              offset(packed, packed.layers().back().ffns.back().down));
    }
}

TEST_CASE_FIXTURE(Folder, "another file of that name is packed anew") {
    keep();
    std::this_thread::sleep_for(std::chrono::milliseconds(20));  // times of files move in steps
    fs::last_write_time(model_path, fs::file_time_type::clock::now());
    CHECK_FALSE(mapped(load()));
}

TEST_CASE_FIXTURE(Folder, "what a store cannot vouch for is not used") {
    const std::string file = keep();
    const auto size = fs::file_size(file);
    const auto write = [&](std::size_t at, char byte) {
        std::fstream f(file, std::ios::in | std::ios::out | std::ios::binary);
        f.seekp(static_cast<std::streamoff>(at));
        f.put(byte);
    };
    REQUIRE(mapped(load()));
    SUBCASE("another form of packing") {
        write(12, 99);
    }
    SUBCASE("another machine's order of bytes") {
        write(8, 0);
    }
    SUBCASE("another model") {
        write(24, 'x');
    }
    SUBCASE("no such file at all") {
        write(0, 'x');
    }
    SUBCASE("cut short") {
        fs::resize_file(file, size - 1);
    }
    SUBCASE("longer") {
        fs::resize_file(file, size + 1);
    }
    SUBCASE("empty") {
        fs::resize_file(file, 0);
    }
    SUBCASE("a folder") {
        fs::remove(file);
        fs::create_directory(file);
    }
    CHECK_FALSE(mapped(load()));
    CHECK(logits(load()).ok());
}

TEST_CASE_FIXTURE(Folder, "packed weights that are cut short while they are in use are said, and nothing crashes") {
    const std::string file = keep();
    const auto model = load();
    REQUIRE(mapped(model));
    const auto session = Session::create(model, {});
    fs::resize_file(file, 4096);
    const auto after = logits(model);
    REQUIRE_FALSE(after.ok());
    CHECK(after.status().message().find(file) != std::string::npos);
}

TEST_CASE_FIXTURE(Folder, "keeping that is stopped leaves nothing behind") {
    ThreadPool pool(1);
    const CpuWeights weights = weightsOf(model_path, pool, store);
    std::stop_source stop;
    stop.request_stop();
    CHECK(store.keep(weights.key(), model_path, weights.packed(), {{}, stop.get_token()}).code() ==
          StatusCode::kStopped);
    CHECK(store.models().empty());
    CHECK((!fs::exists(packed) || fs::is_empty(packed)));
    CHECK_FALSE(store.keep({"", weights.bytes()}, model_path, weights.packed(), {}).ok());
}

TEST_CASE_FIXTURE(Folder, "a folder that cannot be made is said where the model is described") {
    std::ofstream(packed) << "a file";
    const auto model = load(true);
    std::string said;
    for (int i = 0; i < 1000 && said.empty(); ++i) {
        said = model->backend().placement();
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    CHECK(said.find(packed) != std::string::npos);
    CHECK(logits(model).ok());
}

// If this fails, packing makes something else of a model than it did: raise kPackedFormat, and renew the figures.
TEST_CASE("the packed form has a number") {
    ThreadPool pool(1);
    std::string all;
    for (const char* name : {"tiny-moe", "family/tiny-glm-flash", "family/tiny-v3"}) {
        const Folder folder;
        const CpuWeights weights = weightsOf(kData + "/" + name + "/model.gguf", pool, folder.store);
        Fingerprint fingerprint;
        fingerprint.add(weights.packed());
        all += fingerprint.text() + "\n";
    }
    CHECK(kPackedFormat == 1);
    CHECK(all ==
          "74c06257019414511032397debca4525\n"
          "8aa453a3f11e01682a38362eb85b9c3c\n"
          "db9e3d0aa449974a9fb382b047289ff6\n");
}

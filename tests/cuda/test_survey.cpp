// What the program says where a GPU cannot be used, and that the CPU goes on. If these fail, a broken driver
// keeps people from their models, or they are not told what to do.

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "engine/backend/cuda/survey.h"
#include "engine/backend/plugin_loader.h"

using namespace moescope;

namespace {

CudaCard card(int device, int major, int minor, std::uint64_t free, const char* name = "Made-up") {
    CudaCard c;
    c.device = device;
    c.name = name;
    c.major = major;
    c.minor = minor;
    c.memory_bytes = 16ull << 30;
    c.free_bytes = free;
    return c;
}

CudaFacts facts(std::vector<CudaCard> cards) {
    CudaFacts f;
    f.driver_version = 13000;
    f.runtime_version = 13000;
    f.cards = std::move(cards);
    return f;
}

bool says(const Status& status, const char* what) {
    return status.message().find(what) != std::string::npos;
}

}  // namespace

TEST_CASE("no driver") {
    CudaFacts f;
    f.runtime_version = 13000;
    CHECK(judge(f).status.code() == StatusCode::kNotFound);
    CHECK(says(judge(f).status, "no NVIDIA driver"));
    f.card_without_driver = true;
    CHECK(says(judge(f).status, "has an NVIDIA GPU but no NVIDIA driver"));
    CHECK(judge(f).driver.empty());
}

TEST_CASE("a driver that is too old, one that is newer, one that does not answer, one without a GPU") {
    CudaFacts f = facts({card(0, 9, 0, 1)});
    f.driver_version = 12040;
    CHECK(judge(f).status.code() == StatusCode::kUnsupported);
    CHECK(says(judge(f).status, "supports CUDA 12.4, but 13.0 is needed"));
    f.driver_version = 14010;
    CHECK(judge(f).status.ok());
    CHECK(judge(f).driver == "14.1");
    f.error = "unknown error";
    CHECK(judge(f).status.code() == StatusCode::kIo);
    CHECK(says(judge(f).status, "unknown error"));
    CHECK(judge(facts({})).status.code() == StatusCode::kNotFound);
    CHECK(says(judge(facts({})).status, "no GPU"));
}

TEST_CASE("GPUs that are too old are listed with the reason, and others are used") {
    const CudaSurvey old = judge(facts({card(0, 7, 0, 1, "V100"), card(1, 6, 1, 1)}));
    CHECK(old.status.code() == StatusCode::kUnsupported);
    CHECK(says(old.status, "V100 is too old: its compute capability is 7.0, and 7.5 is needed"));
    CHECK(old.cards.size() == 2);

    const CudaSurvey mixed = judge(facts({card(0, 6, 1, 9), card(1, 7, 5, 2), card(2, 12, 0, 5)}));
    REQUIRE(mixed.status.ok());
    CHECK_FALSE(mixed.cards[0].problem.empty());
    CHECK(mixed.cards[1].problem.empty());
    CHECK(chooseCard(mixed, -1)->device == 2);  // the most free memory of the usable ones
    CHECK(chooseCard(mixed, 1)->device == 1);
    CHECK(says(chooseCard(mixed, 0).status(), "too old"));
    CHECK(says(chooseCard(mixed, 7).status(), "There is no GPU 7; this machine's GPUs are numbered 0 to 2"));
    CHECK(chooseCard(old, -1).status().code() == StatusCode::kUnsupported);
}

TEST_CASE("a GPU without a driver is found in the system's list") {
    namespace fs = std::filesystem;
    const fs::path folder = fs::temp_directory_path() / ("moescope-pci-" + std::to_string(std::rand()));
    const auto device = [&](const char* name, const char* vendor, const char* kind) {
        fs::create_directories(folder / name);
        std::ofstream(folder / name / "vendor") << vendor << "\n";
        std::ofstream(folder / name / "class") << kind << "\n";
    };
    CHECK_FALSE(hasNvidiaCard(folder.string()));
    device("0000:00:01.0", "0x8086", "0x030000");
    device("0000:01:00.1", "0x10de", "0x040300");  // the sound device of a GPU
    CHECK_FALSE(hasNvidiaCard(folder.string()));
    device("0000:01:00.0", "0x10de", "0x030000");
    CHECK(hasNvidiaCard(folder.string()));
    fs::remove_all(folder);
}

TEST_CASE("plug-ins that are missing, broken, foreign, or of another build") {
    CHECK(loadPlugin({}).status().code() == StatusCode::kNotFound);
    CHECK(loadPlugin({"/nowhere/moescope-cuda.so"}).status().code() == StatusCode::kNotFound);
    const auto broken = loadPlugin({MOESCOPE_BROKEN_PLUGIN});
    CHECK(broken.status().code() == StatusCode::kIo);
    CHECK(says(broken.status(), "cannot be loaded"));
    const auto foreign = loadPlugin({MOESCOPE_FOREIGN_PLUGIN});
    CHECK(foreign.status().code() == StatusCode::kUnsupported);
    CHECK(says(foreign.status(), "is not a Moescope plug-in"));
    const auto other = loadPlugin({"/nowhere/moescope-cuda.so", MOESCOPE_OTHER_PLUGIN});
    CHECK(other.status().code() == StatusCode::kUnsupported);
    CHECK(says(other.status(), "is from another build (version 0.0.1)"));
}

TEST_CASE("nothing is loaded from a folder that others could have filled") {
    const auto says = [](const std::string& folder, std::string_view part) {
        const Status status = checkPluginFolder(folder);
        INFO(status.message());
        return status.message().size() < 400 && status.message().find(part) != std::string::npos;
    };
    CHECK(says("plugins", "is not an absolute path"));
    CHECK(says("./" + std::string(100'000, 'x'), "is not an absolute path"));
    CHECK(checkPluginFolder("/no/such/folder").ok());
    char name[] = "/tmp/moescope-test-XXXXXX";
    REQUIRE(mkdtemp(name));
    const std::string folder = name, plugin = folder + "/moescope-cuda.so";
    CHECK(checkPluginFolder(folder).ok());
    REQUIRE(chmod(name, 0777) == 0);
    CHECK(says(folder, "everyone can write to it"));
    REQUIRE(chmod(name, 01777) == 0);
    CHECK(says(folder, "everyone can write to it"));
    REQUIRE(chmod(name, 0775) == 0);
    std::ofstream(plugin) << "x";
    CHECK(checkPluginFolder(folder).ok());
    REQUIRE(chmod(plugin.c_str(), 0666) == 0);
    CHECK(says(folder, "everyone can write to the plug-in there"));
    REQUIRE(chmod(plugin.c_str(), 0644) == 0);
    if (chown(plugin.c_str(), 12345, 12345) == 0) {  // root only
        CHECK(says(folder, "the plug-in there belongs to another user"));
        REQUIRE(chown(name, 12345, 12345) == 0);
        CHECK(says(folder, "it belongs to another user"));
    }
    std::filesystem::remove_all(folder);
    // The check comes before anything is loaded.
    setenv("MOESCOPE_PLUGINS", "relative", 1);
    CHECK(surveyCuda().status.message().find("is not an absolute path") != std::string::npos);
    unsetenv("MOESCOPE_PLUGINS");
}

TEST_CASE("the folder that MOESCOPE_PLUGINS names is the only one looked at") {
    CHECK(pluginPaths().size() == 3);
    setenv("MOESCOPE_PLUGINS", "/some/where", 1);
    CHECK(pluginPaths() == std::vector<std::string>{"/some/where/moescope-cuda.so"});
    CHECK(surveyCuda().status.code() == StatusCode::kNotFound);
    unsetenv("MOESCOPE_PLUGINS");
}

#ifdef MOESCOPE_PLUGIN
TEST_CASE("the plug-in loads with or without a driver, and says which") {
    const auto plugin = loadPlugin({MOESCOPE_PLUGIN});
    REQUIRE_MESSAGE(plugin.ok(), plugin.status().message());
    const CudaSurvey survey = (*plugin)->survey();
    MESSAGE((survey.status.ok() ? "a GPU can be used: " + survey.cards.front().name : survey.status.message()));
    CHECK(survey.status.ok() == !survey.cards.empty());
    CHECK(survey.status.ok() == survey.status.message().empty());
    if (survey.driver.empty()) CHECK(survey.status.code() == StatusCode::kNotFound);
}
#endif

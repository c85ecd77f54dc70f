// If this fails, the program does not find its demo model once it is moved, or does not know its version.
#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>

#include "engine/base/resources.h"
#include "engine/base/version.h"

using namespace moescope;
namespace fs = std::filesystem;

TEST_CASE("what is beside the program comes before what is in the folder of its data") {
    const fs::path here = fs::read_symlink("/proc/self/exe").parent_path();
    const std::string name = "test_resources.tmp";
    CHECK(findResource(name).empty());
    fs::create_directories(here / "../../share/moescope");
    const fs::path in_build = (here / "../../share/moescope" / name).lexically_normal(), beside = here / name;
    std::ofstream(in_build) << "x";
    CHECK(findResource(name) == in_build);
    std::ofstream(beside) << "x";
    CHECK(findResource(name) == beside);
    fs::remove(in_build);
    fs::remove(beside);
    CHECK(findResource("moescope-demo.gguf").ends_with("share/moescope/moescope-demo.gguf"));
}

TEST_CASE("the version has three numbers, and where it is none of a release what comes after") {
    const std::string version = programVersion();
    const std::string release = version.substr(0, version.find('+'));
    CHECK(release.find_first_not_of("0123456789.") == std::string::npos);
    CHECK(std::count(release.begin(), release.end(), '.') == 2);
}

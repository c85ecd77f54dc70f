#pragma once
// The golden models of all architectures: those of this repository, and those of the shared folder that are not.

#include <filesystem>
#include <string>
#include <vector>

#include "tests/engine/golden_run.h"

namespace moescope {

inline const std::string kFamily = std::string(MOESCOPE_TEST_DATA) + "/family/";

struct GoldenModel {
    std::string name, model, expected;
};

inline std::vector<GoldenModel> goldenModels() {
    std::vector<GoldenModel> all;
    for (const char* name : {"tiny-gqa", "tiny-v2-groups", "tiny-v3", "tiny-glm-flash", "tiny-moonlight-tied"}) {
        all.push_back({name, kFamily + name + "/model.gguf", kFamily + name + "/expected.safetensors"});
    }
    const std::string shared = std::string(MOESCOPE_SHARED) + "/golden/";
    for (const auto& [name, expected] :
         {std::pair("tiny-moe", "expected"), std::pair("tiny-moonlight", "expected"), std::pair("tiny-mla", "expected"),
          std::pair("tiny-mla", "expected-hf"), std::pair("tiny-mla-qlora", "expected"),
          std::pair("tiny-mla-qlora", "expected-hf")}) {
        const std::string model = shared + name + "/model.gguf";
        if (std::filesystem::exists(model)) {
            all.push_back({name, model, shared + name + "/" + expected + ".safetensors"});
        }
    }
    return all;
}

}  // namespace moescope

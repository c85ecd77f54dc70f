// If these fail, models are listed with wrong types, or the parts of one model as several.

#include <doctest/doctest.h>

#include "app/models/model_type.h"

using namespace moescope;

TEST_CASE("types as files are named after them") {
    CHECK(typeInName("/m/deepseek-moe-16b-chat.Q4_K_M.gguf") == "Q4_K_M");
    CHECK(typeInName("DeepSeek-V2-Lite-Chat.i1-IQ2_XXS.gguf") == "IQ2_XXS");
    CHECK(typeInName("GigaChat3.1-10B-A1.8B-q4_K_M.gguf") == "Q4_K_M");
    CHECK(typeInName("GLM-4.7-Flash-UD-Q4_K_XL.GGUF") == "Q4_K_XL");
    CHECK(typeInName("GLM-4.7-Flash-MXFP4_MOE.gguf") == "MXFP4_MOE");
    CHECK(typeInName("model-f16-Q8_0.gguf") == "Q8_0");
    CHECK(typeInName("model-BF16-00001-of-00002.gguf") == "BF16");
    CHECK(typeInName("q4_0/model-f16.gguf") == "F16");  // of the file, not of its folder
    CHECK(typeInName("model.gguf").empty());
    CHECK(typeInName("Q4tet.gguf").empty());
    CHECK(typeInName("EQ8_0.gguf").empty());
    CHECK(typeInName("").empty());
    CHECK(typeInName(std::string(1 << 20, '-') + "Q8_0.gguf").empty());
}

TEST_CASE("parts of a model") {
    const auto part = partName("/m/GLM-BF16-00002-of-00010.gguf");
    REQUIRE(part);
    CHECK(part->stem == "/m/GLM-BF16");
    CHECK(part->number == 2);
    CHECK(part->count == 10);
    for (const char* other : {"model.gguf", "model-00000-of-00002.gguf", "model-00003-of-00002.gguf",
                              "model-0001-of-0002.gguf", "model-00001-of-0000x.gguf", "-00001-of-00002.gguf",
                              "model-00001-of-00002.gguf.part", "model-000-1-of-00002.gguf"}) {
        CHECK_MESSAGE(!partName(other), other);
    }
}

TEST_CASE("names of GGUF files") {
    CHECK(isModelFileName("a.gguf"));
    CHECK(isModelFileName("A.GGUF"));
    CHECK_FALSE(isModelFileName("a.gguf.part"));
    CHECK_FALSE(isModelFileName("gguf"));
}

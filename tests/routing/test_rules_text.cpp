// Rules that people type and that messages keep mean what they say. If these fail, an answer was made with other rules
// than the one that is shown under it.

#include <doctest/doctest.h>

#include <random>

#include "engine/routing/rules_text.h"

using namespace moescope;

namespace {

RouterRules rulesOf(std::string_view text) {
    const auto rules = parseRules(text);
    REQUIRE_MESSAGE(rules.ok(), rules.status().message());
    return *rules;
}
std::string errorOf(std::string_view text) {
    return parseRules(text).status().message();
}

}  // namespace

TEST_CASE("every statement is understood") {
    CHECK(rulesOf("") == RouterRules());
    CHECK(rulesOf(" ;\n; ") == RouterRules());
    RouterRules rules;
    rules.all.experts_used = 4;
    rules.all.masked = {3, 5};
    rules.all.forced = {7};
    rules.all.masked_top = 2;
    rules.shared_experts = false;
    rules.renormalise = true;
    rules.scale = 1.5f;
    CHECK(rulesOf("k 4; mask 3 5; force 7; mask-top 2; shared off; renormalise on; scale 1.5") == rules);
    CHECK(rulesOf("K 4\nMask 5,3, 5\nFORCE 7\n mask-top  2;Shared OFF;renormalize ON; scale 1.50;") == rules);
    CHECK(formatRules(rules) == "k 4; mask 3 5; force 7; mask-top 2; shared off; renormalise on; scale 1.5");
    CHECK(rulesOf("renormalise off").renormalise == std::optional(false));
    CHECK(rulesOf("shared on") == RouterRules());
}

TEST_CASE("a layer's statement replaces that of all layers of the same word only") {
    const RouterRules rules = rulesOf("mask 12: 3 5 7; k 4; mask 40; k 14: 2; mask 16: none");
    CHECK(rules.all.masked == std::vector<std::int32_t>{40});
    CHECK(rules.layers.size() == 3);
    CHECK(rules.layers.at(12).masked == std::vector<std::int32_t>{3, 5, 7});
    CHECK(rules.layers.at(12).experts_used == 4);
    CHECK(rules.layers.at(14).experts_used == 2);
    CHECK(rules.layers.at(14).masked == std::vector<std::int32_t>{40});
    CHECK(rules.layers.at(16).masked.empty());
    CHECK(rules.layers.at(16).experts_used == 4);
    CHECK(formatRules(rules) == "k 4; k 14: 2; mask 40; mask 12: 3 5 7; mask 16: none");
    CHECK(formatRules(rules, "mask") == "40; 12: 3 5 7; 16: none");
    CHECK(formatRules(rules, "k") == "4; 14: 2");
    CHECK(formatRules(rules, "force").empty());
    CHECK(&moescope::rulesOf(rules, 12) == &rules.layers.at(12));
    CHECK(&moescope::rulesOf(rules, 13) == &rules.all);
}

TEST_CASE("what is not understood is quoted in a sentence") {
    CHECK(errorOf("maks 3").find("“maks” is not known") != std::string::npos);
    CHECK(errorOf("mask 3 x 5").find("“x” is not a whole number") != std::string::npos);
    CHECK(errorOf("mask").find("missing after “mask”") != std::string::npos);
    CHECK(errorOf("mask 12:").find("missing") != std::string::npos);
    CHECK(errorOf("mask twelve: 3").find("“twelve” is not the number of a layer") != std::string::npos);
    CHECK(errorOf("mask -1: 3").find("layer") != std::string::npos);
    CHECK(errorOf("k 3 4").find("expected one number") != std::string::npos);
    CHECK(errorOf("k 99999999999").find("not a whole number") != std::string::npos);
    CHECK(errorOf("shared maybe").find("expected on or off") != std::string::npos);
    CHECK(errorOf("scale").find("expected a number") != std::string::npos);
    CHECK(errorOf("scale inf").find("expected a number") != std::string::npos);
    CHECK(errorOf("scale 1x").find("expected a number") != std::string::npos);
    CHECK(errorOf("mask äöüäöüäöüäöüäöüäöüäöüäöü").find("…") != std::string::npos);
}

TEST_CASE("any rules come back from their text") {
    std::mt19937 random(1);
    const auto ids = [&] {
        std::vector<std::int32_t> out;
        for (int e = 0; e < 64; ++e) {
            if (random() % 16 == 0) out.push_back(e);
        }
        return out;
    };
    const auto layer = [&] {
        LayerRules r;
        if (random() % 2) r.experts_used = static_cast<int>(random() % 16) + 1;
        r.masked = ids();
        r.forced = ids();
        r.masked_top = static_cast<int>(random() % 4);
        return r;
    };
    for (int i = 0; i < 300; ++i) {
        RouterRules rules;
        if (random() % 3) rules.all = layer();
        for (auto n = random() % 4; n > 0; --n) rules.layers[static_cast<int>(random() % 28)] = layer();
        if (random() % 2) rules.renormalise = random() % 2 == 0;
        if (random() % 2) rules.scale = static_cast<float>(random() % 1000) / 7.0f;
        rules.shared_experts = random() % 2;
        const std::string text = formatRules(rules);
        RouterRules expected = rules;  // a layer that is like all is not written
        std::erase_if(expected.layers, [&](const auto& entry) { return entry.second == rules.all; });
        CHECK(rulesOf(text) == expected);
        CHECK(formatRules(rulesOf(text)) == text);
    }
}

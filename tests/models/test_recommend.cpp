// If these fail, somebody fetches ten gigabytes that do not fit, or a smaller model than the machine could have.

#include <doctest/doctest.h>

#include "app/models/catalog.h"
#include "app/models/recommend.h"

using namespace moescope;

namespace {

constexpr std::uint64_t kGiB = 1u << 30;

HubVariant variant(const char* type, double gigabytes) {
    return {type, {{std::string("m-") + type + ".gguf", static_cast<std::uint64_t>(gigabytes * 1e9), {}}}};
}

std::string typeFor(const std::vector<HubVariant>& variants, const char* model, std::uint64_t ram, std::uint64_t gpu) {
    const Recommendation found = recommend(variants, findInCatalog(model)->context, {ram * kGiB, gpu * kGiB});
    return found.variant ? variants[*found.variant].type : "none";
}

struct Machine {
    std::uint64_t ram, gpu;
    const char* expected;
};

void check(const std::vector<HubVariant>& variants, const char* model, std::initializer_list<Machine> machines) {
    for (const Machine& m : machines) {
        CAPTURE(m.ram);
        CAPTURE(m.gpu);
        CHECK(typeFor(variants, model, m.ram, m.gpu) == m.expected);
    }
}

}  // namespace

TEST_CASE("the largest type that fits a machine") {
    // About the sizes that their repositories have.
    const std::vector<HubVariant> lite = {variant("Q2_K", 6.43),   variant("Q3_K_M", 8.13), variant("Q4_K_M", 10.36),
                                          variant("Q5_K_M", 11.9), variant("Q6_K", 14.1),   variant("Q8_0", 16.7),
                                          variant("F16", 31.4)};
    check(lite, "deepseek-v2-lite-chat",
          {{8, 0, "none"},
           {8, 8, "Q5_K_M"},
           {8, 24, "Q8_0"},
           {16, 0, "Q4_K_M"},
           {16, 8, "Q8_0"},
           {16, 24, "Q8_0"},
           {32, 0, "Q8_0"},
           {32, 8, "Q8_0"},
           {32, 24, "Q8_0"},
           {64, 0, "Q8_0"},
           {64, 8, "Q8_0"},
           {64, 24, "Q8_0"}});
    const std::vector<HubVariant> flash = {variant("IQ2_XXS", 9.0), variant("Q2_K_XL", 11.9), variant("Q4_K_M", 18.3),
                                           variant("Q5_K_M", 21.4), variant("Q6_K", 24.6),    variant("Q8_0", 31.8),
                                           variant("BF16", 59.9)};
    check(flash, "glm-4.7-flash",
          {{8, 0, "none"},
           {8, 8, "Q2_K_XL"},
           {8, 24, "Q6_K"},
           {16, 0, "IQ2_XXS"},
           {16, 8, "Q4_K_M"},
           {16, 24, "Q8_0"},
           {32, 0, "Q6_K"},
           {32, 8, "Q8_0"},
           {32, 24, "Q8_0"},
           {64, 0, "Q8_0"},
           {64, 8, "Q8_0"},
           {64, 24, "Q8_0"}});
    const std::vector<HubVariant> small = {variant("Q2_K", 4.0), variant("Q4_K_M", 6.5), variant("Q6_K", 8.8),
                                           variant("Q8_0", 11.3), variant("BF16", 21.2)};
    check(small, "gigachat3-10b-a1.8b",
          {{8, 0, "Q2_K"}, {8, 8, "Q8_0"}, {8, 24, "Q8_0"}, {16, 0, "Q8_0"}, {64, 24, "Q8_0"}});
}

TEST_CASE("the reason is said") {
    const std::vector<HubVariant> variants = {variant("Q2_K", 6), variant("Q8_0", 16), variant("F16", 31)};
    const auto why = [&](std::uint64_t ram) { return recommend(variants, {}, {ram * kGiB, 0}).why(variants); };
    CHECK(why(4).starts_with("None fits: the smallest needs about "));
    CHECK(why(16).starts_with("Q2_K is recommended, the largest that fits: it needs about "));
    CHECK(why(64).starts_with("Q8_0 is recommended: it needs about "));
    const std::vector<HubVariant> foreign = {variant("TQ1_0", 1), variant("", 1), variant("Q4_0_8_8", 1)};
    CHECK(recommend(foreign, {}, {64 * kGiB, 0}).reason == Recommendation::Reason::kNoneRuns);
    CHECK_FALSE(recommend({}, {}, {64 * kGiB, 0}).variant);
    // Where there is nothing smaller, floats are.
    const std::vector<HubVariant> floats = {variant("BF16", 20)};
    CHECK(recommend(floats, {}, {64 * kGiB, 0}).variant == 0);
}

TEST_CASE("the catalog is whole") {
    CHECK(catalog().size() == 6);
    for (const CatalogModel& model : catalog()) {
        CAPTURE(model.id);
        CHECK(isRepository(model.repository));
        CHECK_FALSE(isRepository(model.id));
        CHECK_FALSE(model.name.empty());
        CHECK_FALSE(model.license.empty());
        CHECK_FALSE(model.good_at.empty());
        CHECK(model.active_parameters < model.parameters);
        CHECK(model.context.own >= 4096);
        CHECK(model.context.cache_bytes_per_token > 1000);
        CHECK(findInCatalog(model.repository) == &model);
    }
    CHECK(findInCatalog("GLM-4.7-flash") != nullptr);
    CHECK(findInCatalog("glm") == nullptr);
}

TEST_CASE("waiting as long as a server asks") {
    HttpHead head;
    CHECK(retryAfter(head) == -1);
    head.headers["retry-after"] = "7";
    CHECK(retryAfter(head) == 7);
    head.headers["retry-after"] = "Fri, 31 Dec 1999 23:59:59 GMT";
    CHECK(retryAfter(head) == 0);
    for (const char* odd : {"-3", "7 s", "soon", "99999999999999999999"}) {
        head.headers["retry-after"] = odd;
        CHECK_MESSAGE(retryAfter(head) <= 0, odd);
    }
}

#include "engine/base/context_policy.h"

#include "engine/base/name_table.h"

namespace moescope {
namespace {

constexpr Named<ContextPolicy> kNames[] = {
    {ContextPolicy::kStop, "stop"},
    {ContextPolicy::kDropOldest, "drop_oldest"},
    {ContextPolicy::kAsk, "ask"},
};

}  // namespace

std::string_view contextPolicyName(ContextPolicy policy) {
    return nameIn(kNames, policy);
}

std::optional<ContextPolicy> parseContextPolicy(std::string_view name) {
    return valueIn(kNames, name);
}

}  // namespace moescope

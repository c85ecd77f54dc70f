#pragma once
// What a token's routing in one layer can hold, for kernels and records alike.

namespace moescope {

/// Most routed experts that a token may use in one layer (the published models use 4 to 8, router rules may ask for
/// more).
inline constexpr int kMaxActiveExperts = 16;
/// Experts that were nearly chosen and are recorded too.
inline constexpr int kRunnersUp = 2;

}  // namespace moescope

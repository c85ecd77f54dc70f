#pragma once
// Whether kernels that follow one another on a stream overlap.

namespace moescope::cuda {

/// To be called once the device is chosen and before kernels are queued or captured: lets kernels overlap where the
/// GPU (sm_90 and later) and the code that was built for it can. Returns whether they do. `allowed` false: they do
/// not, to compare.
bool overlapKernels(bool allowed = true);

}  // namespace moescope::cuda

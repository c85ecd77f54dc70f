#pragma once
// Asks the driver.

#include "engine/backend/cuda/survey.h"

namespace moescope {

/// What the driver says now. Does not fail where there is none.
CudaFacts cudaFacts();

}  // namespace moescope

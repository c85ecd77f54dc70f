#pragma once
// Stands in for NVIDIA's header of this name where kernels are compiled for the CPU: see emulation.h.
#include "tests/cuda_emulation/device.h"
#include "tests/cuda_emulation/runtime.h"

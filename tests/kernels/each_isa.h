#pragma once
// Tests of kernels run on every instruction set that the processor has.

#include <doctest/doctest.h>

#include "kernels/cpu/cpu_kernels.h"

namespace moescope {

/// Calls f(kernels) for each; says which ones are skipped.
template <class F>
void forEachIsa(F f) {
    for (const Isa isa : {Isa::kScalar, Isa::kAvx2, Isa::kAvxVnni, Isa::kAvx512, Isa::kAmx}) {
        if (isaAvailable(isa)) {
            CAPTURE(isaName(isa));
            f(cpuKernels(isa));
        } else {
            MESSAGE("skipped: this processor lacks " << isaName(isa));
        }
    }
}

}  // namespace moescope

#pragma once
// What this machine can do at best, measured in the same run as what is compared with it.

#include "kernels/cpu/cpu_kernels.h"

namespace moescope::cli {

struct MachineLimits {
    double read_bytes_per_s = 0;  ///< reading main memory, all threads
    double int8_macs_per_s = 0;   ///< int8 multiply-adds from registers, all threads
};

/// Takes about a second and 256 MB a thread (less where memory is short). The best of several rounds.
MachineLimits measureLimits(int threads, Isa isa);

}  // namespace moescope::cli

#include "kernels/cpu/cpu_kernels.h"

#include <cassert>

#ifdef MOESCOPE_X86
#include <cpuid.h>
#endif

namespace moescope {

namespace isa_scalar {
extern const CpuKernels kKernels;
}
#ifdef MOESCOPE_X86
namespace isa_avx2 {
extern const CpuKernels kKernels;
}
namespace isa_avx512 {
extern const CpuKernels kKernels;
}
#endif

std::string_view isaName(Isa isa) {
    switch (isa) {
        case Isa::kScalar:
            return "scalar";
        case Isa::kAvx2:
            return "AVX2";
        case Isa::kAvx512:
            return "AVX-512 VNNI";
    }
    return {};
}

std::optional<Isa> parseIsa(std::string_view name) {
    if (name == "scalar") return Isa::kScalar;
    if (name == "avx2") return Isa::kAvx2;
    if (name == "avx512") return Isa::kAvx512;
    return std::nullopt;
}

bool isaAvailable(Isa isa) {
#ifdef MOESCOPE_X86
    // Clang before 15 does not know "f16c" by name.
    unsigned eax = 0, ebx = 0, ecx = 0, edx = 0;
    const bool f16c = __get_cpuid(1, &eax, &ebx, &ecx, &edx) && (ecx & bit_F16C);
    const bool avx2 = f16c && __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    const bool avx512 = avx2 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                        __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq") &&
                        __builtin_cpu_supports("avx512vnni");
    if (isa == Isa::kAvx2) return avx2;
    if (isa == Isa::kAvx512) return avx512;
#endif
    return isa == Isa::kScalar;
}

Isa bestIsa() {
    if (isaAvailable(Isa::kAvx512)) return Isa::kAvx512;
    return isaAvailable(Isa::kAvx2) ? Isa::kAvx2 : Isa::kScalar;
}

const CpuKernels& cpuKernels(Isa isa) {
    assert(isaAvailable(isa));
#ifdef MOESCOPE_X86
    if (isa == Isa::kAvx512) return isa_avx512::kKernels;
    if (isa == Isa::kAvx2) return isa_avx2::kKernels;
#endif
    return isa_scalar::kKernels;
}

}  // namespace moescope

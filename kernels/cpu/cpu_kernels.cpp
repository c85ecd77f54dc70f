#include "kernels/cpu/cpu_kernels.h"

#include <cassert>

#ifdef MOESCOPE_X86
#include <cpuid.h>
#include <sys/syscall.h>
#include <unistd.h>
#endif

namespace moescope {

namespace isa_scalar {
extern const CpuKernels kKernels;
}
#ifdef MOESCOPE_X86
namespace isa_avx2 {
extern const CpuKernels kKernels;
}
namespace isa_avxvnni {
void matmul(TensorType type, const unsigned char* groups, std::size_t n_groups, std::size_t columns,
            const ActivationRow* rows, std::size_t n_rows, float* outputs, std::size_t stride);
std::uint64_t int8Burst(std::uint64_t rounds);
}  // namespace isa_avxvnni
namespace isa_avx512 {
extern const CpuKernels kKernels;
}
namespace isa_amx {
void matmul(TensorType type, const unsigned char* groups, std::size_t n_groups, std::size_t columns,
            const ActivationRow* rows, std::size_t n_rows, float* outputs, std::size_t stride);
std::uint64_t int8Burst(std::uint64_t rounds);
}  // namespace isa_amx

namespace {

CpuKernels avxVnniKernels() {
    CpuKernels kernels = isa_avx2::kKernels;
    kernels.isa = Isa::kAvxVnni;
    kernels.matmul = isa_avxvnni::matmul;
    kernels.int8Burst = isa_avxvnni::int8Burst;
    return kernels;
}

CpuKernels amxKernels() {
    CpuKernels kernels = isa_avx512::kKernels;
    kernels.isa = Isa::kAmx;
    kernels.matmul = isa_amx::matmul;
    kernels.int8Burst = isa_amx::int8Burst;
    return kernels;
}

bool hasAvxVnni() {
    unsigned eax = 0, ebx = 0, ecx = 0, edx = 0;
    constexpr unsigned kAvxVnni = 1u << 4;
    return __get_cpuid_count(7, 1, &eax, &ebx, &ecx, &edx) && (eax & kAvxVnni) != 0;
}

/// Whether the processor has int8 tiles, and Linux lets this process use them: their registers are so large that it
/// wants to be asked.
bool amxAllowed() {
    unsigned eax = 0, ebx = 0, ecx = 0, edx = 0;
    constexpr unsigned kTile = 1u << 24, kInt8 = 1u << 25;
    if (!__get_cpuid_count(7, 0, &eax, &ebx, &ecx, &edx) || (edx & kTile) == 0 || (edx & kInt8) == 0) return false;
    constexpr long kRequestPermission = 0x1023, kTileData = 18;  // ARCH_REQ_XCOMP_PERM, XFEATURE_XTILEDATA
    return syscall(SYS_arch_prctl, kRequestPermission, kTileData) == 0;
}

}  // namespace
#endif

std::string_view isaName(Isa isa) {
    switch (isa) {
        case Isa::kScalar:
            return "scalar";
        case Isa::kAvx2:
            return "AVX2";
        case Isa::kAvxVnni:
            return "AVX2 + VNNI";
        case Isa::kAvx512:
            return "AVX-512 VNNI";
        case Isa::kAmx:
            return "AVX-512 VNNI + AMX";
    }
    return {};
}

std::optional<Isa> parseIsa(std::string_view name) {
    if (name == "scalar") return Isa::kScalar;
    if (name == "avx2") return Isa::kAvx2;
    if (name == "avxvnni") return Isa::kAvxVnni;
    if (name == "avx512") return Isa::kAvx512;
    if (name == "amx") return Isa::kAmx;
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
    if (isa == Isa::kAvxVnni) return avx2 && hasAvxVnni();
    if (isa == Isa::kAvx512) return avx512;
    if (isa == Isa::kAmx) {
        static const bool amx = avx512 && amxAllowed();
        return amx;
    }
#endif
    return isa == Isa::kScalar;
}

Isa bestIsa() {
    if (isaAvailable(Isa::kAmx)) return Isa::kAmx;
    if (isaAvailable(Isa::kAvx512)) return Isa::kAvx512;
    if (isaAvailable(Isa::kAvxVnni)) return Isa::kAvxVnni;
    return isaAvailable(Isa::kAvx2) ? Isa::kAvx2 : Isa::kScalar;
}

const CpuKernels& cpuKernels(Isa isa) {
    assert(isaAvailable(isa));
#ifdef MOESCOPE_X86
    if (isa == Isa::kAmx) {
        static const CpuKernels amx = amxKernels();
        return amx;
    }
    if (isa == Isa::kAvx512) return isa_avx512::kKernels;
    if (isa == Isa::kAvxVnni) {
        static const CpuKernels vnni = avxVnniKernels();
        return vnni;
    }
    if (isa == Isa::kAvx2) return isa_avx2::kKernels;
#endif
    return isa_scalar::kKernels;
}

}  // namespace moescope

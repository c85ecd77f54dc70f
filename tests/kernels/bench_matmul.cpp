// How fast products are, by type: GB/s of weights for one token, G multiply-adds/s for many. One thread.
// Usage: bench_matmul [scalar|avx2|avx512|amx [TYPE]]

#include <chrono>
#include <cstdio>
#include <vector>

#include "engine/backend/cpu/huge_buffer.h"
#include "kernels/cpu/cpu_kernels.h"
#include "kernels/packed_layout.h"
#include "tests/kernels/random_tensors.h"

using namespace moescope;

namespace {

constexpr std::size_t kColumns = 2048;
constexpr std::size_t kMemoryBytes = 400u << 20;  // far more than the caches hold

template <class F>
double bestSeconds(F&& f) {
    double best = 1e30;
    for (int i = 0; i < 5; ++i) {
        const auto start = std::chrono::steady_clock::now();
        f();
        best = std::min(best, std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
    }
    return best;
}

}  // namespace

int main(int argc, char** argv) {
    const Isa isa = argc > 1 ? parseIsa(argv[1]).value_or(bestIsa()) : bestIsa();
    const CpuKernels& kernels = cpuKernels(isa);
    auto memory = HugeBuffer::allocate(kMemoryBytes);
    if (!memory.ok()) return 1;
    constexpr std::size_t kTokens = 64;
    std::vector<float> x(kTokens * kColumns, 0.5f);
    std::vector<std::int8_t> q(kTokens * kColumns);
    std::vector<ActivationBlock> blocks(kTokens * kColumns / 32);
    std::vector<ActivationRow> rows;
    for (std::size_t t = 0; t < kTokens; ++t) {
        kernels.quantize(&x[t * kColumns], kColumns, &q[t * kColumns], &blocks[t * kColumns / 32]);
        rows.push_back({&x[t * kColumns], &q[t * kColumns], &blocks[t * kColumns / 32]});
    }
    std::printf("%s\n%-8s %12s %16s\n", isaName(isa).data(), "type", "1 token", "64 tokens");
    for (const TensorTypeInfo& type : tensorTypes()) {
        if (argc > 2 && type.name != argv[2]) continue;
        const auto source = randomRows(type.type, kGroupRows, kColumns, 1);
        const std::size_t group_bytes = packedGroupBytes(type.type, kColumns);
        const std::size_t groups = kMemoryBytes / group_bytes;
        packGroup(type.type, kColumns, source.data(), kGroupRows, memory->data());
        for (std::size_t g = 1; g < groups; ++g)
            std::memcpy(memory->data() + g * group_bytes, memory->data(), group_bytes);
        std::vector<float> out(kTokens * groups * kGroupRows);
        const double one = bestSeconds([&] {
            kernels.matmul(type.type, memory->data(), groups, kColumns, rows.data(), 1, out.data(),
                           groups * kGroupRows);
        });
        constexpr std::size_t kFew = 64;  // groups: a matrix of 1024 rows
        const double many = bestSeconds([&] {
            kernels.matmul(type.type, memory->data(), kFew, kColumns, rows.data(), kTokens, out.data(),
                           kFew * kGroupRows);
        });
        std::printf("%-8s %7.1f GB/s %9.0f GMAC/s\n", type.name.data(),
                    static_cast<double>(groups * group_bytes) / one / 1e9,
                    static_cast<double>(kFew * kGroupRows * kColumns * kTokens) / many / 1e9);
    }
}

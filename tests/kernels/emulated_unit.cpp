// The products on a matrix unit, compiled with a unit in plain C++: what runs on AMX tiles is tested on any machine.

#define MOESCOPE_ISA_NAMESPACE emulated_unit

#include "tests/kernels/emulated_unit.h"

#include <cmath>
#include <cstring>
#include <utility>

#include "kernels/cpu/simd_scalar.h"
#include "kernels/packed_layout.h"

namespace moescope {
namespace MOESCOPE_ISA_NAMESPACE {
namespace {

#include "kernels/cpu/unpack.inl"

class MatrixUnit {
public:
    explicit MatrixUnit(std::size_t columns) : m_columns(columns) {}

    template <int kSlot>
    void multiply(const std::int8_t* rows, const std::int8_t* weights, std::int32_t (*sums)[16]) {
        static_assert(kSlot == 0 || kSlot == 1);
        for (std::size_t t = 0; t < 16; ++t) {
            for (std::size_t r = 0; r < 16; ++r) {
                sums[t][r] = 0;
                for (std::size_t c = 0; c < m_columns; ++c) {
                    sums[t][r] += rows[32 * t + c] * weights[64 * (c / 4) + 4 * r + c % 4];
                }
            }
        }
    }

private:
    std::size_t m_columns;
};

#include "kernels/cpu/matrix_unit.inl"

}  // namespace
}  // namespace MOESCOPE_ISA_NAMESPACE

void emulatedUnitMatmul(TensorType type, const unsigned char* groups, std::size_t n_groups, std::size_t columns,
                        const ActivationRow* rows, std::size_t n_rows, float* outputs, std::size_t stride) {
    emulated_unit::unitMatmul(type, groups, n_groups, columns, rows, n_rows, outputs, stride);
}

}  // namespace moescope

#pragma once
// Rows of activations in the forms that products read.

#include <cstdint>
#include <vector>

#include "kernels/cpu/cpu_kernels.h"

namespace moescope {

/// A fixed number of rows of a fixed width: F32 and, if the width is a multiple of 32, int8 too.
class Activations {
public:
    Activations(std::size_t rows, std::size_t width)
        : m_width(width), m_quantizable(width % 32 == 0), m_x(rows * width) {
        if (m_quantizable) {
            m_q.resize(rows * width);
            m_blocks.resize(rows * width / 32);
        }
        for (std::size_t r = 0; r < rows; ++r) {
            m_rows.push_back({m_x.data() + r * width, nullptr, nullptr});  // a width of 0 has no first value
            if (m_quantizable) {
                m_rows.back().q = m_q.data() + r * width;
                m_rows.back().blocks = m_blocks.data() + r * width / 32;
            }
        }
    }

    std::size_t width() const { return m_width; }
    float* x(std::size_t row) { return m_x.data() + row * m_width; }
    const ActivationRow* rows() const { return m_rows.data(); }
    const ActivationRow& row(std::size_t r) const { return m_rows[r]; }

    /// Makes the int8 form of columns first..first + count (multiples of 32) of a row from its F32 form.
    void quantize(const CpuKernels& kernels, std::size_t row, std::size_t first, std::size_t count) {
        if (!m_quantizable) return;
        const std::size_t at = row * m_width + first;
        kernels.quantize(m_x.data() + at, count, m_q.data() + at, m_blocks.data() + at / 32);
    }
    void quantize(const CpuKernels& kernels, std::size_t row) { quantize(kernels, row, 0, m_width); }

    std::uint64_t bytes() const { return m_x.size() * 4 + m_q.size() + m_blocks.size() * sizeof(ActivationBlock); }
    static std::uint64_t bytesFor(std::size_t rows, std::size_t width) {
        return rows * width * 4 + (width % 32 ? 0 : rows * (width + width / 32 * sizeof(ActivationBlock)));
    }

private:
    std::size_t m_width;
    bool m_quantizable;
    std::vector<float> m_x;
    std::vector<std::int8_t> m_q;
    std::vector<ActivationBlock> m_blocks;
    std::vector<ActivationRow> m_rows;
};

}  // namespace moescope

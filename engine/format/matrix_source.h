#pragma once
// A model's matrix as its file has it, whatever the form of the file.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "kernels/tensor_type.h"

namespace moescope {

/// One or more matrices of one shape, such as one for each expert. Rows follow one another as kernels/tensor_type.h
/// says; matrices are `stride` bytes apart, so that what a file keeps in one tensor can be two sources. `bytes` is a
/// view that lives as long as the file. The default is none.
struct MatrixSource {
    std::string name;  ///< as the file calls it, for messages
    TensorType type = TensorType::kF32;
    std::uint64_t columns = 0;
    std::uint64_t rows = 0;   ///< of one matrix; a vector is one row
    std::uint64_t count = 0;  ///< matrices
    std::uint64_t stride = 0;
    std::span<const std::byte> bytes;  ///< from the first matrix's first byte to the last one's last

    explicit operator bool() const { return count > 0; }
    std::uint64_t elements() const { return columns * rows * count; }
    std::uint64_t matrixBytes() const { return rows * rowBytes(type, columns); }
    std::uint64_t weightBytes() const { return count * matrixBytes(); }  ///< of all matrices, without what lies between
    std::span<const std::byte> matrix(std::size_t index) const { return bytes.subspan(index * stride, matrixBytes()); }
};

}  // namespace moescope

#pragma once
// NumPy's .npy: the magic \x93NUMPY, a version, the length of a header, a Python dict with descr, fortran_order and
// shape, then the values (numpy/lib/format.py).

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "engine/base/status.h"
#include "engine/routing/trace/id_cube.h"

namespace moescope {

/// An array of an .npy file; `data` points into its bytes.
struct NpyArray {
    char kind = 'i';             ///< i, u, f; b for bool
    std::size_t item_bytes = 0;  ///< 1, 2, 4, 8; a float of 1 byte is refused when it is read
    bool fortran_order = false;
    std::vector<std::size_t> shape;
    std::span<const std::byte> data;

    std::size_t size() const { return data.size() / item_bytes; }
    /// All values in C order, as numbers that fit the type; error if one does not. Kinds i, u and b.
    Result<std::vector<std::int32_t>> integers() const;
    /// All values in C order. Kind f with 2, 4 or 8 bytes.
    Result<std::vector<float>> floats() const;
};

/// Little-endian numbers and bools only. Error: one sentence.
Result<NpyArray> parseNpy(std::span<const std::byte> bytes);

/// An array (tokens, layers, k), (tokens, k) or (sequences, tokens, layers, k) of ids.
Result<IdCube> cubeOf(const NpyArray& array);

/// The header of an array in C order: descr such as "<i4".
std::string npyHeader(std::string_view descr, std::span<const std::size_t> shape);

}  // namespace moescope

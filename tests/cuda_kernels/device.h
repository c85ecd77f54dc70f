#pragma once
// Device memory for tests. The same tests run under emulation and, linked with NVIDIA's runtime, on a GPU.

#include <cuda_runtime.h>
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <memory>
#include <random>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "kernels/cuda/activations.h"
#include "kernels/cuda/blas.h"
#include "kernels/cuda/weights.h"
#include "kernels/tensor_type.h"
#include "tests/kernels/random_tensors.h"

namespace moescope::cuda {

/// Values in device memory; not initialised (or NaN and -1, under emulation) until written.
template <class T>
class DeviceArray {
public:
    explicit DeviceArray(std::size_t count) : m_count(count) {
        REQUIRE(cudaMalloc(reinterpret_cast<void**>(&m_data), count * sizeof(T) + 1) == cudaSuccess);
        REQUIRE(cudaMemset(m_data, 0xff, count * sizeof(T)) == cudaSuccess);
    }
    DeviceArray(std::span<const T> values) : DeviceArray(values.size()) { write(values); }
    DeviceArray(const std::vector<T>& values) : DeviceArray(std::span<const T>(values)) {}
    DeviceArray(DeviceArray&& other) noexcept
        : m_data(std::exchange(other.m_data, nullptr)), m_count(std::exchange(other.m_count, 0)) {}
    DeviceArray& operator=(DeviceArray&& other) noexcept {
        std::swap(m_data, other.m_data);
        std::swap(m_count, other.m_count);
        return *this;
    }
    ~DeviceArray() { cudaFree(m_data); }

    T* data() const { return m_data; }
    std::size_t size() const { return m_count; }
    void write(std::span<const T> values) {
        REQUIRE(values.size() == m_count);
        REQUIRE(cudaMemcpy(m_data, values.data(), values.size_bytes(), cudaMemcpyHostToDevice) == cudaSuccess);
    }
    /// Waits for the device.
    std::vector<T> read() const {
        std::vector<T> values(m_count);
        REQUIRE(cudaDeviceSynchronize() == cudaSuccess);
        REQUIRE(cudaGetLastError() == cudaSuccess);
        REQUIRE(cudaMemcpy(values.data(), m_data, m_count * sizeof(T), cudaMemcpyDeviceToHost) == cudaSuccess);
        return values;
    }

private:
    T* m_data = nullptr;
    std::size_t m_count = 0;
};

/// Rows of activations on the device.
struct DeviceActivations {
    std::size_t rows, columns;
    DeviceArray<float> x;
    DeviceArray<std::int8_t> q;
    DeviceArray<ActivationScale> scales;

    DeviceActivations(std::size_t n_rows, std::size_t n_columns)
        : rows(n_rows),
          columns(n_columns),
          x(rows * columns),
          q(columns % 32 ? 0 : rows * columns),
          scales(columns % 32 ? 0 : rows * columns / 32) {}

    Activations view() const {
        Activations a;
        a.x = x.data();
        a.columns = static_cast<int>(columns);
        if (columns % 32 == 0) {
            a.q = q.data();
            a.scales = scales.data();
        }
        return a;
    }
    /// The values that the int8 form stands for.
    std::vector<double> quantized() const {
        const auto values = q.read();
        const auto s = scales.read();
        std::vector<double> result(values.size());
        for (std::size_t i = 0; i < values.size(); ++i) result[i] = static_cast<double>(s[i / 32].d) * values[i];
        return result;
    }
};

inline std::vector<float> normals(std::size_t count, std::uint32_t seed, float deviation = 1) {
    std::mt19937 random(seed);
    std::normal_distribution<float> normal(0, deviation);
    std::vector<float> values(count);
    for (auto& v : values) v = normal(random);
    return values;
}

/// Random weights, packed on the device and as the values they stand for.
struct DeviceWeights {
    TensorType type;
    std::size_t rows, columns;
    std::vector<float> values;
    DeviceArray<unsigned char> packed;

    DeviceWeights(TensorType t, std::size_t n_rows, std::size_t n_columns, std::uint32_t seed);

    Matrix matrix() const { return {type, static_cast<int>(rows), static_cast<int>(columns), packed.data()}; }
    float at(std::size_t row, std::size_t column) const { return values[row * columns + column]; }
};

/// cuBLAS with memory for products of a matrix of that shape; `most_bytes` of results at once.
struct DeviceBlas {
    std::unique_ptr<Blas> blas;
    DeviceArray<unsigned char> library, parts;
    DeviceArray<float> scales, products;

    /// Whether this machine has cuBLAS; always under emulation.
    static bool there() {
        std::string problem;
        const bool found = Blas::create(problem) != nullptr;
        if (!found) MESSAGE("left out: " << problem);
        return found;
    }

    DeviceBlas(TensorType type, std::size_t rows, std::size_t columns, int tokens, std::size_t most_bytes = 1 << 20)
        : DeviceBlas(needsOf(type, rows, columns), tokens, most_bytes) {}

private:
    static BlasNeeds needsOf(TensorType type, std::size_t rows, std::size_t columns) {
        BlasNeeds needs;
        needs.add(type, rows, columns);
        return needs;
    }
    DeviceBlas(const BlasNeeds& needs, int tokens, std::size_t most_bytes)
        : library(kBlasLibraryBytes),
          parts(static_cast<std::size_t>(tokens) * needs.part_row),
          scales(static_cast<std::size_t>(tokens)),
          products(std::max(needs.product_row, std::min(most_bytes, blasProductsBytes(needs, tokens))) /
                   sizeof(float)) {
        std::string problem;
        blas = Blas::create(problem);
        REQUIRE_MESSAGE(blas, problem);
        blas->use(nullptr, {library.data(), parts.data(), scales.data(), products.data(),
                            products.size() * sizeof(float), tokens});
    }
};

/// Runs `f` with several orders of threads and blocks (on a GPU: several times) and returns what the first run gave,
/// having checked that the others gave the same bits. `f` returns a vector of bytes or values.
template <class F>
auto sameInAnyOrder(F f, unsigned orders = 3) {
    auto first = f();
    for (unsigned seed = 1; seed <= orders; ++seed) {
#if defined(MOESCOPE_CUDA_EMULATION)
        cuda_emulation::setSeed(seed);
#endif
        const auto again = f();
#if defined(MOESCOPE_CUDA_EMULATION)
        cuda_emulation::setSeed(0);
#endif
        CAPTURE(seed);
        REQUIRE(again.size() == first.size());
        REQUIRE(std::memcmp(again.data(), first.data(), first.size() * sizeof(first[0])) == 0);
    }
    return first;
}

}  // namespace moescope::cuda

// Matrices that are larger than the upload's buffer arrive in pieces. If this fails, large models compute with
// shuffled weights.

#include <cuda_runtime.h>
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "engine/backend/cuda/uploader.h"
#include "kernels/cuda/norm.h"
#include "kernels/cuda/weights.h"
#include "kernels/dequantize.h"
#include "tests/kernels/random_tensors.h"

using namespace moescope;

namespace {

struct Source {
    std::vector<std::byte> bytes;
    MatrixSource matrix;
    Source(TensorType type, std::uint64_t rows, std::uint64_t columns, std::uint64_t matrices)
        : bytes(randomRows(type, rows * matrices, columns, 5)) {
        matrix = {.name = "t",
                  .type = type,
                  .columns = columns,
                  .rows = rows,
                  .count = matrices,
                  .stride = rows * rowBytes(type, columns),
                  .bytes = bytes};
    }
};

}  // namespace

TEST_CASE("matrices of all types arrive whole, whatever the buffer's size") {
    const auto file = ModelSource::open(std::string(MOESCOPE_TEST_DATA) + "/tiny-moe/model.gguf");
    REQUIRE(file.ok());
    ThreadPool pool(2);
    constexpr std::size_t kRows = 37, kColumns = 512, kMatrices = 3;
    std::vector<Source> sources;
    std::size_t all = 0;
    for (const TensorTypeInfo& type : tensorTypes()) {
        sources.emplace_back(type.type, kRows, kColumns, kMatrices);
        all += kMatrices * cuda::packedBytes(type.type, kRows, kColumns);
    }
    // Smaller than a matrix; a few matrices; more than all. One odd row and one that needs a buffer of its own.
    for (const std::size_t buffer : {std::size_t{6 << 10}, std::size_t{20 << 10}, std::size_t{100 << 10}, 2 * all}) {
        CAPTURE(buffer);
        auto memory = DeviceBuffer::allocate(all, "test");
        REQUIRE(memory.ok());
        std::vector<double> progress;
        LoadControl control;
        control.progress = [&](double fraction) { progress.push_back(fraction); };
        auto uploader = Uploader::create(**file, pool, control, all, 1, false, buffer);
        REQUIRE(uploader.ok());
        unsigned char* target = memory->data();
        for (const Source& source : sources) {
            for (std::size_t i = 0; i < kMatrices; ++i) {
                const Status status = uploader->add(source.matrix, i, target);
                REQUIRE_MESSAGE(status.ok(), status.message());
                target += cuda::packedBytes(source.matrix.type, kRows, kColumns);
            }
        }
        REQUIRE(uploader->finish().ok());
        // The GPU's own reading of every row, as embedding does it, against the file's values.
        auto rows = DeviceBuffer::allocate(kRows * sizeof(std::int32_t), "test"),
             values = DeviceBuffer::allocate(kRows * kColumns * sizeof(float), "test");
        REQUIRE((rows.ok() && values.ok()));
        std::vector<std::int32_t> numbers(kRows);
        std::iota(numbers.begin(), numbers.end(), 0);
        REQUIRE(cudaMemcpy(rows->data(), numbers.data(), kRows * sizeof(std::int32_t), cudaMemcpyHostToDevice) ==
                cudaSuccess);
        const unsigned char* at = memory->data();
        for (const Source& source : sources) {
            CAPTURE(info(source.matrix.type).name);
            const TensorType type = source.matrix.type;
            for (std::size_t i = 0; i < kMatrices; ++i) {
                cuda::embed({type, static_cast<int>(kRows), static_cast<int>(kColumns), at},
                            reinterpret_cast<const std::int32_t*>(rows->data()), static_cast<int>(kRows),
                            reinterpret_cast<float*>(values->data()), nullptr);
                std::vector<float> found(kRows * kColumns), expected(found.size());
                REQUIRE(cudaDeviceSynchronize() == cudaSuccess);
                REQUIRE(cudaMemcpy(found.data(), values->data(), found.size() * sizeof(float),
                                   cudaMemcpyDeviceToHost) == cudaSuccess);
                dequantize(type, source.bytes.data() + i * kRows * rowBytes(type, kColumns), found.size(),
                           expected.data());
                double largest = 0;
                for (std::size_t v = 0; v < found.size(); ++v) {
                    largest = std::max(largest, std::abs(static_cast<double>(found[v]) - expected[v]));
                }
                CHECK(largest <= 1e-5);
                at += cuda::packedBytes(type, kRows, kColumns);
            }
        }
        CHECK(std::is_sorted(progress.begin(), progress.end()));
        CHECK(progress.back() <= 1.0);
    }
}

TEST_CASE("a stop ends an upload within a buffer") {
    const auto file = ModelSource::open(std::string(MOESCOPE_TEST_DATA) + "/tiny-moe/model.gguf");
    REQUIRE(file.ok());
    ThreadPool pool(2);
    const Source source(TensorType::kQ8_0, 400, 512, 1);
    const std::size_t all = cuda::packedBytes(TensorType::kQ8_0, 400, 512);
    auto memory = DeviceBuffer::allocate(all, "test");
    REQUIRE(memory.ok());
    std::stop_source stop;
    int steps = 0;
    LoadControl control{[&](double) {
                            if (++steps == 3) stop.request_stop();
                        },
                        stop.get_token()};
    auto uploader = Uploader::create(**file, pool, control, all, 1, false, 8 << 10);
    REQUIRE(uploader.ok());
    CHECK(uploader->add(source.matrix, 0, memory->data()).code() == StatusCode::kStopped);
    CHECK(steps == 3);
}

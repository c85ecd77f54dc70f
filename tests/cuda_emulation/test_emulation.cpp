// What the emulation promises: that it shows races, missing barriers and results read too early. If these fail, the
// tests of kernels/cuda prove less than they say.

#include <cublas_v2.h>
#include <cuda_bf16.h>
#include <cuda_fp16.h>
#include <cuda_runtime.h>
#include <doctest/doctest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <set>
#include <string>
#include <vector>

#include "kernels/cuda/launch.h"
#include "kernels/cuda/mma.h"

using namespace moescope::cuda;

namespace {

template <class T>
T* deviceMemory(std::size_t count) {
    T* p = nullptr;
    REQUIRE(cudaMalloc(&p, count * sizeof(T)) == cudaSuccess);
    return p;
}

/// What a child process that runs `f` prints before it aborts; empty if it ends well.
template <class F>
std::string lastWords(F f) {
    int pipe_ends[2];
    REQUIRE(pipe(pipe_ends) == 0);
    const pid_t child = fork();
    if (child == 0) {
        dup2(pipe_ends[1], STDERR_FILENO);
        signal(SIGABRT, SIG_DFL);
        f();
        _exit(0);
    }
    close(pipe_ends[1]);
    std::string text;
    char buffer[256];
    for (ssize_t n; (n = read(pipe_ends[0], buffer, sizeof buffer)) > 0;)
        text.append(buffer, static_cast<std::size_t>(n));
    close(pipe_ends[0]);
    int status = 0;
    waitpid(child, &status, 0);
    return WIFSIGNALED(status) ? text : std::string();
}

void sumNeighbours(int* out, bool with_barrier) {
    MOESCOPE_BLOCK_SHARED(int[64], values);
    values[threadIdx.x] = static_cast<int>(threadIdx.x);
    if (with_barrier) __syncthreads();
    out[threadIdx.x] = values[(threadIdx.x + 1) % 64];
}

void halfAWarpWaits() {
    if (threadIdx.x < 16) __syncthreads();
}
void twoBarriers() {
    if (threadIdx.x < 32) {
        __syncthreads();
    } else {
        __syncthreads();
    }
}
void partOfAWarp() {
    if (threadIdx.x < 16) __shfl_sync(0xffffu, 1, 0);
}
void readsSharedMemory(float* out) {
    MOESCOPE_BLOCK_SHARED(float[32], values);
    out[blockIdx.x * 32 + threadIdx.x] = values[threadIdx.x] + dynamicShared<float>()[threadIdx.x];
    __syncthreads();
    values[threadIdx.x] = dynamicShared<float>()[threadIdx.x] = 0;
}
void recordBlock(unsigned* out) {
    if (threadIdx.x == 0) out[atomicAdd(out, 1u) + 1] = blockIdx.x;
}
void increment(int* p) {
    if (threadIdx.x == 0) ++*p;
}

}  // namespace

TEST_CASE("a missing barrier gives results that depend on the order of threads") {
    int* out = deviceMemory<int>(64);
    for (const bool with_barrier : {true, false}) {
        std::set<std::vector<int>> results;
        for (unsigned seed = 0; seed < 10; ++seed) {
            cuda_emulation::setSeed(seed);
            launch(sumNeighbours, 1, 64, 0, nullptr, out, with_barrier);
            cudaDeviceSynchronize();
            results.emplace(out, out + 64);
        }
        cuda_emulation::setSeed(0);
        CHECK((results.size() == 1) == with_barrier);
    }
    cudaFree(out);
}

TEST_CASE("what a GPU would hang at ends with a sentence") {
    const auto run = [](void (*kernel)()) {
        return lastWords([&] {
            launch(kernel, 1, 64, 0, nullptr);
            cudaDeviceSynchronize();
        });
    };
    CHECK(run(halfAWarpWaits).find("others never reach") != std::string::npos);
    CHECK(run(twoBarriers).find("different lines") != std::string::npos);
    CHECK(run(partOfAWarp).find("fewer than 32 lanes") != std::string::npos);
}

TEST_CASE("shared memory is never zero when a block begins") {
    float* out = deviceMemory<float>(96);
    launch(readsSharedMemory, 3, 32, 32 * sizeof(float), nullptr, out);
    cudaDeviceSynchronize();
    for (int i = 0; i < 96; ++i) CHECK(std::isnan(out[i]));
    cudaFree(out);
}

TEST_CASE("blocks run in the order that the seed gives") {
    unsigned* out = deviceMemory<unsigned>(21);
    std::set<std::vector<unsigned>> orders;
    for (unsigned seed = 0; seed < 5; ++seed) {
        cuda_emulation::setSeed(seed);
        *out = 0;
        launch(recordBlock, 20, 32, 0, nullptr, out);
        cudaDeviceSynchronize();
        CHECK(std::set<unsigned>(out + 1, out + 21).size() == 20);
        orders.emplace(out + 1, out + 21);
    }
    cuda_emulation::setSeed(0);
    CHECK(orders.size() == 5);
    cudaFree(out);
}

TEST_CASE("queued work runs when somebody waits for it, in the order of streams and events") {
    cudaStream_t a, b;
    cudaEvent_t event;
    cudaStreamCreateWithFlags(&a, cudaStreamNonBlocking);
    cudaStreamCreateWithFlags(&b, cudaStreamNonBlocking);
    cudaEventCreateWithFlags(&event, cudaEventDisableTiming);
    int *device = deviceMemory<int>(1), *host = nullptr;
    cudaMallocHost(&host, sizeof(int));
    cudaMemsetAsync(device, 0, sizeof(int), a);
    launch(increment, 1, 32, 0, a, device);
    cudaEventRecord(event, a);
    cudaStreamWaitEvent(b, event);
    cudaMemcpyAsync(host, device, sizeof(int), cudaMemcpyDeviceToHost, b);
    CHECK(*host == -1);
    CHECK(cudaEventQuery(event) == cudaErrorNotReady);
    CHECK(cudaStreamSynchronize(b) == cudaSuccess);
    CHECK(*host == 1);
    CHECK(cudaEventQuery(event) == cudaSuccess);

    cudaGraph_t graph;
    cudaGraphExec_t exec;
    cudaStreamBeginCapture(a, cudaStreamCaptureModeThreadLocal);
    launch(increment, 1, 32, 0, a, device);
    cudaEventRecord(event, a);
    cudaStreamWaitEvent(b, event);  // b joins the capture
    launch(increment, 1, 32, 0, b, device);
    cudaEventRecord(event, b);
    cudaStreamWaitEvent(a, event);
    cudaMemcpyAsync(host, device, sizeof(int), cudaMemcpyDeviceToHost, a);
    CHECK(cudaStreamEndCapture(a, &graph) == cudaSuccess);
    cudaGraphInstantiate(&exec, graph);
    cudaGraphDestroy(graph);
    CHECK(*host == 1);
    for (int i = 1; i <= 3; ++i) {
        cudaGraphLaunch(exec, a);
        cudaStreamSynchronize(a);
        CHECK(*host == 1 + 2 * i);
    }
    cudaGraphExecDestroy(exec);
    cudaEventDestroy(event);
    cudaStreamDestroy(a);
    cudaStreamDestroy(b);
    cudaFree(device);
    cudaFreeHost(host);
}

TEST_CASE("what a GPU would refuse is refused") {
    void* p = nullptr;
    CHECK(cudaMalloc(&p, std::size_t{1} << 40) == cudaErrorMemoryAllocation);
    CHECK(p == nullptr);
    CHECK(cudaGetLastError() == cudaErrorMemoryAllocation);
    CHECK(cudaGetLastError() == cudaSuccess);
    for (const auto& [grid, block, bytes] : {std::tuple{0u, 32u, 0}, {1u, 2048u, 0}, {1u, 32u, 50'000}}) {
        launch(halfAWarpWaits, grid, block, static_cast<std::size_t>(bytes), nullptr);
        CHECK(cudaGetLastError() == cudaErrorInvalidConfiguration);
    }
    CHECK(cudaSetDevice(3) == cudaErrorInvalidDevice);
    cudaGetLastError();
    const std::size_t before = cuda_emulation::allocatedBytes();
    CHECK(cudaMalloc(&p, 1000) == cudaSuccess);
    CHECK(cuda_emulation::allocatedBytes() == before + 1000);
    CHECK(cudaFree(p) == cudaSuccess);
    CHECK(cudaFree(&p) == cudaErrorInvalidValue);
    cudaGetLastError();
    CHECK(cuda_emulation::allocatedBytes() == before);
}

namespace {

/// One product of 16 rows, 8 tokens and 32 columns by each of the wrappers.
void multiplyWithAll(const signed char* w, const signed char* x, int* whole, int* halves) {
    const unsigned g = threadIdx.x / 4, t = threadIdx.x % 4;
    const auto word = [](const signed char* p) {
        int value;
        std::memcpy(&value, p, 4);
        return value;
    };
    int a[4], b[2];
    for (unsigned i = 0; i < 4; ++i) a[i] = word(w + (g + i % 2 * 8) * 32 + i / 2 * 16 + 4 * t);
    for (unsigned i = 0; i < 2; ++i) b[i] = word(x + g * 32 + i * 16 + 4 * t);
    int c[4] = {1, 1, 1, 1}, d[4] = {1, 1, 1, 1};
    multiply32(c, a, b);
    multiply16(d, a, b);
    multiply16(d, a + 2, b + 1);
    for (unsigned i = 0; i < 4; ++i) {
        const unsigned at = (g + i / 2 * 8) * 8 + 2 * t + i % 2;
        whole[at] = c[i];
        halves[at] = d[i];
    }
}

}  // namespace

TEST_CASE("tensor cores: the plain version") {
    std::vector<signed char> w(16 * 32), x(8 * 32);
    for (std::size_t i = 0; i < w.size(); ++i) w[i] = static_cast<signed char>(i * 37 % 256 - 128);
    for (std::size_t i = 0; i < x.size(); ++i) x[i] = static_cast<signed char>(i * 91 % 255 - 127);
    std::vector<int> whole(128), halves(128);
    for (unsigned seed = 0; seed < 3; ++seed) {
        cuda_emulation::setSeed(seed);
        launch(multiplyWithAll, 1, 32, 0, nullptr, w.data(), x.data(), whole.data(), halves.data());
        cudaDeviceSynchronize();
        for (std::size_t r = 0; r < 16; ++r) {
            for (std::size_t n = 0; n < 8; ++n) {
                int expected = 1;
                for (std::size_t k = 0; k < 32; ++k) expected += w[r * 32 + k] * x[n * 32 + k];
                CHECK(whole[r * 8 + n] == expected);
                CHECK(halves[r * 8 + n] == expected);
            }
        }
    }
    cuda_emulation::setSeed(0);
}

TEST_CASE("intrinsics") {
    CHECK(__dp4a(0x01ff7f80, 0x02027f7f, 5) == 1 * 2 + -1 * 2 + 127 * 127 + -128 * 127 + 5);
    CHECK(__byte_perm(0x33221100u, 0x77665544u, 0x7140u) == 0x77114400u);
    CHECK(__ffs(0) == 0);
    CHECK(__ffs(8) == 4);
    CHECK(__half2float(__float2half_rn(1.0f / 3)) == 0.333251953125f);
    CHECK(__bfloat162float(__float2bfloat16_rn(1.00390625f)) == 1.0f);  // a tie goes to even
    CHECK(std::isnan(__bfloat162float(__float2bfloat16_rn(NAN))));
}

TEST_CASE("cuBLAS: a product is computed when the stream comes to it, and not without a workspace") {
    // Two rows of weights and three tokens of two columns, all with a gap after each row.
    const unsigned short w[] = {0x3f80, 0x4000, 0, 0x4040, 0x4080, 0};                     // 1 2, 3 4 as bfloat16
    const unsigned short x[] = {0x3f80, 0x3f80, 0, 0x4000, 0x0000, 0, 0x0000, 0xbf80, 0};  // 1 1, 2 0, 0 -1
    float* y = deviceMemory<float>(6);
    std::fill_n(y, 6, 10.0f);
    auto* workspace = deviceMemory<unsigned char>(4096);
    cublasHandle_t handle = nullptr;
    REQUIRE(cublasCreate_v2(&handle) == CUBLAS_STATUS_SUCCESS);
    const auto multiply = [&](float before) {
        const float one = 1;
        return cublasGemmEx(handle, CUBLAS_OP_T, CUBLAS_OP_N, 2, 3, 2, &one, w, CUDA_R_16BF, 3, x, CUDA_R_16BF, 3,
                            &before, y, CUDA_R_32F, 2, CUBLAS_COMPUTE_32F, CUBLAS_GEMM_DEFAULT);
    };
    CHECK(multiply(1) == CUBLAS_STATUS_NOT_INITIALIZED);
    CHECK(cublasSetWorkspace_v2(handle, workspace, 4096) == CUBLAS_STATUS_SUCCESS);
    CHECK(multiply(1) == CUBLAS_STATUS_SUCCESS);
    CHECK(y[0] == 10);
    cudaDeviceSynchronize();
    CHECK(std::vector<float>(y, y + 6) == std::vector<float>{13, 17, 12, 16, 8, 6});
    CHECK(multiply(0) == CUBLAS_STATUS_SUCCESS);
    cudaDeviceSynchronize();
    CHECK(std::vector<float>(y, y + 6) == std::vector<float>{3, 7, 2, 6, -2, -4});
    CHECK(cublasSetStream_v2(handle, nullptr) == CUBLAS_STATUS_SUCCESS);  // takes the workspace away
    CHECK(multiply(0) == CUBLAS_STATUS_NOT_INITIALIZED);
    cublasDestroy_v2(handle);
    cudaFree(workspace);
    cudaFree(y);
}

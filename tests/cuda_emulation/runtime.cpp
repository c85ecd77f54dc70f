#include "tests/cuda_emulation/runtime.h"

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <map>
#include <memory>
#include <vector>

using Operation = std::function<void()>;

struct EmulatedEvent {
    std::uint64_t queued = 0, done = 0;         // times recorded
    EmulatedStream* stream = nullptr;           // of the last record
    std::vector<Operation>* capture = nullptr;  // the graph that the last record belongs to
    std::chrono::steady_clock::time_point time;
};

struct EmulatedStream {
    struct Entry {
        Operation run;
        EmulatedEvent* wait = nullptr;  // not before this event has been recorded that often
        std::uint64_t count = 0;
    };
    std::deque<Entry> queue;
    std::vector<Operation>* capture = nullptr;
};

struct EmulatedGraph {
    std::vector<Operation> operations;
};
struct EmulatedGraphExec {
    std::shared_ptr<const std::vector<Operation>> operations;
};

namespace cuda_emulation {
namespace {

struct State {
    Machine machine;
    EmulatedStream null_stream;
    std::vector<EmulatedStream*> streams;
    std::map<const void*, std::size_t> device_memory, pinned_memory;
    std::size_t allocated = 0;
    std::uint64_t launches = 0, graph_launches = 0;
    cudaError_t last_error = cudaSuccess;
    int device = 0;
};

State& state() {
    static State* s = [] {
        auto* made = new State;
        made->streams.push_back(&made->null_stream);
        return made;
    }();
    return *s;
}

cudaError_t result(cudaError_t error) {
    if (error != cudaSuccess && error != cudaErrorNotReady) state().last_error = error;
    return error;
}

EmulatedStream& streamOf(cudaStream_t stream) {
    return stream ? *stream : state().null_stream;
}

void enqueue(cudaStream_t stream, Operation operation) {
    EmulatedStream& s = streamOf(stream);
    if (s.capture) {
        s.capture->push_back(std::move(operation));
    } else {
        s.queue.push_back({std::move(operation)});
    }
}

void drain(EmulatedStream& stream);

/// Runs the first entry of a stream's queue, and before it what it waits for.
void step(EmulatedStream& stream) {
    const EmulatedStream::Entry entry = std::move(stream.queue.front());
    stream.queue.pop_front();
    while (entry.wait && entry.wait->done < entry.count) {
        if (!entry.wait->stream || entry.wait->stream->queue.empty()) fail("A stream waits for an event in a circle.");
        step(*entry.wait->stream);
    }
    if (entry.run) entry.run();
}

void drain(EmulatedStream& stream) {
    while (!stream.queue.empty()) step(stream);
}

void drainAll() {
    for (EmulatedStream* s : state().streams) drain(*s);
}

bool pinnedOrDevice(const void* p) {
    const auto within = [&](const std::map<const void*, std::size_t>& regions) {
        auto at = regions.upper_bound(p);
        if (at == regions.begin()) return false;
        --at;
        return static_cast<const char*>(p) < static_cast<const char*>(at->first) + at->second;
    };
    return within(state().device_memory) || within(state().pinned_memory);
}

bool mayPin(std::size_t bytes) {
    const std::size_t most = state().machine.pinnable_bytes;
    return bytes <= most - std::min(most, pinnedBytes());
}

void* allocate(std::size_t bytes) {
    void* p = std::aligned_alloc(256, (bytes + 255) / 256 * 256);
    if (p) std::memset(p, 0xff, (bytes + 255) / 256 * 256);
    return p;
}

}  // namespace

Machine& machine() {
    return state().machine;
}
std::size_t allocatedBytes() {
    return state().allocated;
}
std::size_t pinnedBytes() {
    std::size_t sum = 0;
    for (const auto& [memory, bytes] : state().pinned_memory) sum += bytes;
    return sum;
}
std::uint64_t kernelLaunches() {
    return state().launches;
}
std::uint64_t graphLaunches() {
    return state().graph_launches;
}

void enqueueKernel(dim3 grid, dim3 block, std::size_t shared_bytes, cudaStream_t stream, Operation body) {
    const bool fits = grid.x && grid.y && grid.z && grid.x <= 0x7fffffffu && grid.y <= 65535 && grid.z <= 65535 &&
                      block.x && block.y && block.z && block.x * block.y * block.z <= 1024 && block.z <= 64 &&
                      shared_bytes <= 48 * 1024;
    if (!fits) {
        result(cudaErrorInvalidConfiguration);
        return;
    }
    enqueue(stream, [=, run = std::move(body)] {
        ++state().launches;
        runGrid({grid.x, grid.y, grid.z}, {block.x, block.y, block.z}, shared_bytes, run);
    });
}

}  // namespace cuda_emulation

using namespace cuda_emulation;

const char* cudaGetErrorName(cudaError_t error) {
    switch (error) {
        case cudaSuccess:
            return "cudaSuccess";
        case cudaErrorInvalidValue:
            return "cudaErrorInvalidValue";
        case cudaErrorMemoryAllocation:
            return "cudaErrorMemoryAllocation";
        case cudaErrorInvalidConfiguration:
            return "cudaErrorInvalidConfiguration";
        case cudaErrorInsufficientDriver:
            return "cudaErrorInsufficientDriver";
        case cudaErrorNoDevice:
            return "cudaErrorNoDevice";
        case cudaErrorInvalidDevice:
            return "cudaErrorInvalidDevice";
        case cudaErrorInvalidResourceHandle:
            return "cudaErrorInvalidResourceHandle";
        case cudaErrorNotReady:
            return "cudaErrorNotReady";
        case cudaErrorStreamCaptureInvalidated:
            return "cudaErrorStreamCaptureInvalidated";
    }
    return "unknown";
}
const char* cudaGetErrorString(cudaError_t error) {
    return cudaGetErrorName(error);
}
cudaError_t cudaGetLastError() {
    return std::exchange(state().last_error, cudaSuccess);
}
cudaError_t cudaPeekAtLastError() {
    return state().last_error;
}

cudaError_t cudaGetDeviceCount(int* count) {
    *count = 0;
    if (machine().driver_version < machine().runtime_version) return result(cudaErrorInsufficientDriver);
    if (machine().devices == 0) return result(cudaErrorNoDevice);
    *count = machine().devices;
    return cudaSuccess;
}
cudaError_t cudaSetDevice(int device) {
    if (device < 0 || device >= machine().devices) return result(cudaErrorInvalidDevice);
    state().device = device;
    return cudaSuccess;
}
cudaError_t cudaGetDevice(int* device) {
    *device = state().device;
    return cudaSuccess;
}
cudaError_t cudaSetDeviceFlags(unsigned) {
    return cudaSuccess;
}
cudaError_t cudaGetDeviceProperties(cudaDeviceProp* properties, int device) {
    if (device < 0 || device >= machine().devices) return result(cudaErrorInvalidDevice);
    *properties = {};
    std::snprintf(properties->name, sizeof properties->name, "%s", machine().name);
    properties->totalGlobalMem = machine().memory_bytes;
    properties->sharedMemPerBlock = 48 * 1024;
    properties->major = machine().major;
    properties->minor = machine().minor;
    properties->multiProcessorCount = machine().multiprocessors;
    return cudaSuccess;
}
cudaError_t cudaDeviceGetAttribute(int* value, cudaDeviceAttr attribute, int device) {
    if (device < 0 || device >= machine().devices) return result(cudaErrorInvalidDevice);
    switch (attribute) {
        case cudaDevAttrMultiProcessorCount:
            *value = machine().multiprocessors;
            break;
        case cudaDevAttrComputeCapabilityMajor:
            *value = machine().major;
            break;
        case cudaDevAttrComputeCapabilityMinor:
            *value = machine().minor;
            break;
    }
    return cudaSuccess;
}
cudaError_t cudaDriverGetVersion(int* version) {
    *version = machine().driver_version;
    return cudaSuccess;
}
cudaError_t cudaRuntimeGetVersion(int* version) {
    *version = machine().runtime_version;
    return cudaSuccess;
}
cudaError_t cudaMemGetInfo(std::size_t* free, std::size_t* total) {
    *total = machine().memory_bytes;
    *free = *total - std::min(*total, state().allocated);
    return cudaSuccess;
}
cudaError_t cudaDeviceSynchronize() {
    drainAll();
    return cudaSuccess;
}
cudaError_t cudaDeviceReset() {
    drainAll();
    return cudaSuccess;
}

cudaError_t cudaMalloc(void** memory, std::size_t bytes) {
    *memory = nullptr;
    if (bytes == 0) return cudaSuccess;
    if (bytes > machine().memory_bytes - std::min(machine().memory_bytes, state().allocated)) {
        return result(cudaErrorMemoryAllocation);
    }
    *memory = allocate(bytes);
    if (!*memory) return result(cudaErrorMemoryAllocation);
    state().device_memory[*memory] = bytes;
    state().allocated += bytes;
    return cudaSuccess;
}
cudaError_t cudaFree(void* memory) {
    if (!memory) return cudaSuccess;
    drainAll();  // as on a GPU, which waits for its work
    const auto found = state().device_memory.find(memory);
    if (found == state().device_memory.end()) return result(cudaErrorInvalidValue);
    state().allocated -= found->second;
    state().device_memory.erase(found);
    std::free(memory);
    return cudaSuccess;
}
cudaError_t cudaHostAlloc(void** memory, std::size_t bytes, unsigned) {
    *memory = nullptr;
    if (bytes == 0) return cudaSuccess;
    if (!mayPin(bytes)) return result(cudaErrorMemoryAllocation);
    *memory = allocate(bytes);
    if (!*memory) return result(cudaErrorMemoryAllocation);
    state().pinned_memory[*memory] = bytes;
    return cudaSuccess;
}
cudaError_t cudaFreeHost(void* memory) {
    if (!memory) return cudaSuccess;
    drainAll();
    if (!state().pinned_memory.erase(memory)) return result(cudaErrorInvalidValue);
    std::free(memory);
    return cudaSuccess;
}
cudaError_t cudaHostRegister(void* memory, std::size_t bytes, unsigned) {
    if (!machine().registers || !mayPin(bytes)) return result(cudaErrorMemoryAllocation);
    state().pinned_memory[memory] = bytes;
    return cudaSuccess;
}
cudaError_t cudaHostUnregister(void* memory) {
    drainAll();
    return state().pinned_memory.erase(memory) ? cudaSuccess : result(cudaErrorInvalidValue);
}
cudaError_t cudaMemcpy(void* to, const void* from, std::size_t bytes, cudaMemcpyKind) {
    drainAll();
    if (bytes > 0) std::memcpy(to, from, bytes);
    return cudaSuccess;
}
cudaError_t cudaMemset(void* memory, int value, std::size_t bytes) {
    drainAll();
    if (bytes > 0) std::memset(memory, value, bytes);
    return cudaSuccess;
}
cudaError_t cudaMemcpyAsync(void* to, const void* from, std::size_t bytes, cudaMemcpyKind, cudaStream_t stream) {
    if (bytes == 0) return cudaSuccess;
    enqueue(stream, [=] { std::memcpy(to, from, bytes); });
    // A GPU copies pageable memory before the call returns.
    if (!streamOf(stream).capture && !(pinnedOrDevice(to) && pinnedOrDevice(from))) drain(streamOf(stream));
    return cudaSuccess;
}
cudaError_t cudaMemsetAsync(void* memory, int value, std::size_t bytes, cudaStream_t stream) {
    if (bytes == 0) return cudaSuccess;
    enqueue(stream, [=] { std::memset(memory, value, bytes); });
    return cudaSuccess;
}

cudaError_t cudaStreamCreate(cudaStream_t* stream) {
    *stream = new EmulatedStream;
    state().streams.push_back(*stream);
    return cudaSuccess;
}
cudaError_t cudaStreamCreateWithFlags(cudaStream_t* stream, unsigned) {
    return cudaStreamCreate(stream);
}
cudaError_t cudaStreamCreateWithPriority(cudaStream_t* stream, unsigned, int) {
    return cudaStreamCreate(stream);
}
cudaError_t cudaStreamDestroy(cudaStream_t stream) {
    if (!stream) return result(cudaErrorInvalidResourceHandle);
    drain(*stream);
    std::erase(state().streams, stream);
    delete stream;
    return cudaSuccess;
}
cudaError_t cudaStreamSynchronize(cudaStream_t stream) {
    if (streamOf(stream).capture) return result(cudaErrorStreamCaptureInvalidated);
    drain(streamOf(stream));
    return cudaSuccess;
}
cudaError_t cudaStreamQuery(cudaStream_t stream) {
    EmulatedStream& s = streamOf(stream);
    if (!s.queue.empty()) step(s);  // whoever asks again and again sees progress
    return s.queue.empty() ? cudaSuccess : cudaErrorNotReady;
}
cudaError_t cudaStreamWaitEvent(cudaStream_t stream, cudaEvent_t event, unsigned) {
    EmulatedStream& s = streamOf(stream);
    if (event->capture) {
        s.capture = event->capture;  // the stream joins the capture; what was captured lies before what follows
    } else if (event->queued) {
        s.queue.push_back({nullptr, event, event->queued});
    }
    return cudaSuccess;
}
cudaError_t cudaLaunchHostFunc(cudaStream_t stream, cudaHostFn_t function, void* data) {
    enqueue(stream, [=] { function(data); });
    return cudaSuccess;
}

cudaError_t cudaEventCreate(cudaEvent_t* event) {
    *event = new EmulatedEvent;
    return cudaSuccess;
}
cudaError_t cudaEventCreateWithFlags(cudaEvent_t* event, unsigned) {
    return cudaEventCreate(event);
}
cudaError_t cudaEventDestroy(cudaEvent_t event) {
    if (!event) return result(cudaErrorInvalidResourceHandle);
    drainAll();
    delete event;
    return cudaSuccess;
}
cudaError_t cudaEventRecord(cudaEvent_t event, cudaStream_t stream) {
    EmulatedStream& s = streamOf(stream);
    event->capture = s.capture;
    if (s.capture) return cudaSuccess;
    const std::uint64_t count = ++event->queued;
    event->stream = &s;
    s.queue.push_back({[=] {
        event->done = count;
        event->time = std::chrono::steady_clock::now();
    }});
    return cudaSuccess;
}
cudaError_t cudaEventSynchronize(cudaEvent_t event) {
    while (event->done < event->queued) step(*event->stream);
    return cudaSuccess;
}
cudaError_t cudaEventQuery(cudaEvent_t event) {
    if (event->done < event->queued) step(*event->stream);
    return event->done < event->queued ? cudaErrorNotReady : cudaSuccess;
}
cudaError_t cudaEventElapsedTime(float* ms, cudaEvent_t from, cudaEvent_t to) {
    if (from->done < from->queued || to->done < to->queued) return cudaErrorNotReady;
    *ms = std::chrono::duration<float, std::milli>(to->time - from->time).count();
    return cudaSuccess;
}

cudaError_t cudaStreamBeginCapture(cudaStream_t stream, cudaStreamCaptureMode) {
    if (!stream || stream->capture) return result(cudaErrorInvalidValue);
    stream->capture = new std::vector<Operation>;
    return cudaSuccess;
}
cudaError_t cudaStreamEndCapture(cudaStream_t stream, cudaGraph_t* graph) {
    if (!stream || !stream->capture) return result(cudaErrorInvalidValue);
    std::vector<Operation>* captured = stream->capture;
    for (EmulatedStream* s : state().streams) {
        if (s->capture == captured) s->capture = nullptr;
    }
    *graph = new EmulatedGraph{std::move(*captured)};
    delete captured;
    return cudaSuccess;
}
cudaError_t cudaGraphInstantiate(cudaGraphExec_t* exec, cudaGraph_t graph, unsigned long long) {
    *exec = new EmulatedGraphExec{std::make_shared<const std::vector<Operation>>(graph->operations)};
    return cudaSuccess;
}
cudaError_t cudaGraphLaunch(cudaGraphExec_t exec, cudaStream_t stream) {
    if (!exec) return result(cudaErrorInvalidValue);
    ++state().graph_launches;
    enqueue(stream, [operations = exec->operations] {
        for (const Operation& run : *operations) run();
    });
    return cudaSuccess;
}
cudaError_t cudaGraphUpload(cudaGraphExec_t, cudaStream_t) {
    return cudaSuccess;
}
cudaError_t cudaGraphGetNodes(cudaGraph_t graph, void**, std::size_t* count) {
    *count = graph->operations.size();
    return cudaSuccess;
}
cudaError_t cudaGraphDestroy(cudaGraph_t graph) {
    delete graph;
    return cudaSuccess;
}
cudaError_t cudaGraphExecDestroy(cudaGraphExec_t exec) {
    delete exec;
    return cudaSuccess;
}

#include "engine/backend/cuda/device.h"

#include <fmt/format.h>

namespace moescope {

Status check(cudaError_t error, std::string_view what) {
    if (error == cudaSuccess) return {};
    cudaGetLastError();  // said here; the next call starts afresh
    if (error == cudaErrorMemoryAllocation) {
        return outOfMemory(
            fmt::format("The GPU has too little memory to {}; close other programs that use it, choose a "
                        "smaller context, or compute on the CPU.",
                        what));
    }
    return ioError(fmt::format("The GPU refused to {} ({}); load the model again, or compute on the CPU.", what,
                               cudaGetErrorString(error)));
}

Result<DeviceBuffer> DeviceBuffer::allocate(std::size_t bytes, std::string_view what) {
    DeviceBuffer buffer;
    void* memory = nullptr;
    if (Status s = check(cudaMalloc(&memory, bytes > 0 ? bytes : 256), what); !s.ok()) return s;
    buffer.m_data = static_cast<unsigned char*>(memory);
    buffer.m_bytes = bytes;
    return buffer;
}

Result<PinnedBuffer> PinnedBuffer::allocate(std::size_t bytes, std::string_view what) {
    PinnedBuffer buffer;
    void* memory = nullptr;
    if (cudaMallocHost(&memory, bytes > 0 ? bytes : 256) != cudaSuccess) {
        cudaGetLastError();
        return outOfMemory(fmt::format("{:.0f} MB of memory could not be reserved to {}; close other programs.",
                                       static_cast<double>(bytes) / 1e6, what));
    }
    buffer.m_data = static_cast<unsigned char*>(memory);
    buffer.m_bytes = bytes;
    return buffer;
}

PinnedRegion PinnedRegion::pin(unsigned char* data, std::size_t bytes) {
    PinnedRegion region;
    if (bytes > 0 && cudaHostRegister(data, bytes, cudaHostRegisterDefault) == cudaSuccess) region.m_data = data;
    cudaGetLastError();  // a refusal is no failure
    return region;
}

Result<Stream> Stream::create() {
    Stream stream;
    // Non-blocking: the default stream, which a library may use, does not hold it up.
    if (Status s = check(cudaStreamCreateWithFlags(&stream.m_stream, cudaStreamNonBlocking), "open a queue"); !s.ok())
        return s;
    return stream;
}

Result<Event> Event::create() {
    Event event;
    if (Status s = check(cudaEventCreateWithFlags(&event.m_event, cudaEventDisableTiming), "make an event"); !s.ok())
        return s;
    return event;
}

Result<Graph> Graph::finish(cudaStream_t stream) {
    cudaGraph_t recorded = nullptr;
    if (Status s = check(cudaStreamEndCapture(stream, &recorded), "record a token"); !s.ok()) return s;
    Graph graph;
    const cudaError_t error = cudaGraphInstantiate(&graph.m_graph, recorded, 0);
    cudaGraphDestroy(recorded);
    if (Status s = check(error, "prepare a token"); !s.ok()) return s;
    return graph;
}

}  // namespace moescope

#pragma once
// Owners of what the CUDA runtime hands out, and its errors as sentences. All are move-only and free what they own.

#include <cuda_runtime.h>

#include <cstddef>
#include <string_view>
#include <utility>

#include "engine/base/status.h"

namespace moescope {

/// Ok, or "The GPU refused to ...: <the driver's words>; ..." `what` reads like "copy the weights".
Status check(cudaError_t error, std::string_view what);

/// The GPU's memory, 256-byte aligned.
class DeviceBuffer {
public:
    DeviceBuffer() = default;
    static Result<DeviceBuffer> allocate(std::size_t bytes, std::string_view what);
    ~DeviceBuffer() {
        if (m_data) cudaFree(m_data);
    }
    DeviceBuffer(DeviceBuffer&& other) noexcept
        : m_data(std::exchange(other.m_data, nullptr)), m_bytes(std::exchange(other.m_bytes, 0)) {}
    DeviceBuffer& operator=(DeviceBuffer&& other) noexcept {
        std::swap(m_data, other.m_data);
        std::swap(m_bytes, other.m_bytes);
        return *this;
    }
    unsigned char* data() const { return m_data; }
    std::size_t bytes() const { return m_bytes; }

private:
    unsigned char* m_data = nullptr;
    std::size_t m_bytes = 0;
};

/// Memory of the machine that the GPU reads and writes by itself, while the CPU goes on.
class PinnedBuffer {
public:
    PinnedBuffer() = default;
    static Result<PinnedBuffer> allocate(std::size_t bytes, std::string_view what);
    ~PinnedBuffer() {
        if (m_data) cudaFreeHost(m_data);
    }
    PinnedBuffer(PinnedBuffer&& other) noexcept
        : m_data(std::exchange(other.m_data, nullptr)), m_bytes(std::exchange(other.m_bytes, 0)) {}
    PinnedBuffer& operator=(PinnedBuffer&& other) noexcept {
        std::swap(m_data, other.m_data);
        std::swap(m_bytes, other.m_bytes);
        return *this;
    }
    unsigned char* data() const { return m_data; }
    template <class T>
    T* as() const {
        return reinterpret_cast<T*>(m_data);
    }
    std::size_t bytes() const { return m_bytes; }

private:
    unsigned char* m_data = nullptr;
    std::size_t m_bytes = 0;
};

/// Memory of someone else's that has been pinned, so that the GPU reads it by itself. Empty where the system did not
/// allow that.
class PinnedRegion {
public:
    PinnedRegion() = default;
    static PinnedRegion pin(unsigned char* data, std::size_t bytes);
    ~PinnedRegion() {
        if (m_data) cudaHostUnregister(m_data);
    }
    PinnedRegion(PinnedRegion&& other) noexcept : m_data(std::exchange(other.m_data, nullptr)) {}
    PinnedRegion& operator=(PinnedRegion&& other) noexcept {
        std::swap(m_data, other.m_data);
        return *this;
    }
    explicit operator bool() const { return m_data != nullptr; }

private:
    unsigned char* m_data = nullptr;
};

/// A queue of work on the current GPU, apart from all others.
class Stream {
public:
    Stream() = default;
    static Result<Stream> create();
    ~Stream() {
        if (m_stream) cudaStreamDestroy(m_stream);
    }
    Stream(Stream&& other) noexcept : m_stream(std::exchange(other.m_stream, nullptr)) {}
    Stream& operator=(Stream&& other) noexcept {
        std::swap(m_stream, other.m_stream);
        return *this;
    }
    operator cudaStream_t() const { return m_stream; }

private:
    cudaStream_t m_stream = nullptr;
};

/// A mark in a stream that can be waited for.
class Event {
public:
    Event() = default;
    static Result<Event> create();
    ~Event() {
        if (m_event) cudaEventDestroy(m_event);
    }
    Event(Event&& other) noexcept : m_event(std::exchange(other.m_event, nullptr)) {}
    Event& operator=(Event&& other) noexcept {
        std::swap(m_event, other.m_event);
        return *this;
    }
    operator cudaEvent_t() const { return m_event; }

private:
    cudaEvent_t m_event = nullptr;
};

/// Work that was recorded once and is queued whole.
class Graph {
public:
    Graph() = default;
    /// Records what `work` queues on the stream; nothing runs yet.
    template <class Work>
    static Result<Graph> record(cudaStream_t stream, Work&& work) {
        if (Status s = check(cudaStreamBeginCapture(stream, cudaStreamCaptureModeThreadLocal), "record work"); !s.ok())
            return s;
        work();
        return finish(stream);
    }
    ~Graph() {
        if (m_graph) cudaGraphExecDestroy(m_graph);
    }
    Graph(Graph&& other) noexcept : m_graph(std::exchange(other.m_graph, nullptr)) {}
    Graph& operator=(Graph&& other) noexcept {
        std::swap(m_graph, other.m_graph);
        return *this;
    }
    explicit operator bool() const { return m_graph != nullptr; }
    Status launch(cudaStream_t stream) const { return check(cudaGraphLaunch(m_graph, stream), "start a token"); }

private:
    static Result<Graph> finish(cudaStream_t stream);
    cudaGraphExec_t m_graph = nullptr;
};

/// Hands out parts of a block of memory, 256-byte aligned. Without a block it only counts, so that one function both
/// sizes a block and lays it out.
class Arena {
public:
    explicit Arena(unsigned char* memory = nullptr) : m_memory(memory) {}
    template <class T>
    T* take(std::size_t count) {
        unsigned char* at = m_memory ? m_memory + m_used : nullptr;
        m_used += (count * sizeof(T) + 255) / 256 * 256;
        return reinterpret_cast<T*>(at);
    }
    std::size_t used() const { return m_used; }

private:
    unsigned char* m_memory;
    std::size_t m_used = 0;
};

}  // namespace moescope

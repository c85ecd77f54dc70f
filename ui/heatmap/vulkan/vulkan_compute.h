#pragma once
// Recording and running the heatmap's compute shaders: one list of commands per frame, waited for at its end.

#include <array>
#include <memory>
#include <span>
#include <vector>

#include "ui/heatmap/vulkan/vulkan_device.h"

namespace moescope {

enum class Shader : std::uint8_t { kScatter, kGather, kShade };
inline constexpr std::size_t kShaders = 3;

/// A part of a buffer that a shader reads or writes.
struct BufferPart {
    VkBuffer buffer = VK_NULL_HANDLE;
    std::size_t offset = 0, bytes = 0;
};

class VulkanCompute {
public:
    static constexpr std::uint32_t kBindings = 5, kPushBytes = 64;

    explicit VulkanCompute(std::shared_ptr<VulkanDevice> device);
    ~VulkanCompute();
    VulkanCompute(const VulkanCompute&) = delete;
    VulkanCompute& operator=(const VulkanCompute&) = delete;

    const std::shared_ptr<VulkanDevice>& device() const { return m_device; }

    void begin();
    /// Room for the host to write to in this frame; copy it on before run().
    BufferPart stage(std::size_t bytes, void** data);
    void copy(const BufferPart& from, const BufferPart& to);
    /// Data in device memory, for this frame's shaders; needs a barrier() before they read it.
    BufferPart upload(const void* data, std::size_t bytes);
    /// What was recorded before is done and visible to what follows.
    void barrier();
    template <class Push>
    void dispatch(Shader shader, std::initializer_list<BufferPart> parts, const Push& push, std::uint32_t groups_x,
                  std::uint32_t groups_y) {
        static_assert(sizeof(Push) <= kPushBytes && sizeof(Push) % 4 == 0);
        dispatch(shader, std::span(parts.begin(), parts.size()), &push, sizeof push, groups_x, groups_y);
    }
    /// Keeps a buffer until the frame is done.
    void keep(std::shared_ptr<VulkanBuffer> buffer) { m_kept.push_back(std::move(buffer)); }
    /// Runs all and waits; what shaders wrote is visible to the host then.
    void run();

    /// Grows a buffer for device data, keeping its first `used` bytes. `bytes` is what is needed now; growing again and
    /// again takes a quarter more each time.
    void grow(std::shared_ptr<VulkanBuffer>& buffer, std::size_t bytes, std::size_t used);
    /// Offsets of parts are multiples of this.
    std::size_t alignment() const { return m_alignment; }
    std::size_t bytes() const;

private:
    void create();
    void destroy();
    void createPipelines();
    void dispatch(Shader shader, std::span<const BufferPart> parts, const void* push, std::size_t push_bytes,
                  std::uint32_t groups_x, std::uint32_t groups_y);
    VkDescriptorSet newSet();

    std::shared_ptr<VulkanDevice> m_device;
    std::size_t m_alignment = 256;
    VkDescriptorSetLayout m_set_layout = VK_NULL_HANDLE;
    VkPipelineLayout m_layout = VK_NULL_HANDLE;
    std::array<VkPipeline, kShaders> m_pipelines{};
    VkCommandPool m_pool = VK_NULL_HANDLE;
    VkCommandBuffer m_commands = VK_NULL_HANDLE;
    VkFence m_fence = VK_NULL_HANDLE;
    std::vector<VkDescriptorPool> m_set_pools;  // each for kSetsAPool sets
    std::size_t m_sets_used = 0;
    std::shared_ptr<VulkanBuffer> m_staging, m_tables;
    std::size_t m_staged = 0, m_uploaded = 0;
    std::vector<std::shared_ptr<VulkanBuffer>> m_kept;
};

}  // namespace moescope

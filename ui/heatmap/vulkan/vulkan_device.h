#pragma once
// A Vulkan device for computing, without a window. Volk finds the loader at run time: nothing links to libvulkan.
//
// Inside this folder errors are thrown as VulkanError; makeVulkanRenderer() and render() turn them into a Status.

#include <volk.h>

#include <cstddef>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>

#include "ui/heatmap/vulkan/vulkan_renderer.h"

namespace moescope {

struct VulkanError : std::runtime_error {
    using std::runtime_error::runtime_error;
};

class VulkanDevice {
public:
    /// The best device, which all renderers with these options share while one of them lives.
    static std::shared_ptr<VulkanDevice> shared(const VulkanOptions& options);
    ~VulkanDevice();
    VulkanDevice(const VulkanDevice&) = delete;
    VulkanDevice& operator=(const VulkanDevice&) = delete;

    const VolkDeviceTable& call() const { return m_table; }
    VkDevice handle() const { return m_device; }
    std::uint32_t queueFamily() const { return m_family; }
    const VkPhysicalDeviceLimits& limits() const { return m_properties.limits; }
    std::string name() const { return m_properties.deviceName; }

    /// The first memory type among `bits` with `needed`, one with `wished` too if there is one.
    std::uint32_t memoryType(std::uint32_t bits, VkMemoryPropertyFlags needed, VkMemoryPropertyFlags wished,
                             bool& coherent) const;
    /// Runs commands and waits until they are done. Any thread.
    void run(VkCommandBuffer commands, VkFence fence);

    /// Throws VulkanError with a sentence that names the call, unless it succeeded.
    static void check(VkResult result, const char* call);
    static int messages();

private:
    explicit VulkanDevice(const VulkanOptions& options);
    void createInstance(bool validation);
    void choosePhysical(bool software);
    void createDevice();

    VkInstance m_instance = VK_NULL_HANDLE;
    VkDebugUtilsMessengerEXT m_messenger = VK_NULL_HANDLE;
    VkPhysicalDevice m_physical = VK_NULL_HANDLE;
    VkPhysicalDeviceProperties m_properties{};
    VkPhysicalDeviceMemoryProperties m_memory{};
    VkDevice m_device = VK_NULL_HANDLE;
    VkQueue m_queue = VK_NULL_HANDLE;
    std::uint32_t m_family = 0;
    VolkDeviceTable m_table{};
    std::mutex m_submit;
};

/// A buffer with memory of its own; mapped if the host may see it.
class VulkanBuffer {
public:
    enum class Use { kDevice, kUpload, kReadBack };
    VulkanBuffer(std::shared_ptr<VulkanDevice> device, std::size_t bytes, Use use);
    ~VulkanBuffer();
    VulkanBuffer(const VulkanBuffer&) = delete;
    VulkanBuffer& operator=(const VulkanBuffer&) = delete;

    VkBuffer handle() const { return m_buffer; }
    std::size_t bytes() const { return m_bytes; }
    void* data() const { return m_data; }
    /// Before reading what the device wrote.
    void invalidate() const;

private:
    void release();

    std::shared_ptr<VulkanDevice> m_device;
    std::size_t m_bytes;
    VkBuffer m_buffer = VK_NULL_HANDLE;
    VkDeviceMemory m_memory = VK_NULL_HANDLE;
    void* m_data = nullptr;
    bool m_coherent = true;
};

}  // namespace moescope

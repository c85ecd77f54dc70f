#include "ui/heatmap/vulkan/vulkan_device.h"

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <vector>

namespace moescope {
namespace {

std::atomic<int> message_count{0};

VKAPI_ATTR VkBool32 VKAPI_CALL onMessage(VkDebugUtilsMessageSeverityFlagBitsEXT, VkDebugUtilsMessageTypeFlagsEXT,
                                         const VkDebugUtilsMessengerCallbackDataEXT* data, void*) {
    message_count.fetch_add(1);
    std::fprintf(stderr, "Vulkan: %s\n", data->pMessage);
    return VK_FALSE;
}

constexpr const char* kValidationLayer = "VK_LAYER_KHRONOS_validation";

/// Larger is better; software comes last.
int rank(VkPhysicalDeviceType type) {
    switch (type) {
        case VK_PHYSICAL_DEVICE_TYPE_DISCRETE_GPU:
            return 4;
        case VK_PHYSICAL_DEVICE_TYPE_INTEGRATED_GPU:
            return 3;
        case VK_PHYSICAL_DEVICE_TYPE_VIRTUAL_GPU:
            return 2;
        default:
            return 1;
    }
}

const char* resultName(VkResult result) {
    switch (result) {
        case VK_ERROR_OUT_OF_HOST_MEMORY:
            return "out of memory";
        case VK_ERROR_OUT_OF_DEVICE_MEMORY:
            return "out of device memory";
        case VK_ERROR_INITIALIZATION_FAILED:
            return "initialization failed";
        case VK_ERROR_DEVICE_LOST:
            return "the device was lost";
        case VK_ERROR_LAYER_NOT_PRESENT:
            return "the validation layer is not installed";
        case VK_ERROR_INCOMPATIBLE_DRIVER:
            return "no driver";
        default:
            return "an error";
    }
}

}  // namespace

void VulkanDevice::check(VkResult result, const char* call) {
    if (result >= 0) return;
    throw VulkanError(std::string("Heatmaps are drawn by the CPU: Vulkan reports ") + resultName(result) + " (" + call +
                      ", " + std::to_string(static_cast<int>(result)) + ").");
}

int VulkanDevice::messages() {
    return message_count.load();
}

std::shared_ptr<VulkanDevice> VulkanDevice::shared(const VulkanOptions& options) {
    static std::mutex mutex;
    static std::weak_ptr<VulkanDevice> devices[4];
    const std::lock_guard lock(mutex);
    std::weak_ptr<VulkanDevice>& kept = devices[(options.validation ? 1 : 0) + (options.software ? 2 : 0)];
    if (auto device = kept.lock()) return device;
    static const VkResult loaded = volkInitialize();
    if (loaded != VK_SUCCESS) throw VulkanError("Heatmaps are drawn by the CPU: no Vulkan loader is installed.");
    std::shared_ptr<VulkanDevice> device(new VulkanDevice(options));
    kept = device;
    return device;
}

VulkanDevice::VulkanDevice(const VulkanOptions& options) {
    try {
        createInstance(options.validation);
        choosePhysical(options.software);
        createDevice();
    } catch (const VulkanError&) {
        if (m_messenger) vkDestroyDebugUtilsMessengerEXT(m_instance, m_messenger, nullptr);
        if (m_instance) vkDestroyInstance(m_instance, nullptr);
        throw;
    }
}

VulkanDevice::~VulkanDevice() {
    m_table.vkDeviceWaitIdle(m_device);
    m_table.vkDestroyDevice(m_device, nullptr);
    if (m_messenger) vkDestroyDebugUtilsMessengerEXT(m_instance, m_messenger, nullptr);
    vkDestroyInstance(m_instance, nullptr);
}

void VulkanDevice::createInstance(bool validation) {
    VkApplicationInfo application{};
    application.sType = VK_STRUCTURE_TYPE_APPLICATION_INFO;
    application.pApplicationName = "Moescope";
    application.apiVersion = VK_API_VERSION_1_0;
    VkInstanceCreateInfo info{};
    info.sType = VK_STRUCTURE_TYPE_INSTANCE_CREATE_INFO;
    info.pApplicationInfo = &application;

    const char* extensions[] = {VK_EXT_DEBUG_UTILS_EXTENSION_NAME, VK_EXT_VALIDATION_FEATURES_EXTENSION_NAME};
    const VkValidationFeatureEnableEXT checks[] = {VK_VALIDATION_FEATURE_ENABLE_SYNCHRONIZATION_VALIDATION_EXT};
    VkValidationFeaturesEXT features{};
    features.sType = VK_STRUCTURE_TYPE_VALIDATION_FEATURES_EXT;
    features.enabledValidationFeatureCount = 1;
    features.pEnabledValidationFeatures = checks;
    VkDebugUtilsMessengerCreateInfoEXT messenger{};
    messenger.sType = VK_STRUCTURE_TYPE_DEBUG_UTILS_MESSENGER_CREATE_INFO_EXT;
    messenger.pNext = &features;
    messenger.messageSeverity =
        VK_DEBUG_UTILS_MESSAGE_SEVERITY_WARNING_BIT_EXT | VK_DEBUG_UTILS_MESSAGE_SEVERITY_ERROR_BIT_EXT;
    messenger.messageType =
        VK_DEBUG_UTILS_MESSAGE_TYPE_VALIDATION_BIT_EXT | VK_DEBUG_UTILS_MESSAGE_TYPE_PERFORMANCE_BIT_EXT;
    messenger.pfnUserCallback = onMessage;
    if (validation) {
        info.enabledLayerCount = 1;
        info.ppEnabledLayerNames = &kValidationLayer;
        info.enabledExtensionCount = 2;
        info.ppEnabledExtensionNames = extensions;
        info.pNext = &messenger;
    }
    check(vkCreateInstance(&info, nullptr, &m_instance), "vkCreateInstance");
    volkLoadInstanceOnly(m_instance);
    if (!validation) return;
    messenger.pNext = nullptr;
    check(vkCreateDebugUtilsMessengerEXT(m_instance, &messenger, nullptr, &m_messenger),
          "vkCreateDebugUtilsMessengerEXT");
}

void VulkanDevice::choosePhysical(bool software) {
    std::uint32_t count = 0;
    check(vkEnumeratePhysicalDevices(m_instance, &count, nullptr), "vkEnumeratePhysicalDevices");
    std::vector<VkPhysicalDevice> devices(count);
    check(vkEnumeratePhysicalDevices(m_instance, &count, devices.data()), "vkEnumeratePhysicalDevices");
    devices.resize(count);
    int best = 0;
    std::string passed_over;
    for (const VkPhysicalDevice device : devices) {
        VkPhysicalDeviceProperties properties;
        vkGetPhysicalDeviceProperties(device, &properties);
        std::uint32_t families = 0;
        vkGetPhysicalDeviceQueueFamilyProperties(device, &families, nullptr);
        std::vector<VkQueueFamilyProperties> queues(families);
        vkGetPhysicalDeviceQueueFamilyProperties(device, &families, queues.data());
        if (properties.deviceType == VK_PHYSICAL_DEVICE_TYPE_CPU && !software) {
            passed_over = properties.deviceName;
            continue;
        }
        const auto computes = std::find_if(queues.begin(), queues.end(), [](const VkQueueFamilyProperties& queue) {
            return queue.queueFlags & VK_QUEUE_COMPUTE_BIT;
        });
        if (computes == queues.end() || rank(properties.deviceType) <= best) continue;
        best = rank(properties.deviceType);
        m_physical = device;
        m_properties = properties;
        m_family = static_cast<std::uint32_t>(computes - queues.begin());
    }
    if (!m_physical && !passed_over.empty()) {
        throw VulkanError("Heatmaps are drawn by the CPU: the only Vulkan device is software (" + passed_over + ").");
    }
    if (!m_physical) throw VulkanError("Heatmaps are drawn by the CPU: there is no Vulkan device.");
    vkGetPhysicalDeviceMemoryProperties(m_physical, &m_memory);
}

void VulkanDevice::createDevice() {
    const float priority = 1;
    VkDeviceQueueCreateInfo queue{};
    queue.sType = VK_STRUCTURE_TYPE_DEVICE_QUEUE_CREATE_INFO;
    queue.queueFamilyIndex = m_family;
    queue.queueCount = 1;
    queue.pQueuePriorities = &priority;
    VkDeviceCreateInfo info{};
    info.sType = VK_STRUCTURE_TYPE_DEVICE_CREATE_INFO;
    info.queueCreateInfoCount = 1;
    info.pQueueCreateInfos = &queue;
    check(vkCreateDevice(m_physical, &info, nullptr, &m_device), "vkCreateDevice");
    volkLoadDeviceTable(&m_table, m_device);
    m_table.vkGetDeviceQueue(m_device, m_family, 0, &m_queue);
}

std::uint32_t VulkanDevice::memoryType(std::uint32_t bits, VkMemoryPropertyFlags needed, VkMemoryPropertyFlags wished,
                                       bool& coherent) const {
    for (const VkMemoryPropertyFlags flags : {needed | wished, needed}) {
        for (std::uint32_t i = 0; i < m_memory.memoryTypeCount; ++i) {
            const VkMemoryPropertyFlags has = m_memory.memoryTypes[i].propertyFlags;
            if (!(bits >> i & 1) || (has & flags) != flags) continue;
            coherent = has & VK_MEMORY_PROPERTY_HOST_COHERENT_BIT;
            return i;
        }
    }
    throw VulkanError("Heatmaps are drawn by the CPU: the Vulkan device has no suitable memory.");
}

void VulkanDevice::run(VkCommandBuffer commands, VkFence fence) {
    VkSubmitInfo submit{};
    submit.sType = VK_STRUCTURE_TYPE_SUBMIT_INFO;
    submit.commandBufferCount = 1;
    submit.pCommandBuffers = &commands;
    {
        const std::lock_guard lock(m_submit);
        check(m_table.vkQueueSubmit(m_queue, 1, &submit, fence), "vkQueueSubmit");
    }
    // A frame takes milliseconds. A device that is silent for ten seconds will not come back.
    const VkResult waited = m_table.vkWaitForFences(m_device, 1, &fence, VK_TRUE, 10'000'000'000ull);
    check(waited == VK_TIMEOUT ? VK_ERROR_DEVICE_LOST : waited, "vkWaitForFences");
    check(m_table.vkResetFences(m_device, 1, &fence), "vkResetFences");
}

VulkanBuffer::VulkanBuffer(std::shared_ptr<VulkanDevice> device, std::size_t bytes, Use use)
    : m_device(std::move(device)), m_bytes(bytes) {
    const VolkDeviceTable& vk = m_device->call();
    VkBufferCreateInfo info{};
    info.sType = VK_STRUCTURE_TYPE_BUFFER_CREATE_INFO;
    info.size = bytes;
    info.usage =
        VK_BUFFER_USAGE_STORAGE_BUFFER_BIT | VK_BUFFER_USAGE_TRANSFER_SRC_BIT | VK_BUFFER_USAGE_TRANSFER_DST_BIT;
    try {
        VulkanDevice::check(vk.vkCreateBuffer(m_device->handle(), &info, nullptr, &m_buffer), "vkCreateBuffer");
        VkMemoryRequirements requirements;
        vk.vkGetBufferMemoryRequirements(m_device->handle(), m_buffer, &requirements);
        VkMemoryPropertyFlags needed = VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT, wished = 0;
        if (use == Use::kDevice) needed = 0, wished = VK_MEMORY_PROPERTY_DEVICE_LOCAL_BIT;
        if (use == Use::kUpload) needed |= VK_MEMORY_PROPERTY_HOST_COHERENT_BIT;
        // Memory that the host does not cache is read at a crawl.
        if (use == Use::kReadBack) wished = VK_MEMORY_PROPERTY_HOST_CACHED_BIT;
        VkMemoryAllocateInfo allocation{};
        allocation.sType = VK_STRUCTURE_TYPE_MEMORY_ALLOCATE_INFO;
        allocation.allocationSize = requirements.size;
        allocation.memoryTypeIndex = m_device->memoryType(requirements.memoryTypeBits, needed, wished, m_coherent);
        VulkanDevice::check(vk.vkAllocateMemory(m_device->handle(), &allocation, nullptr, &m_memory),
                            "vkAllocateMemory");
        VulkanDevice::check(vk.vkBindBufferMemory(m_device->handle(), m_buffer, m_memory, 0), "vkBindBufferMemory");
        if (use != Use::kDevice) {
            VulkanDevice::check(vk.vkMapMemory(m_device->handle(), m_memory, 0, VK_WHOLE_SIZE, 0, &m_data),
                                "vkMapMemory");
        }
    } catch (const VulkanError&) {
        release();
        throw;
    }
}

VulkanBuffer::~VulkanBuffer() {
    release();
}

void VulkanBuffer::release() {
    const VolkDeviceTable& vk = m_device->call();
    if (m_buffer) vk.vkDestroyBuffer(m_device->handle(), m_buffer, nullptr);
    if (m_memory) vk.vkFreeMemory(m_device->handle(), m_memory, nullptr);
}

void VulkanBuffer::invalidate() const {
    if (m_coherent) return;
    VkMappedMemoryRange range{};
    range.sType = VK_STRUCTURE_TYPE_MAPPED_MEMORY_RANGE;
    range.memory = m_memory;
    range.size = VK_WHOLE_SIZE;
    VulkanDevice::check(m_device->call().vkInvalidateMappedMemoryRanges(m_device->handle(), 1, &range),
                        "vkInvalidateMappedMemoryRanges");
}

}  // namespace moescope

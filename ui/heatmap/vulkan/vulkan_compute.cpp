#include "ui/heatmap/vulkan/vulkan_compute.h"

#include <algorithm>
#include <cstring>

#include "gather_comp.h"
#include "scatter_comp.h"
#include "shade_comp.h"

namespace moescope {
namespace {

constexpr std::uint32_t kSetsAPool = 64;

std::size_t roundedUp(std::size_t bytes, std::size_t alignment) {
    return (bytes + alignment - 1) / alignment * alignment;
}

}  // namespace

VulkanCompute::VulkanCompute(std::shared_ptr<VulkanDevice> device) : m_device(std::move(device)) {
    try {
        create();
    } catch (const VulkanError&) {
        destroy();
        throw;
    }
}

VulkanCompute::~VulkanCompute() {
    destroy();
}

void VulkanCompute::create() {
    const VolkDeviceTable& vk = m_device->call();
    m_alignment =
        std::max<std::size_t>(16, static_cast<std::size_t>(m_device->limits().minStorageBufferOffsetAlignment));
    std::array<VkDescriptorSetLayoutBinding, kBindings> bindings{};
    for (std::uint32_t i = 0; i < kBindings; ++i) {
        bindings[i] = {i, VK_DESCRIPTOR_TYPE_STORAGE_BUFFER, 1, VK_SHADER_STAGE_COMPUTE_BIT, nullptr};
    }
    VkDescriptorSetLayoutCreateInfo set{};
    set.sType = VK_STRUCTURE_TYPE_DESCRIPTOR_SET_LAYOUT_CREATE_INFO;
    set.bindingCount = kBindings;
    set.pBindings = bindings.data();
    VulkanDevice::check(vk.vkCreateDescriptorSetLayout(m_device->handle(), &set, nullptr, &m_set_layout),
                        "vkCreateDescriptorSetLayout");
    const VkPushConstantRange push{VK_SHADER_STAGE_COMPUTE_BIT, 0, kPushBytes};
    VkPipelineLayoutCreateInfo layout{};
    layout.sType = VK_STRUCTURE_TYPE_PIPELINE_LAYOUT_CREATE_INFO;
    layout.setLayoutCount = 1;
    layout.pSetLayouts = &m_set_layout;
    layout.pushConstantRangeCount = 1;
    layout.pPushConstantRanges = &push;
    VulkanDevice::check(vk.vkCreatePipelineLayout(m_device->handle(), &layout, nullptr, &m_layout),
                        "vkCreatePipelineLayout");
    createPipelines();

    VkCommandPoolCreateInfo pool{};
    pool.sType = VK_STRUCTURE_TYPE_COMMAND_POOL_CREATE_INFO;
    pool.queueFamilyIndex = m_device->queueFamily();
    VulkanDevice::check(vk.vkCreateCommandPool(m_device->handle(), &pool, nullptr, &m_pool), "vkCreateCommandPool");
    VkCommandBufferAllocateInfo commands{};
    commands.sType = VK_STRUCTURE_TYPE_COMMAND_BUFFER_ALLOCATE_INFO;
    commands.commandPool = m_pool;
    commands.level = VK_COMMAND_BUFFER_LEVEL_PRIMARY;
    commands.commandBufferCount = 1;
    VulkanDevice::check(vk.vkAllocateCommandBuffers(m_device->handle(), &commands, &m_commands),
                        "vkAllocateCommandBuffers");
    VkFenceCreateInfo fence{};
    fence.sType = VK_STRUCTURE_TYPE_FENCE_CREATE_INFO;
    VulkanDevice::check(vk.vkCreateFence(m_device->handle(), &fence, nullptr, &m_fence), "vkCreateFence");
}

void VulkanCompute::createPipelines() {
    const VolkDeviceTable& vk = m_device->call();
    const std::span<const std::uint32_t> codes[kShaders] = {scatter_comp, gather_comp, shade_comp};
    for (std::size_t i = 0; i < kShaders; ++i) {
        VkShaderModuleCreateInfo module_info{};
        module_info.sType = VK_STRUCTURE_TYPE_SHADER_MODULE_CREATE_INFO;
        module_info.codeSize = codes[i].size_bytes();
        module_info.pCode = codes[i].data();
        VkShaderModule module = VK_NULL_HANDLE;
        VulkanDevice::check(vk.vkCreateShaderModule(m_device->handle(), &module_info, nullptr, &module),
                            "vkCreateShaderModule");
        VkComputePipelineCreateInfo info{};
        info.sType = VK_STRUCTURE_TYPE_COMPUTE_PIPELINE_CREATE_INFO;
        info.stage.sType = VK_STRUCTURE_TYPE_PIPELINE_SHADER_STAGE_CREATE_INFO;
        info.stage.stage = VK_SHADER_STAGE_COMPUTE_BIT;
        info.stage.module = module;
        info.stage.pName = "main";
        info.layout = m_layout;
        const VkResult made =
            vk.vkCreateComputePipelines(m_device->handle(), VK_NULL_HANDLE, 1, &info, nullptr, &m_pipelines[i]);
        vk.vkDestroyShaderModule(m_device->handle(), module, nullptr);
        VulkanDevice::check(made, "vkCreateComputePipelines");
    }
}

void VulkanCompute::destroy() {
    const VolkDeviceTable& vk = m_device->call();
    const VkDevice device = m_device->handle();
    // A frame that failed may still run.
    vk.vkDeviceWaitIdle(device);
    for (const VkDescriptorPool pool : m_set_pools) vk.vkDestroyDescriptorPool(device, pool, nullptr);
    if (m_fence) vk.vkDestroyFence(device, m_fence, nullptr);
    if (m_pool) vk.vkDestroyCommandPool(device, m_pool, nullptr);
    for (const VkPipeline pipeline : m_pipelines) {
        if (pipeline) vk.vkDestroyPipeline(device, pipeline, nullptr);
    }
    if (m_layout) vk.vkDestroyPipelineLayout(device, m_layout, nullptr);
    if (m_set_layout) vk.vkDestroyDescriptorSetLayout(device, m_set_layout, nullptr);
}

void VulkanCompute::begin() {
    const VolkDeviceTable& vk = m_device->call();
    m_kept.clear();
    m_staged = m_uploaded = m_sets_used = 0;
    for (const VkDescriptorPool pool : m_set_pools) {
        VulkanDevice::check(vk.vkResetDescriptorPool(m_device->handle(), pool, 0), "vkResetDescriptorPool");
    }
    VulkanDevice::check(vk.vkResetCommandPool(m_device->handle(), m_pool, 0), "vkResetCommandPool");
    VkCommandBufferBeginInfo info{};
    info.sType = VK_STRUCTURE_TYPE_COMMAND_BUFFER_BEGIN_INFO;
    info.flags = VK_COMMAND_BUFFER_USAGE_ONE_TIME_SUBMIT_BIT;
    VulkanDevice::check(vk.vkBeginCommandBuffer(m_commands, &info), "vkBeginCommandBuffer");
}

BufferPart VulkanCompute::stage(std::size_t bytes, void** data) {
    const std::size_t room = roundedUp(std::max<std::size_t>(bytes, 4), m_alignment);
    if (!m_staging || m_staged + room > m_staging->bytes()) {
        if (m_staging) keep(m_staging);
        m_staging = std::make_shared<VulkanBuffer>(m_device, std::max<std::size_t>(room + room / 4, 1 << 20),
                                                   VulkanBuffer::Use::kUpload);
        m_staged = 0;
    }
    *data = static_cast<std::byte*>(m_staging->data()) + m_staged;
    const BufferPart part{m_staging->handle(), m_staged, bytes};
    m_staged += room;
    return part;
}

void VulkanCompute::copy(const BufferPart& from, const BufferPart& to) {
    const VkBufferCopy region{from.offset, to.offset, from.bytes};
    if (from.bytes > 0) m_device->call().vkCmdCopyBuffer(m_commands, from.buffer, to.buffer, 1, &region);
}

BufferPart VulkanCompute::upload(const void* data, std::size_t bytes) {
    const std::size_t room = roundedUp(std::max<std::size_t>(bytes, 4), m_alignment);
    if (!m_tables || m_uploaded + room > m_tables->bytes()) {
        if (m_tables) keep(m_tables);
        m_tables = std::make_shared<VulkanBuffer>(m_device, std::max<std::size_t>(2 * room, 1 << 18),
                                                  VulkanBuffer::Use::kDevice);
        m_uploaded = 0;
    }
    const BufferPart part{m_tables->handle(), m_uploaded, std::max<std::size_t>(bytes, 4)};
    m_uploaded += room;
    void* target = nullptr;
    const BufferPart staged = stage(bytes, &target);
    if (bytes > 0) std::memcpy(target, data, bytes);
    copy(staged, part);
    return part;
}

void VulkanCompute::barrier() {
    VkMemoryBarrier memory{};
    memory.sType = VK_STRUCTURE_TYPE_MEMORY_BARRIER;
    memory.srcAccessMask = VK_ACCESS_SHADER_WRITE_BIT | VK_ACCESS_TRANSFER_WRITE_BIT;
    memory.dstAccessMask = VK_ACCESS_SHADER_READ_BIT | VK_ACCESS_SHADER_WRITE_BIT | VK_ACCESS_TRANSFER_READ_BIT |
                           VK_ACCESS_TRANSFER_WRITE_BIT;
    const VkPipelineStageFlags stages = VK_PIPELINE_STAGE_COMPUTE_SHADER_BIT | VK_PIPELINE_STAGE_TRANSFER_BIT;
    m_device->call().vkCmdPipelineBarrier(m_commands, stages, stages, 0, 1, &memory, 0, nullptr, 0, nullptr);
}

VkDescriptorSet VulkanCompute::newSet() {
    const VolkDeviceTable& vk = m_device->call();
    const std::size_t pool = m_sets_used++ / kSetsAPool;
    if (pool == m_set_pools.size()) {
        const VkDescriptorPoolSize size{VK_DESCRIPTOR_TYPE_STORAGE_BUFFER, kSetsAPool * kBindings};
        VkDescriptorPoolCreateInfo info{};
        info.sType = VK_STRUCTURE_TYPE_DESCRIPTOR_POOL_CREATE_INFO;
        info.maxSets = kSetsAPool;
        info.poolSizeCount = 1;
        info.pPoolSizes = &size;
        VkDescriptorPool made = VK_NULL_HANDLE;
        VulkanDevice::check(vk.vkCreateDescriptorPool(m_device->handle(), &info, nullptr, &made),
                            "vkCreateDescriptorPool");
        m_set_pools.push_back(made);
    }
    VkDescriptorSetAllocateInfo info{};
    info.sType = VK_STRUCTURE_TYPE_DESCRIPTOR_SET_ALLOCATE_INFO;
    info.descriptorPool = m_set_pools[pool];
    info.descriptorSetCount = 1;
    info.pSetLayouts = &m_set_layout;
    VkDescriptorSet set = VK_NULL_HANDLE;
    VulkanDevice::check(vk.vkAllocateDescriptorSets(m_device->handle(), &info, &set), "vkAllocateDescriptorSets");
    return set;
}

void VulkanCompute::dispatch(Shader shader, std::span<const BufferPart> parts, const void* push, std::size_t push_bytes,
                             std::uint32_t groups_x, std::uint32_t groups_y) {
    if (groups_x == 0 || groups_y == 0) return;
    const VolkDeviceTable& vk = m_device->call();
    const VkDescriptorSet set = newSet();
    std::array<VkDescriptorBufferInfo, kBindings> infos{};
    std::array<VkWriteDescriptorSet, kBindings> writes{};
    for (std::size_t i = 0; i < parts.size(); ++i) {
        infos[i] = {parts[i].buffer, parts[i].offset, parts[i].bytes};
        writes[i].sType = VK_STRUCTURE_TYPE_WRITE_DESCRIPTOR_SET;
        writes[i].dstSet = set;
        writes[i].dstBinding = static_cast<std::uint32_t>(i);
        writes[i].descriptorCount = 1;
        writes[i].descriptorType = VK_DESCRIPTOR_TYPE_STORAGE_BUFFER;
        writes[i].pBufferInfo = &infos[i];
    }
    vk.vkUpdateDescriptorSets(m_device->handle(), static_cast<std::uint32_t>(parts.size()), writes.data(), 0, nullptr);
    vk.vkCmdBindPipeline(m_commands, VK_PIPELINE_BIND_POINT_COMPUTE, m_pipelines[static_cast<std::size_t>(shader)]);
    vk.vkCmdBindDescriptorSets(m_commands, VK_PIPELINE_BIND_POINT_COMPUTE, m_layout, 0, 1, &set, 0, nullptr);
    vk.vkCmdPushConstants(m_commands, m_layout, VK_SHADER_STAGE_COMPUTE_BIT, 0, static_cast<std::uint32_t>(push_bytes),
                          push);
    vk.vkCmdDispatch(m_commands, groups_x, groups_y, 1);
}

void VulkanCompute::run() {
    const VolkDeviceTable& vk = m_device->call();
    VkMemoryBarrier memory{};
    memory.sType = VK_STRUCTURE_TYPE_MEMORY_BARRIER;
    memory.srcAccessMask = VK_ACCESS_SHADER_WRITE_BIT;
    memory.dstAccessMask = VK_ACCESS_HOST_READ_BIT;
    vk.vkCmdPipelineBarrier(m_commands, VK_PIPELINE_STAGE_COMPUTE_SHADER_BIT, VK_PIPELINE_STAGE_HOST_BIT, 0, 1, &memory,
                            0, nullptr, 0, nullptr);
    VulkanDevice::check(vk.vkEndCommandBuffer(m_commands), "vkEndCommandBuffer");
    m_device->run(m_commands, m_fence);
    m_kept.clear();
}

void VulkanCompute::grow(std::shared_ptr<VulkanBuffer>& buffer, std::size_t bytes, std::size_t used) {
    if (buffer && buffer->bytes() >= bytes) return;
    const std::size_t before = buffer ? buffer->bytes() : 0;
    auto larger =
        std::make_shared<VulkanBuffer>(m_device, std::max(bytes, before + before / 4), VulkanBuffer::Use::kDevice);
    if (buffer && used > 0) {
        barrier();
        copy({buffer->handle(), 0, used}, {larger->handle(), 0, used});
        barrier();
    }
    if (buffer) keep(buffer);
    buffer = std::move(larger);
}

std::size_t VulkanCompute::bytes() const {
    return (m_staging ? m_staging->bytes() : 0) + (m_tables ? m_tables->bytes() : 0);
}

}  // namespace moescope

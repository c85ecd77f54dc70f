#include "engine/routing/routing_log.h"

#include <algorithm>
#include <cassert>

#include "engine/base/sizes.h"

namespace moescope {
namespace {

constexpr std::size_t kBlockFloats = (1u << 20) / sizeof(float);

}  // namespace

RoutingLog::RoutingLog(const RoutingShape& shape)
    : m_shape(shape),
      m_wide(shape.experts > 255),  // 255 stands for none
      m_fixed_values((shape.has_runners_up ? kRunnersUp : 0u) * (shape.has_selections ? 2u : 1u) +
                     (shape.has_norms ? 2u : 0u)) {
    assert(shape.experts <= 65535);
}

std::size_t RoutingLog::recordSize(std::size_t count, bool once) const {
    const std::size_t id_bytes = (count + (m_shape.has_runners_up ? kRunnersUp : 0u)) * (m_wide ? 2 : 1);
    return valueCount(count, once) + (id_bytes + sizeof(float) - 1) / sizeof(float);
}

bool RoutingLog::keptOnce(const LayerRouting& layer) const {
    return m_shape.has_gates && m_shape.has_probabilities &&
           std::memcmp(layer.gates.data(), layer.probabilities.data(), asSize(layer.count) * sizeof(float)) == 0;
}

float* RoutingLog::grow(std::size_t floats, Place& place) {
    if (m_blocks.empty() || m_blocks.back().size() + floats > kBlockFloats) {
        m_blocks.emplace_back();
        // Only a log that fills a block begins the next one at full size.
        if (m_blocks.size() > 1) m_blocks.back().reserve(std::max(floats, kBlockFloats));
    }
    std::vector<float>& block = m_blocks.back();
    place.block = static_cast<std::uint32_t>(m_blocks.size() - 1);
    place.offset = static_cast<std::uint32_t>(block.size());
    block.resize(block.size() + floats);
    return block.data() + place.offset;
}

void RoutingLog::write(const LayerRouting& layer, bool once, float* out) const {
    const std::size_t count = asSize(layer.count);
    const auto put = [&out](const float* values, std::size_t n) {
        std::memcpy(out, values, n * sizeof(float));
        out += n;
    };
    if (m_shape.has_gates) put(layer.gates.data(), count);
    if (m_shape.has_probabilities && !once) put(layer.probabilities.data(), count);
    if (m_shape.has_selections) put(layer.selections.data(), count);
    if (m_shape.has_runners_up) put(layer.runner_up_probabilities.data(), kRunnersUp);
    if (m_shape.has_runners_up && m_shape.has_selections) put(layer.runner_up_selections.data(), kRunnersUp);
    if (m_shape.has_norms) {
        put(&layer.shared_norm, 1);
        put(&layer.routed_norm, 1);
    }
    auto* bytes = reinterpret_cast<unsigned char*>(out);
    const auto id = [&](std::int32_t expert) {
        assert(expert >= -1 && expert < m_shape.experts);
        const auto narrow = static_cast<std::uint16_t>(expert);  // -1: all bits set
        if (m_wide) {
            std::memcpy(bytes, &narrow, sizeof narrow);
            bytes += sizeof narrow;
        } else {
            *bytes++ = static_cast<unsigned char>(narrow);
        }
    };
    for (std::size_t i = 0; i < count; ++i) id(layer.experts[i]);
    if (m_shape.has_runners_up) {
        for (const std::int32_t e : layer.runners_up) id(e);
    }
}

void RoutingLog::onToken(const TokenRouting& token) {
    const std::span<const LayerRouting> layers = token.layers;
    assert(layers.size() == asSize(m_shape.moe_layers));
    Place place;
    if (!layers.empty()) {
        place.count = static_cast<std::uint8_t>(layers[0].count);
        place.once = keptOnce(layers[0]);
        const bool alike = std::ranges::all_of(layers, [&](const LayerRouting& layer) {
            return layer.count == layers[0].count && keptOnce(layer) == place.once;
        });
        const std::size_t stride = recordSize(place.count, place.once);
        if (alike && stride > 0) {
            place.stride = static_cast<std::uint16_t>(stride);
            float* out = grow(stride * layers.size(), place);
            for (std::size_t l = 0; l < layers.size(); ++l) write(layers[l], place.once, out + l * stride);
        } else {
            constexpr std::size_t kSlotFloats = sizeof(Slot) / sizeof(float);
            std::vector<Slot> slots(layers.size());
            std::size_t floats = layers.size() * kSlotFloats;
            for (std::size_t l = 0; l < layers.size(); ++l) {
                const bool once = keptOnce(layers[l]);
                slots[l] = {static_cast<std::uint32_t>(floats), static_cast<std::uint16_t>(layers[l].count), once};
                floats += recordSize(asSize(layers[l].count), once);
            }
            float* out = grow(floats, place);
            std::memcpy(out, slots.data(), slots.size() * sizeof(Slot));
            for (std::size_t l = 0; l < layers.size(); ++l) {
                write(layers[l], slots[l].once != 0, out + slots[l].offset);
            }
        }
    }
    keep({token.token, token.position, token.phase}, place, [&](std::size_t l) { return layers[l].on_card; });
}

template <class OnCard>
void RoutingLog::keep(const Token& token, const Place& place, OnCard on_card) {
    const std::size_t layers = asSize(m_shape.moe_layers);
    bool any = !m_on_card.empty();
    for (std::size_t l = 0; l < layers && !any; ++l) any = on_card(l) != 0;
    if (any) {
        m_on_card.resize(m_tokens.size() * layers);
        for (std::size_t l = 0; l < layers; ++l) m_on_card.push_back(on_card(l));
    }
    m_tokens.push_back(token);
    m_places.push_back(place);
}

std::size_t RoutingLog::storedSize(std::size_t index) const {
    const Place& p = m_places[index];
    const std::size_t layers = asSize(m_shape.moe_layers);
    if (p.stride > 0) return p.stride * layers;
    if (layers == 0) return 0;
    const Record last = record(index, m_shape.moe_layers - 1);
    const float* begin = m_blocks[p.block].data() + p.offset;
    return static_cast<std::size_t>(last.values - begin) + recordSize(last.count, last.once);
}

void RoutingLog::append(const RoutingLog& other, std::size_t index) {
    const Token token = other.token(index);
    if (!m_shape.continues(other.m_shape)) {
        const std::vector<LayerRouting> layers = other.layers(index);
        return onToken({token.token, token.position, token.phase, layers});
    }
    // Records of the same form are copied as they are.
    const Place from = other.m_places[index];
    Place place = from;
    if (const std::size_t floats = other.storedSize(index); floats > 0) {
        float* out = grow(floats, place);  // before the source is looked up: it may be this log
        std::memcpy(out, other.m_blocks[from.block].data() + from.offset, floats * sizeof(float));
    }
    const std::size_t first = index * asSize(m_shape.moe_layers);
    keep(token, place,
         [&](std::size_t l) { return other.m_on_card.empty() ? std::uint16_t{0} : other.m_on_card[first + l]; });
}

void RoutingLog::append(const RoutingLog& other) {
    for (std::size_t t = 0; t < other.size(); ++t) append(other, t);
}

LayerRouting RoutingLog::at(std::size_t index, int layer) const {
    const Record r = record(index, layer);
    LayerRouting result;
    result.count = static_cast<int>(r.count);
    if (!m_on_card.empty()) result.on_card = m_on_card[index * asSize(m_shape.moe_layers) + asSize(layer)];
    const float* in = r.values;
    const auto take = [&in](float* values, std::size_t n) {
        std::memcpy(values, in, n * sizeof(float));
        in += n;
    };
    if (m_shape.has_gates) take(result.gates.data(), r.count);
    if (r.once) {
        std::copy_n(result.gates.begin(), r.count, result.probabilities.begin());
    } else if (m_shape.has_probabilities) {
        take(result.probabilities.data(), r.count);
    }
    if (m_shape.has_selections) {
        take(result.selections.data(), r.count);
    } else {
        std::copy_n(result.probabilities.begin(), r.count, result.selections.begin());
    }
    if (m_shape.has_runners_up) {
        take(result.runner_up_probabilities.data(), kRunnersUp);
        result.runner_up_selections = result.runner_up_probabilities;
        if (m_shape.has_selections) take(result.runner_up_selections.data(), kRunnersUp);
    }
    if (m_shape.has_norms) {
        take(&result.shared_norm, 1);
        take(&result.routed_norm, 1);
    }
    const ExpertIds all(ids(r), r.count + (m_shape.has_runners_up ? kRunnersUp : 0u), m_wide);
    const std::int32_t none = m_wide ? 0xffff : 0xff;
    for (std::size_t i = 0; i < r.count; ++i) result.experts[i] = all[i];
    for (std::size_t i = r.count; i < all.size(); ++i) result.runners_up[i - r.count] = all[i] == none ? -1 : all[i];
    return result;
}

std::vector<LayerRouting> RoutingLog::layers(std::size_t index) const {
    std::vector<LayerRouting> result;
    result.reserve(asSize(m_shape.moe_layers));
    for (int l = 0; l < m_shape.moe_layers; ++l) result.push_back(at(index, l));
    return result;
}

void RoutingLog::clear() {
    m_tokens.clear();
    m_places.clear();
    m_blocks.clear();
    m_on_card.clear();
}

std::size_t RoutingLog::bytes() const {
    std::size_t sum = m_tokens.capacity() * sizeof(Token) + m_places.capacity() * sizeof(Place);
    for (const auto& block : m_blocks) sum += block.capacity() * sizeof(float);
    sum += m_on_card.capacity() * sizeof(std::uint16_t);
    return sum;
}

}  // namespace moescope

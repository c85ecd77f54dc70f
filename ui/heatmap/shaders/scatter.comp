#version 450
#extension GL_GOOGLE_include_directive : require
#include "halves.glsl"

// Runs of tokens (slots) from sparse records into dense cells: builds the first level, and draws when a pixel is less
// than a bin of it. An invocation owns one slot's rows of one layer, so nothing is shared and order is that of tokens.
layout(local_size_x = 64) in;

layout(set = 0, binding = 0) readonly buffer Sparse { uint sparse[]; };  // (tokens, layers, room): row | half << 16
layout(set = 0, binding = 1) readonly buffer Slots { uvec2 slots[]; };   // first token, count
layout(set = 0, binding = 2) buffer Cells { uint cells[]; };             // (slots, layers of the range, stride)
layout(set = 0, binding = 3) buffer Sums { float sums[]; };              // the same shape

layout(push_constant) uniform Push {
    uint slot_count, first_slot;
    uint layers, first_layer, layer_count;  // all; and the range that is wanted
    uint stride, room;                      // rows a layer; entries a record
    uint sparse_base, cells_base;           // elements before what is bound
    uint want;
} p;

const uint kUnused = 0xffffu;

void main() {
    uint index = gl_GlobalInvocationID.x;
    if (index >= p.slot_count * p.layer_count) return;
    uint slot = index / p.layer_count, layer = index - slot * p.layer_count;
    uvec2 run = slots[p.first_slot + slot];
    uint scratch = index * p.stride;
    uint target = p.cells_base + scratch;
    bool mean = (p.want & kWantMean) != 0u, most = (p.want & kWantMax) != 0u;
    for (uint r = 0u; r < p.stride; ++r) cells[target + r] = 0u;
    if (mean) {
        for (uint r = 0u; r < p.stride; ++r) sums[scratch + r] = 0.0;
    }
    for (uint t = run.x; t < run.x + run.y; ++t) {
        uint record = (t * p.layers + p.first_layer + layer) * p.room - p.sparse_base;
        for (uint i = 0u; i < p.room; ++i) {
            uint entry = sparse[record + i];
            uint row = entry & 0xffffu;
            if (row == kUnused) break;
            if (most) cells[target + row] = largerHalf(cells[target + row], entry >> 16);
            if (mean) {
                precise float sum = sums[scratch + row] + decodeHalf(entry >> 16);
                sums[scratch + row] = sum;
            }
        }
    }
    if (!mean) return;
    float count = float(run.y);
    for (uint r = 0u; r < p.stride; ++r) {
        precise float average = sums[scratch + r] / count;
        cells[target + r] = (cells[target + r] & 0xffffu) | (encodeHalf(average) << 16);
    }
}

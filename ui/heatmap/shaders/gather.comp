#version 450
#extension GL_GOOGLE_include_directive : require
#include "halves.glsl"

// Runs of bins (slots) of one level into one cell a row: builds the next level, and draws. An invocation owns a row.
layout(local_size_x = 64) in;

layout(set = 0, binding = 0) readonly buffer Bins { uint bins[]; };     // (bins, rows): maximum | mean << 16
layout(set = 0, binding = 1) readonly buffer Slots { uvec2 slots[]; };  // first bin, count
layout(set = 0, binding = 2) writeonly buffer Cells { uint cells[]; };  // (slots, wanted rows)

layout(push_constant) uniform Push {
    uint first_slot;
    uint rows, row_begin, row_count;  // of a bin; and those that are wanted
    uint bins_base, cells_base;       // elements before what is bound
    uint level, columns;              // a bin holds 2^level columns, the last one what is left
    uint want;
} p;

void main() {
    uint row = gl_GlobalInvocationID.x, slot = gl_WorkGroupID.y;
    if (row >= p.row_count) return;
    uvec2 run = slots[p.first_slot + slot];
    uint source = run.x * p.rows + p.row_begin + row - p.bins_base;
    uint first = bins[source];
    uint most = first & 0xffffu, average = first >> 16;
    if (run.y > 1u) {
        precise float sum = 0.0;
        precise float weights = 0.0;
        for (uint b = 0u; b < run.y; ++b) {
            uint cell = bins[source + b * p.rows];
            most = largerHalf(most, cell & 0xffffu);
            if ((p.want & kWantMean) != 0u) {
                uint held = min(1u << p.level, p.columns - ((run.x + b) << p.level));
                float weight = float(max(held, 1u));
                precise float weighted = weight * decodeHalf(cell >> 16);
                sum = sum + weighted;
                weights = weights + weight;
            }
        }
        if ((p.want & kWantMean) != 0u) {
            precise float divided = sum / weights;
            average = encodeHalf(divided);
        }
    }
    cells[p.cells_base + slot * p.row_count + row] = most | (average << 16);
}

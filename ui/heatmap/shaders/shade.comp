#version 450
#extension GL_GOOGLE_include_directive : require
#include "halves.glsl"

// Cells into pixels: sums up the rows of a pixel, and looks its colour up.
layout(local_size_x = 64, local_size_y = 4) in;

layout(set = 0, binding = 0) readonly buffer Cells { uint cells[]; };      // (slots, stride): maximum | mean << 16
layout(set = 0, binding = 1) readonly buffer Columns { uvec2 columns[]; }; // a pixel: slot, flags << 16
layout(set = 0, binding = 2) readonly buffer Rows { uvec2 rows[]; };       // a pixel: first row, count | flags << 16
layout(set = 0, binding = 3) readonly buffer Colours { uint colours[]; };  // of halves; then of the lane's
layout(set = 0, binding = 4) writeonly buffer Pixels { uint pixels[]; };

layout(push_constant) uniform Push {
    uint width, height;       // of the image
    uint x_begin, x_count;    // the columns of pixels that are drawn now
    uint slot_base;           // slots before those in `cells`
    uint stride, row_offset;  // rows a slot; where the plan's rows begin in it
    uint most_rows;           // largest count of `rows`
    uint want;
} p;

const uint kOutside = 0xffffffffu, kLane = 1u, kEdge = 2u, kHalves = 65536u;

void main() {
    if (gl_GlobalInvocationID.x >= p.x_count || gl_GlobalInvocationID.y >= p.height) return;
    uint x = p.x_begin + gl_GlobalInvocationID.x, y = gl_GlobalInvocationID.y;
    uvec2 column = columns[x], row = rows[y];
    uint colour = 0u;
    if (column.x != kOutside && row.x != kOutside) {
        uint at = (column.x - p.slot_base) * p.stride + p.row_offset + row.x, count = row.y & 0xffffu;
        uint half_bits = (cells[at] >> (p.want == kWantMax ? 0u : 16u)) & 0xffffu;
        if (p.want == kWantMax) {
            for (uint r = 1u; r < p.most_rows; ++r) {
                // Rows past the count repeat the last one, which changes no maximum.
                half_bits = largerHalf(half_bits, cells[at + min(r, count - 1u)] & 0xffffu);
            }
        } else if (count > 1u) {
            precise float sum = 0.0;
            for (uint r = 0u; r < count; ++r) sum = sum + decodeHalf(cells[at + r] >> 16);
            precise float average = sum / float(count);
            half_bits = encodeHalf(average);
        }
        uint flags = (column.y | row.y) >> 16;
        colour = colours[half_bits + ((flags & kLane) != 0u ? kHalves : 0u)];
        if ((flags & kEdge) != 0u) colour = 0xff000000u | (((colour >> 1) & 0x7f7f7fu) + ((colour >> 2) & 0x3f3f3fu));
    }
    pixels[y * p.width + x] = colour;
}

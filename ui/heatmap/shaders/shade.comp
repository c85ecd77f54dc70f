#version 450
#extension GL_GOOGLE_include_directive : require
#include "halves.glsl"

// Cells into pixels: sums up the bins, then the rows of a pixel, and looks its colour up. Loops end where the largest
// count of all pixels does: uniform control flow.
layout(local_size_x = 64, local_size_y = 4) in;

layout(set = 0, binding = 0) readonly buffer Cells { uint cells[]; };      // (bins, stride): maximum | mean << 16
layout(set = 0, binding = 1) readonly buffer Columns { uvec2 columns[]; }; // a pixel: first bin, count | flags << 16
layout(set = 0, binding = 2) readonly buffer Rows { uvec2 rows[]; };       // a pixel: first row, count | flags << 16
layout(set = 0, binding = 3) readonly buffer Colours { uint colours[]; };  // of halves; then of the lane's
layout(set = 0, binding = 4) writeonly buffer Pixels { uint pixels[]; };

layout(push_constant) uniform Push {
    uint width, height;       // of the image
    uint x_begin, x_count;    // the columns of pixels that are drawn now
    uint cells_offset;        // elements before the first bin's
    uint bin_base;            // the number of the first bin in `cells`
    uint stride, row_offset;  // rows a bin; where the plan's rows begin in it
    uint most_bins, most_rows;
    uint level, data_columns; // a bin holds 2^level columns of the data, the last one what is left
    uint want;
} p;

const uint kOutside = 0xffffffffu, kLane = 1u, kEdge = 2u, kHalves = 65536u;

uint largestOf(uint at, uint bins_last, uint rows_last) {
    uint half_bits = 0u;
    for (uint r = 0u; r < p.most_rows; ++r) {
        // What is past a count repeats the last one, which changes no maximum.
        uint row = at + min(r, rows_last);
        for (uint b = 0u; b < p.most_bins; ++b) {
            half_bits = largerHalf(half_bits, cells[row + min(b, bins_last) * p.stride] & 0xffffu);
        }
    }
    return half_bits;
}

uint meanOf(uint at, uint first_bin, uint bins_last, uint rows_last) {
    precise float row_sum = 0.0;
    uint half_bits = 0u;
    for (uint r = 0u; r < p.most_rows; ++r) {
        uint row = at + min(r, rows_last);
        uint row_bits = cells[row] >> 16;
        if (p.most_bins > 1u) {
            precise float sum = 0.0;
            precise float weights = 0.0;
            for (uint b = 0u; b < p.most_bins; ++b) {
                bool counts = b <= bins_last;
                uint bin = first_bin + min(b, bins_last);
                uint held = min(1u << p.level, p.data_columns - (bin << p.level));
                float weight = counts ? float(max(held, 1u)) : 0.0;
                float value = counts ? decodeHalf(cells[row + min(b, bins_last) * p.stride] >> 16) : 0.0;
                precise float weighted = weight * value;
                sum = sum + weighted;
                weights = weights + weight;
            }
            precise float average = sum / weights;
            if (bins_last > 0u) row_bits = encodeHalf(average);
        }
        row_sum = row_sum + (r <= rows_last ? decodeHalf(row_bits) : 0.0);
        if (r == 0u) half_bits = row_bits;
    }
    precise float average = row_sum / float(rows_last + 1u);
    return rows_last > 0u ? encodeHalf(average) : half_bits;
}

void main() {
    if (gl_GlobalInvocationID.x >= p.x_count || gl_GlobalInvocationID.y >= p.height) return;
    uint x = p.x_begin + gl_GlobalInvocationID.x, y = gl_GlobalInvocationID.y;
    uvec2 column = columns[x], row = rows[y];
    uint colour = 0u;
    if (column.x != kOutside && row.x != kOutside) {
        uint at = p.cells_offset + (column.x - p.bin_base) * p.stride + p.row_offset + row.x;
        uint bins_last = (column.y & 0xffffu) - 1u, rows_last = (row.y & 0xffffu) - 1u;
        uint half_bits = p.want == kWantMax ? largestOf(at, bins_last, rows_last)
                                            : meanOf(at, column.x, bins_last, rows_last);
        uint flags = (column.y | row.y) >> 16;
        colour = colours[half_bits + ((flags & kLane) != 0u ? kHalves : 0u)];
        if ((flags & kEdge) != 0u) colour = 0xff000000u | (((colour >> 1) & 0x7f7f7fu) + ((colour >> 2) & 0x3f3f3fu));
    }
    pixels[y * p.width + x] = colour;
}

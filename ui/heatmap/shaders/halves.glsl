// Halves as the CPU treats them (kernels/half.h): exact to F32 and rounded to nearest even, by integers, because what
// packHalf2x16 does with subnormal values and ties is the device's choice.

float decodeHalf(uint half_bits) {
    uint magnitude = half_bits & 0x7fffu;
    uint sign = (half_bits & 0x8000u) << 16;
    uint bits = magnitude >= 0x7c00u ? 0x7f800000u | ((magnitude & 0x3ffu) << 13)
              : magnitude < 0x0400u  ? floatBitsToUint(float(magnitude) * (1.0 / 16777216.0))
                                     : (magnitude << 13) + (112u << 23);
    return uintBitsToFloat(sign | bits);
}

uint encodeHalf(float value) {
    uint bits = floatBitsToUint(value);
    uint sign = (bits >> 16) & 0x8000u;
    uint magnitude = bits & 0x7fffffffu;
    precise float shifted = uintBitsToFloat(magnitude) + 0.5;
    uint half_bits = magnitude > 0x7f800000u  ? 0x7e00u
                   : magnitude >= 0x477ff000u ? 0x7c00u
                   : magnitude < 0x38800000u  ? floatBitsToUint(shifted) - 0x3f000000u
                                              : (magnitude + 0xfffu + ((magnitude >> 13) & 1u) - (112u << 23)) >> 13;
    return sign | half_bits;
}

// The half of larger magnitude; NaN is larger than all. `cell` wins ties.
uint largerHalf(uint cell, uint other) {
    return (other & 0x7fffu) > (cell & 0x7fffu) ? other : cell;
}

// What of a run of cells is wanted; cells of levels hold both: maximum in the low half, mean in the high half.
const uint kWantMax = 1u, kWantMean = 2u;

#pragma once
// What heads and latents the kernels take. Plain C++; no CUDA.

namespace moescope::cuda {

inline constexpr int kMaxHeadDim = 256;      ///< values of a key or value, a multiple of 16
inline constexpr int kMaxLatent = 512;       ///< a multiple of 32
inline constexpr int kMaxLatentWidth = 640;  ///< of a latent with the values that rotate

}  // namespace moescope::cuda

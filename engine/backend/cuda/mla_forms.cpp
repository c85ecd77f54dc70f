#include "engine/backend/cuda/mla_forms.h"

#include "kernels/cuda/head_limits.h"

namespace moescope {

int expandFrom(const AttentionShape& a) {
    for (const int dim : {a.key_dim, a.value_dim}) {
        if (dim % 16 || dim > cuda::kMaxHeadDim) return 0;  // what attention() takes
    }
    // Of a position and head: what each token costs less, and what is paid once.
    const int saved = 2 * a.latent + a.rope_dim - (a.key_dim + a.value_dim);
    const int paid = a.latent * (a.plainDim() + a.value_dim);
    return a.latent > 0 && saved > 0 ? (paid + saved - 1) / saved : 0;
}

}  // namespace moescope

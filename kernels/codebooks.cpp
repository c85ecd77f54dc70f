#include "kernels/codebooks.h"

namespace moescope {

constinit const Codebooks kCodebooks = makeCodebooks();

}  // namespace moescope

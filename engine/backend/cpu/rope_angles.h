#pragma once
// The angles of a batch's positions, made once for all layers.

#include <cstddef>
#include <vector>

#include "engine/model/rope_plan.h"
#include "kernels/rope.h"

namespace moescope {

class RopeAngles {
public:
    RopeAngles(RopePlan plan, std::size_t max_tokens)
        : m_plan(std::move(plan)), m_cosines(max_tokens * pairs()), m_sines(m_cosines.size()) {}

    const RopePlan& plan() const { return m_plan; }
    std::size_t pairs() const { return m_plan.frequencies.size(); }
    /// The batch's token `token` is at `position`.
    void set(std::size_t token, int position) {
        ropeAngles(position, m_plan.frequencies, m_plan.magnitude, m_cosines.data() + token * pairs(),
                   m_sines.data() + token * pairs());
    }
    /// Rotates 2 * pairs() values in place, as the batch's token `token` wants them.
    void rotate(float* x, std::size_t token) const {
        rotatePairs(x, 2 * pairs(), m_cosines.data() + token * pairs(), m_sines.data() + token * pairs());
    }

private:
    RopePlan m_plan;
    std::vector<float> m_cosines, m_sines;  // (tokens, pairs)
};

}  // namespace moescope

#pragma once
// How positions turn queries and keys, and what scores are scaled by: worked out once from a model's configuration.

#include <vector>

#include "engine/model/config.h"

namespace moescope {

struct RopePlan {
    std::vector<double> frequencies;  ///< of each pair that rotates: angle = position * frequency
    double magnitude = 1;             ///< on cosines and sines
    float attention_scale = 1;        ///< on the products of queries and keys, before softmax
};

RopePlan ropePlan(const ModelConfig& config);

}  // namespace moescope

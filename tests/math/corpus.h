#pragma once
// The formulas of tests/data/math/formulas.txt: what answers are full of, one a line.

#include <fstream>
#include <string>
#include <vector>

namespace moescope::math {

inline std::vector<std::string> corpus() {
    std::vector<std::string> formulas;
    std::ifstream file(MOESCOPE_TEST_DATA "/math/formulas.txt");
    for (std::string line; std::getline(file, line);) {
        if (!line.empty() && line.front() != '#') formulas.push_back(line);
    }
    return formulas;
}

}  // namespace moescope::math

// The middle one of some times.
#pragma once

#include <algorithm>
#include <vector>

#include "base/time.hpp"

namespace wiresage {

/// The median, the upper one of two in the middle; zero of none.
inline Duration median_of(std::vector<Duration> values) {
    if (values.empty()) return {};
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::nth_element(values.begin(), middle, values.end());
    return *middle;
}

}  // namespace wiresage

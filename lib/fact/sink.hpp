// Where facts go.
#pragma once

#include "fact/fact.hpp"

namespace wiresage {

/// Takes facts in rising order.  A worker's sink waits where the ring is full; it never drops.
class FactSink {
public:
    virtual ~FactSink() = default;
    virtual void write(const Fact& fact) noexcept = 0;
};

}  // namespace wiresage

// What a shard remembers for each protocol beyond one connection.
#pragma once

#include "app/context.hpp"

namespace wiresage {

/// One for each shard.  Every member has its own bound, and reserves its memory at construction.
struct AppShared {
    /// The sums of a tick leave, waits end.  True while something is left for later ticks.
    bool tick(AppContext& context, EventTime capture_end) noexcept;
};

}  // namespace wiresage

// Leaves out packets that one capture point shows twice.
#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>

#include "base/time.hpp"
#include "flow/duplicate_filter.hpp"
#include "packet/flow_key.hpp"
#include "packet/packet.hpp"
#include "packet/steer.hpp"

namespace wiresage {

/// Guard G1 for one capture, read once.
class CopyFilter {
public:
    explicit CopyFilter(std::uint64_t secret) : secret_{secret} {
        while (filters_.size() < shard_count) filters_.emplace_back(secret);
    }

    /// Whether this is the second sight of a packet of the flow `key`.
    bool is_copy(const Packet& packet, const FlowKey& key, EventTime stamp) {
        const auto hashed = hash(key, secret_);
        latest_ = std::max(latest_, stamp);  // The filter's time never goes back.
        DuplicateFilter& filter = filters_[(hashed >> 40) % shard_count];
        return filter.is_copy(packet, filter.digest(packet, static_cast<std::uint32_t>(hashed)), latest_);
    }

private:
    std::uint64_t secret_;
    std::deque<DuplicateFilter> filters_;
    EventTime latest_ = EventTime::min();
};

}  // namespace wiresage

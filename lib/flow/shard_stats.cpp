// What shards count, summed.
#include "flow/shard.hpp"

namespace wiresage {

ShardStats& ShardStats::operator+=(const ShardStats& other) noexcept {
    tcp_analysis += other.tcp_analysis;
    flows_opened += other.flows_opened;
    flows_open += other.flows_open;
    flows_expired += other.flows_expired;
    evicted_half_open += other.evicted_half_open;
    evicted_idle += other.evicted_idle;
    evicted_closed += other.evicted_closed;
    evicted_established += other.evicted_established;
    fragments_evicted += other.fragments_evicted;
    duplicates += other.duplicates;
    facts_withheld += other.facts_withheld;
    troubles_refused += other.troubles_refused;
    volume_overflow += other.volume_overflow;
    return *this;
}

}  // namespace wiresage

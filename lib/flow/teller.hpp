// Makes facts and flow records, with their places in the order, and holds floods of them back.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "base/hash.hpp"
#include "fact/sink.hpp"
#include "flow/flow.hpp"
#include "flow/flow_record.hpp"
#include "flow/lazy_array.hpp"
#include "flow/shard.hpp"

namespace wiresage {

/// Counts attempts on each target within one tick.
class FloodGuard {
public:
    /// Beyond this many attempts on one target in one tick of one shard nothing is told of each one any more.
    static constexpr std::uint32_t most_attempts = 32;

    FloodGuard() : counts_{place_count} {}

    /// One more attempt; true when the target is under a flood in this tick.
    bool count(std::uint64_t target_hash, std::uint32_t tick) noexcept {
        Count& place = counts_[target_hash & (place_count - 1)];
        const auto tag = static_cast<std::uint32_t>(target_hash >> 32);
        // Two targets in one place undercount each other; the caps of the kinds hold then.
        if (place.tag != tag || place.tick != tick) place = {tag, tick, 0};
        return ++place.attempts > most_attempts;
    }

private:
    struct Count {
        std::uint32_t tag = 0;
        std::uint32_t tick = 0;
        std::uint32_t attempts = 0;
    };
    static constexpr std::size_t place_count = 256;
    LazyArray<Count> counts_;
};

/// One for each shard.
class Teller {
public:
    /// Individual facts of one kind in one tick; an Outcome `at_once` is an attempt.  Of all shards 164,000 a second.
    static constexpr std::uint32_t most_of_a_kind = 256;
    static constexpr std::uint32_t most_neighbors = 1024;  ///< A station's are all in one shard.

    Teller(std::uint8_t shard, FactSink& facts, FlowRecordSink* records, ShardStats& stats) noexcept
        : facts_{facts}, records_{records}, stats_{stats}, shard_{shard} {}

    /// What follows is told at this moment, until the next call.
    void at(const Moment& moment) noexcept;
    /// The sums of a tick are told: the caps begin anew.
    void next_tick() noexcept { told_.fill(0); }
    const Moment& moment() const noexcept { return moment_; }
    ShardStats& stats() noexcept { return stats_; }

    /// Facts about one flow; none where its target is under a flood or the kind's cap is reached: false, and counted.
    bool attempt(const Flow& flow, std::uint32_t isn) noexcept;
    bool outcome(const Flow& flow, const Outcome& outcome) noexcept;
    bool two_way(const Flow& flow) noexcept;
    bool ended(const Flow& flow, const ConnectionEnded& ended) noexcept;
    bool neighbor(const Neighbor& neighbor, std::uint16_t vlan, bool tunnelled) noexcept;
    /// Anything else that is wrong with one flow.
    bool trouble(const Flow& flow, const Fact::What& what) noexcept;
    /// Sums: always told.
    void sum(const Fact::What& what) noexcept { write(what, 0, false); }

    /// Of what came by this input, whatever this moment's is.
    void tell_of(const Fact::What& what, std::uint16_t input, std::uint16_t vlan, bool tunnelled) noexcept;
    /// Something is not told, because a cap was hit.
    void withhold() noexcept { ++stats_.facts_withheld; }

    /// Facts of other layers, with their texts; the caller keeps their number within bounds.
    void tell(const Fact::What& what, std::uint16_t vlan, bool tunnelled, std::string_view text = {}) noexcept;

    void record(const Flow& flow, const TcpFlow* tcp) noexcept;

private:
    enum Kind : std::size_t { attempts, two_ways, ends, neighbors, troubles, kinds };

    bool may_tell(Kind kind, bool withheld) noexcept;
    void write(const Fact::What& what, std::uint16_t vlan, bool tunnelled) noexcept;
    void write(const Flow& flow, const Fact::What& what) noexcept;

    FactSink& facts_;
    FlowRecordSink* records_;
    ShardStats& stats_;
    Moment moment_;
    std::uint16_t record_step_ = 0;
    std::uint8_t shard_;
    std::array<std::uint32_t, kinds> told_{};
};

/// The record of a flow as it stands; `tcp` is null for other transports.
FlowRecord record_of(const Flow& flow, const TcpFlow* tcp, const Moment& at) noexcept;

/// Ends and technique of the flow's attempt, ready for its answer.
Outcome outcome_of(const Flow& flow, Answer answer) noexcept;

}  // namespace wiresage

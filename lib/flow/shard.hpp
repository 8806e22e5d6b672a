// One of the 64 places where state lives: its flows, fragments, duplicates and sums.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "fact/sink.hpp"
#include "flow/page_arena.hpp"
#include "flow/flow_record.hpp"
#include "packet/flow_key.hpp"
#include "packet/packet.hpp"

namespace wiresage {

struct ShardOptions {
    std::uint32_t flows = 4096;   ///< Most flows of this shard (1/64 of limits.flows); the table never grows.
    std::uint64_t secret = 0;     ///< The key of hash(FlowKey), as in Steering.
    PageArena* arena = nullptr;   ///< Where its tables lie; it must outlive the shard.  Null: each has pages of its own.
    bool drop_duplicates = true;  ///< Guard G1.  Off in `read --stats`, whose counts are Wireshark's.
};

/// What a shard counts; summed over shards and exported as metrics and `read --stats`.
struct ShardStats {
    TcpAnalysisCounts tcp_analysis;
    std::uint64_t flows_opened = 0;
    std::uint64_t flows_open = 0;
    std::uint64_t flows_expired = 0;
    std::uint64_t evicted_half_open = 0, evicted_idle = 0, evicted_closed = 0, evicted_established = 0;
    std::uint64_t fragments_evicted = 0;
    std::uint64_t duplicates = 0;
    std::uint64_t facts_withheld =
        0;  ///< Per-source facts not made because their target is under a flood or a cap was hit.
    std::uint64_t troubles_refused = 0;  ///< Connections in trouble that found no place to be followed.
    std::uint64_t volume_overflow = 0;   ///< Keys beyond 1,024 of a kind in a tick.

    ShardStats& operator+=(const ShardStats& other) noexcept;
};

class FlowReader;

/// A packet before its turn: decoded, and what can be worked out of it alone.  Several are made ready at a time, so that
/// the cache has what they need when their turn comes.
struct ComingPacket {
    Packet packet;
    FlowKey key;
    std::uint64_t digest = 0;  ///< For guard G1.
    bool has_key = false;
};

/// Owned by one worker.  All memory is allocated by the constructor.
class Shard {
public:
    /// `reader` may be null; it must outlive the shard.
    Shard(std::uint8_t index, const ShardOptions& options, FactSink& facts, FlowRecordSink* records,
          FlowReader* reader = nullptr);
    ~Shard();
    Shard(Shard&&) noexcept;

    /// What a shard takes of an arena.
    static std::size_t arena_bytes(const ShardOptions& options) noexcept;

    /// Asks the cache for what packet() will need, some packets before it.
    void prefetch(std::uint32_t flow_hash) const noexcept;

    /// Fills in what stands beside the decoded packet, and asks the cache for the flow itself and for what it is
    /// compared with; worth it some packets after prefetch(), when the index has come.
    void look_at(ComingPacket& coming, std::uint32_t flow_hash) const noexcept;

    /// Asks for the sums that the flow counts into; worth it some packets after look_at().
    void prefetch_sums(std::uint32_t flow_hash) const noexcept;

    /// One packet, in capture order.  `at.step` is where this shard's facts of the packet begin.
    void packet(const PacketView& view, const ComingPacket& coming, const Moment& at, std::uint32_t flow_hash) noexcept;

    /// Event time reached `at.time`: flows expire, silence is told, the tick's sums leave.
    /// `capture_end` is the stamp-free event time of the capture's last packet once it has ended (else
    /// latest_event_time): verdicts of silence whose whole wait was not seen are then marked unproven.
    void tick(const Moment& at, EventTime capture_end) noexcept;

    /// True when nothing would happen on any later tick: no flow, no sum, no wait.
    bool is_empty() const noexcept;

    /// Clock step: nothing of the rate windows survives; flows stay.
    void clock_step() noexcept;

    /// Copies up to `most` open flows, for /api/v1/flows.
    void snapshot(std::vector<FlowRecord>& out, std::size_t most) const;

    const ShardStats& stats() const noexcept;

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace wiresage

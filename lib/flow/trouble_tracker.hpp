// Follows connections while they are in trouble, and tells of it.
#pragma once

#include <cstdint>

#include "flow/flow_table.hpp"
#include "flow/tcp_trouble.hpp"
#include "flow/teller.hpp"
#include "packet/packet.hpp"

namespace wiresage {

/// One for each shard.  A connection takes a place in the pool with its first trouble and leaves it after a minute
/// without any.  Where the pool is full, further ones are not followed (counted).
class TroubleTracker {
public:
    /// Room for an eighth of the shard's flows in trouble at once.
    TroubleTracker(std::uint32_t flows, FlowTable& table, Teller& teller, ShardStats& stats);

    /// Whether a segment is worth a place in the pool: all that a healthy one is asked.
    static bool is_trouble(std::uint16_t findings, const TcpHeader& segment) noexcept {
        using namespace tcp_finding;
        constexpr std::uint16_t of_data = retransmission | out_of_order;
        constexpr std::uint16_t of_any = lost_segment | ack_lost_segment | zero_window;
        if (segment.sack_count == 0 && (findings & (of_data | of_any)) == 0) return false;
        if (segment.has(tcp_flag::syn)) return false;
        return segment.sack_count > 0 || (findings & of_any) != 0 || segment.payload_bytes > 0;
    }

    /// A segment that is_trouble(), or any of a flow that is in the pool; the analysis has seen it.
    void segment(FlowIndex at, Side from, const TcpHeader& segment, std::uint16_t findings, std::uint32_t next_before,
                 const Moment& now) noexcept;

    /// A server's SYN-ACK with payload, of a SYN that was seen.
    void synack_payload(FlowIndex at, const Packet& packet, const Moment& now) noexcept;
    /// The client acknowledges a SYN-ACK; it matters where that is not the server's ISN + 1.
    void handshake_ack(FlowIndex at, const TcpHeader& segment, const Moment& now) noexcept;
    /// A router says that a segment of `sender` is too large (RFC 1191, RFC 8201).
    void too_big(FlowIndex at, Side sender, std::uint32_t mtu, const Moment& now) noexcept;

    /// The flow leaves the table, or begins anew.
    void leaves(FlowIndex at, const Moment& now, EventTime capture_end) noexcept;
    void tick(const Moment& now, EventTime capture_end) noexcept;

private:
    Trouble* take(FlowIndex at, const Moment& now) noexcept;
    void release(Trouble& trouble) noexcept;

    void see_data(Trouble& trouble, const TroubledSegment& seen) noexcept;
    void see_repetition(Trouble& trouble, const TroubledSegment& seen, bool filled) noexcept;
    /// The segment was seen before: is it the one that the receiver waits for?
    void see_copy(Trouble& trouble, const TroubledSegment& seen) noexcept;
    void see_acknowledgment(Trouble& trouble, const TroubledSegment& seen) noexcept;
    void see_sack(SideTrouble& of, const TroubledSegment& seen) noexcept;
    void see_window(Trouble& trouble, const TroubledSegment& seen) noexcept;
    void see_end(Trouble& trouble, const TroubledSegment& seen) noexcept;
    void see_odd(Trouble& trouble, const TroubledSegment& seen) noexcept;

    /// What time alone decides.
    void look(Trouble& trouble, const Moment& now, EventTime capture_end) noexcept;
    void look_at_holes(Trouble& trouble, Side side, const Moment& now, EventTime capture_end, bool leaves) noexcept;
    void look_at_resent(Trouble& trouble, Side side, const Moment& now, EventTime capture_end, bool leaves) noexcept;
    void look_at_window(Trouble& trouble, Side side, const Moment& now) noexcept;
    void count_gap(SideTrouble& of, const Hole& hole) noexcept;

    void end_window(Trouble& trouble, Side side, const Moment& now, TroubleEnd end) noexcept;
    TroubleEnds ends_of(const Flow& flow, Side sender) const noexcept;
    void tell_stall(Trouble& trouble, Side sender, EventTime until, TroubleEnd end) noexcept;
    void tell_hole(Trouble& trouble, Side sender, const Hole& hole, EventTime until, TroubleEnd end) noexcept;
    void tell_window(Trouble& trouble, Side receiver, const Moment& now, TroubleEnd end) noexcept;
    void tell_gap(Trouble& trouble, Side sender) noexcept;
    void tell_odd(Trouble& trouble, OddHandshakeKind kind) noexcept;
    void tell_tally(Trouble& trouble) noexcept;
    void tell_healthy(FlowIndex at) noexcept;

    FlowTable& table_;
    Teller& teller_;
    ShardStats& stats_;
    LazyArray<Trouble> pool_;          ///< Place 0 is none.
    LazyArray<std::uint16_t> in_use_;  ///< Places in the pool, in the order of being taken but for those that left.
    LazyArray<std::uint16_t> free_;
    std::uint16_t used_ = 0;
    std::uint16_t free_count_ = 0;
    std::uint16_t ever_used_ = 0;
    std::int64_t looked_second_ = 0;
};

}  // namespace wiresage

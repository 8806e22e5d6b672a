// Follows TCP connections as a bystander (RFC 9293, 3.3.2), and says what becomes of them.
#pragma once

#include "flow/attempts.hpp"
#include "flow/flow_table.hpp"
#include "flow/teller.hpp"
#include "flow/trouble_tracker.hpp"
#include "flow/volumes.hpp"
#include "packet/packet.hpp"

namespace wiresage {

/// One for each shard.
class TcpTracker {
public:
    TcpTracker(FlowTable& table, Volumes& volumes, Teller& teller, Attempts& attempts, TroubleTracker& troubles,
               ShardStats& stats) noexcept
        : table_{table}, volumes_{volumes}, teller_{teller}, attempts_{attempts}, troubles_{troubles}, stats_{stats} {}

    /// Whether this segment begins another connection between the same ends (guard G4): a SYN with a new sequence
    /// number, or a SYN-ACK with a new one after the old connection's end.  The flow is then renewed before segment().
    bool begins_anew(FlowIndex at, Side from, const TcpHeader& segment) const noexcept;

    /// A segment of the flow; the flow's counts hold it already, its `last_seen` is still that of the segment before.
    void segment(FlowIndex at, Side from, const Packet& packet, std::uint32_t wire_bytes, const Moment& now) noexcept;

    /// The flow leaves the table: its time is over, or its place is needed.
    void leaves(FlowIndex at, EndedBy by, EventTime now, EventTime capture_end) noexcept;

private:
    struct Seen;

    void syn(const Seen& seen) noexcept;
    void syn_ack(const Seen& seen) noexcept;
    void rst(const Seen& seen) noexcept;
    void plain(const Seen& seen) noexcept;
    void join(const Seen& seen) noexcept;
    void joined(const Seen& seen) noexcept;
    void fin(const Seen& seen) noexcept;
    void establish(const Seen& seen) noexcept;
    void end(const Seen& seen, EndedBy by) noexcept;
    void become(const Seen& seen, TcpState state, FlowClass of) noexcept;

    FlowTable& table_;
    Volumes& volumes_;
    Teller& teller_;
    Attempts& attempts_;
    TroubleTracker& troubles_;
    ShardStats& stats_;
};

}  // namespace wiresage

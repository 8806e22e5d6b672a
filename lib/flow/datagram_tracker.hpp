// Flows of everything but TCP: who asked, and whether anybody answered.
#pragma once

#include "flow/attempts.hpp"
#include "flow/flow_table.hpp"
#include "flow/teller.hpp"
#include "flow/volumes.hpp"
#include "packet/packet.hpp"

namespace wiresage {

/// One for each shard.
class DatagramTracker {
public:
    DatagramTracker(FlowTable& table, Volumes& volumes, Attempts& attempts, Teller& teller) noexcept
        : table_{table}, volumes_{volumes}, attempts_{attempts}, teller_{teller} {}

    /// A packet of the flow; the flow's counts hold it already.  `fresh`: it is the flow's first.
    void packet(FlowIndex at, Side from, bool fresh, const Packet& packet, std::uint32_t wire_bytes,
                const Moment& now) noexcept;

    /// An ICMP error that quotes a packet of the flow.
    void error(FlowIndex at, const Packet& packet, const Moment& now) noexcept;
    /// The same about a packet that was not seen.  Only "no such protocol" is told on: unlike a port, which may have
    /// been closed a moment ago, a protocol is never there and then not.
    void stray_error(const Packet& packet) noexcept;

    /// Counts an ICMP message that no echo flow counts.
    void message(const Packet& packet, std::uint32_t wire_bytes, const Moment& now) noexcept;

    /// A later fragment: of the flow where its first one is known, else by its addresses.
    void fragment(FlowIndex at, const Packet& packet, std::uint32_t wire_bytes, const Moment& now) noexcept;

    /// The flow leaves the table: its last words.
    void leaves(FlowIndex at) noexcept;

    /// Shard's first packet; who began a flow is known once its kind was watched for long enough (guard G3).
    void watch_since(EventTime first) noexcept { watched_since_ = first; }

private:
    void udp(FlowIndex at, Side from, const Packet& packet, std::uint32_t wire_bytes, const Moment& now) noexcept;
    void echo(FlowIndex at, Side from, bool fresh, const Packet& packet, std::uint32_t wire_bytes,
              const Moment& now) noexcept;
    void open(FlowIndex at, Side from, const Packet& packet, EventTime now) noexcept;
    void asks_on(FlowIndex at, const Moment& now) noexcept;
    void asks_answered(Flow& flow, const Moment& now) noexcept;
    bool tell_unanswered(Flow& flow, std::uint32_t upto, const Moment& now) noexcept;
    void tiny_echo(FlowIndex at, bool fresh, const Packet& packet, const Moment& now) noexcept;
    bool may_tell_error() noexcept;
    void tell_error(const Flow& flow, const Packet& packet) noexcept;
    void asked(FlowIndex at, const Packet& packet, std::uint32_t wire_bytes, const Moment& now) noexcept;
    void answered(FlowIndex at, EventTime now) noexcept;

    FlowTable& table_;
    Volumes& volumes_;
    Attempts& attempts_;
    Teller& teller_;
    EventTime watched_since_;
    std::uint32_t errors_tick_ = 0;
    std::uint32_t errors_told_ = 0;  ///< In that tick.
};

}  // namespace wiresage

// Wireshark's "TCP Analysis", segment by segment.
#pragma once

#include <cstdint>

#include "base/time.hpp"
#include "flow/flow.hpp"
#include "flow/flow_record.hpp"
#include "packet/packet.hpp"

namespace wiresage {

/// What a segment is, as Wireshark's User's Guide, 7.5 ("TCP Analysis"), has it; several may hold at once.
namespace tcp_finding {
inline constexpr std::uint16_t retransmission = 1 << 0, fast_retransmission = 1 << 1, spurious_retransmission = 1 << 2,
                               out_of_order = 1 << 3, duplicate_ack = 1 << 4, zero_window = 1 << 5,
                               zero_window_probe = 1 << 6, zero_window_probe_ack = 1 << 7, window_full = 1 << 8,
                               window_update = 1 << 9, lost_segment = 1 << 10, ack_lost_segment = 1 << 11,
                               keep_alive = 1 << 12, keep_alive_ack = 1 << 13;
}

/// Sequence numbers lie on a circle (RFC 9293, 3.4).
constexpr bool sequence_before(std::uint32_t a, std::uint32_t b) noexcept {
    return static_cast<std::int32_t>(a - b) < 0;
}
constexpr bool sequence_up_to(std::uint32_t a, std::uint32_t b) noexcept {
    return static_cast<std::int32_t>(a - b) <= 0;
}

/// Judges one segment that `sender` sent to the other side at `stamp` (the packet's own), then brings the memory of
/// both sides up to date.  Gives the findings.
std::uint16_t analyse(TcpFlow& flow, Side sender, const TcpHeader& segment, EventTime stamp) noexcept;

/// Whether a SYN or SYN-ACK of this side begins a connection that the analysis must not compare with what it remembers:
/// its number is not the one that the side began with ("TCP Port numbers reused").
bool is_other_connection(const TcpSide& sender, const TcpHeader& segment) noexcept;

/// Forgets what both sides have sent.
void forget(TcpFlow& flow) noexcept;

/// Adds the findings of one segment.
void count(TcpAnalysisCounts& counts, std::uint16_t findings) noexcept;

}  // namespace wiresage

// How long a silent flow is kept.
#pragma once

#include <chrono>

#include "base/time.hpp"

namespace wiresage {

/// What a flow is worth when room is needed, and with its transport how long it may be silent.  Cheapest first.
enum class FlowClass : std::uint8_t {
    unused,       ///< Not a flow.
    half_open,    ///< A TCP handshake that is not finished.
    one_way,      ///< Only one side has spoken.
    closed,       ///< TCP: closing, closed, reset or refused.
    answered,     ///< UDP, ICMP and others: both sides have spoken.
    established,  ///< TCP: handshake finished, or joined mid-stream and both sides spoke.
    count_
};

/// Time-outs of silence, by event time.  None is longer than `longest_timeout`.
namespace idle_timeout {

/// The longest gap between two SYNs of the schedules in use is 32 s (Linux: 1, 2, 4, 8, 16, 32 s); a repeat after a
/// shorter time-out would look like a second attempt.
inline constexpr Duration half_open = std::chrono::seconds{40};
/// Stray probes and halves of connections; the other half of a one-sided capture never comes.
inline constexpr Duration tcp_one_way = std::chrono::minutes{5};
/// Below the 2 h 4 min of RFC 5382, REQ-5, because time itself does not go on longer than `longest_timeout`; longer
/// than the keep-alives that applications use.
inline constexpr Duration tcp_established = std::chrono::hours{1};
/// One FIN seen: RFC 5382, REQ-5, asks for at least 4 min.
inline constexpr Duration tcp_closing = std::chrono::minutes{5};
/// Late retransmitted FINs and ACKs still belong to the connection: three retransmissions from 1 s on are over.
inline constexpr Duration tcp_closed = std::chrono::seconds{10};
/// As Linux's conntrack: an answer that takes longer is no answer to a datagram.
inline constexpr Duration udp_one_way = std::chrono::seconds{30};
/// RFC 4787, REQ-5: at least 2 min, 5 min recommended; conntrack's 3 min for a stream.
inline constexpr Duration udp_answered = std::chrono::seconds{180};
/// RFC 5508, REQ-2, asks for 60 s of a translator; one ping a second keeps a flow, and a later one is a new attempt.
inline constexpr Duration icmp = std::chrono::seconds{10};

static_assert(tcp_established < longest_timeout && tcp_one_way < longest_timeout);

}  // namespace idle_timeout
}  // namespace wiresage

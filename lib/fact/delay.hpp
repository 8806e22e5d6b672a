// What TCP connections have to say of waiting: who waits for whom, and how long.
#pragma once

#include <array>
#include <cstdint>

#include "base/address.hpp"
#include "base/time.hpp"

namespace wiresage {

/// The waits of the facts below are in microseconds: more than an hour fits.
using Microseconds = std::uint32_t;

/// A wait beyond this is idleness, a long poll or a stream, and nobody's slowness (field notes): it is not counted.
inline constexpr Microseconds longest_wait = 30'000'000;
/// From here on the answer to a request is told on its own.
inline constexpr Microseconds slow_wait = 250'000;

/// A histogram of waits in half octaves: bucket 2n holds 128 us * 2^n up to 1.5 times that, bucket 2n + 1 the rest of
/// the octave; what is shorter is in the first, what is longer in the last.
inline constexpr std::size_t wait_buckets = 32;

constexpr std::size_t wait_bucket(Microseconds wait) noexcept {
    std::size_t octave = 0;
    Microseconds begin = 128;
    while (octave < wait_buckets / 2 - 1 && wait >= begin * 2) {
        begin *= 2;
        ++octave;
    }
    return 2 * octave + (wait >= begin + begin / 2 ? 1 : 0);
}

/// The middle of a bucket.
constexpr Microseconds middle_of_bucket(std::size_t bucket) noexcept {
    const Microseconds begin = Microseconds{128} << (bucket / 2);
    return bucket % 2 == 0 ? begin + begin / 4 : begin + begin * 3 / 4;
}

/// A server took long to begin its answer: from the last new byte of the request to the first byte of the answer, as
/// seen here.  Waits in which something was resent or missed are left out.  At most 128 a shard and tick.
/// Made by: flow/.  Read by: app_slow_response, loopback_response_slow.
struct SlowAnswer {
    Endpoint client;
    Endpoint server;
    EventTime asked;                    ///< When the request was complete ...
    EventTime asked_stamp;              ///< ... by its packet's own stamp.
    Microseconds waited = 0;            ///< slow_wait to longest_wait.
    Microseconds handshake_rtt = 0;     ///< SYN to the client's ACK; 0: not seen.
    Microseconds server_rtt = 0;        ///< The server's part of it: SYN to SYN-ACK.
    std::uint32_t interface_index = 0;  ///< Of a cooked capture (LINKTYPE_LINUX_SLL2); 0: unknown.
    bool initiator_known = false;       ///< Guard G3: else `client` is a guess by port.
};

/// All exchanges of one service that ended within some seconds in one shard, so that slow ones can be compared with
/// them.  An exchange is a turn of the client and a turn of the server.
/// Made by: flow/.  Read by: app_slow_response, loopback_response_slow.
struct ServiceWaits {
    Endpoint server;
    std::uint64_t server_us = 0;   ///< Sum of the server's waits, the network's part taken out where it is known.
    std::uint64_t client_us = 0;   ///< The same of the clients', from the answer's last byte to the next request.
    std::uint64_t network_us = 0;  ///< Round trips, one for each exchange.
    std::uint32_t exchanges = 0;
    std::array<std::uint16_t, wait_buckets> answers{};  ///< Histogram of the waits for the server, as seen here.
    bool within_host = false;                           ///< Both ends are the same address, or loopback.
};

/// Exchanges of one connection since its last such fact, split three ways: the network, the server, the client.
/// Only of connections with a round trip or waits that are worth it; at the connection's end and every ten seconds.
/// Made by: flow/.  Read by: network_rtt_dominates, client_slow.
struct Exchanges {
    static constexpr std::size_t most = 10;
    Endpoint client;
    Endpoint server;
    EventTime began;  ///< The first packet of them.
    std::uint32_t began_frame = 0;
    std::uint32_t exchanges = 0;
    std::uint64_t server_us = 0;  ///< As in ServiceWaits.
    std::uint64_t client_us = 0;
    Microseconds handshake_rtt = 0;                  ///< 0: not seen.
    Microseconds server_rtt = 0;                     ///< SYN to SYN-ACK, of it.
    std::array<std::uint16_t, most> server_waits{};  ///< The last ones, as seen here, by to_short().
    std::array<std::uint16_t, most> client_waits{};
    std::uint8_t server_count = 0;
    std::uint8_t client_count = 0;
};

/// A wait in 16 bits: five of exponent and eleven of fraction, so that it is right to half a thousandth.
constexpr std::uint16_t to_short(Microseconds wait) noexcept {
    std::uint32_t shift = 0;
    while (wait >> shift > 0x7ff) ++shift;
    return static_cast<std::uint16_t>(shift << 11 | wait >> shift);
}
constexpr Microseconds from_short(std::uint16_t wait) noexcept {
    return static_cast<Microseconds>(wait & 0x7ff) << (wait >> 11);
}

/// Responses of one side of a connection that paused before their end, since its last such fact.
/// A response is what one side sends between two turns of the other; it counts from two segments on.
/// Made by: flow/.  Read by: constant_tail_delay.
struct TailDelays {
    static constexpr std::size_t most = 12;
    Endpoint sender;
    Endpoint receiver;
    EventTime began;  ///< The first late segment.
    std::uint32_t began_frame = 0;
    std::uint32_t responses = 0;  ///< All.
    std::uint32_t delayed = 0;    ///< Paused once, before the last of their bytes, all before acknowledged long before.
    std::uint32_t tail_bytes = 0;      ///< Payload after the pause, of the first.
    std::uint16_t waited_for_ack = 0;  ///< Paused, and the acknowledgment came with the rest: delayed ACK, Nagle.
    std::uint16_t resent = 0;          ///< Something was resent or missing: a retransmission time-out.
    std::uint16_t elsewhere = 0;       ///< Paused more than once, or where the sender had no more: think time.
    std::array<std::uint16_t, most> pauses{};  ///< Of the delayed ones, by to_short().
    std::uint8_t count = 0;
    bool sender_serves = false;  ///< The sender is the connection's server.
    bool stale_stamps = false;   ///< RFC 7323: the late segments were stamped before the pause: the path held them.
};

}  // namespace wiresage

// What is kept of one flow.
#pragma once

#include <array>
#include <cstdint>
#include <type_traits>

#include "base/address.hpp"
#include "base/time.hpp"
#include "fact/fact.hpp"
#include "flow/timeouts.hpp"
#include "packet/flow_key.hpp"
#include "packet/packet.hpp"

namespace wiresage {

/// A flow by its number in its table; 0 is none.
using FlowIndex = std::uint32_t;
inline constexpr FlowIndex no_flow = 0;

/// Which end sent a packet, as an index: 0 the key's `low`, 1 its `high`.
using Side = std::uint8_t;

namespace flow_flag {
inline constexpr std::uint16_t client_is_high = 1 << 0,    ///< The client is the key's `high`.
    initiator_known = 1 << 1,                              ///< Guard G3.
    attempt = 1 << 2,                                      ///< It began with something that is an Attempt.
    withheld = 1 << 3,                                     ///< Its target is under a flood: no facts of its own.
    two_way = 1 << 4,                                      ///< Both sides have spoken.
    accepted = 1 << 5, silent = 1 << 6, refused = 1 << 7,  ///< Told (or withheld) already.
    completed = 1 << 8, unfinished = 1 << 9, ended = 1 << 10,
                               waits_answer = 1 << 11,  ///< Is in the list of those that nobody answered yet.
    waits_finish = 1 << 12,  ///< Is in the list of handshakes that the client has not finished.
    given_up = 1 << 13,      ///< Counted as given up.
    by_icmp = 1 << 14,       ///< The refusal was an ICMP error, which a later answer overrules.
    untold = 1 << 15;        ///< An attempt of which nothing has been told yet: it is in the list of those.
}

/// TCP's life, as far as a bystander can tell (RFC 9293, 3.3.2).
enum class TcpState : std::uint8_t {
    none,
    opening,
    syn_received,
    joined,
    established,
    closing,
    closed,
    reset,
    refused
};

/// Whether anybody reads what a flow carries (flow_reader.hpp).
enum class Reading : std::uint8_t {
    fresh,     ///< Nobody has looked yet.
    payload,   ///< Packets with payload, FIN or RST are read.
    all,       ///< Every packet is: something is missing, and an acknowledgment will tell that it never comes.
    given_up,  ///< Nothing that anybody knows.
};

/// A flow of any kind.  The first two cache lines are all that a datagram of a known flow needs.
struct alignas(cache_line_bytes) Flow {
    FlowKey key;
    std::uint16_t flags = 0;
    EventTime last_seen;            ///< Event time of its last packet.
    EventTime last_stamp;           ///< That packet's own stamp.
    std::uint32_t volume_tick = 0;  ///< The two slots below are those of this tick (volumes.hpp).
    std::uint16_t volume_to = 0;
    std::uint16_t volume_from = 0;

    std::array<std::uint64_t, 2> packets{};
    std::array<std::uint64_t, 2> bytes{};
    std::array<std::uint64_t, 2> payload_bytes{};
    std::uint32_t two_way_second = 0;  ///< When TwoWay was told last, in seconds of event time; 0: never.
    std::uint32_t hash = 0;
    std::uint32_t generation = 0;  ///< Tells two flows apart that used the same place.
    Transport transport = Transport::none;
    Technique technique = Technique::syn;
    Tunnel tunnel : 4 = Tunnel::none;  // Two in one byte: the two cache lines are full.
    Reading reading : 4 = Reading::fresh;
    TcpState tcp_state : 4 = TcpState::none;
    bool turn_spoilt : 1 = false;  ///< Something was resent or missed since the other side began its turn (turns.hpp).
    bool suspected : 1 = false;    ///< Of bad checksums (capture_watch.hpp).
    bool watched : 1 = false;      ///< Its turns are kept beside it (turns.hpp).
    bool sided : 1 = false;        ///< Counted as seen from one side or from both (capture_watch.hpp).

    EventTime began;
    EventTime began_stamp;
    FlowIndex wheel_next = no_flow;
    FlowIndex wheel_before = no_flow;  ///< With the top bit: it is the first, of the bucket in the other bits.
    FlowIndex wait_next = no_flow;
    FlowIndex wait_before = no_flow;
    std::uint32_t began_frame = 0;
    std::uint16_t fragments = 0;            ///< Stays at its largest.
    std::uint16_t first_payload_bytes = 0;  ///< Of an attempt by datagram or echo request.
    std::array<MacAddress, 2> macs{};       ///< Of the two sides.
    std::uint16_t vlan = 0;
    std::uint16_t input = 0;
    std::uint16_t fingerprint = 0;
    std::uint16_t syns =
        0;  ///< TCP: segments like its first one.  Else the client's later fragments.  Stays at its largest.
    std::uint32_t tunnel_id = 0;

    bool has(std::uint16_t flag) const noexcept { return (flags & flag) != 0; }
    void set(std::uint16_t flag) noexcept { flags = static_cast<std::uint16_t>(flags | flag); }
    void clear(std::uint16_t flag) noexcept { flags = static_cast<std::uint16_t>(flags & ~flag); }

    Side client_side() const noexcept { return has(flow_flag::client_is_high) ? 1 : 0; }
    Side server_side() const noexcept { return has(flow_flag::client_is_high) ? 0 : 1; }
    void set_client(Side side) noexcept {
        side == 1 ? set(flow_flag::client_is_high) : clear(flow_flag::client_is_high);
    }
    bool is_read() const noexcept { return reading == Reading::payload || reading == Reading::all; }
    const Endpoint& end(Side side) const noexcept { return side == 0 ? key.low : key.high; }
    const Endpoint& client() const noexcept { return end(client_side()); }
    const Endpoint& server() const noexcept { return end(server_side()); }
    void count_syn() noexcept {
        if (syns != UINT16_MAX) ++syns;
    }
    void count_fragment() noexcept {
        if (fragments != UINT16_MAX) ++fragments;
    }

    // Of datagrams, once they wait in no list, the links hold what was told of unanswered ones, and the place of a
    // SYN's fingerprint what they are compared with (datagram_tracker.cpp).
    std::uint32_t& told_requests() noexcept { return wait_before; }
    std::uint32_t& told_at_ms() noexcept { return wait_next; }
    std::uint16_t& mark() noexcept { return fingerprint; }

    /// SYNs, datagrams, requests: what Outcome::segments tells.
    std::uint32_t requests() const noexcept {
        if (transport == Transport::tcp) return syns;
        return static_cast<std::uint32_t>(packets[client_side()]) - syns;
    }
};

static_assert(sizeof(Flow) == 192 && std::is_trivially_copyable_v<Flow>);

namespace side_flag {
inline constexpr std::uint8_t
    isn_known = 1 << 0,   ///< From its SYN, or from what the other side acknowledged.
    base_known = 1 << 1,  ///< `isn` is at least one less than the first number seen.
    window_of_syn = 1 << 2, fin = 1 << 3,
    was_keep_alive = 1 << 4,  ///< Its last segment was one.
    was_window_probe = 1 << 5,
    was_overtaken = 1 << 6,  ///< More was acknowledged than it was seen to send; it has acknowledged nothing new since.
    has_turn = 1 << 7;       ///< It sent data last (turns.hpp).
}

/// Window scale of a side: as in its SYN, or one of these.
inline constexpr std::int8_t scale_unknown = -1;
inline constexpr std::int8_t scale_not_used = -2;

/// What one side of a connection has sent, as Wireshark's analysis sees it (tcp_analysis.hpp).  As there, a sequence
/// number of 0 is one that is not known.
struct TcpSide {
    std::uint32_t isn = 0;
    std::uint32_t next_sequence = 0;    ///< One beyond the highest byte sent.
    std::uint32_t acknowledgeable = 0;  ///< One beyond what was sent when there was no hole before it.
    std::uint32_t last_ack = 0;
    EventTime next_stamp;  ///< When next_sequence rose, by the packet's own stamp.
    EventTime last_ack_stamp;
    std::uint16_t window = 0;  ///< Raw.
    std::uint16_t mss = 0;
    std::int8_t window_scale = scale_unknown;
    std::uint8_t flags = 0;
    std::uint8_t duplicate_acks = 0;  ///< In a row; stays at 255.
    std::uint8_t syn_acks : 7 = 0;    ///< Sent; stays at `most_syn_acks`.
    bool asked_fast_open : 1 = false; ///< Its SYN had the option (RFC 7413), or may have had it.
    static constexpr std::uint8_t most_syn_acks = 127;
    std::uint32_t retransmissions = 0;
    std::uint16_t out_of_order = 0;   ///< Stays at its largest.
    std::uint16_t largest_small = 0;  ///< Payload bytes of its largest segment that was not full.

    bool has(std::uint8_t flag) const noexcept { return (flags & flag) != 0; }
    void set(std::uint8_t flag) noexcept { flags = static_cast<std::uint8_t>(flags | flag); }
    void clear(std::uint8_t flag) noexcept { flags = static_cast<std::uint8_t>(flags & ~flag); }
};

/// What TCP needs beyond Flow; in an array of its own, so that other flows do not touch it.
struct alignas(cache_line_bytes) TcpFlow {
    std::array<TcpSide, 2> sides{};
    EventTime syn_ack_at;  ///< Event time of the first SYN-ACK.
    /// One beyond the first segment of either side that was as large as the other's MSS allows; 0: none yet.
    std::array<std::uint32_t, 2> first_full_end{};
    Duration handshake_rtt{};          ///< Last SYN to the client's ACK; zero: unknown.
    std::uint16_t duplicate_acks = 0;  ///< Stays at its largest, as the next two.
    std::uint16_t zero_windows = 0;
    std::uint16_t lost_segments = 0;
    std::uint16_t trouble = 0;  ///< Its place in the pool of troubles (tcp_trouble.hpp); 0: none.
    Duration handshake_server{};       ///< Of handshake_rtt, the part from the SYN to the SYN-ACK.  Seldom looked at.
};

static_assert(sizeof(TcpFlow) == 192 && std::is_trivially_copyable_v<TcpFlow>);

}  // namespace wiresage

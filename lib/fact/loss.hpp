// What TCP connections have to say of segments that are lost, stuck, or not what was sent.
#pragma once

#include <array>
#include <cstdint>

#include "base/address.hpp"
#include "base/time.hpp"

namespace wiresage {

/// How a trouble within a connection ended.
enum class TroubleEnd : std::uint8_t {
    open,     ///< It lasts.
    ack,      ///< What was missing has been acknowledged; the window has opened.
    fin,      ///< The side that waited for it closed.
    rst,      ///< Either side reset.
    timeout,  ///< Nothing more was seen for long.
};

/// Where a trouble lies: the side whose data it is about, and the other.
struct TroubleEnds {
    Endpoint sender;
    Endpoint receiver;
    MacAddress sender_mac;  ///< Zero where the link has none.
    MacAddress receiver_mac;
    bool sender_serves = false;   ///< The sender is the connection's server.
    bool handshake_seen = false;  ///< The SYN was seen, so it is known who serves.
    bool first = false;           ///< The first fact of this kind of the connection: counts connections.

    std::uint16_t service_port() const noexcept { return sender_serves ? sender.port : receiver.port; }
};

enum class OddHandshakeKind : std::uint8_t {
    synack_payload,  ///< A SYN-ACK carries data, though the SYN asked for no Fast Open (RFC 7413).
    ack_mismatch,    ///< The client acknowledges another number than the server's ISN + 1, and the server lets it know.
};

/// A handshake whose numbers do not fit; told when it is seen and whenever its totals change.
/// Made by: flow/.  Read by: tcp_synack_with_payload, tcp_handshake_ack_mismatch.
struct OddHandshake {
    Endpoint client;
    Endpoint server;
    MacAddress client_mac;
    MacAddress server_mac;
    EventTime began;  ///< The segment that is odd ...
    EventTime began_stamp;
    std::uint32_t began_frame = 0;    ///< ... its number (modulo 2^32).
    std::uint32_t server_isn = 0;     ///< Raw.
    std::uint32_t observed_ack = 0;   ///< The client's first acknowledgment, raw.
    std::uint32_t payload_bytes = 0;  ///< Of the first SYN-ACK with any.
    std::uint16_t syn_acks = 0;       ///< With payload, since the last such fact.
    OddHandshakeKind kind = OddHandshakeKind::synack_payload;
    bool first = false;  ///< The connection's first such fact.
    bool ack_seen = false;
    bool equals_padding = false;  ///< The payload is just what pads an Ethernet frame to 60 bytes.
};

/// One segment that was sent again and again, each time after a longer wait, and not acknowledged (RFC 6298).
/// Told from the third time-out on with each further copy, and when it ends.
/// Made by: flow/.  Read by: tcp_retransmission_stall, path_mtu_black_hole.
struct SegmentStall {
    static constexpr std::size_t most_edges = 6;
    TroubleEnds ends;
    EventTime began;  ///< The first sending ...
    EventTime began_stamp;
    std::uint32_t stalled_ms = 0;   ///< ... to its end, or to the last copy.
    std::uint32_t first_frame = 0;  ///< The first copy after the original (modulo 2^32).
    std::uint32_t seq_relative = 0;
    std::uint32_t payload_bytes = 0;               ///< As first sent.
    std::uint16_t copies = 0;                      ///< After the first sending.
    std::array<std::uint32_t, most_edges> sack{};  ///< Edges that the receiver told meanwhile, relative.
    std::uint16_t backoff_ratio = 0;   ///< Median of the ratios of consecutive gaps, thousandths; 0: unknown.
    std::uint16_t mss = 0;             ///< As the receiver announced it; 0: unknown.
    std::uint16_t largest_passed = 0;  ///< Largest payload of this sender that was acknowledged or SACKed.
    std::uint16_t icmp_mtu = 0;        ///< Of "fragmentation needed" or "packet too big" about it.
    std::uint8_t sack_count = 0;
    TroubleEnd end = TroubleEnd::open;
    bool icmp_seen = false;
};

/// Bytes that one side never sent past this point, and that the other side says it lacks.
/// Told when the connection ends or nothing has come for long.
/// Made by: flow/.  Read by: tcp_hole_never_filled.
struct SequenceHole {
    TroubleEnds ends;
    EventTime began;  ///< The first segment beyond the hole ...
    EventTime began_stamp;
    Duration open{};                ///< ... to its end.
    std::uint32_t first_frame = 0;  ///< That segment (modulo 2^32).
    std::uint32_t seq_relative = 0;
    std::uint32_t missing_bytes = 0;
    std::uint32_t dup_acks = 0;  ///< For its first byte.
    std::uint16_t mss = 0;
    TroubleEnd end = TroubleEnd::timeout;
    bool sacked = false;  ///< The receiver told that it has what lies beyond.
};

/// Segments of one connection since its last such fact.  Told when it ends, and every minute of trouble; of those
/// without trouble only where there were enough segments to compare with.
/// Made by: flow/.  Read by: tcp_path_loss.
struct LossTally {
    struct Side {
        std::uint32_t segments = 0;     ///< With offload, as many as the MSS makes of them.
        std::uint32_t lost_after = 0;   ///< Sent again though the first was seen here: lost beyond this point.
        std::uint32_t lost_before = 0;  ///< Seen here only late: lost before this point.
        std::uint32_t spurious = 0;     ///< Sent again though they had arrived (D-SACK, RFC 2883; acknowledged before).
    };
    Endpoint client;
    Endpoint server;
    EventTime began;  ///< The first loss, else the connection's begin ...
    EventTime began_stamp;
    std::uint32_t began_frame = 0;  ///< ... of a loss its number (modulo 2^32).
    Side by_client;
    Side by_server;
    bool first = false;
};

/// A receiver that closed its window (RFC 9293, 3.8.6) while the sender had more; since the last such fact.
/// Made by: flow/.  Read by: tcp_receiver_stalled.
struct WindowStall {
    TroubleEnds ends;  ///< The receiver is the one that does not read.
    EventTime began;   ///< The first zero window that counts here ...
    EventTime began_stamp;
    std::uint32_t first_frame = 0;  ///< ... its number (modulo 2^32).
    Duration stalled{};
    Duration longest{};  ///< Of the connection so far.
    std::uint32_t episodes = 0;
    std::uint32_t probes = 0;
    TroubleEnd end = TroubleEnd::open;
};

/// Bytes that were acknowledged and never seen here: the capture lacks them, not the receiver.
/// Made by: flow/.  Read by: capture_gap.
struct CaptureGap {
    TroubleEnds ends;
    EventTime began;
    EventTime began_stamp;
    std::uint32_t first_frame = 0;  ///< The acknowledgment (modulo 2^32).
    std::uint64_t missing_bytes = 0;
    std::uint32_t gaps = 0;
};

}  // namespace wiresage

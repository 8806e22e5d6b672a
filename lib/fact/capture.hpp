// What the packets say about the capture itself.
#pragma once

#include <cstdint>

#include "base/address.hpp"
#include "base/time.hpp"

namespace wiresage {

/// Which way packets went, seen from the capturing host.
enum class Way : std::uint8_t { unknown, received, sent };

/// What a segment looks like above the network card, where hardware has yet to finish it.
enum class OffloadKind : std::uint8_t {
    zero_length,    ///< IP total length 0 (IPv6: payload length 0): segmentation offload, or BIG TCP.
    oversize,       ///< More payload than the receiver's MSS allows: segmentation or receive offload.
    unfinished_sum  ///< The checksum holds the sum of the pseudo-header only (or the kernel says so).
};

/// Segments of one connection that offload left its mark on, since the last such fact.  At most sixteen connections a
/// shard and kind in ten seconds; what goes beyond is added to the last.
/// Made by: flow/.  Read by: capture_tso_zero_length, capture_lso_oversize, capture_checksum_offload.
struct OffloadedSegments {
    Endpoint source;  ///< Of the first.
    Endpoint destination;
    EventTime first;
    std::uint32_t first_frame = 0;
    std::uint32_t count = 0;
    std::uint32_t of = 0;             ///< Segments of this sender looked at meanwhile (unfinished_sum: whose sum was).
    std::uint32_t first_payload = 0;  ///< Bytes, taken from the frame.
    std::uint32_t largest_payload = 0;
    std::uint32_t largest_frame = 0;
    std::uint16_t mss = 0;  ///< As the receiver announced it; 0: unknown.
    OffloadKind kind = OffloadKind::zero_length;
    Way way = Way::unknown;
    bool others = false;  ///< Counts further connections, or both directions.
};

/// Segments of one connection and direction whose TCP checksum is wrong (RFC 9293, 3.1) and no mark of offload, since
/// the last such fact.  Told on ticks, once it is known what became of them.
/// Made by: flow/.  Read by: tcp_bad_checksum, capture_checksum_offload.
struct BadChecksums {
    Endpoint sender;
    Endpoint receiver;
    EventTime first;
    EventTime first_stamp;
    std::uint32_t first_frame = 0;
    std::uint32_t count = 0;
    std::uint32_t acknowledged = 0;  ///< Acknowledged though no good copy was seen.
    std::uint32_t resent = 0;        ///< Sent again.
    std::uint32_t unanswered = 0;    ///< Neither, within the wait.
    std::uint32_t of = 0;            ///< The sender's segments in this connection whose sum was looked at meanwhile.
    Way way = Way::unknown;
};

/// How many TCP connections with traffic show both directions here, per input, since the last such fact.  Connections
/// are counted once, when both sides have sent, or when one has sent or acknowledged what proves the other.
/// Made by: flow/.  Read by: capture_one_sided, and the knowledge of the capture.
struct Sidedness {
    std::uint32_t flows = 0;
    std::uint32_t one_sided = 0;
    std::uint32_t received_only = 0;  ///< Of them, where the direction is known ...
    std::uint32_t sent_only = 0;
    Address first_source;  ///< ... and who sent the first of them.
    EventTime first;
    std::uint32_t first_frame = 0;
};

}  // namespace wiresage

// What two captures of the same traffic say about the path between them; told by `compare` only.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/address.hpp"
#include "base/time.hpp"

namespace wiresage {

/// Bytes of a TCP session that one point sent, again and again, and of which no copy reached the other point.
/// Of the ranges of a session and direction the one with the most copies; a handshake's SYN has length 0.
/// Addresses are the near point's, times the near clock's.  Read by: tcp_segment_lost_in_path.
struct PathLoss {
    Endpoint sender;
    Endpoint receiver;
    EventTime first;                 ///< The first copy ...
    EventTime last;                  ///< ... and the last, at the sender's point.
    std::uint32_t seq_relative = 0;  ///< As Wireshark shows it: the SYN is 0.
    std::uint32_t length = 0;        ///< Payload bytes.
    std::uint32_t copies = 0;        ///< Original and repeats.
    std::uint32_t ranges = 0;        ///< Ranges of this session and direction that never arrived, this one included.
    std::uint32_t bytes = 0;         ///< Of all those ranges.
    std::array<std::uint32_t, 4> frames{};  ///< Of the first copies, in `input`; 0: none.
    std::uint16_t input = 0;
    bool by_client = false;
    bool near_to_far = false;
    bool arrived_smaller = false;  ///< Smaller segments arrived meanwhile, and no other of this size or larger.
    bool went_on = false;  ///< More of the same direction arrived, or was sent, after it: no mere end of the session.
    bool receiver_missed = false;  ///< The receiver's point itself missed bytes that were acknowledged.
    bool receiver_silent = false;  ///< A SYN: the session was not seen at the receiver's point at all.
};

/// What was changed on the way beyond what address translation changes.
enum class PathField : std::uint8_t {
    payload_len,
    payload,
    flags,
    option_mss,
    option_window_scale,
    option_sack_permitted,
    option_timestamps,
    option_fast_open,
    option_other,  ///< Values are bytes of options.
};

/// The name in documents.
constexpr std::string_view name(PathField field) noexcept {
    constexpr std::string_view names[] = {"tcp.payload_len",
                                          "tcp.payload",
                                          "tcp.flags",
                                          "tcp.options.mss",
                                          "tcp.options.window_scale",
                                          "tcp.options.sack_permitted",
                                          "tcp.options.timestamps",
                                          "tcp.options.fast_open",
                                          "tcp.options.other"};
    return names[static_cast<std::size_t>(field)];
}

/// One field of a TCP session's segments in one direction.  Addresses are the near point's.
/// Read by: segment_altered_in_path.
struct PathChange {
    Endpoint client;
    Endpoint server;
    EventTime first;        ///< At the sender's point, near clock.
    std::uint32_t seq = 0;  ///< Raw, at the sender's point; of the first one.
    std::int64_t sent = 0;  ///< Of the first one: the value, for `payload` a digest's first 32 bits.
    std::int64_t received = 0;
    std::uint32_t count = 0;           ///< Segments.
    std::uint32_t sent_frame = 0;      ///< In `sent_input`; the first one ...
    std::uint32_t received_frame = 0;  ///< ... and what became of it.
    std::uint16_t sent_input = 0;
    std::uint16_t received_input = 0;
    PathField field = PathField::payload_len;
    bool by_client = false;
    bool near_to_far = false;
    bool translated = false;      ///< Addresses differ between the points.
    bool equals_padding = false;  ///< payload_len: what came on top is what pads the frame to 60 bytes.
};

/// Where a session's time went, by both points.  Read by: wan_delay.
struct PathDelay {
    Endpoint near_client;  ///< As seen at the client's point ...
    Endpoint near_server;
    Endpoint far_client;  ///< ... and at the server's.
    Endpoint far_server;
    EventTime first;                   ///< The first exchange, near clock.
    std::uint32_t rtt_us = 0;          ///< Median round trip of the path between the points.
    std::uint32_t server_us = 0;       ///< Median think times, at the point of the server and ...
    std::uint32_t client_us = 0;       ///< ... at that of the client.
    std::uint32_t exchanges = 0;       ///< Seen at both points.
    std::uint32_t path_share = 0;      ///< Of what the client waited for answers, the path's; millionths.
    std::uint32_t frame = 0;           ///< The first request, in `Moment::input`.
    std::int64_t clock_offset_ns = 0;  ///< Far clock less near clock.
    std::int64_t clock_uncertainty_ns = 0;
    bool client_is_near = true;
};

}  // namespace wiresage

// What datagrams have to say beyond attempts: silence that goes on, errors, tiny pings.
#pragma once

#include <array>
#include <cstdint>

#include "base/address.hpp"
#include "base/time.hpp"

namespace wiresage {

/// UDP datagrams of a flow's client that stayed without an answer.  Of a flow that nobody ever answered: those after
/// the ones that Outcome `silent` told, at most once a second, after 32 facts only when their number has doubled; the
/// last ones when the flow ends.  Of a flow that was answered: when its client asks again three seconds or more after
/// the first one without an answer.  The datagram with which the fact comes is not among them. Made by:
/// flow/datagram_tracker.cpp.  Read by: udp_request_unanswered, udp_reply_from_other_address, udp_fanout_small_payload.
struct Unanswered {
    Endpoint client;
    Endpoint server;
    MacAddress client_mac;
    MacAddress server_mac;
    EventTime since;                ///< The first of them at the earliest: when the flow began, or its answers ended.
    EventTime since_stamp;          ///< By the packet's own stamp.
    std::uint32_t since_frame = 0;  ///< 0 where the flow was answered: not kept.
    std::uint32_t datagrams = 0;    ///< Not told before.
    bool was_answered = false;
};

/// Why something could not be delivered, as its reporter says it.
enum class Unreachable : std::uint8_t { port, host, net, admin, frag_needed, hop_limit };

/// An ICMP error about a packet that its flow's client sent.  At most 32 per shard and tick.
/// Made by: flow/datagram_tracker.cpp.  Read by: icmp_unreachable_burst.
struct IcmpError {
    Address reporter;
    Address asker;    ///< Whom it was sent to.
    Endpoint client;  ///< Of the quoted packet's flow; port 0 where it has none.
    Endpoint server;
    MacAddress reporter_mac;
    MacAddress asker_mac;
    std::uint32_t mtu = 0;      ///< Of `frag_needed`, where it is told.
    std::uint8_t protocol = 0;  ///< IP's number of the quoted packet.
    Unreachable reason = Unreachable::port;
    bool was_answered = false;  ///< The flow had an answer before.
};

/// ICMP echo requests of one identifier whose payload is always the same and tiny: not more often than once a second,
/// and when the flow ends.  Counts are the flow's so far.
/// Made by: flow/datagram_tracker.cpp.  Read by: icmp_constant_payload_ping.
struct TinyEcho {
    static constexpr std::size_t most_bytes = 8;
    Address client;
    Address server;
    MacAddress client_mac;
    MacAddress server_mac;
    EventTime began;  ///< Tells two flows with one identifier apart.
    EventTime began_stamp;
    std::uint32_t began_frame = 0;
    std::uint32_t requests = 0;
    std::uint32_t replies = 0;
    std::uint16_t identifier = 0;
    std::uint8_t payload_bytes = 0;                  ///< 1 to 8.
    bool ended = false;                              ///< The flow is over: the counts are final.
    std::array<std::uint8_t, most_bytes> payload{};  ///< Not told again when `ended`.
};

}  // namespace wiresage

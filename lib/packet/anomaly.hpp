// What can be wrong with a packet: values, not errors.
#pragma once

#include <cstdint>
#include <string_view>

namespace wiresage {

/// The first oddity that decode() met; what was decoded before it is kept.  Counted by kind.
enum class Anomaly : std::uint8_t {
    none,
    truncated,        ///< A header goes beyond the captured bytes, which a snaplen cut shorter than the wire.
    link_malformed,   ///< The link header itself is too short or says something impossible.
    unknown_network,  ///< Not IP, not ARP: an EtherType or LLC SAP that is not understood.  Not an error.
    arp_malformed,
    ip_malformed,         ///< Version, header length or total length impossible for the frame.
    ip_header_truncated,  ///< The frame ends, whole on the wire, within an IP header.
    ipv6_extension_malformed,
    tunnel_too_deep,  ///< More than four tunnels in one another.
    tunnel_malformed,
    tcp_malformed,  ///< Data offset below 5 or beyond the segment.
    tcp_truncated,
    udp_malformed,  ///< Length below 8 or beyond the datagram.
    udp_truncated,
    icmp_truncated,
    sctp_truncated,
    count_  ///< How many there are.
};

/// The name in metrics and in `read --stats`.
std::string_view name(Anomaly anomaly) noexcept;

}  // namespace wiresage

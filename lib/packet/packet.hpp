// What the bytes of one packet say.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/address.hpp"
#include "base/bytes.hpp"
#include "packet/anomaly.hpp"
#include "packet/packet_view.hpp"

namespace wiresage {

/// IP protocol numbers (IANA) that wiresage looks into or counts by name.
namespace ip_protocol {
inline constexpr std::uint8_t icmp = 1, igmp = 2, ipip = 4, tcp = 6, udp = 17, ipv6 = 41, gre = 47, esp = 50, ah = 51,
                              icmpv6 = 58, no_next = 59, sctp = 132, mpls = 137;
}

/// What carried the innermost IP packet, if anything did.
enum class Tunnel : std::uint8_t { none, ipip, six_in_four, gre, erspan, vxlan, geneve, gtp_u, mpls, pppoe };
inline constexpr std::size_t tunnel_count = 10;

/// The name in documents and metrics: "none", "vxlan", ...
std::string_view name(Tunnel tunnel) noexcept;

/// One IP header.  The innermost one is the packet's own; the outermost is kept for counting.
struct IpHeader {
    Address source;
    Address destination;
    std::uint8_t version = 0;  ///< 4 or 6.
    std::uint8_t protocol =
        0;  ///< IPv4 protocol, or the last next header of IPv6 after its extension headers (AH is one of its own).
    std::uint8_t ttl = 0;  ///< Hop limit.
    std::uint8_t tos = 0;
    std::uint32_t identification = 0;  ///< IPv4 ID; of IPv6 only where there is a fragment header.
    bool has_identification = false;
    bool more_fragments = false;
    std::uint16_t fragment_offset = 0;  ///< In bytes.
    std::uint32_t payload_bytes =
        0;  ///< After this header and its extensions, on the wire, by its own length field (or the frame's, see below).
    bool length_from_frame = false;  ///< Total length 0 of segmentation offload or BIG TCP: taken from the frame.

    bool is_fragment() const noexcept { return more_fragments || fragment_offset != 0; }
    bool is_later_fragment() const noexcept { return fragment_offset != 0; }
};

/// TCP flags as in the header (RFC 9293, 3.1).
namespace tcp_flag {
inline constexpr std::uint16_t fin = 0x01, syn = 0x02, rst = 0x04, psh = 0x08, ack = 0x10, urg = 0x20, ece = 0x40,
                               cwr = 0x80;
}

/// A block of a SACK option (RFC 2018), raw sequence numbers.
struct SackBlock {
    std::uint32_t left = 0;
    std::uint32_t right = 0;
};

struct TcpHeader {
    std::uint16_t source_port = 0;
    std::uint16_t destination_port = 0;
    std::uint32_t sequence = 0;
    std::uint32_t acknowledgment = 0;
    std::uint16_t flags = 0;   ///< Nine bits; all twelve below the data offset.
    std::uint16_t window = 0;  ///< Unscaled.
    std::uint16_t checksum = 0;
    std::uint16_t header_bytes = 0;
    std::uint16_t mss = 0;          ///< 0: no option (RFC 9293, 3.7.1).
    std::int8_t window_scale = -1;  ///< -1: no option (RFC 7323, 2).
    bool sack_permitted = false;
    bool has_timestamps = false;  ///< RFC 7323, 3.
    std::uint32_t timestamp_value = 0;
    std::uint32_t timestamp_echo = 0;
    bool fast_open = false;       ///< Option 34 (RFC 7413) or experiment 254 with its magic 0xF989.
    bool options_cut = false;     ///< Not all options were captured.
    std::uint8_t sack_count = 0;  ///< At most 4.
    std::array<SackBlock, 4> sack{};
    std::uint32_t payload_bytes = 0;  ///< On the wire, by the IP length; SYN and FIN not counted.
    std::uint32_t options_digest =
        0;  ///< Kinds and fixed values in order (no timestamps): part of a SYN's fingerprint.

    bool has(std::uint16_t flag) const noexcept { return (flags & flag) != 0; }
};

struct UdpHeader {
    std::uint16_t source_port = 0;
    std::uint16_t destination_port = 0;
    std::uint16_t length = 0;         ///< Its own length field, header included (RFC 768).
    std::uint32_t payload_bytes = 0;  ///< On the wire.
};

struct SctpHeader {
    std::uint16_t source_port = 0;
    std::uint16_t destination_port = 0;
    std::uint32_t verification_tag = 0;
};

/// The packet that an ICMP error quotes, as far as it goes (RFC 792, RFC 4443, 2.4).
struct QuotedPacket {
    Address source;
    Address destination;
    std::uint8_t protocol = 0;
    bool has_ports = false;
    std::uint16_t source_port = 0;
    std::uint16_t destination_port = 0;
    bool has_sequence = false;  ///< TCP: the quoted sequence number.
    std::uint32_t sequence = 0;
};

/// ICMP (RFC 792) or ICMPv6 (RFC 4443).
struct IcmpHeader {
    bool v6 = false;
    std::uint8_t type = 0;
    std::uint8_t code = 0;
    std::uint16_t identifier = 0;  ///< Echo only.
    std::uint16_t sequence = 0;    ///< Echo only.
    std::uint32_t mtu = 0;         ///< Of "fragmentation needed" and "packet too big", else 0.
    std::optional<QuotedPacket> quoted;

    bool is_echo_request() const noexcept { return v6 ? type == 128 : type == 8; }
    bool is_echo_reply() const noexcept { return v6 ? type == 129 : type == 0; }
    /// Errors quote the packet that caused them.
    bool is_error() const noexcept {
        return v6 ? type < 128 : type == 3 || type == 4 || type == 5 || type == 11 || type == 12;
    }
    bool is_unreachable() const noexcept { return v6 ? type == 1 : type == 3; }
    bool is_port_unreachable() const noexcept { return is_unreachable() && (v6 ? code == 4 : code == 3); }
};

/// ARP for IPv4 (RFC 826) and neighbour discovery (RFC 4861, 4.3 and 4.4) under the same names.
struct NeighborHeader {
    enum class Kind : std::uint8_t { request, reply };
    Kind kind = Kind::request;
    bool nd = false;         ///< Neighbour discovery, not ARP.
    MacAddress sender_mac;   ///< ARP: sender hardware address.  ND: link-layer address option, else zero.
    Address sender_ip;       ///< ARP: sender protocol address.  Solicitation: IP source; advertisement: target address.
    MacAddress target_mac;   ///< ARP only.
    Address target_ip;       ///< Whom it is about; of an advertisement the IP destination.
    bool solicited = false;  ///< Advertisements: the S flag.
    bool tunnelled = false;  ///< The packet's MAC addresses are those of a frame that carried this one's.

    /// Asks for, or announces, its own address (RFC 5227, 3).
    bool is_announcement() const noexcept { return sender_ip == target_ip; }
    /// RFC 5227, 2.1.1: an ARP request from 0.0.0.0; duplicate address detection (RFC 4862, 5.4).
    bool is_probe() const noexcept { return kind == Kind::request && sender_ip.is_unspecified(); }
};

/// The decoded layers of one packet.  Lives on the worker's stack; borrows the view's bytes.
struct Packet {
    bool has_mac =
        false;  ///< Source and destination below are known (Ethernet; cooked: source only, destination zero).
    MacAddress source_mac;
    MacAddress destination_mac;
    std::uint16_t ether_type = 0;
    std::uint8_t vlan_count = 0;
    std::array<std::uint16_t, 2>
        vlans{};  ///< VLAN ids of the outermost frame, outermost first (IEEE 802.1Q); tag 0 is a priority tag.
    Direction direction = Direction::unknown;
    std::uint32_t interface_index = 0;  ///< Of the capturing host (LINKTYPE_LINUX_SLL2), 0: unknown.
    Tunnel tunnel = Tunnel::none;  ///< The innermost one.
    std::uint32_t tunnel_id = 0;   ///< VNI, TEID, GRE key, MPLS label or PPPoE session of it.

    bool has_ip = false;
    IpHeader ip;  ///< The innermost IP header.
    bool has_outer_ip = false;
    IpHeader outer;  ///< The first IP header, where that is not the innermost.

    std::optional<TcpHeader> tcp;
    std::optional<UdpHeader> udp;
    std::optional<SctpHeader> sctp;
    std::optional<IcmpHeader> icmp;
    std::optional<NeighborHeader> neighbor;
    bool arp = false;  ///< An ARP packet of any hardware or protocol type (counted), decoded into `neighbor` where it
                       ///< is IPv4 over Ethernet.
    std::uint16_t arp_operation = 0;

    Bytes transport;  ///< From the transport header on, as captured, without link padding.
    Bytes payload;    ///< After the transport header, as captured, without link padding.
    Anomaly anomaly = Anomaly::none;
    bool cut = false;  ///< Captured shorter than on the wire.

    const IpHeader& first_ip() const noexcept { return has_outer_ip ? outer : ip; }

    /// The outermost VLAN id that is not a priority tag, 0 where there is none.
    std::uint16_t vlan() const noexcept {
        for (std::uint8_t i = 0; i < vlan_count && i < vlans.size(); ++i) {
            if (vlans[i] != 0) return vlans[i];
        }
        return 0;
    }
};

/// Decodes one packet into `packet` (which is reset first).  Never fails: oddities are `anomaly`, and what was
/// decoded before is kept.  Allocates nothing; at most four tunnels deep; every loop consumes bytes.
void decode(const PacketView& view, Packet& packet) noexcept;

/// Whether decode() understands this link type.  Platform numbers 12 and 14 of DLT_RAW count as raw.
bool is_known_link_type(std::uint32_t link_type) noexcept;

/// Name for messages: "ETHERNET", "IEEE802_11", or "linktype 999" where it has none that we know.
std::string link_type_name(std::uint32_t link_type);

}  // namespace wiresage

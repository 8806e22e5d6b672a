// What the steps of one decode() share, and the steps themselves: one per protocol, each in the file of its group.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "packet/packet.hpp"
#include "packet/reader.hpp"

namespace wiresage {

/// One decode under way.
struct Decoding {
    Packet& packet;
    Reader in;                     ///< What was captured of the layer that comes next, without padding behind it.
    std::size_t missing = 0;       ///< How many more bytes of that layer were on the wire.
    Tunnel tunnel = Tunnel::none;  ///< What was entered last; becomes the packet's once an IP header is found in it.
    std::uint32_t tunnel_id = 0;
    unsigned tunnels = 0;
    unsigned steps = 0;

    /// Bytes on the wire from here to the end of the layer.
    std::size_t on_wire() const noexcept { return in.left() + missing; }

    /// Keeps the first oddity.
    void note(Anomaly anomaly) noexcept {
        if (packet.anomaly == Anomaly::none) packet.anomaly = anomaly;
    }

    /// A header did not fit: the snaplen's doing where more was on the wire, else the packet's own fault.
    void ends_within(Anomaly own_fault) noexcept { note(missing > 0 ? Anomaly::truncated : own_fault); }

    /// The layer is `bytes` long on the wire; what follows in the frame is padding.
    void limit(std::size_t bytes) noexcept {
        if (bytes <= in.left()) {
            in.keep(bytes);
            missing = 0;
        } else {
            missing = std::min(missing, bytes - in.left());
        }
    }

    /// One tunnel more; false where that is one too many.
    bool enter(Tunnel kind, std::uint32_t id) noexcept {
        if (tunnels == most_tunnels) {
            note(Anomaly::tunnel_too_deep);
            return false;
        }
        ++tunnels;
        tunnel = kind;
        tunnel_id = id;
        return true;
    }

    /// One network layer more; bounds the recursion of link layers that carry each other.
    bool step() noexcept {
        if (++steps <= most_steps) return true;
        note(Anomaly::tunnel_too_deep);
        return false;
    }

    bool is_outermost_frame() const noexcept { return tunnels == 0 && !packet.has_ip; }

    static constexpr unsigned most_tunnels = 4;
    static constexpr unsigned most_steps =
        24;  ///< Four tunnels of an EtherType, LLC, an EtherType and IP each, and some.
};

/// Puts the IPv4 address in four bytes of a header into `to`; in words, since what is put together from single bytes
/// cannot be read back at once (the processor's store forwarding).
inline void put_v4(Address& to, std::span<const std::uint8_t, 4> four) noexcept {
    std::uint32_t raw;
    std::memcpy(&raw, four.data(), sizeof raw);
    const std::uint64_t first_half = 0;
    const std::uint64_t second_half = std::endian::native == std::endian::little
                                          ? std::uint64_t{0xffff0000U} | std::uint64_t{raw} << 32
                                          : std::uint64_t{0x0000ffff00000000U} | raw;
    std::memcpy(to.bytes.data(), &first_half, sizeof first_half);
    std::memcpy(to.bytes.data() + 8, &second_half, sizeof second_half);
}

inline Address address_v4(std::span<const std::uint8_t, 4> four) noexcept {
    Address made;
    put_v4(made, four);
    return made;
}

inline void put_v6(Address& to, std::span<const std::uint8_t, 16> sixteen) noexcept {
    std::memcpy(to.bytes.data(), sixteen.data(), sixteen.size());
}

inline MacAddress mac_address(std::span<const std::uint8_t, 6> six) noexcept {
    MacAddress made;
    std::memcpy(made.bytes.data(), six.data(), 6);
    return made;
}

/// EtherTypes (IANA, IEEE 802 Numbers).
namespace ether_type {
inline constexpr std::uint16_t ipv4 = 0x0800, arp = 0x0806, bridged = 0x6558, rarp = 0x8035, vlan = 0x8100,
                               ipv6 = 0x86dd, ppp = 0x880b, mpls = 0x8847, mpls_upstream = 0x8848,
                               pppoe_session = 0x8864, service_vlan = 0x88a8, erspan = 0x88be, erspan_3 = 0x22eb,
                               old_vlan = 0x9100,
                               smallest = 0x0600;  ///< Below it the field is a length (IEEE 802.3, 3.2.6).
}

// Link layers and what lies between them and IP.
void decode_ethernet(Decoding& d) noexcept;
void decode_ether_type(Decoding& d, std::uint16_t type) noexcept;
void decode_llc(Decoding& d) noexcept;
void decode_cooked_1(Decoding& d) noexcept;
void decode_cooked_2(Decoding& d) noexcept;
void decode_null(Decoding& d) noexcept;
void decode_cisco_hdlc(Decoding& d) noexcept;
void decode_ppp_hdlc(Decoding& d) noexcept;
void decode_ppp(Decoding& d) noexcept;
void decode_pppoe(Decoding& d) noexcept;
void decode_mpls(Decoding& d) noexcept;

// Network layers.
void decode_arp(Decoding& d) noexcept;
void decode_ip(Decoding& d) noexcept;  ///< By the version nibble.
void decode_ip4(Decoding& d) noexcept;
void decode_ip6(Decoding& d) noexcept;

/// An IP header was found, with which the caller fills `packet.ip`: the one before it and its transport were a tunnel's.
void begin_ip(Decoding& d) noexcept;

/// After `packet.ip` was filled: `d.in` stands at the transport header.  `readable`: the IP header was whole.
void decode_transport(Decoding& d, bool readable) noexcept;

/// What the extension headers of IPv6 say: those that RFC 8200, 4 tells every node to walk.
struct Extensions {
    std::uint8_t protocol = 0;  ///< The first next header that is none of them, or that of one that does not fit.
    bool fits = true;
    bool has_fragment = false;
    bool more_fragments = false;
    std::uint16_t fragment_offset = 0;
    std::uint32_t identification = 0;
};
Extensions walk_extensions(Reader& in, std::uint8_t next_header) noexcept;

// Transport layers.
void decode_tcp(Decoding& d) noexcept;
void decode_udp(Decoding& d) noexcept;
void decode_sctp(Decoding& d) noexcept;
void decode_icmp(Decoding& d, bool v6) noexcept;
void decode_neighbor_discovery(Decoding& d, const IcmpHeader& icmp, std::uint32_t flags) noexcept;

// Tunnels.
void decode_ip_in_ip(Decoding& d, std::uint8_t inner_version) noexcept;
void decode_authentication(Decoding& d) noexcept;
void decode_gre(Decoding& d) noexcept;
void decode_erspan(Decoding& d, std::uint16_t type, bool has_sequence) noexcept;

/// Whether UDP to this port may carry packets: the ports of decode_udp_tunnel().
constexpr bool is_tunnel_port(std::uint16_t port) noexcept {
    return port == 4789 || port == 4790 || port == 8472 || port == 6081 || port == 2152;
}
void decode_udp_tunnel(Decoding& d) noexcept;

}  // namespace wiresage

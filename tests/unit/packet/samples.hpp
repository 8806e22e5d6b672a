// One small UDP datagram in every wrapping that the decoder knows.
#pragma once

#include <string>
#include <vector>

#include "support/packet_builder.hpp"

namespace wiresage::testing {

struct Sample {
    std::string name;
    LinkType link = LinkType::ethernet;
    Frame frame;
    Tunnel tunnel = Tunnel::none;
    std::uint32_t tunnel_id = 0;
    bool v6 = false;  ///< The datagram goes from client_v6() to server_v6().
    std::uint16_t vlan = 0;
};

inline Endpoint client_v4() { return {ipv4(10, 1, 0, 1), 4000}; }
inline Endpoint server_v4() { return {ipv4(10, 1, 0, 2), 5000}; }
inline Endpoint client_v6() { return {ip("2001:db8::1"), 4000}; }
inline Endpoint server_v6() { return {ip("2001:db8::2"), 5000}; }

/// The datagram as a whole Ethernet frame, and without it.
inline Frame inner_frame(bool v6 = false, const LinkSpec& link = {}) {
    return v6 ? udp({.src = client_v6(), .dst = server_v6(), .payload = "data", .link = link})
              : udp({.src = client_v4(), .dst = server_v4(), .payload = "data", .link = link});
}
inline Frame inner_ip(bool v6 = false) { return ip_part(inner_frame(v6)); }

/// An IP packet of this protocol between two routers.
inline Frame routers_ip(unsigned protocol, const Frame& body) {
    return ip_packet({}, ipv4(192, 0, 2, 1), ipv4(192, 0, 2, 2), protocol, body);
}
inline Frame routers_frame(unsigned protocol, const Frame& body) {
    return ethernet({}, 0x0800, routers_ip(protocol, body));
}

/// UDP from one router to another.
inline Frame routers_udp(std::uint16_t port, const Frame& body) {
    const std::string payload{body.begin(), body.end()};
    return udp({.src = {ipv4(192, 0, 2, 1), 50000}, .dst = {ipv4(192, 0, 2, 2), port}, .payload = payload});
}

inline Writer before(const Writer& header, const Frame& body) { return Writer{header}.add(Bytes{body}); }

inline void add_link_samples(std::vector<Sample>& rows) {
    const Frame v4 = inner_ip();
    const Frame v6 = inner_ip(true);
    const auto add = [&](std::string name, LinkType link, const Writer& frame, bool is_v6 = false) {
        rows.push_back({.name = std::move(name), .link = link, .frame = frame.frame(), .v6 = is_v6});
    };
    const Writer sll = Writer{}.u16(0).u16(1).u16(6).add("\x02\x01\x02\x03\x04\x05").u16(0);
    const auto sll2 = [](unsigned type) {
        return Writer{}.u16(type).u16(0).u32(3).u16(1).u8(4).u8(6).add("\x02\x01\x02\x03\x04\x05").u16(0);
    };
    const Writer snap = Writer{}.u8(0xaa).u8(0xaa).u8(3).u8(0).u16(0).u16(0x0800);

    rows.push_back({.name = "ethernet", .frame = inner_frame()});
    rows.push_back({.name = "ethernet_v6", .frame = inner_frame(true), .v6 = true});
    rows.push_back({.name = "vlan", .frame = inner_frame(false, {.vlans = {40}}), .vlan = 40});
    rows.push_back(
        {.name = "priority_tag_then_vlan", .frame = inner_frame(true, {.vlans = {0, 41}}), .v6 = true, .vlan = 41});
    for (const unsigned type : {0x88a8U, 0x9100U}) {
        auto frame = inner_frame(false, {.vlans = {100, 7}});
        frame[12] = static_cast<std::uint8_t>(type >> 8);
        frame[13] = static_cast<std::uint8_t>(type);
        rows.push_back({.name = type == 0x88a8U ? "qinq" : "old_qinq", .frame = frame, .vlan = 100});
    }
    const auto length = static_cast<unsigned>(snap.size() + v4.size());
    add("snap", LinkType::ethernet, Writer{}.add(Bytes{ethernet({}, length, before(snap, v4).frame())}).zeros(9));
    add("llc_ip", LinkType::ethernet,
        Writer{}.add(
            Bytes{ethernet({}, static_cast<unsigned>(3 + v4.size()), before(Writer{}.u8(6).u8(6).u8(3), v4).frame())}));
    add("cooked", LinkType::linux_sll, before(Writer{sll}.u16(0x0800), v4));
    add("cooked_llc", LinkType::linux_sll, before(Writer{sll}.u16(4).add(Bytes{snap.frame()}), v4));
    add("cooked2_v6", LinkType::linux_sll2, before(sll2(0x86dd), v6), true);
    add("raw", LinkType::raw, before({}, v4));
    add("raw_v6", LinkType::raw, before({}, v6), true);
    add("raw_of_openbsd", static_cast<LinkType>(14), before({}, v6), true);
    add("ipv4", LinkType::ipv4, before({}, v4));
    add("ipv6", LinkType::ipv6, before({}, v6), true);
    add("null_little_endian", LinkType::null, before(Writer{}.u32(0x02000000), v4));
    add("null_big_endian", LinkType::null, before(Writer{}.u32(2), v4));
    add("loop", LinkType::loop, before(Writer{}.u32(2), v4));
    for (const unsigned family : {10U, 24U, 28U, 30U}) {
        add("null_v6_" + std::to_string(family), LinkType::null, before(Writer{}.u32(family << 24), v6), true);
        add("loop_v6_" + std::to_string(family), LinkType::loop, before(Writer{}.u32(family), v6), true);
    }
    add("ppp", LinkType::ppp, before(Writer{}.u16(0x0021), v4));
    add("ppp_framed", LinkType::ppp, before(Writer{}.u16(0xff03).u16(0x0057), v6), true);
    add("ppp_compressed", LinkType::ppp, before(Writer{}.u8(0x21), v4));
    add("ppp_hdlc", LinkType::ppp_hdlc, before(Writer{}.u16(0xff03).u16(0x0021), v4));
    add("ppp_hdlc_cisco", LinkType::ppp_hdlc, before(Writer{}.u16(0x0f00).u16(0x0800), v4));
    add("cisco_hdlc", LinkType::cisco_hdlc, before(Writer{}.u16(0x8f00).u16(0x86dd), v6), true);
}

/// Adds one row with an Ethernet frame around the tunnel.
inline auto tunnel_adder(std::vector<Sample>& rows) {
    return [&rows](std::string name, Tunnel tunnel, std::uint32_t id, const Frame& outer, bool is_v6 = false) {
        rows.push_back({.name = std::move(name), .frame = outer, .tunnel = tunnel, .tunnel_id = id, .v6 = is_v6});
    };
}

inline void add_ip_tunnel_samples(std::vector<Sample>& rows) {
    const Frame v4 = inner_ip();
    const Frame v6 = inner_ip(true);
    const Frame frame = inner_frame();
    const auto add = tunnel_adder(rows);
    add("mpls", Tunnel::mpls, 17,
        ethernet({}, 0x8847, before(Writer{}.u32(16U << 12 | 64).u32(17U << 12 | 0x100 | 64), v4).frame()));
    add("mpls_v6", Tunnel::mpls, 2, ethernet({}, 0x8848, before(Writer{}.u32(2U << 12 | 0x100 | 64), v6).frame()),
        true);
    add("mpls_control_word", Tunnel::mpls, 18,
        ethernet({}, 0x8847, before(Writer{}.u32(18U << 12 | 0x140).u32(0), frame).frame()));
    add("mpls_plain_ethernet", Tunnel::mpls, 18,
        ethernet({}, 0x8847, before(Writer{}.u32(18U << 12 | 0x140), frame).frame()));
    add("pppoe", Tunnel::pppoe, 0x1234,
        ethernet({}, 0x8864,
                 before(Writer{}.u16(0x1100).u16(0x1234).u16(static_cast<unsigned>(2 + v4.size())).u16(0x0021), v4)
                     .zeros(5)
                     .frame()));
    add("ipip", Tunnel::ipip, 0, routers_frame(ip_protocol::ipip, v4));
    add("six_in_four", Tunnel::six_in_four, 0, routers_frame(ip_protocol::ipv6, v6), true);
    add("ipip_behind_ah", Tunnel::ipip, 0,
        routers_frame(ip_protocol::ah, before(Writer{}.u8(4).u8(4).zeros(22), v4).frame()));
    add("four_in_six", Tunnel::ipip, 0,
        ethernet({}, 0x86dd, ip_packet({}, ip("2001:db8::a"), ip("2001:db8::b"), 4, v4)));
}

inline void add_gre_samples(std::vector<Sample>& rows) {
    const Frame v4 = inner_ip();
    const Frame v6 = inner_ip(true);
    const Frame frame = inner_frame();
    const auto add = tunnel_adder(rows);
    const auto gre = [](const Writer& header, const Frame& body) {
        return routers_frame(ip_protocol::gre, before(header, body).frame());
    };
    add("gre", Tunnel::gre, 0, gre(Writer{}.u16(0).u16(0x0800), v4));
    add("gre_checksum_key_sequence", Tunnel::gre, 77, gre(Writer{}.u16(0xb000).u16(0x86dd).u32(0).u32(77).u32(5), v6),
        true);
    add("gre_routing", Tunnel::gre, 0,
        gre(Writer{}.u16(0x4000).u16(0x0800).u32(0).u16(0x0800).u8(0).u8(4).u32(0).u32(0), v4));
    add("gre_bridging", Tunnel::gre, 9, gre(Writer{}.u16(0x2000).u16(0x6558).u32(9), frame));
    add("gre_mpls", Tunnel::mpls, 19, gre(Writer{}.u16(0).u16(0x8847).u32(19U << 12 | 0x140), v4));
    add("pptp", Tunnel::gre, 0x0102,
        gre(Writer{}.u16(0x3081).u16(0x880b).u16(40).u16(0x0102).u32(1).u32(1).u16(0xff03).u16(0x0021), v4));
    add("erspan_1", Tunnel::erspan, 0, gre(Writer{}.u16(0).u16(0x88be), frame));
    add("erspan_2", Tunnel::erspan, 5, gre(Writer{}.u16(0x1000).u16(0x88be).u32(1).u32(0x10000005).u32(0), frame));
    add("erspan_3", Tunnel::erspan, 6,
        gre(Writer{}.u16(0x1000).u16(0x22eb).u32(1).u32(0x20000006).u32(0).u32(0), frame));
    add("erspan_3_platform", Tunnel::erspan, 6,
        gre(Writer{}.u16(0x1000).u16(0x22eb).u32(1).u32(0x20000006).u32(0).u32(1).u64(0), frame));
    add("erspan_3_ip", Tunnel::erspan, 6,
        gre(Writer{}.u16(0x1000).u16(0x22eb).u32(1).u32(0x20000006).u32(0).u32(2U << 10), v6), true);
}

inline void add_udp_tunnel_samples(std::vector<Sample>& rows) {
    const Frame v4 = inner_ip();
    const Frame v6 = inner_ip(true);
    const Frame frame = inner_frame();
    const auto add = tunnel_adder(rows);
    for (const std::uint16_t port : {std::uint16_t{4789}, std::uint16_t{8472}}) {
        add("vxlan_" + std::to_string(port), Tunnel::vxlan, 300,
            routers_udp(port, before(Writer{}.u32(0x08000000).u32(300U << 8), frame).frame()));
    }
    add("vxlan_gpe", Tunnel::vxlan, 301, routers_udp(4790, before(Writer{}.u32(0x0c000002).u32(301U << 8), v6).frame()),
        true);
    add("geneve", Tunnel::geneve, 302,
        routers_udp(6081, before(Writer{}.u16(0x0240).u16(0x6558).u32(302U << 8).u64(0), frame).frame()));
    add("geneve_ip", Tunnel::geneve, 302,
        routers_udp(6081, before(Writer{}.u16(0).u16(0x0800).u32(302U << 8), v4).frame()));
    const auto gtp = [&](unsigned flags, std::size_t extra) {
        return Writer{}.u8(flags).u8(255).u16(static_cast<unsigned>(v4.size() + extra)).u32(0xabcd);
    };
    add("gtp", Tunnel::gtp_u, 0xabcd, routers_udp(2152, before(gtp(0x30, 0), v4).frame()));
    add("gtp_extension", Tunnel::gtp_u, 0xabcd,
        routers_udp(2152, before(gtp(0x34, 8).u16(1).u8(0).u8(0x85).u8(1).u16(0).u8(0), v4).frame()));
    add("vxlan_in_gre_in_ipip", Tunnel::vxlan, 300,
        routers_frame(ip_protocol::ipip,
                      routers_ip(ip_protocol::gre,
                                 before(Writer{}.u16(0).u16(0x0800),
                                        ip_part(routers_udp(
                                            4789, before(Writer{}.u32(0x08000000).u32(300U << 8), frame).frame())))
                                     .frame())));
}

/// All of them.
inline std::vector<Sample> samples() {
    std::vector<Sample> rows;
    add_link_samples(rows);
    add_ip_tunnel_samples(rows);
    add_gre_samples(rows);
    add_udp_tunnel_samples(rows);
    return rows;
}

}  // namespace wiresage::testing

// Builds frames for tests: whole, with right lengths and checksums, unless a test asks for something else.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/address.hpp"
#include "base/bytes.hpp"
#include "base/time.hpp"
#include "packet/packet.hpp"
#include "packet/packet_view.hpp"

namespace wiresage::testing {

/// A frame that owns its bytes.
using Frame = std::vector<std::uint8_t>;

/// Writes big-endian fields one after the other; for headers that the functions below do not know.
class Writer {
public:
    Writer& u8(unsigned value) { return number(value, 1); }
    Writer& u16(unsigned value) { return number(value, 2); }
    Writer& u32(std::uint32_t value) { return number(value, 4); }
    Writer& u64(std::uint64_t value) { return number(value, 8); }
    Writer& add(Bytes bytes) {
        frame_.insert(frame_.end(), bytes.begin(), bytes.end());
        return *this;
    }
    Writer& add(std::string_view text) {
        for (const char c : text) frame_.push_back(static_cast<std::uint8_t>(c));
        return *this;
    }
    Writer& mac(const MacAddress& mac) { return add(Bytes{mac.bytes}); }
    /// 4 bytes for IPv4, 16 for IPv6.
    Writer& ip(const Address& ip) { return add(ip.is_v4() ? Bytes{ip.bytes}.last(4) : Bytes{ip.bytes}); }
    Writer& zeros(std::size_t count) {
        frame_.resize(frame_.size() + count);
        return *this;
    }
    /// Overwrites two bytes that were written before.
    Writer& patch16(std::size_t at, unsigned value) {
        frame_.at(at) = static_cast<std::uint8_t>(value >> 8);
        frame_.at(at + 1) = static_cast<std::uint8_t>(value);
        return *this;
    }

    std::size_t size() const { return frame_.size(); }
    const Frame& frame() const { return frame_; }

private:
    Writer& number(std::uint64_t value, unsigned count) {
        while (count-- > 0) frame_.push_back(static_cast<std::uint8_t>(value >> (8 * count)));
        return *this;
    }

    Frame frame_;
};

/// RFC 1071 over the bytes, starting from `sum` (a pseudo-header).
inline std::uint16_t internet_checksum(Bytes bytes, std::uint32_t sum = 0) {
    for (std::size_t i = 0; i < bytes.size(); ++i)
        sum += i % 2 == 0 ? static_cast<std::uint32_t>(bytes[i]) << 8 : bytes[i];
    while (sum > 0xffff) sum = (sum & 0xffff) + (sum >> 16);
    return static_cast<std::uint16_t>(~sum);
}

/// A locally administered address made of the last four bytes of the host's IP: 02:00:0a:00:00:01 for 10.0.0.1.
inline MacAddress mac_of(const Address& ip) {
    return MacAddress{{0x02, 0x00, ip.bytes[12], ip.bytes[13], ip.bytes[14], ip.bytes[15]}};
}

inline Address ip(const std::string& text) { return Address::parse(text).value(); }

/// The Ethernet part.  Addresses that are left out are made from the IP addresses by mac_of().
struct LinkSpec {
    std::optional<MacAddress> src{};
    std::optional<MacAddress> dst{};
    std::vector<std::uint16_t> vlans{};  ///< Outermost first; all with TPID 0x8100.
};

/// The IP part; IPv4 or IPv6 by the addresses of the packet.
struct IpSpec {
    unsigned ttl = 64;
    unsigned tos = 0;
    unsigned id = 1;            ///< IPv4; of IPv6 with `fragment` only.
    bool dont_fragment = true;  ///< IPv4, where it is no fragment.
    bool more_fragments = false;
    unsigned fragment_offset = 0;  ///< In bytes, a multiple of 8.
    std::string options{};         ///< IPv4, padded to four bytes with zeros.

    bool is_fragment() const { return more_fragments || fragment_offset != 0; }
};

struct TcpSpec {
    Endpoint src{};
    Endpoint dst{};
    std::uint32_t seq = 0;
    std::uint32_t ack = 0;
    unsigned flags = tcp_flag::ack;
    unsigned window = 65535;
    std::string payload{};
    unsigned mss = 0;       ///< 0: no option.
    int window_scale = -1;  ///< -1: no option.
    bool sack_permitted = false;
    bool timestamps = false;
    std::uint32_t timestamp_value = 0;
    std::uint32_t timestamp_echo = 0;
    std::vector<SackBlock> sack{};
    std::string raw_options{};  ///< Put after the others; the whole is padded with "end of options" (zeros).
    LinkSpec link{};
    IpSpec ip{};
};

struct UdpSpec {
    Endpoint src{};
    Endpoint dst{};
    std::string payload{};
    LinkSpec link{};
    IpSpec ip{};
};

/// ICMP or ICMPv6 by the addresses.  `quoted` is what an error quotes: usually ip_part() of another frame.
struct IcmpSpec {
    Address src{};
    Address dst{};
    unsigned type = 8;
    unsigned code = 0;
    unsigned identifier = 0;  ///< The first half of the word after the checksum.
    unsigned sequence = 0;    ///< The second half: the MTU of "fragmentation needed" stands here.
    Frame quoted{};
    std::string payload{};
    LinkSpec link{};
    IpSpec ip{};
};

struct ArpSpec {
    unsigned operation = 1;  ///< 1 request, 2 reply.
    Address sender_ip{};
    Address target_ip{};
    std::optional<MacAddress> sender_mac{};  ///< mac_of(sender_ip) where it is left out.
    std::optional<MacAddress> target_mac{};  ///< Zero in requests, mac_of(target_ip) in replies.
    LinkSpec link{};                         ///< Requests are broadcast unless it says otherwise.
};

/// Neighbour discovery: a solicitation (RFC 4861, 4.3) or an advertisement (4.4).
struct NdSpec {
    bool advertisement = false;
    Address src{};
    Address dst{};
    Address target{};
    std::optional<MacAddress> link_layer{};  ///< The link-layer address option.
    bool solicited = false;
    LinkSpec link{};
};

/// Puts an Ethernet header (and VLAN tags) before `body`.
inline Frame ethernet(const LinkSpec& link, unsigned ether_type, Bytes body) {
    Writer out;
    out.mac(link.dst.value_or(MacAddress{})).mac(link.src.value_or(MacAddress{}));
    for (const auto vlan : link.vlans) out.u16(0x8100).u16(vlan);
    return out.u16(ether_type).add(body).frame();
}

inline LinkSpec link_between(LinkSpec link, const Address& src, const Address& dst) {
    if (!link.src) link.src = mac_of(src);
    if (!link.dst) link.dst = mac_of(dst);
    return link;
}

/// Puts an IP header of the addresses' version before `body`.
inline Frame ip_packet(const IpSpec& spec, const Address& src, const Address& dst, unsigned protocol, Bytes body) {
    Writer out;
    if (src.is_v4()) {
        std::string options = spec.options;
        options.resize((options.size() + 3) / 4 * 4);
        const std::size_t header_bytes = 20 + options.size();
        const unsigned fragment = (spec.more_fragments ? 0x2000U : 0) |
                                  (!spec.is_fragment() && spec.dont_fragment ? 0x4000U : 0) | spec.fragment_offset / 8;
        out.u8(0x40U | static_cast<unsigned>(header_bytes / 4)).u8(spec.tos);
        out.u16(static_cast<unsigned>(header_bytes + body.size())).u16(spec.id).u16(fragment);
        out.u8(spec.ttl).u8(protocol).u16(0).ip(src).ip(dst).add(options);
        out.patch16(10, internet_checksum(out.frame()));
        return out.add(body).frame();
    }
    const unsigned extension_bytes = spec.is_fragment() ? 8 : 0;
    out.u32(0x60000000U | spec.tos << 20).u16(static_cast<unsigned>(body.size()) + extension_bytes);
    out.u8(spec.is_fragment() ? 44 : protocol).u8(spec.ttl).ip(src).ip(dst);
    if (spec.is_fragment()) {
        out.u8(protocol).u8(0).u16(spec.fragment_offset | (spec.more_fragments ? 1U : 0)).u32(spec.id);
    }
    return out.add(body).frame();
}

/// The sum of the pseudo-header (RFC 9293, 3.1; RFC 8200, 8.1), for internet_checksum().
inline std::uint32_t pseudo_header_sum(const Address& src, const Address& dst, unsigned protocol, std::size_t bytes) {
    const Writer words = Writer{}.ip(src).ip(dst).u32(static_cast<std::uint32_t>(bytes)).u32(protocol);
    return static_cast<std::uint16_t>(~internet_checksum(words.frame()));
}

/// IP and Ethernet around a transport segment whose checksum field stands at `checksum_at`.
inline Frame framed(const LinkSpec& link, const IpSpec& spec, const Address& src, const Address& dst, unsigned protocol,
                    Writer segment, std::size_t checksum_at) {
    const bool has_pseudo_header = protocol != ip_protocol::icmp;
    const auto sum = has_pseudo_header ? pseudo_header_sum(src, dst, protocol, segment.size()) : 0;
    segment.patch16(checksum_at, internet_checksum(segment.frame(), sum));
    return ethernet(link_between(link, src, dst), src.is_v4() ? 0x0800 : 0x86dd,
                    ip_packet(spec, src, dst, protocol, segment.frame()));
}

/// The options of a TCP header, padded to four bytes.
inline Frame tcp_options(const TcpSpec& spec) {
    Writer out;
    if (spec.mss != 0) out.u8(2).u8(4).u16(spec.mss);
    if (spec.sack_permitted) out.u8(4).u8(2);
    if (spec.timestamps) out.u8(8).u8(10).u32(spec.timestamp_value).u32(spec.timestamp_echo);
    if (spec.window_scale >= 0) out.u8(3).u8(3).u8(static_cast<unsigned>(spec.window_scale));
    if (!spec.sack.empty()) {
        out.u8(5).u8(static_cast<unsigned>(2 + 8 * spec.sack.size()));
        for (const auto& block : spec.sack) out.u32(block.left).u32(block.right);
    }
    out.add(spec.raw_options);
    return out.zeros((4 - out.size() % 4) % 4).frame();
}

/// tcp({.src = {ipv4(10, 0, 0, 1), 40000}, .dst = {ipv4(10, 0, 0, 2), 80}, .seq = 1, .flags = tcp_flag::syn})
inline Frame tcp(const TcpSpec& spec) {
    const auto options = tcp_options(spec);
    const auto header_words = static_cast<unsigned>(5 + options.size() / 4);
    Writer out;
    out.u16(spec.src.port).u16(spec.dst.port).u32(spec.seq).u32(spec.ack);
    out.u16(header_words << 12 | spec.flags).u16(spec.window).u16(0).u16(0).add(options).add(spec.payload);
    return framed(spec.link, spec.ip, spec.src.ip, spec.dst.ip, ip_protocol::tcp, out, 16);
}

/// udp({.src = {ipv4(10, 0, 0, 1), 40000}, .dst = {ipv4(10, 0, 0, 2), 53}, .payload = "question"})
inline Frame udp(const UdpSpec& spec) {
    Writer out;
    out.u16(spec.src.port)
        .u16(spec.dst.port)
        .u16(static_cast<unsigned>(8 + spec.payload.size()))
        .u16(0)
        .add(spec.payload);
    return framed(spec.link, spec.ip, spec.src.ip, spec.dst.ip, ip_protocol::udp, out, 6);
}

inline Frame icmp(const IcmpSpec& spec) {
    Writer out;
    out.u8(spec.type)
        .u8(spec.code)
        .u16(0)
        .u16(spec.identifier)
        .u16(spec.sequence)
        .add(Bytes{spec.quoted})
        .add(spec.payload);
    const unsigned protocol = spec.src.is_v4() ? ip_protocol::icmp : ip_protocol::icmpv6;
    return framed(spec.link, spec.ip, spec.src, spec.dst, protocol, out, 2);
}

/// arp({.sender_ip = ipv4(10, 0, 0, 1), .target_ip = ipv4(10, 0, 0, 2)}) asks who has 10.0.0.2.
inline Frame arp(const ArpSpec& spec) {
    const bool request = spec.operation == 1;
    const auto sender_mac = spec.sender_mac.value_or(mac_of(spec.sender_ip));
    const auto target_mac = spec.target_mac.value_or(request ? MacAddress{} : mac_of(spec.target_ip));
    const MacAddress broadcast{{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}};
    LinkSpec link = spec.link;
    if (!link.src) link.src = sender_mac;
    if (!link.dst) link.dst = request ? broadcast : target_mac;
    Writer out;
    out.u16(1).u16(0x0800).u8(6).u8(4).u16(spec.operation);
    out.mac(sender_mac).ip(spec.sender_ip).mac(target_mac).ip(spec.target_ip);
    return ethernet(link, 0x0806, out.frame());
}

inline Frame neighbor_discovery(const NdSpec& spec) {
    Writer out;
    out.u8(spec.advertisement ? 136 : 135).u8(0).u16(0).u32(spec.solicited ? 0x40000000U : 0).ip(spec.target);
    if (spec.link_layer) out.u8(spec.advertisement ? 2 : 1).u8(1).mac(*spec.link_layer);
    return framed(spec.link, {.ttl = 255}, spec.src, spec.dst, ip_protocol::icmpv6, out, 2);
}

/// The frame without its Ethernet header and VLAN tags.
inline Frame ip_part(const Frame& frame) {
    std::size_t at = 12;
    while (frame.at(at) == 0x81 && frame.at(at + 1) == 0x00) at += 4;
    return Frame(frame.begin() + static_cast<std::ptrdiff_t>(at) + 2, frame.end());
}

/// A view of the whole frame; `frame` must outlive it.
inline PacketView view_of(const Frame& frame, LinkType link = LinkType::ethernet, EventTime stamp = event_time(0)) {
    PacketView view;
    view.stamp = stamp;
    view.frame = 1;
    view.wire_bytes = static_cast<std::uint32_t>(frame.size());
    view.link = link;
    view.bytes = frame;
    return view;
}

/// A view of the first `captured_bytes` of the frame, as a snaplen cuts it.
inline PacketView cut_view_of(const Frame& frame, std::size_t captured_bytes, LinkType link = LinkType::ethernet) {
    auto view = view_of(frame, link);
    view.bytes = Bytes{frame}.first(captured_bytes < frame.size() ? captured_bytes : frame.size());
    return view;
}

}  // namespace wiresage::testing

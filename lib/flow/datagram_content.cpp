// What is read of datagrams' contents.
#include "flow/datagram_content.hpp"

#include <algorithm>
#include <string_view>

#include "base/hash.hpp"
#include "packet/reader.hpp"

namespace wiresage {

namespace {

constexpr std::uint16_t domain = 53, ntp = 123, netbios_names = 137, snmp = 161, sql_names = 1434,
                        multicast_domain = 5353;
constexpr std::uint16_t radius[] = {1645, 1812, 1813};

/// Never 0, which is "not known".
std::uint16_t folded(std::uint64_t value) noexcept { return static_cast<std::uint16_t>(spread(value) | 1U); }

std::uint16_t folded(Bytes bytes) noexcept {
    std::uint64_t sum = bytes.size();
    for (const auto byte : bytes) sum = spread(sum ^ byte);
    return folded(sum);
}

/// A request's transmit timestamp comes back as the answer's origin timestamp; the mode is in the first byte.
std::uint16_t ntp_id(Bytes payload) noexcept {
    Reader in{payload};
    const auto header = in.header<48>();
    if (!in.ok()) return 0;
    constexpr std::uint8_t client = 3, server = 4;
    const auto mode = header.u8<0>() & 7U;
    if (mode == client) return folded(header.bytes<40, 8>());
    return mode == server ? folded(header.bytes<24, 8>()) : std::uint16_t{0};
}

/// The head of a BER element of the tag (any where 0); a spoilt reader where there is none.
std::size_t ber_length(Reader& in, std::uint8_t tag) noexcept {
    if (const auto found = in.u8(); tag != 0 && found != tag) in.take(in.left() + 1);
    std::size_t length = in.u8();
    if (length < 0x80) return length;
    std::size_t bytes = length & 0x7fU;
    if (bytes > 2) in.take(in.left() + 1);
    for (length = 0; in.ok() && bytes > 0; --bytes) length = length << 8 | in.u8();
    return length;
}

/// Message: SEQUENCE of version, community and a PDU, which begins with its request-id.  Version 3 has none here.
std::uint16_t snmp_id(Bytes payload) noexcept {
    constexpr std::uint8_t sequence = 0x30, integer = 0x02, octets = 0x04;
    Reader in{payload};
    ber_length(in, sequence);
    in.take(ber_length(in, integer));
    in.take(ber_length(in, octets));
    ber_length(in, 0);
    const auto id = in.take(ber_length(in, integer));
    return in.ok() && !id.empty() && id.size() <= 5 ? folded(id) : std::uint16_t{0};
}

/// 0x04 and a name asks for one instance; 0x05, a length and "ServerName;..;InstanceName;NAME;.." answers.
std::uint16_t sql_id(Bytes payload) noexcept {
    constexpr std::uint8_t unicast_instance = 0x04, response = 0x05;
    constexpr std::string_view marker = "InstanceName;";
    Reader in{payload};
    const auto kind = in.u8();
    if (kind == response) {
        in.u16();
        const auto text = in.rest();
        const auto at = std::search(text.begin(), text.end(), marker.begin(), marker.end());
        if (at == text.end()) return 0;
        in.take(static_cast<std::size_t>(at - text.begin()) + marker.size());
    } else if (kind != unicast_instance) {
        return 0;
    }
    auto name = in.rest();
    const auto end = std::find_if(name.begin(), name.end(), [](auto byte) { return byte == 0 || byte == ';'; });
    name = name.first(static_cast<std::size_t>(end - name.begin()));
    return name.empty() ? std::uint16_t{0} : folded(name);
}

bool has_port(const UdpHeader& udp, std::uint16_t port) noexcept {
    return udp.destination_port == port || udp.source_port == port;
}

}  // namespace

std::uint16_t message_id_of(const UdpHeader& udp, Bytes payload) noexcept {
    if (has_port(udp, domain) || has_port(udp, multicast_domain) || has_port(udp, netbios_names)) {
        Reader in{payload};
        const auto id = in.u16();
        return in.ok() ? folded(std::uint64_t{id}) : std::uint16_t{0};
    }
    if (has_port(udp, ntp)) return ntp_id(payload);
    if (has_port(udp, snmp)) return snmp_id(payload);
    if (has_port(udp, sql_names)) return sql_id(payload);
    if (!std::any_of(std::begin(radius), std::end(radius), [&](auto port) { return has_port(udp, port); })) return 0;
    Reader in{payload};
    in.u8();
    const auto identifier = in.u8();
    return in.ok() ? folded(std::uint64_t{identifier}) : std::uint16_t{0};
}

std::uint16_t small_digest(Bytes payload) noexcept { return folded(payload); }

}  // namespace wiresage

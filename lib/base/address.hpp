// Addresses and endpoints: plain values, IPv4 and IPv6 alike.
#pragma once

#include <array>
#include <bit>
#include <compare>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.hpp"
#include "base/hash.hpp"

namespace wiresage {

/// An IP address.  IPv4 is kept as mapped IPv6 (::ffff:a.b.c.d, RFC 4291, 2.5.5.2), so that one key serves both.
/// All zero stands for "no address".
struct Address {
    std::array<std::uint8_t, 16> bytes{};

    static constexpr Address v4(std::uint32_t host_order) noexcept {
        Address made;
        made.bytes[10] = made.bytes[11] = 0xff;
        for (std::size_t i = 0; i < 4; ++i) made.bytes[12 + i] = static_cast<std::uint8_t>(host_order >> (24 - 8 * i));
        return made;
    }

    /// From 16 bytes in network order.
    static Address v6(Bytes sixteen) noexcept {
        Address made;
        std::memcpy(made.bytes.data(), sixteen.data(), 16);
        return made;
    }

    /// From text as RFC 5952 or dotted decimal; nothing where it is neither.
    static std::optional<Address> parse(const std::string& text);

    std::uint64_t high() const noexcept { return word(0); }
    std::uint64_t low() const noexcept { return word(8); }

    bool is_v4() const noexcept { return high() == 0 && bytes[8] == 0 && bytes[9] == 0 && bytes[10] == 0xff && bytes[11] == 0xff; }
    /// The IPv4 address as a number; 0 for IPv6.
    std::uint32_t v4_value() const noexcept { return is_v4() ? static_cast<std::uint32_t>(low() & 0xffffffffU) : 0; }

    /// No address at all, 0.0.0.0 or ::.
    bool is_unspecified() const noexcept { return (high() == 0 && low() == 0) || (is_v4() && v4_value() == 0); }
    /// 224.0.0.0/4 (RFC 5771) or ff00::/8 (RFC 4291, 2.7).
    bool is_multicast() const noexcept { return is_v4() ? bytes[12] >= 224 && bytes[12] < 240 : bytes[0] == 0xff; }
    /// 255.255.255.255 (RFC 919).  A subnet's own broadcast address cannot be told without its mask.
    bool is_broadcast() const noexcept { return v4_value() == 0xffffffffU; }
    /// 127.0.0.0/8 or ::1.
    bool is_loopback() const noexcept { return is_v4() ? bytes[12] == 127 : high() == 0 && low() == 1; }

    /// As RFC 5952 has it; IPv4 in dotted decimal.
    std::string text() const;

    friend bool operator==(const Address& a, const Address& b) noexcept { return a.high() == b.high() && a.low() == b.low(); }
    /// Byte by byte from the front, but eight at a time: keys are put in order for every packet.
    friend std::strong_ordering operator<=>(const Address& a, const Address& b) noexcept {
        return a.high() != b.high() ? a.high() <=> b.high() : a.low() <=> b.low();
    }

private:
    std::uint64_t word(std::size_t at) const noexcept {
        std::uint64_t value;
        std::memcpy(&value, bytes.data() + at, sizeof value);
        if constexpr (std::endian::native == std::endian::little) value = __builtin_bswap64(value);
        return value;
    }
};

/// IPv4 for tests and tables: ipv4(10, 0, 0, 1).
constexpr Address ipv4(std::uint8_t a, std::uint8_t b, std::uint8_t c, std::uint8_t d) noexcept {
    return Address::v4(static_cast<std::uint32_t>(a) << 24 | static_cast<std::uint32_t>(b) << 16 |
                       static_cast<std::uint32_t>(c) << 8 | d);
}

/// An address and a port.  Port 0 where there is none (ARP, ICMP, a whole host).
struct Endpoint {
    Address ip;
    std::uint16_t port = 0;

    /// "10.0.0.1:443", "[2001:db8::1]:443".
    std::string text() const;

    friend auto operator<=>(const Endpoint&, const Endpoint&) = default;
};

/// A network by prefix; IPv4 prefixes count from the IPv4 part (10.0.0.0/8 has 8).
struct Network {
    Address base;
    unsigned prefix_bits = 0;  ///< Of the address family's own length: 0..32 or 0..128.

    /// "10.0.0.0/8", "fe80::/10", or a bare address; nothing where it is neither or has bits beyond the prefix length.
    static std::optional<Network> parse(const std::string& text);

    bool contains(const Address& address) const noexcept;
    std::string text() const;

    friend bool operator==(const Network&, const Network&) = default;
};

/// A hardware address (EUI-48).
struct MacAddress {
    std::array<std::uint8_t, 6> bytes{};

    bool is_zero() const noexcept { return *this == MacAddress{}; }
    /// The group bit (IEEE 802-2014, 8.2.2): multicast and broadcast.
    bool is_group() const noexcept { return (bytes[0] & 1) != 0; }
    bool is_broadcast() const noexcept;
    std::uint64_t value() const noexcept {
        std::uint64_t all = 0;
        for (const auto byte : bytes) all = all << 8 | byte;
        return all;
    }

    /// As ECS has it: "00-12-34-56-78-1B".
    std::string text() const;

    friend auto operator<=>(const MacAddress&, const MacAddress&) = default;
};

/// Hash of an address for the correlator's tables; std::hash-like, keyed by construction.
struct AddressHash {
    std::uint64_t key = 0;
    std::size_t operator()(const Address& address) const noexcept {
        std::uint64_t words[2];
        std::memcpy(words, address.bytes.data(), 16);
        return spread(spread(words[0] ^ key) + words[1]);
    }
    std::size_t operator()(const Endpoint& end) const noexcept { return spread((*this)(end.ip) + end.port); }
    std::size_t operator()(const MacAddress& mac) const noexcept { return spread(mac.value() ^ key); }
};

}  // namespace wiresage

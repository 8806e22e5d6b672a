// Addresses as text.

#include "base/address.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace wiresage {

std::optional<Address> Address::parse(const std::string& text) {
    in_addr four{};
    if (inet_pton(AF_INET, text.c_str(), &four) == 1) return v4(ntohl(four.s_addr));
    Address six;
    if (inet_pton(AF_INET6, text.c_str(), six.bytes.data()) == 1) return six;
    return {};
}

std::string Address::text() const {
    char buffer[INET6_ADDRSTRLEN];
    if (is_v4()) {
        return fmt::format("{}.{}.{}.{}", bytes[12], bytes[13], bytes[14], bytes[15]);
    }
    inet_ntop(AF_INET6, bytes.data(), buffer, sizeof buffer);
    return buffer;
}

std::string Endpoint::text() const {
    return ip.is_v4() ? fmt::format("{}:{}", ip.text(), port) : fmt::format("[{}]:{}", ip.text(), port);
}

std::optional<Network> Network::parse(const std::string& text) {
    const auto slash = text.find('/');
    const auto base = Address::parse(text.substr(0, slash));
    if (!base) return {};
    const unsigned most = base->is_v4() ? 32 : 128;
    unsigned bits = most;
    if (slash != std::string::npos) {
        const char* const end = text.data() + text.size();
        const auto [stop, error] = std::from_chars(text.data() + slash + 1, end, bits);
        if (error != std::errc{} || stop != end || bits > most) return {};
    }
    return Network{*base, bits};
}

bool Network::contains(const Address& address) const noexcept {
    if (address.is_v4() != base.is_v4()) return false;
    const unsigned bits = prefix_bits + (base.is_v4() ? 96 : 0);
    const auto same = [](std::uint64_t a, std::uint64_t b, unsigned first) {
        return first == 0 || (a ^ b) >> (64 - first) == 0;
    };
    return same(address.high(), base.high(), std::min(bits, 64U)) &&
           same(address.low(), base.low(), bits > 64 ? bits - 64 : 0);
}

std::string Network::text() const { return fmt::format("{}/{}", base.text(), prefix_bits); }

bool MacAddress::is_broadcast() const noexcept { return value() == 0xffffffffffffULL; }

std::string MacAddress::text() const {
    return fmt::format("{:02X}-{:02X}-{:02X}-{:02X}-{:02X}-{:02X}", bytes[0], bytes[1], bytes[2], bytes[3], bytes[4],
                       bytes[5]);
}

}  // namespace wiresage

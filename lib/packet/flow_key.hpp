// What makes packets one flow.
#pragma once

#include <compare>
#include <cstdint>

#include "base/address.hpp"

namespace wiresage {

struct Packet;

/// The innermost five-tuple with its two endpoints in order, so that both directions have the same key.
/// ICMP echo has the identifier as both ports.  The VLAN and the tunnel are not part of it (see steer.hpp).
struct FlowKey {
    Endpoint low;
    Endpoint high;
    std::uint8_t protocol = 0;  ///< IP protocol number.

    static FlowKey of(std::uint8_t protocol, const Endpoint& a, const Endpoint& b) noexcept {
        return a <= b ? FlowKey{a, b, protocol} : FlowKey{b, a, protocol};
    }

    friend bool operator==(const FlowKey&, const FlowKey&) = default;
};

/// The keyed hash that steering and the flow tables share.
std::uint64_t hash(const FlowKey& key, std::uint64_t secret) noexcept;

/// hash(FlowKey::of(protocol, a, b), secret), without making the key.
std::uint64_t hash(std::uint8_t protocol, const Endpoint& a, const Endpoint& b, std::uint64_t secret) noexcept;

/// The key of a decoded packet: of its innermost IP header, with the ports of TCP, UDP and SCTP, the identifier of
/// ICMP echo, and port 0 for everything else, a later fragment and a transport header that was cut off too.
/// An ICMP error has the key of the packet that it quotes.  False, and `key` untouched, where there is no IP.
bool flow_key_of(const Packet& packet, FlowKey& key) noexcept;

}  // namespace wiresage

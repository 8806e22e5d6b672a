// What DHCP has to say (RFC 2131, RFC 2132).
#pragma once

#include <array>
#include <cstdint>

#include "base/address.hpp"
#include "base/hash.hpp"

namespace wiresage {

/// Option 53 (RFC 2132, 9.6).
enum class DhcpMessage : std::uint8_t {
    none = 0,
    discover = 1,
    offer = 2,
    request = 3,
    decline = 4,
    ack = 5,
    nak = 6,
    release = 7,
    inform = 8
};

/// Names a client in DHCP's facts: a hash of its hardware address.
inline std::uint32_t client_hash(const MacAddress& mac) noexcept {
    return static_cast<std::uint32_t>(spread(mac.value() + 0x44484350U));
}

/// One answer of a DHCP server: offer, ack or nak.  Made by: app/.  At most 128 of each a shard and tick.
struct DhcpAnswer {
    static constexpr std::size_t most_dns = 2;
    Address server_id;  ///< Option 54; unspecified where there is none.
    Endpoint from;      ///< Sender of the datagram: the server, or a relay.
    MacAddress from_mac;
    MacAddress client;                    ///< chaddr.
    Address given;                        ///< yiaddr; unspecified: none.
    Address router;                       ///< The first of option 3.
    std::array<Address, most_dns> dns{};  ///< The first of option 6.
    DhcpMessage message = DhcpMessage::offer;
    std::uint8_t dns_count = 0;
    bool relayed = false;    ///< giaddr is set, or it was sent to a relay's port.
    bool boot_only = false;  ///< A boot server's answer without an address (PXE, option 60 "PXEClient").
};

/// Clients that asked within one tick in one shard: up to `most` hashes of their hardware addresses (client_hash), each
/// once in the fact; `count` messages in all.  As many facts as it takes, up to 1,024 clients of a kind.
struct DhcpClients {
    static constexpr std::size_t most = 16;
    Address server;        ///< Whom they asked; broadcast mostly.
    MacAddress first_mac;  ///< Source of the first frame.
    std::array<std::uint32_t, most> clients{};
    std::uint32_t count = 0;
    std::uint8_t client_count = 0;
    DhcpMessage message = DhcpMessage::discover;  ///< discover or request.
    bool one_mac = true;                          ///< All frames came from first_mac.
};

}  // namespace wiresage

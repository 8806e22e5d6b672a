// DHCP (RFC 2131, RFC 2132): who answers what, and how many ask.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "app/parser.hpp"

namespace wiresage {

struct DhcpPacket {
    DhcpMessage message = DhcpMessage::none;
    bool reply = false;  ///< BOOTREPLY.
    Address given;       ///< yiaddr
    Address relay;       ///< giaddr
    MacAddress client;   ///< chaddr
    Address server_id;   ///< Option 54.
    Address router;      ///< The first of option 3.
    std::array<Address, DhcpAnswer::most_dns> dns{};
    std::uint8_t dns_count = 0;
    bool boot_client = false;  ///< Option 60 begins with "PXEClient".
};

/// Nothing where it is no DHCP message of an Ethernet client, or is cut before its options end.
std::optional<DhcpPacket> dhcp_packet(Bytes payload) noexcept;

bool recognise_dhcp(From from, Bytes payload, const Conversation& talk) noexcept;
bool read_dhcp(From from, Bytes payload, std::size_t wire_bytes, AppContext& context) noexcept;

/// Clients that ask, of one tick.
class DhcpAsked {
public:
    static constexpr std::size_t most_clients = 1024;
    static constexpr std::size_t most_vlans = 8;  ///< At a time; further ones are not told apart and not counted.

    void see(const DhcpPacket& packet, const AppContext& context) noexcept;
    void tick(AppContext& context) noexcept;

private:
    struct Asked {
        DhcpClients sum;
        std::uint16_t vlan = 0;
    };
    std::array<Asked, most_vlans * 2> asked_{};
    std::size_t used_ = 0;
    std::size_t told_ = 0;  ///< Clients of this tick that have left already.
};

}  // namespace wiresage

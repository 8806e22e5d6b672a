// What the operator says of the site: which addresses are ours, which networks are inside.
#pragma once

#include <optional>
#include <set>
#include <map>
#include <vector>

#include "base/address.hpp"

namespace wiresage {

struct Site {
    /// Addresses of the capturing host; absent: unknown (auto in `read`).
    std::optional<std::set<Address>> local_addresses;
    /// Beside these, loopback, link-local, multicast and broadcast are inside too (guard G8).
    std::vector<Network> internal_networks;
    std::vector<Network> no_internet_hosts;
    struct Server {
        std::vector<std::uint16_t> allowed_outbound_tcp;
        friend bool operator==(const Server&, const Server&) = default;
    };
    std::map<Address, Server> servers;

    /// The contract's default networks.
    static Site standard();

    bool is_local(const Address& address) const { return local_addresses && local_addresses->contains(address); }
    bool locals_known() const noexcept { return local_addresses.has_value(); }
    bool is_internal(const Address& address) const noexcept;

    friend bool operator==(const Site&, const Site&) = default;
};

}  // namespace wiresage

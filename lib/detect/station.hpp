// What the rules about address resolution keep their tables by: a station on a link.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "alert/finding.hpp"
#include "base/address.hpp"
#include "base/hash.hpp"

namespace wiresage {

/// A MAC in its VLAN, asking by ARP or (nd) by neighbour discovery.
struct Station {
    MacAddress mac;
    std::uint16_t vlan = 0;
    bool nd = false;

    const char* protocol() const noexcept { return nd ? "nd" : "arp"; }

    /// "00-1F-29-10-11-91"; of neighbour discovery with " nd", so that the two are two alerts.
    std::string entity() const { return with_vlan(mac.text() + (nd ? " nd" : ""), vlan); }

    /// A display filter for its requests.  Wireshark writes MACs with colons.
    std::string filter() const {
        auto text = mac.text();
        for (auto& character : text) {
            if (character == '-') character = ':';
        }
        return "eth.src==" + text + (nd ? " && icmpv6.type==135" : " && arp.opcode==1");
    }

    friend bool operator==(const Station&, const Station&) = default;
};

struct StationHash : AddressHash {
    std::size_t operator()(const Station& of) const noexcept {
        return spread(AddressHash::operator()(of.mac) + (std::uint64_t{of.vlan} << 1 | std::uint64_t{of.nd}));
    }
};

}  // namespace wiresage

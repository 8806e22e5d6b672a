// The names of roles, and the MACs by which virtual routers are known.

#include <algorithm>

#include "detect/knowledge.hpp"

namespace wiresage {

namespace {

/// MACs that the routers of a group share.
struct VirtualRange {
    std::uint64_t prefix;
    unsigned free_bits;
};

constexpr VirtualRange virtual_ranges[] = {
    {0x00005e0001, 8},  // VRRP for IPv4 (RFC 9568, 7.3), and CARP.
    {0x00005e0002, 8},  // VRRP for IPv6 (RFC 9568, 7.3).
    {0x00000c07ac, 8},  // HSRP (RFC 2281, 5.4).
    {0x00000c9ff, 12},  // HSRP version 2, IPv4 (Cisco).
    {0x000573a00, 12},  // HSRP version 2, IPv6 (Cisco).
    {0x0007b40, 20},    // GLBP (Cisco).
};

}  // namespace

std::string_view name(Role role) noexcept {
    switch (role) {
        case Role::resolver:
            return "resolver";
        case Role::poller:
            return "poller";
        case Role::forwards:
            return "forwards";
        case Role::load_balancer:
            return "load_balancer";
        case Role::virtual_router:
            return "virtual_router";
    }
    return "unknown";
}

bool Knowledge::is_virtual_router(const MacAddress& mac) noexcept {
    return std::any_of(std::begin(virtual_ranges), std::end(virtual_ranges),
                       [&](const VirtualRange& range) { return mac.value() >> range.free_bits == range.prefix; });
}

}  // namespace wiresage

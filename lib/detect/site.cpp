// The contract's default networks, and what is inside beside them.

#include "detect/site.hpp"

#include <array>

namespace wiresage {

Site Site::standard() {
    // contract.md, "Configuration": private (RFC 1918), shared (RFC 6598), link-local (RFC 3927, RFC 4291), loopback,
    // unique local (RFC 4193).
    static constexpr std::array texts{"10.0.0.0/8",    "172.16.0.0/12",  "192.168.0.0/16",
                                      "100.64.0.0/10", "169.254.0.0/16", "127.0.0.0/8",
                                      "fc00::/7",      "fe80::/10",      "::1/128"};
    Site site;
    for (const auto* text : texts) {
        if (const auto network = Network::parse(text)) site.internal_networks.push_back(*network);
    }
    return site;
}

bool Site::is_internal(const Address& address) const noexcept {
    if (address.is_loopback() || address.is_multicast() || address.is_broadcast() || address.is_unspecified())
        return true;
    const auto v4 = address.v4_value();
    if (v4 >> 16 == 0xa9feU) return true;                                             // 169.254/16 (RFC 3927).
    if (address.bytes[0] == 0xfe && (address.bytes[1] & 0xc0U) == 0x80) return true;  // fe80::/10 (RFC 4291, 2.5.6).
    if (is_local(address)) return true;
    for (const auto& network : internal_networks) {
        if (network.contains(address)) return true;
    }
    return false;
}

}  // namespace wiresage

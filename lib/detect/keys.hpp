// What rules keep their tables by: a service, or a client and a service, each in its VLAN.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "base/address.hpp"
#include "base/hash.hpp"

namespace wiresage {

/// A service, or with port 0 a host.
struct ServiceAt {
    Endpoint service;
    std::uint16_t vlan = 0;
    friend bool operator==(const ServiceAt&, const ServiceAt&) = default;
};

/// A client address (whatever its port) and a service.
struct ClientOfService {
    Address client;
    Endpoint service;
    std::uint16_t vlan = 0;

    /// "192.0.2.1>10.0.0.1:443", as evidence.md has entities.
    std::string entity() const { return client.text() + ">" + service.text(); }
    friend bool operator==(const ClientOfService&, const ClientOfService&) = default;
};

struct ServiceHash : AddressHash {
    using AddressHash::operator();
    std::size_t operator()(const ServiceAt& of) const noexcept { return spread((*this)(of.service) + of.vlan); }
    std::size_t operator()(const ClientOfService& of) const noexcept {
        return spread((*this)(of.service) + spread((*this)(of.client) + of.vlan));
    }
};

}  // namespace wiresage

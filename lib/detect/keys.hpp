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

/// One of the many that a service is asked for, or shows: a host, a certificate, a target.  `name` is the hash of its
/// text.
struct NamedService {
    Endpoint service;
    std::uint64_t name = 0;
    std::uint16_t vlan = 0;
    friend bool operator==(const NamedService&, const NamedService&) = default;
};

/// Two hosts, one of which does something to the other.
struct FromHostToHost {
    Address from;
    Address to;
    std::uint16_t vlan = 0;
    friend bool operator==(const FromHostToHost&, const FromHostToHost&) = default;
};

struct ServiceHash : AddressHash {
    using AddressHash::operator();
    std::size_t operator()(const ServiceAt& of) const noexcept { return spread((*this)(of.service) + of.vlan); }
    std::size_t operator()(const ClientOfService& of) const noexcept {
        return spread((*this)(of.service) + spread((*this)(of.client) + of.vlan));
    }
    std::size_t operator()(const NamedService& of) const noexcept {
        return spread((*this)(of.service) + of.name + of.vlan);
    }
    std::size_t operator()(const FromHostToHost& of) const noexcept {
        return spread((*this)(of.from) + spread((*this)(of.to) + of.vlan));
    }
};

}  // namespace wiresage

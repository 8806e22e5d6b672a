// Which names addresses were asked for by: passive DNS, for people who know names and not numbers.
#pragma once

#include <string>

#include "base/address.hpp"
#include "base/time.hpp"
#include "detect/bounded_map.hpp"
#include "fact/fact.hpp"

namespace wiresage {

/// A name that an answer gave an address for.
struct KnownName {
    std::string name;       ///< As asked for, before aliases.
    EventTime answered;
    Duration lifetime{};    ///< TTL of the address.
};

/// Bounded; owned by the correlator, fed with every DnsReply that is of `resolved`.
class DnsMemory {
public:
    /// A name is given for its TTL, and for this long at least: connections outlast it.
    static constexpr Duration least_lifetime = std::chrono::minutes{10};

    explicit DnsMemory(std::size_t most) : by_address_{most}, by_client_{most} {}

    void see(const Fact& fact, const DnsReply& what);

    /// The name that somebody lately got this address for; null: none.
    const KnownName* of(const Address& address, EventTime now) const;
    /// The name that this client got it for.
    const KnownName* asked(const Address& client, const Address& address, EventTime now) const;

private:
    struct Pair {
        Address client;
        Address address;
        friend bool operator==(const Pair&, const Pair&) = default;
    };
    struct Hash : AddressHash {
        using AddressHash::operator();
        std::size_t operator()(const Pair& of) const noexcept { return spread((*this)(of.client) + spread((*this)(of.address))); }
    };

    static const KnownName* lately(const KnownName* found, EventTime now);

    BoundedMap<Address, KnownName, AddressHash> by_address_;
    BoundedMap<Pair, KnownName, Hash> by_client_;
};

}  // namespace wiresage

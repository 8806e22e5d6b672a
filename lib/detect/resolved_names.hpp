// By which name a client knows an address: what it asked a name server just before.
#pragma once

#include <cstring>
#include <string>
#include <utility>

#include "base/address.hpp"
#include "base/hash.hpp"
#include "detect/bounded_map.hpp"
#include "fact/fact.hpp"
#include "fact/texts.hpp"

namespace wiresage {

/// Names by client and address; the latest one counts.  Bounded.
class ResolvedNames {
public:
    struct Name {
        std::string name;
        EventTime answered;
    };

    explicit ResolvedNames(std::size_t most) : names_{most} {}

    void see(const Fact& fact, const DnsReply& what) {
        if (what.news != DnsNews::resolved) return;
        TextReader texts{fact.texts()};
        const auto name = texts.next();
        auto addresses = texts.next();
        if (name.empty()) return;
        for (Address address; addresses.size() >= address.bytes.size(); addresses.remove_prefix(address.bytes.size())) {
            std::memcpy(address.bytes.data(), addresses.data(), address.bytes.size());
            names_.at({what.client.ip, address}) = Name{std::string{name}, fact.at.time};
        }
    }

    /// Null where the client did not ask, or asked where nobody saw it.
    const Name* find(const Address& client, const Address& address) const { return names_.find({client, address}); }

private:
    using Key = std::pair<Address, Address>;
    struct KeyHash : AddressHash {
        std::size_t operator()(const Key& of) const noexcept {
            return spread(AddressHash::operator()(of.first) + spread(AddressHash::operator()(of.second)));
        }
    };

    BoundedMap<Key, Name, KeyHash> names_;
};

}  // namespace wiresage

// Who was seen talking in both directions lately, at any place.
#pragma once

#include <algorithm>
#include <utility>

#include "base/address.hpp"
#include "base/hash.hpp"
#include "base/time.hpp"
#include "detect/bounded_map.hpp"
#include "fact/fact.hpp"

namespace wiresage {

/// Remembers two-way flows for the ten minutes of guard G2, without regard to interface and VLAN: the sums of ticks,
/// which its readers judge, name neither.
class Acquaintances {
public:
    static constexpr Duration span = std::chrono::minutes{10};

    /// `pairs` also remembers who talked with whom.
    Acquaintances(std::size_t most, bool pairs) : keeps_pairs_{pairs}, met_{most}, pairs_{most} {}

    void see(const Fact& fact, const TwoWay& what) {
        met_.at(what.a) = met_.at(what.b) = fact.at.time;
        if (keeps_pairs_) pairs_.at(std::minmax(what.a, what.b)) = fact.at.time;
    }

    /// Both directions of the address were seen.
    bool has_met(const Address& address, EventTime now) const { return is_recent(met_.find(address), now); }

    /// The two were seen to answer each other.
    bool have_met(const Address& a, const Address& b, EventTime now) const {
        return is_recent(pairs_.find(std::minmax(a, b)), now);
    }

private:
    struct PairHash : AddressHash {
        std::size_t operator()(const std::pair<Address, Address>& pair) const noexcept {
            return spread(AddressHash::operator()(pair.first) + spread(AddressHash::operator()(pair.second)));
        }
    };

    static bool is_recent(const EventTime* last, EventTime now) { return last != nullptr && now - *last <= span; }

    bool keeps_pairs_;
    BoundedMap<Address, EventTime, AddressHash> met_;
    BoundedMap<std::pair<Address, Address>, EventTime, PairHash> pairs_;
};

}  // namespace wiresage

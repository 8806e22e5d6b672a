// Who says by ARP or neighbour discovery that an address is at which MAC.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "detect/bounded_map.hpp"
#include "detect/windows.hpp"
#include "fact/fact.hpp"

namespace wiresage {

/// What a message claims.
struct AddressClaim {
    Address ip;
    MacAddress mac;
    Address told;          ///< To whom; unspecified: to everybody.
    MacAddress told_mac;   ///< Where the claimer believes that one to be; zero: not said.
    bool unasked = false;  ///< A reply or an announcement that nobody asked for.
    bool intercepts =
        false;  ///< The same MAC told the other that it is this one's peer: it puts itself between the two.
};

/// Bounded memory of requests and claims; one for a rule.
class AddressClaims {
public:
    explicit AddressClaims(std::size_t most) : asked_{most}, stations_{most} {}

    /// Nothing where the message claims nothing (probes, requests without a sender, groups).
    std::optional<AddressClaim> see(const Fact& fact, const Neighbor& what);

    /// How many addresses the MAC has claimed; stays at 16.
    std::size_t claimed_by(const MacAddress& mac) const;

private:
    struct Question {
        Address ip;
        Address asker;
        friend bool operator==(const Question&, const Question&) = default;
    };
    struct QuestionHash : AddressHash {
        std::size_t operator()(const Question& of) const noexcept {
            return spread(AddressHash::operator()(of.ip) + spread(AddressHash::operator()(of.asker)));
        }
    };
    struct Asked {
        EventTime at;
        EventTime answered;  ///< First reply; zero: none yet.
    };
    struct Told {
        Address ip;
        Address to;
        MacAddress to_mac;
        EventTime at;
    };
    struct StationClaims {
        std::vector<Address> claimed;
        std::vector<Told> told;  ///< The latest unasked replies.
    };

    bool answers(const AddressClaim& claim, EventTime now);
    bool intercepts(const AddressClaim& claim, EventTime now);

    BoundedMap<Question, Asked, QuestionHash> asked_;
    BoundedMap<MacAddress, StationClaims, AddressHash> stations_;
};

}  // namespace wiresage

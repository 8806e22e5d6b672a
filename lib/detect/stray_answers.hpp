// Questions and answers over UDP that do not belong to one flow: the answer came from another address.
#pragma once

#include <cstdint>
#include <optional>

#include "base/address.hpp"
#include "base/hash.hpp"
#include "detect/bounded_map.hpp"
#include "fact/fact.hpp"

namespace wiresage {

/// The two ends of something, each in its VLAN.
struct TwoEnds {
    Endpoint first;
    Endpoint second;
    std::uint16_t vlan = 0;
    friend bool operator==(const TwoEnds&, const TwoEnds&) = default;
};

struct TwoEndsHash : AddressHash {
    std::size_t operator()(const TwoEnds& of) const noexcept {
        return spread(AddressHash::operator()(of.first) + spread(AddressHash::operator()(of.second) + of.vlan));
    }
};

/// Joins a flow in which a question stayed silent with one in which somebody else spoke, unasked, to the asker's port
/// from the port that was asked.  Healthy flows cost nothing: both halves are flows in which nobody answers.
class StrayAnswers {
public:
    struct Match {
        Outcome asked;
        Outcome answer;
        Duration delay{};
        bool ids_known = false;
        bool ids_equal = false;
    };

    /// `window`: an answer comes no later than this after its question.
    explicit StrayAnswers(Duration window) : window_{window}, talks_{most_talks} {}

    /// An outcome of any kind.
    std::optional<Match> see(const Fact& fact, const Outcome& what);

    /// Forgets what was not joined.
    void tick(EventTime now);

private:
    static constexpr std::size_t most_talks = 8192;

    struct Talk {
        EventTime since;
        Outcome asked;
        Outcome answer;
        bool has_asked = false;
        bool has_answer = false;
        bool many = false;  ///< Several answered: discovery.
    };

    /// By the asker's end, and the port asked in place of the other end.
    Talk& talk(const Fact& fact, const Endpoint& asker, std::uint16_t port);
    std::optional<Match> join(Talk& talk) const;

    Duration window_;
    BoundedMap<TwoEnds, Talk, TwoEndsHash> talks_;
};

}  // namespace wiresage

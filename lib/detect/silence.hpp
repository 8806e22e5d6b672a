// Connection attempts that nobody answered, counted for one entity.
#pragma once

#include <cstdint>
#include <vector>

#include "base/address.hpp"
#include "detect/attempt_tally.hpp"
#include "fact/fact.hpp"

namespace wiresage {

/// Totals of one episode of silence.  The end of a capture is no outage: an unproven verdict counts only after a
/// proven one (contract, "Time").
class SilentAttempts : public AttemptTally {
public:
    /// A `silent` or `still_silent` outcome; false where it does not count.  A new episode begins after `quiet`.
    bool add(const Fact& fact, const Outcome& what, Duration quiet, const Site& site);

    /// An attempt that was told silent got an answer after all: late is not silent.
    void take_back(const Outcome& what);

    std::uint64_t syns() const noexcept { return syns_; }
    /// How many episodes there were: totals beside this one start anew when it changes.
    std::uint64_t episodes() const noexcept { return episodes_; }

    /// Median, over the first 64 attempts, of the time from the first SYN to the last sign of waiting.
    Duration waited() const;

private:
    struct Wait {
        Endpoint client;
        std::uint32_t isn = 0;
        Duration waited{};
    };
    static constexpr std::size_t most_waits = 64;

    std::uint64_t syns_ = 0;
    std::uint64_t episodes_ = 0;
    std::vector<Wait> waits_;
};

}  // namespace wiresage

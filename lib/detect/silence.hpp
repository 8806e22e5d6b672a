// Connection attempts that nobody answered, counted for one entity.
#pragma once

#include <cstdint>
#include <vector>

#include "alert/finding.hpp"
#include "base/address.hpp"
#include "detect/episode.hpp"
#include "detect/judge.hpp"
#include "detect/windows.hpp"
#include "fact/fact.hpp"

namespace wiresage {

/// Totals of one episode of silence.  The end of a capture is no outage: an unproven verdict counts only after a
/// proven one (contract, "Time").
class SilentAttempts {
public:
    /// A `silent` or `still_silent` outcome; false where it does not count.  A new episode begins after `quiet`.
    bool add(const Fact& fact, const Outcome& what, Duration quiet);

    /// An attempt that was told silent got an answer after all: late is not silent.
    void take_back(const Outcome& what);

    bool is_open() const noexcept { return episode_.is_open(); }
    const Episode& episode() const noexcept { return episode_; }
    std::uint64_t connections() const noexcept { return connections_; }
    std::uint64_t syns() const noexcept { return syns_; }
    std::uint64_t peers() const { return peers_.count(); }
    /// The ends, each part while all attempts agree on it.
    const AgreedEnd& clients() const noexcept { return clients_; }
    const AgreedEnd& servers() const noexcept { return servers_; }
    const std::vector<PacketRef>& packets() const noexcept { return packets_; }

    /// Median, over the first 64 attempts, of the time from the first SYN to the last sign of waiting.
    Duration waited() const;

private:
    struct Wait {
        Endpoint client;
        std::uint32_t isn = 0;
        Duration waited{};
    };
    static constexpr std::size_t most_waits = 64;

    Episode episode_;
    std::uint64_t connections_ = 0;
    std::uint64_t syns_ = 0;
    DistinctCount peers_;
    AgreedEnd clients_;
    AgreedEnd servers_;
    std::vector<PacketRef> packets_;
    std::vector<Wait> waits_;
};

}  // namespace wiresage

// A service's answers of late against its own past: what the rules about slow services count alike.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "detect/episode.hpp"
#include "detect/judge.hpp"
#include "detect/news.hpp"
#include "detect/waits.hpp"
#include "detect/windows.hpp"
#include "fact/fact.hpp"

namespace wiresage {

/// What one service did since the period began: a minute at most, or the episode once there is an alert.
struct WaitPeriod {
    std::uint64_t exchanges = 0;
    std::uint64_t server_us = 0;
    std::uint64_t client_us = 0;
    std::uint64_t network_us = 0;
    WaitHistogram answers;
    Waits slow;  ///< Those that a rule calls slow.
    Waits round_trips;
    DistinctCount peers;
    DistinctCount flows;
    AgreedEnd clients;
    std::vector<PacketRef> packets;
    EventTime began;  ///< Of the first slow one: when it was asked.
    EventTime began_stamp;
    std::uint64_t joined = 0;  ///< Slow ones of connections whose handshake was not seen.
    std::uint16_t input = 0;
    std::uint16_t vlan = 0;

    void add(const Fact& fact, const SlowAnswer& what);
    void add(const ServiceWaits& what);
    /// All exchanges; not less than the slow ones.
    std::uint64_t all() const noexcept { return std::max(exchanges, slow.count()); }
    /// Over all answers; exact where the slow ones hold it.
    Microseconds p95() const;
    std::uint64_t all_us() const noexcept { return server_us + client_us + network_us; }
};

/// A period that becomes an episode, and the past before it.
class ServicePace {
public:
    /// A slow answer; what came before the first one is past.
    void slow(const Fact& fact, const SlowAnswer& what);
    void sum(const ServiceWaits& what) { fresh_.add(what); }

    /// The sums of some seconds are complete.  `quiet`: an episode without slow answers for this long is over.
    void settle(EventTime now, Duration quiet);
    /// From here on the period is the episode's: it goes on until it is quiet.
    void alert() noexcept { alerting_ = true; }
    bool alerting() const noexcept { return alerting_; }

    const WaitPeriod& present() const noexcept { return present_; }
    /// Healthy times before it.
    const WaitHistogram& past() const noexcept { return past_; }
    void describe(Finding& finding) const;

    bool is_news = false;

private:
    WaitPeriod fresh_;  ///< Sums that have come since settle().
    WaitPeriod present_;
    WaitHistogram past_;
    EventTime last_slow_;
    bool alerting_ = false;
};

}  // namespace wiresage

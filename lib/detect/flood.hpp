// Floods out of the sums of ticks: runs of many packets to (or from) one address, with their totals.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "alert/finding.hpp"
#include "detect/bounded_map.hpp"
#include "detect/windows.hpp"
#include "fact/fact.hpp"

namespace wiresage {

/// The commonest of weighted values, by the vote of Boyer and Moore: right where one has more than half of the weight.
class CommonValue {
public:
    void add(std::uint16_t value, std::uint64_t weight);
    std::uint16_t value() const noexcept { return value_; }
    /// The weight that the value certainly has.
    std::uint64_t weight() const noexcept { return weight_; }

private:
    std::uint16_t value_ = 0;
    std::uint64_t votes_ = 0;
    std::uint64_t weight_ = 0;
};

/// What came since a run began.  "Peer" is the other end: of a flood to an address the sources, of one from it the
/// targets.
struct FloodTotals {
    EventTime start;
    EventTime start_stamp;
    std::uint16_t input = 0;
    std::uint64_t packets = 0;
    std::uint64_t bytes = 0;  ///< On the wire.
    std::uint64_t fragments = 0;
    std::uint64_t replies = 0;
    std::uint64_t flows = 0;  ///< Begun since.
    PeakSecond packets_peak;
    PeakSecond bits_peak;
    DistinctCount peers;
    DistinctCount ports;  ///< Destination ports.
    FirstDistinct<std::int64_t> icmp_types;
    CommonValue length;  ///< UDP's own length field.
    CommonValue peer_port;
    Agreed<Address> peer_ip;
    Agreed<std::uint16_t> one_peer_port;
    Agreed<std::uint16_t> key_port;  ///< Of a flood to an address: the destination port.
    Agreed<MacAddress> mac;
    bool other_ports = false;  ///< Some destination port is not in the watch's list.
    std::vector<PacketRef> first_packets;
    std::uint64_t past_per_s = 0;  ///< Unanswered, of the ten minutes before; without what was told as a flood.
    std::uint64_t past_bits_per_s = 0;
    bool has_past = false;  ///< The address was watched for a minute before.
};

/// One address and what goes on there.
class FloodRun {
public:
    const FloodTotals& totals() const noexcept { return *totals_; }
    /// Of the last ten seconds, whole and without an answer up to now.
    std::uint64_t recent(EventTime now) { return packets_.total(now); }
    std::uint64_t recent_unanswered(EventTime now);
    /// It has been reported as a flood and this goes on.
    bool is_told() const noexcept { return told_; }

private:
    friend class FloodWatch;
    std::unique_ptr<FloodTotals> totals_;
    RateWindow packets_;
    RateWindow unanswered_;
    RateWindow answered_later_;
    RateWindow past_{std::chrono::minutes{10}};
    RateWindow past_bits_{std::chrono::minutes{10}};
    EventTime first_seen_;
    EventTime last_seen_;
    EventTime last_told_;
    std::uint64_t tick_ = 0;  ///< Order of the tick last counted.
    bool told_ = false;
    bool dirty_ = false;
    bool stale_ = true;  ///< The next packets begin a new run.
};

/// Follows one kind of sums.  A run begins with the first packets after a second of (nearly) nothing, and again after
/// each ten seconds in which it was no flood.  For the correlator.
class FloodWatch {
public:
    /// Answers may be on their way for this long: more than nearly every round trip and a resolver's work.
    static constexpr Duration answers_wait = std::chrono::seconds{1};

    struct Limits {
        std::uint64_t packets_per_s = 0;
        std::uint64_t bits_per_s = 0;  ///< 0: bits do not count.
        Duration resolve_after{};
        std::vector<std::uint16_t> ports;  ///< For FloodTotals::other_ports.
    };

    FloodWatch(VolumeKind kind, Limits limits, std::size_t most_addresses, std::uint64_t secret);

    void see(const Fact& fact, const Volume& volume);
    void see(const Fact& fact, const Distinct& distinct);

    /// On a tick: `is_flood(address, run)` for every run that grew, once its first answers had time to come.
    template <typename IsFlood>
    void judge(const Fact& tick, IsFlood is_flood) {
        std::vector<Address> later;
        for (const auto& address : dirty_) {
            FloodRun* const run = runs_.find(address);
            if (run == nullptr || !run->dirty_) continue;
            if (tick.at.time - run->totals_->start < answers_wait) {
                later.push_back(address);
                continue;
            }
            run->dirty_ = false;
            // What was told goes on only while packets come; a first verdict may be about a burst that is over.
            const bool counts = !run->told_ || is_lively(*run, tick.at.time);
            after_verdict(*run, tick.at.time, counts && is_flood(address, *run));
        }
        dirty_ = std::move(later);
        tidy(tick.at.time);
    }

    /// Nothing that a rate rests on survives a step of the clock (guard G7).
    void clear();

private:
    bool is_lively(FloodRun& run, EventTime now) const;
    void begin(FloodRun& run, const Fact& fact, const Volume& volume) const;
    void count(FloodTotals& totals, const Fact& fact, const Volume& volume) const;
    void add_port(FloodTotals& totals, std::uint32_t hash) const;
    void after_verdict(FloodRun& run, EventTime now, bool is_flood) const;
    void tidy(EventTime now);

    VolumeKind kind_;
    Limits limits_;
    AddressHash hash_;
    std::vector<std::uint32_t> port_hashes_;  ///< Sorted.
    BoundedMap<Address, FloodRun, AddressHash> runs_;
    std::vector<Address> dirty_;
    EventTime tidied_;
};

}  // namespace wiresage

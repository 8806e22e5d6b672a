// Handshakes that stay incomplete, of every busy service or source: what a SYN flood looks like in the sums of ticks.
#pragma once

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include "alert/finding.hpp"
#include "detect/bounded_map.hpp"
#include "detect/episode.hpp"
#include "detect/windows.hpp"
#include "fact/fact.hpp"

namespace wiresage {

struct HandshakeSums {
    std::uint64_t syns = 0;  ///< Segments.
    std::uint64_t synacks = 0;
    std::uint64_t attempts = 0;  ///< Distinct (five-tuple, ISN).
    std::uint64_t completed = 0;
    std::uint64_t refused = 0;  ///< Answered by RST or ICMP.
    std::uint64_t given_up = 0;

    void add(const Volume& volume) noexcept;
    /// Attempts, and SYNs that no schedule of guard G4 would send as repeats.
    std::uint64_t asked() const noexcept;
};

/// Everything since the trouble began.
struct HandshakeRun {
    EventTime start;
    EventTime start_stamp;
    std::uint16_t input = 0;
    HandshakeSums sums;
    std::uint64_t half_open_max = 0;
    PeakSecond syns;
    PeakSecond synacks;
    DistinctCount others;  ///< Of a service its sources, of a source its targets.
    Agreed<Address> other_ip;
    Agreed<MacAddress> mac;  ///< Of who sends the SYNs.
    std::vector<PacketRef> packets;
    bool completions_fell = false;  ///< Fewer handshakes finish than before.

    /// Different other ends; a sketch may estimate more than there were packets.
    std::uint64_t distinct() const { return std::min(others.count(), sums.syns); }
    /// As evidence.md has it for tcp_syn_flood.
    Evidence evidence(std::uint64_t sources) const;
};

struct HandshakeLimits {
    std::uint64_t incomplete = 0;  ///< Incomplete handshakes within the window.
    std::uint64_t growth = 0;      ///< ... and so many times its own past.
    Duration window{};
    Duration resolve_after{};
};

/// One service, or one source.
class WatchedHandshakes {
public:
    explicit WatchedHandshakes(Duration window = std::chrono::seconds{10});

    /// Sums of what is counted together; `earlier` of this tick was not notable yet.
    void add(const Volume& volume, const HandshakeSums& earlier);
    /// The hash of another end that took part.
    void add_other(std::uint32_t hash) { run_.others.add(hash); }

    /// Ends a tick.  True where handshakes are left incomplete like in a flood, and were for the last second.
    bool tick(EventTime now, const HandshakeLimits& limits);

    /// Attempts of the window that were neither finished nor refused, without those that may be under way.
    std::uint64_t incomplete(EventTime now);

    /// The capture ended: what is under way will not be seen to finish.
    void freeze(EventTime now) { under_way_at_end_ = under_way(now); }
    /// A step of the clock: no rate survives it.
    void clear(Duration window);

    bool is_busy(EventTime now) const noexcept {
        return now - last_news_ <= std::chrono::seconds{30} || suspected_ || episode.is_open();
    }
    /// Something came since this was asked last.
    bool take_news() noexcept { return std::exchange(has_news_, false); }
    const HandshakeRun& run() const noexcept { return run_; }
    bool has_past() const noexcept { return has_past_; }

    Episode episode;  ///< Of the alert.
    std::uint16_t vlan = 0;
    bool is_active = false;  ///< In the watch's list.

private:
    /// What a window holds in quiet times: each new window counts for a quarter.
    struct Past {
        std::uint64_t attempts = 0;
        std::uint64_t completed = 0;
        std::uint64_t open = 0;  ///< Neither finished nor refused: under way, or lost as always.
    };

    /// Attempts of the window that were neither finished nor refused.
    std::uint64_t open(EventTime now);
    /// How many of them an honest load would have.
    std::uint64_t under_way(EventTime now);
    bool is_suspect(EventTime now, const HandshakeLimits& limits);
    bool is_dead_service(EventTime now, const HandshakeLimits& limits);
    void remember(EventTime now, const HandshakeLimits& limits);
    void count_tick(EventTime now);

    std::uint64_t seconds_of_window_;
    HandshakeSums tick_;
    RateWindow syns_;
    RateWindow attempts_;
    RateWindow completed_;
    RateWindow refused_;
    RateWindow attempts_second_;
    RateWindow completed_second_;
    std::uint64_t under_way_at_end_ = 0;
    Past past_;
    EventTime past_at_;
    EventTime suspected_since_;
    EventTime last_news_;
    HandshakeRun run_;
    bool run_begun_ = false;
    bool has_past_ = false;
    bool suspected_ = false;
    bool has_news_ = false;
};

/// All services (kind syn_to) or sources (syn_from) that are asked, or ask, in numbers.
class HandshakeWatch {
public:
    HandshakeWatch(VolumeKind kind, const HandshakeLimits& limits, std::size_t most, std::uint64_t secret);

    /// What is told of each attempt, and the sums of the others, add up.
    void see(const Fact& fact, const Attempt& what);
    void see(const Fact& fact, const Outcome& what);
    void see(const Fact& fact, const Volume& volume);
    void see(const Fact& fact, const Distinct& distinct);
    void capture_ended(EventTime now);
    void clear();

    /// On a tick: `is_flood(key, watched)` is asked for everything that looks like a flood and got more of it.
    template <typename IsFlood>
    void judge(const Fact& tick, IsFlood is_flood) {
        for (auto& key : active_) {
            auto* const watched = watched_.find(key);
            if (watched == nullptr) {
                key = Endpoint{};
                continue;
            }
            if (watched->tick(tick.at.time, limits_) && watched->take_news()) is_flood(key, *watched);
            watched->is_active = watched->is_busy(tick.at.time);
            if (!watched->is_active) key = Endpoint{};
        }
        std::erase(active_, Endpoint{});
        small_.clear();
    }

    /// `look(key, watched)` for everything busy, in the order in which it became so.
    template <typename Look>
    void for_each_busy(Look look) {
        for (const auto& key : active_) {
            if (auto* const watched = watched_.find(key)) look(key, *watched);
        }
    }

private:
    Volume asked(const Fact& fact, const Attempt& what) const;
    void count(const Fact& fact, const Volume& volume);
    Endpoint key_of(const Endpoint& client, const Endpoint& server) const noexcept {
        return kind_ == VolumeKind::syn_to ? server : Endpoint{client.ip, 0};
    }

    VolumeKind kind_;
    HandshakeLimits limits_;
    AddressHash hash_;
    BoundedMap<Endpoint, WatchedHandshakes, AddressHash> watched_;
    /// Fewer attempts in a tick open no entry: a scan of all ports must not push out the services that count.
    std::uint64_t notable_attempts_;
    BoundedMap<Endpoint, HandshakeSums, AddressHash> small_;  ///< Of this tick.
    std::vector<Endpoint> active_;
};

}  // namespace wiresage

// Segments to and from nets, and how many of them were lost.
#pragma once

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include "detect/bounded_map.hpp"
#include "detect/episode.hpp"
#include "detect/judge.hpp"
#include "detect/keys.hpp"
#include "detect/windows.hpp"
#include "fact/fact.hpp"

namespace wiresage {

/// One net in one direction: what it carried within the window, and the losses of the present episode.
struct PathWay {
    explicit PathWay(Duration window = {}) : segments{window}, lost{window} {}

    /// What one connection tells of one direction.  True where it lost anything: then the episode counts it.
    bool add(const Fact& fact, const LossTally& what, const LossTally::Side& side, Duration quiet) {
        const std::uint64_t gone = std::uint64_t{side.lost_before} + side.lost_after;
        const EventTime now = fact.at.time;
        segments.add(now, side.segments);
        lost.add(now, gone);
        if (episode.is_open() && !episode.over(now, quiet)) sent += side.segments;
        if (gone == 0) return false;
        if (episode.touch(fact, what.began, what.began_stamp, quiet)) begin(now);
        before += side.lost_before;
        after += side.lost_after;
        spurious += side.spurious;
        flows.add(static_cast<std::uint32_t>(spread(AddressHash{}(what.client) + spread(AddressHash{}(what.server)))));
        keep_packet(packets, fact.at.input, what.began_frame);
        return true;
    }

    void between(const Endpoint& sender, const Endpoint& receiver, const Endpoint& peer) {
        sources.see(sender, {});
        destinations.see(receiver, {});
        peers.add(static_cast<std::uint32_t>(AddressHash{}(peer.ip)));
    }

    RateWindow segments;
    RateWindow lost;
    Episode episode;
    AgreedEnd sources, destinations;
    DistinctCount flows, peers;
    std::vector<PacketRef> packets;
    std::uint64_t before = 0, after = 0, spurious = 0, sent = 0;

private:
    void begin(EventTime now) {
        sources.clear();
        destinations.clear();
        flows.clear();
        peers.clear();
        packets.clear();
        before = after = spurious = 0;
        sent = segments.total(now);
    }
};

/// All of them, by net; the key's port tells the direction.
class PathWays {
public:
    PathWays(std::size_t most, Duration window) : window_{window}, ways_{most} {}

    PathWay& of(const ServiceAt& key) {
        return ways_.at_or(key, [&] { return PathWay{window_}; });
    }

    /// The median share lost, in millionths, of the other nets with at least `least` segments in the same direction,
    /// and how many these are.  The shares are taken anew every ten seconds at most.
    std::pair<std::uint64_t, std::size_t> median_of_others(EventTime now, const ServiceAt& own, std::uint64_t least) {
        if (now - shares_at_ >= std::chrono::seconds{10}) take_shares(now, least);
        std::vector<std::uint64_t> others;
        for (const auto& [share, key] : shares_) {
            if (key.service.port == own.service.port && !(key == own)) others.push_back(share);
        }
        return {others.empty() ? 0 : others[others.size() / 2], others.size()};
    }

private:
    void take_shares(EventTime now, std::uint64_t least) {
        shares_at_ = now;
        shares_.clear();
        ways_.for_each([&](const ServiceAt& key, PathWay& way) {
            const std::uint64_t all = way.segments.total(now);
            if (all >= least) shares_.emplace_back(way.lost.total(now) * 1'000'000 / all, key);
        });
        std::sort(shares_.begin(), shares_.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    }

    Duration window_;
    BoundedMap<ServiceAt, PathWay, ServiceHash> ways_;
    std::vector<std::pair<std::uint64_t, ServiceAt>> shares_;
    EventTime shares_at_;
};

}  // namespace wiresage

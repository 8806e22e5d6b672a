// How far apart the clocks of two capture points are.

#include "compare/clock_match.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <span>

#include "compare/feature.hpp"

namespace wiresage {

namespace {

/// Packets whose offsets are further apart than this are not the same packets: longest delay, and drift over days.
constexpr Duration widest_spread = std::chrono::seconds{10};
constexpr std::size_t most_bins = 32;
constexpr std::int64_t billion = 1'000'000'000;

/// A packet that both points saw.
struct Common {
    EventTime near;
    Duration difference;  // Far stamp less near stamp.
    std::uint64_t pair;
    bool upward;
    bool outward = false;  // From the near side to the far side.
};

/// value * part / billion for spans of centuries.
Duration scaled(Duration span, std::int64_t ppb) {
    const auto whole = span.count() / billion * ppb;
    return Duration{whole + span.count() % billion * ppb / billion};
}

std::vector<Common> common_packets(ClockSketch& near, ClockSketch& far) {
    std::vector<Common> found;
    const auto& left = near.sights();
    const auto& right = far.sights();
    auto other = right.begin();
    for (const auto& sight : left) {
        while (other != right.end() && other->feature < sight.feature) ++other;
        if (other == right.end()) break;
        if (other->feature != sight.feature || !sight.once || !other->once) continue;
        found.push_back({sight.at, other->at - sight.at, sight.pair, sight.upward});
    }
    return found;
}

/// Keeps those that lie together where most lie together.
void drop_outliers(std::vector<Common>& all) {
    std::vector<Duration> sorted;
    for (const auto& one : all) sorted.push_back(one.difference);
    std::sort(sorted.begin(), sorted.end());
    std::size_t best = 0;
    std::size_t most = 0;
    std::size_t end = 0;
    for (std::size_t begin = 0; begin < sorted.size(); ++begin) {
        while (end < sorted.size() && sorted[end] - sorted[begin] <= widest_spread) ++end;
        if (end - begin > most) {
            most = end - begin;
            best = begin;
        }
    }
    if (most == 0) return;
    const auto from = sorted[best];
    std::erase_if(all,
                  [&](const Common& one) { return one.difference < from || one.difference - from > widest_spread; });
}

Duration middle_of(std::vector<Duration>& values) {
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::nth_element(values.begin(), middle, values.end());
    return *middle;
}

/// Of two directions between two addresses, the one with the larger differences is the one from near to far.  Drops
/// packets of address pairs that were seen in one direction only.
void find_directions(std::vector<Common>& all) {
    struct Both {
        std::vector<Duration> upward;
        std::vector<Duration> downward;
        std::optional<bool> outward_is_upward;
    };
    std::map<std::uint64_t, Both> pairs;
    for (const auto& one : all) {
        auto& both = pairs[one.pair];
        (one.upward ? both.upward : both.downward).push_back(one.difference);
    }
    for (auto& [pair, both] : pairs) {
        if (both.upward.empty() || both.downward.empty()) continue;
        both.outward_is_upward = middle_of(both.upward) >= middle_of(both.downward);
    }
    const bool any =
        std::any_of(pairs.begin(), pairs.end(), [](const auto& one) { return one.second.outward_is_upward; });
    if (!any) return;
    std::erase_if(all, [&](const Common& one) { return !pairs[one.pair].outward_is_upward; });
    for (auto& one : all) one.outward = *pairs[one.pair].outward_is_upward == one.upward;
}

/// The bounds of the offset that these packets set; nothing where one direction is missing.
struct Bounds {
    Duration least;
    Duration most;
    Duration middle() const { return least + (most - least) / 2; }
    Duration half() const { return std::max(most - least, least - most) / 2; }
};

/// One packet in a hundred may be a wrong match; of fewer than a hundred, none.
Duration nearly_least(std::vector<Duration>& values) {
    const auto at = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 100);
    std::nth_element(values.begin(), at, values.end());
    return *at;
}

std::optional<Bounds> bounds_of(std::span<const Common> packets, EventTime origin, std::int64_t drift_ppb) {
    std::vector<Duration> outward;
    std::vector<Duration> inward;  // Turned round, so that the same end is looked for.
    for (const auto& one : packets) {
        const auto straight = one.difference - scaled(one.near - origin, drift_ppb);
        one.outward ? outward.push_back(straight) : inward.push_back(-straight);
    }
    if (outward.empty() || inward.empty()) return {};
    return Bounds{-nearly_least(inward), nearly_least(outward)};
}

/// Theil and Sen: the median of the slopes between parts of the capture.  0 where the change is within what is
/// uncertain anyway.
std::int64_t drift_of(std::span<const Common> packets) {
    struct Point {
        EventTime at;
        Bounds bounds;
    };
    std::vector<Point> points;
    const auto bins = std::min(most_bins, packets.size() / 8);
    for (std::size_t i = 0; i < bins; ++i) {
        const auto begin = packets.size() * i / bins;
        const auto part = packets.subspan(begin, packets.size() * (i + 1) / bins - begin);
        const auto at = part[part.size() / 2].near;
        if (const auto bounds = bounds_of(part, at, 0)) points.push_back({at, *bounds});
    }
    std::vector<std::int64_t> slopes;
    Duration uncertain{};
    for (std::size_t i = 0; i < points.size(); ++i) {
        uncertain = std::max(uncertain, points[i].bounds.half());
        for (std::size_t j = i + 1; j < points.size(); ++j) {
            const auto span = points[j].at - points[i].at;
            if (span < std::chrono::seconds{1}) continue;
            const auto rise = points[j].bounds.middle() - points[i].bounds.middle();
            slopes.push_back(rise.count() * 1000 / (span.count() / 1'000'000));
        }
    }
    if (slopes.size() < 3) return 0;
    std::nth_element(slopes.begin(), slopes.begin() + static_cast<std::ptrdiff_t>(slopes.size() / 2), slopes.end());
    const auto slope = slopes[slopes.size() / 2];
    const auto rise = scaled(points.back().at - points.front().at, slope);
    return std::max(rise, -rise) > uncertain ? slope : 0;
}

}  // namespace

void ClockSketch::count(EventTime stamp) noexcept {
    ++packets_;
    first_ = std::min(first_, stamp);
    last_ = std::max(last_, stamp);
}

void ClockSketch::see(const Packet& packet, EventTime stamp) {
    count(stamp);
    if (!packet.has_ip) return;
    const AddressHash hash;
    const auto pair = hash(packet.ip.source) ^ hash(packet.ip.destination);
    for (const auto feature :
         {feature_of(packet), weak_feature_of(packet), copy_feature_of(packet), tuple_feature_of(packet)}) {
        if (feature == 0 || feature > largest_) continue;
        sights_.push_back({feature, stamp, pair, packet.ip.source < packet.ip.destination});
    }
    if (sights_.size() >= 2 * most_kept) compact();
}

void ClockSketch::compact() {
    std::stable_sort(sights_.begin(), sights_.end(),
                     [](const Sight& a, const Sight& b) { return a.feature < b.feature; });
    std::size_t kept = 0;
    for (std::size_t i = 0; i < sights_.size(); ++i) {
        if (kept > 0 && sights_[kept - 1].feature == sights_[i].feature) {
            sights_[kept - 1].once = false;
        } else {
            sights_[kept++] = sights_[i];
        }
    }
    sights_.resize(std::min(kept, most_kept));
    if (kept > most_kept) largest_ = sights_.back().feature;
}

const std::vector<ClockSketch::Sight>& ClockSketch::sights() {
    compact();
    return sights_;
}

EventTime ClockModel::near_time(EventTime far) const noexcept {
    const auto straight = far - offset;
    return drift_ppb == 0 ? straight : straight - scaled(straight - origin, drift_ppb);
}

ClockModel match_clocks(ClockSketch& near, ClockSketch& far) {
    ClockModel model;
    auto packets = common_packets(near, far);
    drop_outliers(packets);
    if (packets.empty()) return model;
    find_directions(packets);
    std::sort(packets.begin(), packets.end(), [](const Common& a, const Common& b) {
        return a.near != b.near ? a.near < b.near : a.difference < b.difference;
    });
    for (std::size_t i = 0; i < packets.size(); ++i) {  // One packet may have been recognised in several ways.
        model.packets +=
            i == 0 || packets[i].near != packets[i - 1].near || packets[i].pair != packets[i - 1].pair ? 1 : 0;
    }
    model.origin = packets.front().near;
    model.drift_ppb = drift_of(packets);
    if (const auto bounds = bounds_of(packets, model.origin, model.drift_ppb)) {
        model.both_directions = true;
        model.offset = bounds->middle();
        model.uncertainty = bounds->half();
        return model;
    }
    std::vector<Duration> differences;
    for (const auto& one : packets) differences.push_back(one.difference);
    model.offset = nearly_least(differences);
    model.uncertainty =
        packets.empty() ? Duration::zero() : *std::max_element(differences.begin(), differences.end()) - model.offset;
    return model;
}

}  // namespace wiresage

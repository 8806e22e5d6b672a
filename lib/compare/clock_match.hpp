// How far apart the clocks of two capture points are, from packets that both saw.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/time.hpp"
#include "packet/packet.hpp"

namespace wiresage {

/// One capture in little room: which recognisable packets it saw, and when.  Of however many packets those 32,768 are
/// kept whose features are smallest, so that two captures keep the same ones.
class ClockSketch {
public:
    struct Sight {
        std::uint64_t feature = 0;
        EventTime at;
        std::uint64_t pair = 0;  ///< The two addresses, whatever the direction.
        bool upward = false;     ///< From the smaller address to the larger one.
        bool once = true;        ///< Not sent again: there is no doubt which copy is which.
    };

    void see(const Packet& packet, EventTime stamp);
    /// A packet that says nothing new: the second sight of one.
    void count(EventTime stamp) noexcept;

    /// In the order of features; nothing may be added after it.
    const std::vector<Sight>& sights();

    std::uint64_t packets() const noexcept { return packets_; }
    EventTime first() const noexcept { return first_; }
    EventTime last() const noexcept { return last_; }

private:
    static constexpr std::size_t most_kept = 32'768;

    void compact();

    std::vector<Sight> sights_;
    std::uint64_t largest_ = ~std::uint64_t{0};  // Features beyond it are not kept any more.
    std::uint64_t packets_ = 0;
    EventTime first_ = latest_event_time;
    EventTime last_ = EventTime::min();
};

/// far clock = near clock + offset + drift.
struct ClockModel {
    std::uint64_t packets = 0;  ///< How many packets it rests on; 0: nothing in common, the clocks are taken as equal.
    Duration offset{};          ///< At `origin`.
    Duration uncertainty{};     ///< The offset is within this of the truth (half the round trip of the path).
    bool both_directions = false;  ///< Else the offset has the delay of the path in it, and the uncertainty is unknown.
    std::int64_t drift_ppb = 0;    ///< Far clock against near clock, in 1e-9; 0 where it is too small to be told.
    EventTime origin;              ///< Near clock.

    /// The near clock's time of a moment by the far clock.
    EventTime near_time(EventTime far) const noexcept;
};

/// Offset, drift and their uncertainty.  Packets one way bound the offset from above, packets the other way from below
/// (no packet arrives before it was sent); which addresses are on which side shows by the same comparison.
ClockModel match_clocks(ClockSketch& near, ClockSketch& far);

}  // namespace wiresage

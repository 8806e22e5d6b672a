// One trouble from its first packet until it has been quiet for long enough.
#pragma once

#include "alert/finding.hpp"
#include "base/time.hpp"
#include "fact/fact.hpp"

namespace wiresage {

/// A rule keeps one beside the totals of an entity: when `touch` says that a new episode begins, totals start anew.
/// The gate resolves the alert after the same quiet, so that both speak of the same episode.
class Episode {
public:
    /// Trouble at `at`.  True where it begins a new episode.
    bool touch(const Fact& fact, Duration resolve_after) { return touch(fact, fact.at.time, fact.at.stamp, resolve_after); }

    /// The same where the first packet of the trouble is older than the fact that tells of it.
    bool touch(const Fact& fact, EventTime began, EventTime began_stamp, Duration resolve_after) {
        const bool begins = !open_ || fact.at.time - last_ > resolve_after;
        if (begins) {
            open_ = true;
            start_ = began;
            start_stamp_ = began_stamp;
            input_ = fact.at.input;
            vlan_ = fact.vlan;
        }
        last_ = fact.at.time;
        return begins;
    }

    /// Verdicts of one tick come in the order of their shards: the earliest packet among them is the start.
    void begin_no_later(EventTime began, EventTime began_stamp) noexcept {
        if (!open_ || began >= start_) return;
        start_ = began;
        start_stamp_ = began_stamp;
    }

    bool is_open() const noexcept { return open_; }
    bool over(EventTime now, Duration resolve_after) const noexcept { return open_ && now - last_ > resolve_after; }
    void close() noexcept { open_ = false; }

    EventTime start() const noexcept { return start_; }
    EventTime last() const noexcept { return last_; }

    /// Copies what a finding wants to know of it.
    void describe(Finding& finding) const {
        finding.start = start_;
        finding.start_stamp = start_stamp_;
        finding.input = input_;
        finding.vlan = vlan_;
    }

private:
    bool open_ = false;
    EventTime start_;
    EventTime start_stamp_;
    EventTime last_;
    std::uint16_t input_ = 0;
    std::uint16_t vlan_ = 0;
};

}  // namespace wiresage

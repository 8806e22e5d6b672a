// Scans at work, by key: from the first failed attempt until nothing new fails any more.
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

#include "detect/acquaintances.hpp"
#include "detect/bounded_map.hpp"
#include "detect/scan.hpp"

namespace wiresage {

/// `Scan` has `ScanTotals totals`, `tries(outcome)`, `bool fails(outcome)` (true: this had not failed before) and
/// `failed_count()`.
template <typename Key, typename Scan, typename Hash>
class ScanTable {
public:
    struct Options {
        Duration window{};
        Duration resolve_after{};
        Duration least_wait{};  ///< Of silence at a capture's end, until `enough` have failed.
        std::uint64_t enough = 0;
    };

    ScanTable(const Options& options, std::size_t most) : options_{options}, scans_{most}, met_{most} {}

    void see(const Fact& fact, const CaptureEnd&) { judge_.see_end(fact); }
    void see(const Fact& fact, const TwoWay& what) { met_.see(fact, what); }

    /// `make()` a new scan; `counts()` tells whether a failed attempt may be part of one.
    template <typename Make, typename Counts>
    void see(const Fact& fact, const Outcome& what, const Key& key, Make make, Counts counts) {
        Scan* const known = scans_.use(key);
        const bool beyond_doubt = known != nullptr && known->failed_count() >= options_.enough;
        const auto verdict = judge_.weigh(what, beyond_doubt ? Duration{} : options_.least_wait);
        if (verdict == Verdict::failed && counts()) {
            fails(fact, what, key, make);
        } else if (known != nullptr) {
            auto& totals = known->totals;
            totals.completed += what.answer == Answer::completed ? 1 : 0;
            if (verdict != Verdict::accepted) return;
            known->tries(what);
            totals.count(what, verdict, fact.at.input);
            if (totals.told && fact.at.time - totals.last_news <= told_on) mark(key, totals);
        }
    }

    /// On a tick: reports those that grew and are, or were, told as scans.
    template <typename IsScan, typename Report>
    void judge(const Fact&, IsScan is_scan, Report report) {
        for (const auto& key : dirty_) {
            Scan* const scan = scans_.find(key);
            if (scan == nullptr || !scan->totals.dirty) continue;
            scan->totals.dirty = false;
            if (!scan->totals.told && !is_scan(key, *scan)) continue;
            scan->totals.told = true;
            report(key, *scan);
        }
        dirty_.clear();
    }

    /// This place showed both directions of the address.
    bool has_met(const Address& address, const Fact& fact) const { return met_.has_met(address, fact.at.time); }

private:
    /// Late verdicts still belong to the scan.
    static constexpr Duration told_on = std::chrono::seconds{5};

    template <typename Make>
    void fails(const Fact& fact, const Outcome& what, const Key& key, Make make) {
        auto& scan = scans_.at_or(key, make);
        const auto quiet = scan.totals.told ? std::max(options_.resolve_after, options_.window) : options_.window;
        if (!scan.totals.episode.is_open() || fact.at.time - scan.totals.last_news > quiet) {
            scan = make();
            scan.totals.news = RateWindow{options_.window};
            scan.totals.episode.touch(fact, what.began, what.began_stamp, options_.resolve_after);
        }
        auto& totals = scan.totals;
        scan.tries(what);
        totals.count(what, Verdict::failed, fact.at.input);
        if (scan.fails(what)) {
            totals.news.add(fact.at.time);
            totals.last_news = fact.at.time;
        }
        if (fact.at.time - totals.last_news <= told_on) mark(key, totals);
    }

    void mark(const Key& key, ScanTotals& totals) {
        if (totals.dirty) return;
        totals.dirty = true;
        dirty_.push_back(key);
    }

    Options options_;
    ScanJudge judge_;
    BoundedMap<Key, Scan, Hash> scans_;
    Acquaintances met_;
    std::vector<Key> dirty_;
};

}  // namespace wiresage

// Scans at work, by key: from the first failed attempt until nothing new fails any more.
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

#include "detect/bounded_map.hpp"
#include "detect/scan.hpp"

namespace wiresage {

/// `Scan` has `ScanTotals totals`, `tries(server, began)`, `bool fails(server)` (true: this had not failed before),
/// `accepted_before(server)` for what was accepted before anything failed, and `failed_count()`.  Nothing is kept of
/// clients of which nothing failed: what went well before is looked up in Knowledge.
template <typename Key, typename Scan, typename Hash>
class ScanTable {
public:
    struct Options {
        Duration window{};
        Duration resolve_after{};
        Duration least_wait{};  ///< Of silence at a capture's end, until `enough` have failed.
        std::uint64_t enough = 0;
    };

    ScanTable(const Options& options, std::size_t most) : options_{options}, scans_{most} {}

    void see(const Fact& fact, const CaptureEnd&) { judge_.see_end(fact); }

    /// `make()` a new scan; `counts()` tells whether a failed attempt may be part of one; `belongs(answered)` whether
    /// an earlier attempt of the client has this key.
    template <typename Make, typename Counts, typename Belongs>
    void see(const Fact& fact, const Outcome& what, const Key& key, const Knowledge& knowledge, Make make,
             Counts counts, Belongs belongs) {
        Scan* const known = scans_.use(key);
        const bool beyond_doubt = known != nullptr && known->failed_count() >= options_.enough;
        const auto verdict = judge_.weigh(what, beyond_doubt ? Duration{} : options_.least_wait);
        if (verdict == Verdict::failed && counts()) {
            fails(fact, what, key, make, [&](Scan& scan) { look_back(fact, what, scan, knowledge, belongs); });
        } else if (known == nullptr) {
            return;
        } else if (what.answer == Answer::completed) {
            completes(what, known->totals);
        } else if (verdict == Verdict::accepted) {
            accepts(fact, what, key, *known);
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
            if (!scan->totals.told) count_early(*scan);
            scan->totals.told = true;
            report(key, *scan);
        }
        dirty_.clear();
    }

private:
    /// Late verdicts still belong to the scan.
    static constexpr Duration told_on = std::chrono::seconds{5};

    /// A scan is under way, or one that is over is not forgotten yet.
    bool is_open(const ScanTotals& totals, EventTime now) const {
        const auto quiet = totals.told ? std::max(options_.resolve_after, options_.window) : options_.window;
        return totals.episode.is_open() && now - totals.last_news <= quiet;
    }

    static void completes(const Outcome& what, ScanTotals& totals) {
        if (totals.episode.is_open()) ++totals.completed;
        for (auto& early : totals.early) early.completed = early.completed || early.server == what.server;
    }

    void accepts(const Fact& fact, const Outcome& what, const Key& key, Scan& scan) {
        if (!is_open(scan.totals, fact.at.time)) return;
        scan.tries(what.server, what.began);
        scan.totals.count(what, Verdict::accepted, fact.at.input);
        if (scan.totals.told && fact.at.time - scan.totals.last_news <= told_on) mark(key, scan.totals);
    }

    template <typename Make, typename LookBack>
    void fails(const Fact& fact, const Outcome& what, const Key& key, Make make, LookBack look_back) {
        const auto now = fact.at.time;
        auto& scan = scans_.at_or(key, make);
        if (!is_open(scan.totals, now)) {
            if (scan.totals.episode.is_open()) scan = make();
            begin(fact, what, scan.totals);
            look_back(scan);
        }
        auto& totals = scan.totals;
        scan.tries(what.server, what.began);
        totals.count(what, Verdict::failed, fact.at.input);
        if (scan.fails(what.server)) {
            totals.news.add(now);
            totals.last_news = now;
        }
        if (now - totals.last_news <= told_on) mark(key, totals);
    }

    /// With the first failure.
    void begin(const Fact& fact, const Outcome& what, ScanTotals& totals) const {
        totals.news = RateWindow{options_.window};
        totals.episode.touch(fact, what.began, what.began_stamp, options_.resolve_after);
        totals.start = what.began;
        totals.start_stamp = what.began_stamp;
    }

    /// What was accepted before: it counts against a scan, and the last of it may be part of one.
    template <typename Belongs>
    void look_back(const Fact& fact, const Outcome& what, Scan& scan, const Knowledge& knowledge,
                   Belongs belongs) const {
        auto before = knowledge.answered(what.client.ip, fact.at.time - options_.window);
        std::reverse(before.begin(), before.end());
        for (const auto* const one : before) {
            if (!belongs(*one)) continue;
            scan.accepted_before(one->server);
            scan.totals.remember(*one, fact.at.time);
        }
    }

    /// What was accepted since its first packet is part of the scan.
    static void count_early(Scan& scan) {
        const auto since = scan.totals.start - std::chrono::seconds{1};
        for (const auto& early : scan.totals.early) {
            if (early.began < since) continue;
            scan.tries(early.server, early.began);
            scan.totals.count(early);
        }
        scan.totals.early = {};
    }

    void mark(const Key& key, ScanTotals& totals) {
        if (totals.dirty) return;
        totals.dirty = true;
        dirty_.push_back(key);
    }

    Options options_;
    ScanJudge judge_;
    BoundedMap<Key, Scan, Hash> scans_;
    std::vector<Key> dirty_;
};

}  // namespace wiresage

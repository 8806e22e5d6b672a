// Which positions of a stream are covered: a set of intervals that stays small.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <map>

namespace wiresage {

/// Half-open intervals, joined where they touch.  Beyond 4,096 of them the first gap is closed (and counted): what lay
/// in it then counts as covered, so that no verdict rests on what was forgotten.
class IntervalSet {
public:
    void add(std::int64_t begin, std::int64_t end) {
        if (begin >= end) return;
        auto at = spans_.upper_bound(begin);
        if (at != spans_.begin() && std::prev(at)->second >= begin) --at;
        while (at != spans_.end() && at->first <= end) {
            begin = std::min(begin, at->first);
            end = std::max(end, at->second);
            at = spans_.erase(at);
        }
        spans_.emplace_hint(at, begin, end);
        if (spans_.size() > most_spans) close_first_gap();
    }

    bool covers(std::int64_t begin, std::int64_t end) const {
        const auto after = spans_.upper_bound(begin);
        return after != spans_.begin() && std::prev(after)->second >= end;
    }

    /// Some position of it is covered.
    bool touches(std::int64_t begin, std::int64_t end) const {
        const auto after = spans_.lower_bound(end);
        return after != spans_.begin() && std::prev(after)->second > begin;
    }

    /// The end of the last interval; 0 where there is none.
    std::int64_t end() const noexcept { return spans_.empty() ? 0 : std::prev(spans_.end())->second; }
    std::uint64_t gaps_closed() const noexcept { return gaps_closed_; }

    void shift(std::int64_t by) {
        std::map<std::int64_t, std::int64_t> moved;
        for (const auto& [begin, end] : spans_) moved.emplace(begin + by, end + by);
        spans_.swap(moved);
    }

private:
    static constexpr std::size_t most_spans = 4096;

    void close_first_gap() {
        const auto first = spans_.begin();
        const auto second = std::next(first);
        first->second = second->second;
        spans_.erase(second);
        ++gaps_closed_;
    }

    std::map<std::int64_t, std::int64_t> spans_;  // Begin and end.
    std::uint64_t gaps_closed_ = 0;
};

}  // namespace wiresage

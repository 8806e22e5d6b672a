// One direction of a session at two points.

#include "compare/segment_ledger.hpp"

#include <algorithm>
#include <deque>

#include "packet/packet.hpp"

namespace wiresage {

namespace {

/// PSH moves with segmentation, ECN bits are the network's to change (RFC 3168).
constexpr std::uint16_t compared_flags = tcp_flag::fin | tcp_flag::syn | tcp_flag::rst | tcp_flag::ack | tcp_flag::urg;

/// How well two sights fit as the same copy: by timestamp option or IP ID where both have them.
int likeness(const Piece& a, const Piece& b) noexcept {
    int fits = 0;
    if (a.has_stamp && b.has_stamp) fits += a.stamp_value == b.stamp_value ? 2 : -2;
    if (a.has_id && b.has_id && a.ip_id == b.ip_id) ++fits;
    return fits;
}

bool same_payload(const Piece& a, const Piece& b) noexcept {
    if (a.digest != 0 && b.digest != 0 && a.captured == b.captured) return a.digest == b.digest;
    return a.head == 0 || b.head == 0 || a.head == b.head;
}

/// What is left of a piece on both sides of a range.
std::vector<Piece> outside(const Piece& piece, std::int64_t begin, std::int64_t end) {
    std::vector<Piece> rest;
    if (piece.begin < begin) {
        rest.push_back(piece);
        rest.back().end = begin;
    }
    if (piece.end > end) {
        rest.push_back(piece);
        rest.back().begin = end;
    }
    return rest;
}

void note(Difference& difference, const Piece& near, const Piece& far) {
    if (difference.count++ > 0) return;
    difference.first = std::make_unique<Difference::Sights>(Difference::Sights{near, far});
}

}  // namespace

SegmentLedger::Pieces::iterator SegmentLedger::find(Pieces& pieces, const Piece& piece) const {
    auto best = pieces.end();
    int best_fit = 0;
    for (auto at = pieces.lower_bound(piece.begin - longest_); at != pieces.end() && at->first < piece.end; ++at) {
        if (at->second.end <= piece.begin) continue;
        const int fit = likeness(at->second, piece);
        const bool better =
            best == pieces.end() || fit > best_fit || (fit == best_fit && at->second.seen.at > best->second.seen.at);
        if (!better) continue;
        best = at;
        best_fit = fit;
    }
    return best;
}

void SegmentLedger::match(Point point, const Piece& piece, const Piece& found) {
    const Piece& near = point == Point::near ? piece : found;
    const Piece& far = point == Point::near ? found : piece;
    if (near.begin == far.begin) transit_.add(far.seen.at - near.seen.at);
    if (near.whole_begin != far.whole_begin || near.whole_end != far.whole_end) return;
    largest_arrived_ = std::max(largest_arrived_, near.whole_end - near.whole_begin);
    if (!same_payload(near, far)) note(payload_changes_, near, far);
    // A repeat may carry the FIN that the first copy had not: which copy it is must be certain.
    const std::uint16_t doubtful = likeness(near, far) > 0 ? 0 : tcp_flag::fin;
    if (((near.flags ^ far.flags) & compared_flags & ~doubtful) != 0) note(flag_changes_, near, far);
}

void SegmentLedger::keep(Pieces& pieces, Side& side, const Piece& piece, PieceBudget& budget) {
    if (budget.used >= budget.most) {
        ++budget.refused;
        ++side.forgotten;
        return;
    }
    ++budget.used;
    longest_ = std::max(longest_, piece.length());
    pieces.emplace(piece.begin, piece);
}

void SegmentLedger::arrive(Point point, Piece piece, PieceBudget& budget) {
    auto& side = sides_[index_of(point)];
    ++side.copies;
    side.bytes += static_cast<std::uint64_t>(piece.length());
    sent_end_ = std::max(sent_end_, piece.end);
    auto& others = pending_[index_of(opposite(point))];
    std::deque<Piece> parts{piece};
    while (!parts.empty()) {
        Piece part = parts.front();
        parts.pop_front();
        const auto at = find(others, part);
        if (at == others.end()) {
            keep(pending_[index_of(point)], side, part, budget);
            continue;
        }
        const Piece found = at->second;
        others.erase(at);
        --budget.used;
        match(point, part, found);
        const auto begin = std::max(part.begin, found.begin);
        const auto end = std::min(part.end, found.end);
        if (is_stream_) arrived_.add(begin, end);
        for (const auto& rest : outside(part, begin, end)) parts.push_back(rest);
        for (const auto& rest : outside(found, begin, end)) {
            keep(others, sides_[index_of(opposite(point))], rest, budget);
        }
    }
}

bool SegmentLedger::is_acknowledged(std::int64_t begin, std::int64_t end) const {
    return acknowledged_ >= end || selectively_.covers(begin, end);
}

void SegmentLedger::settle(Point point, const Piece& piece, const Coverage& other) {
    auto& side = sides_[index_of(point)];
    const auto travel = std::max(transit_.most(), -transit_.least());
    if (!other.covers(piece.seen.at, travel)) {
        ++side.uncovered;
    } else if (arrived_.covers(piece.begin, piece.end)) {
        ++side.repaired;
        auto& list = repaired_[index_of(point)];
        if (list.size() < most_repaired) list.push_back(piece);
    } else if (is_acknowledged(piece.begin, piece.end)) {
        side.missed += static_cast<std::uint64_t>(piece.length());
    } else if (missing_[index_of(point)].size() < most_missing) {
        missing_[index_of(point)].push_back(piece);
    } else {
        ++side.forgotten;
    }
}

void SegmentLedger::expire(EventTime before, const std::array<Coverage, 2>& coverage, PieceBudget& budget) {
    for (const auto point : both_points) {
        auto& pieces = pending_[index_of(point)];
        std::vector<Piece> old;
        std::erase_if(pieces, [&](const auto& entry) {
            if (entry.second.seen.at >= before) return false;
            old.push_back(entry.second);
            return true;
        });
        budget.used -= old.size();
        for (const auto& piece : old) settle(point, piece, coverage[index_of(opposite(point))]);
    }
}

void SegmentLedger::shift(std::int64_t by) {
    if (by == 0) return;
    const auto moved = [by](Piece piece) {
        piece.begin += by;
        piece.end += by;
        piece.whole_begin += by;
        piece.whole_end += by;
        return piece;
    };
    for (const auto point : both_points) {
        Pieces shifted;
        for (const auto& [begin, piece] : pending_[index_of(point)]) shifted.emplace(begin + by, moved(piece));
        pending_[index_of(point)].swap(shifted);
        for (auto& piece : missing_[index_of(point)]) piece = moved(piece);
        for (auto& piece : repaired_[index_of(point)]) piece = moved(piece);
    }
    arrived_.shift(by);
    selectively_.shift(by);
    if (acknowledged_ != 0) acknowledged_ += by;
    sent_end_ += by;
}

void SegmentLedger::absorb(Point point, SegmentLedger& other, std::int64_t shift_by, PieceBudget& budget) {
    other.shift(shift_by);
    auto& theirs = other.pending_[index_of(point)];
    std::vector<Piece> pieces;
    for (const auto& entry : theirs) pieces.push_back(entry.second);
    budget.used -= theirs.size();
    theirs.clear();
    std::stable_sort(pieces.begin(), pieces.end(),
                     [](const Piece& a, const Piece& b) { return a.seen.at < b.seen.at; });
    auto& side = sides_[index_of(point)];
    const auto& their_side = other.sides_[index_of(point)];
    for (const auto& piece : pieces) arrive(point, piece, budget);
    side = Side{their_side.copies,
                their_side.bytes,
                side.repaired,
                side.missed + their_side.missed,
                side.uncovered + their_side.uncovered,
                side.forgotten + their_side.forgotten};
    auto& missing = missing_[index_of(point)];
    for (const auto& piece : other.missing_[index_of(point)]) {
        if (missing.size() < most_missing) missing.push_back(piece);
    }
    acknowledge(other.acknowledged_);
}

std::vector<LostRange> SegmentLedger::lost(Point sender) const {
    std::vector<Piece> pieces = missing_[index_of(sender)];
    std::stable_sort(pieces.begin(), pieces.end(),
                     [](const Piece& a, const Piece& b) { return a.seen.at < b.seen.at; });
    std::vector<std::int64_t> edges;
    for (const auto& piece : pieces) {
        edges.push_back(piece.begin);
        edges.push_back(piece.end);
    }
    std::sort(edges.begin(), edges.end());
    edges.erase(std::unique(edges.begin(), edges.end()), edges.end());
    std::vector<LostRange> ranges;
    for (std::size_t i = 0; i + 1 < edges.size(); ++i) {
        LostRange range{edges[i], edges[i + 1], 0, {}, {}};
        bool goes_on = false;  // Some copy crosses the edge to the range before.
        for (const auto& piece : pieces) {
            if (piece.begin > range.begin || piece.end < range.end) continue;
            goes_on |= piece.begin < range.begin;
            ++range.copies;
            range.last = piece.seen.at;
            if (range.seen.size() < LostRange::most_frames) range.seen.push_back(piece.seen);
        }
        if (range.copies == 0 || arrived_.covers(range.begin, range.end)) continue;
        auto* const before = ranges.empty() ? nullptr : &ranges.back();
        if (before != nullptr && goes_on && before->end == range.begin && before->copies == range.copies) {
            before->end = range.end;
        } else {
            ranges.push_back(std::move(range));
        }
    }
    return ranges;
}

void SegmentLedger::finish() {
    for (const auto point : both_points) {
        auto& side = sides_[index_of(point)];
        std::erase_if(missing_[index_of(point)], [&](const Piece& piece) {
            if (arrived_.covers(piece.begin, piece.end)) {
                ++side.repaired;
                auto& list = repaired_[index_of(point)];
                if (list.size() < most_repaired) list.push_back(piece);
                return true;
            }
            if (!is_acknowledged(piece.begin, piece.end)) return false;
            side.missed += static_cast<std::uint64_t>(piece.length());
            return true;
        });
    }
}

std::uint64_t SegmentLedger::only_at(Point receiver) const {
    std::uint64_t bytes = sides_[index_of(receiver)].missed;
    for (const auto& piece : missing_[index_of(receiver)]) {
        if (!arrived_.touches(piece.begin, piece.end)) bytes += static_cast<std::uint64_t>(piece.length());
    }
    return bytes;
}

}  // namespace wiresage

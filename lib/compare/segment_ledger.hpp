// One direction of a session at two points: which copy of which bytes was seen at both, and which at one only.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <vector>

#include "compare/interval_set.hpp"
#include "compare/point.hpp"
#include "compare/samples.hpp"

namespace wiresage {

/// What all ledgers together may keep.
struct PieceBudget {
    std::size_t most = 0;
    std::size_t used = 0;
    std::uint64_t refused = 0;
};

/// Bytes that were sent at one point, every copy of which stayed away from the other, the same number of copies.
struct LostRange {
    static constexpr std::size_t most_frames = 8;
    std::int64_t begin = 0;
    std::int64_t end = 0;
    std::uint32_t copies = 0;
    std::vector<Sighting> seen;  ///< The first copies, in order.
    EventTime last;              ///< The last copy.
};

/// A field that differs between two sights of the same segment.
struct Difference {
    struct Sights {
        Piece near;
        Piece far;
    };
    std::uint64_t count = 0;
    std::unique_ptr<Sights> first;  ///< Where there is one: most sessions have none, and there are many sessions.
};

/// Byte ranges, never segments: offload cuts and joins them.  Both points tell of every copy in the order of time; a
/// copy that finds its bytes at the other point takes them from there: by TCP timestamp or IP ID where these say which
/// copy it is, else from the latest copy.
class SegmentLedger {
public:
    /// Datagrams are no stream: that one arrived says nothing of another with the same content.
    explicit SegmentLedger(bool is_stream = true) : is_stream_{is_stream} {}

    struct Side {
        std::uint64_t copies = 0;     ///< Segments seen at this point ...
        std::uint64_t bytes = 0;      ///< ... and their payload.
        std::uint64_t repaired = 0;   ///< Copies (or parts) of which the other point saw another copy only.
        std::uint64_t missed = 0;     ///< Bytes that the other point did not show although they were acknowledged.
        std::uint64_t uncovered = 0;  ///< Copies while the other point was not listening.
        std::uint64_t forgotten = 0;  ///< Copies that there was no room to remember.
    };

    void arrive(Point point, Piece piece, PieceBudget& budget);

    /// The receiver has everything before `end`; it has this range.
    void acknowledge(std::int64_t end) noexcept { acknowledged_ = acknowledged_ < end ? end : acknowledged_; }
    void acknowledge(std::int64_t begin, std::int64_t end) { selectively_.add(begin, end); }

    /// What was seen before `before` and not found at the other point will not be.
    void expire(EventTime before, const std::array<Coverage, 2>& coverage, PieceBudget& budget);

    /// Everything has expired: judges once more what was missing by what came later.
    void finish();

    /// Takes over what another ledger saw at `point`; its positions are moved by `shift`.
    void absorb(Point point, SegmentLedger& other, std::int64_t shift, PieceBudget& budget);
    void shift(std::int64_t by);

    const Side& side(Point point) const noexcept { return sides_[index_of(point)]; }
    /// What was sent at `sender` and never seen at the other point, nor acknowledged.  After finish().
    std::vector<LostRange> lost(Point sender) const;
    /// Bytes that only the receiver's point saw, so that the sender's capture missed them.  After finish().
    std::uint64_t only_at(Point receiver) const;
    /// Copies that were lost and repaired by another one, the first 64.
    const std::vector<Piece>& repaired(Point sender) const noexcept { return repaired_[index_of(sender)]; }
    /// Far less near time of what was seen at both.
    const Samples& transit() const noexcept { return transit_; }
    const Difference& payload_changes() const noexcept { return payload_changes_; }
    const Difference& flag_changes() const noexcept { return flag_changes_; }
    std::int64_t sent_end() const noexcept { return sent_end_; }
    std::int64_t arrived_end() const noexcept { return arrived_.end(); }
    /// The largest segment that was seen at both points.
    std::int64_t largest_arrived() const noexcept { return largest_arrived_; }
    bool has_pending() const noexcept { return !pending_[0].empty() || !pending_[1].empty(); }

private:
    using Pieces = std::multimap<std::int64_t, Piece>;  // By their begin.
    static constexpr std::size_t most_missing = 512;
    static constexpr std::size_t most_repaired = 64;

    Pieces::iterator find(Pieces& pieces, const Piece& piece) const;
    void match(Point point, const Piece& piece, const Piece& found);
    void keep(Pieces& pieces, Side& side, const Piece& piece, PieceBudget& budget);
    void settle(Point point, const Piece& piece, const Coverage& other);
    bool is_acknowledged(std::int64_t begin, std::int64_t end) const;

    bool is_stream_;
    std::array<Pieces, 2> pending_;
    std::array<std::vector<Piece>, 2> missing_;
    std::array<std::vector<Piece>, 2> repaired_;
    std::array<Side, 2> sides_;
    IntervalSet arrived_;
    IntervalSet selectively_;
    std::int64_t acknowledged_ = 0;
    std::int64_t longest_ = 0;  // Of any piece.
    std::int64_t sent_end_ = 0;
    std::int64_t largest_arrived_ = 0;
    Samples transit_;
    Difference payload_changes_;
    Difference flag_changes_;
};

}  // namespace wiresage

// Turns the threads' separate streams of facts back into one.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "engine/lane.hpp"

namespace wiresage {

/// Hands out all values of one kind in capture order, whatever the number of workers.
///
/// A value may leave once no thread can still produce an earlier one.  The smallest waiting value always leaves in the
/// end, so a full ring cannot lock the pipeline: every thread with nothing waiting will finish what it was sent.
template <typename T>
class Merge {
public:
    /// `ring` picks the lane's ring of this kind.
    Merge(std::vector<std::unique_ptr<Lane>>& lanes, SpscRing<T> Lane::*ring, const std::atomic<std::uint64_t>& dispatched)
        : lanes_{lanes}, ring_{ring}, dispatched_{dispatched}, marks_(lanes.size()), heads_(lanes.size()) {}

    /// Calls `use` with every value that may leave now; returns how many did.
    template <typename Use>
    std::size_t release(Use use) {
        read_marks();
        for (std::size_t i = 0; i < lanes_.size(); ++i) heads_[i] = ((*lanes_[i]).*ring_).peek();
        std::size_t released = 0;
        while (const auto lane = next()) {
            auto& ring = (*lanes_[*lane]).*ring_;
            use(*heads_[*lane]);
            ring.pop();
            heads_[*lane] = ring.peek();
            ++released;
        }
        return released;
    }

private:
    /// How far each lane is certainly done.  Read before its ring: whatever it had to say up to its mark is then
    /// already visible there.
    void read_marks() {
        const auto dispatched = dispatched_.load(std::memory_order_acquire);
        for (std::size_t i = 0; i < lanes_.size(); ++i) {
            const auto sent = lanes_[i]->sent.load(std::memory_order_acquire);
            const auto done = lanes_[i]->done.load(std::memory_order_acquire);
            marks_[i] = done >= sent ? std::max(done, dispatched) : done;
        }
    }

    /// The lane of the smallest waiting value, unless a lane with nothing waiting might undercut it.
    std::optional<std::size_t> next() const {
        std::optional<std::size_t> best;
        for (std::size_t i = 0; i < lanes_.size(); ++i) {
            if (heads_[i] && (!best || before(heads_[i]->at, heads_[*best]->at))) best = i;
        }
        if (!best) return {};
        for (std::size_t i = 0; i < lanes_.size(); ++i) {
            if (!heads_[i] && marks_[i] < heads_[*best]->at.order) return {};
        }
        return best;
    }

    std::vector<std::unique_ptr<Lane>>& lanes_;
    SpscRing<T> Lane::*ring_;
    const std::atomic<std::uint64_t>& dispatched_;
    std::vector<std::uint64_t> marks_;
    std::vector<const T*> heads_;
};

}  // namespace wiresage

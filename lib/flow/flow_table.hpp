// The flows of one shard: found by their key, expired by a wheel, evicted by class.
#pragma once

#include <array>
#include <cstdint>

#include "flow/flow.hpp"
#include "flow/lazy_array.hpp"

namespace wiresage {

/// A list of flows that wait for something, oldest first; the links are in the flows.
struct WaitList {
    FlowIndex first = no_flow;
    FlowIndex last = no_flow;
};

/// Fixed capacity, no allocation after construction, no rehash.  Memory is resident only where flows were.
///
/// The index is open addressing over (hash, flow) pairs at half load or less, probed linearly and at most
/// `most_probes` far; an entry that leaves is filled from behind, so there are no tombstones.  Hashes are keyed, so no
/// sender can aim at one place.  A packet only stores `last_seen`; the wheel looks at it when the flow's old deadline
/// comes and puts the flow further on.
class FlowTable {
public:
    static constexpr std::uint32_t most_probes = 64;

    explicit FlowTable(std::uint32_t capacity, PageArena* arena = nullptr);

    /// What a table of this capacity takes of an arena, at most.
    static std::size_t arena_bytes(std::uint32_t capacity) noexcept;

    FlowIndex find(const FlowKey& key, std::uint32_t hash) const noexcept;

    /// A flow that must be erased before insert() of this hash: the table is full, or all places of the hash are
    /// taken.  `no_flow` where there is room.
    ///
    /// Full: a flow of whichever of `half_open` and `one_way` is more numerous (a flood pushes out its own kind, not
    /// the handshakes of others), then `closed`, `answered`, and `established` last; within a class round the table,
    /// which is nearly oldest first.  Deterministic: depends on this shard's packets only.
    FlowIndex blocker(std::uint32_t hash) noexcept;

    /// A new flow of the key, which must not be there and for which blocker() found none.  Zero but for key, hash,
    /// generation; of class `half_open`, not yet scheduled: set_class() must follow.
    FlowIndex insert(const FlowKey& key, std::uint32_t hash) noexcept;
    void erase(FlowIndex at) noexcept;
    /// All of the flow is as after insert(), under a new generation.  It stays where it is.
    void renew(FlowIndex at) noexcept;

    /// Also puts the flow's expiry where it belongs; call it when class, `tcp_state` or transport changed.
    void set_class(FlowIndex at, FlowClass to, EventTime now) noexcept;
    FlowClass class_of(FlowIndex at) const noexcept { return static_cast<FlowClass>(classes_[at]); }

    /// The next flow whose time is over, `no_flow` when there is none.  The caller erases it before the next call.
    FlowIndex next_expired(EventTime now) noexcept;

    void wait(WaitList& list, FlowIndex at, bool at_front = false) noexcept;
    void stop_waiting(WaitList& list, FlowIndex at) noexcept;

    Flow& operator[](FlowIndex at) noexcept { return flows_[at]; }
    const Flow& operator[](FlowIndex at) const noexcept { return flows_[at]; }
    TcpFlow& tcp(FlowIndex at) noexcept { return tcp_[at]; }
    const TcpFlow& tcp(FlowIndex at) const noexcept { return tcp_[at]; }

    std::uint32_t size() const noexcept { return size_; }
    std::uint32_t capacity() const noexcept { return capacity_; }
    /// Indices up to this one may hold flows (those of class `unused` do not).
    FlowIndex highest() const noexcept { return highest_; }

    void prefetch(std::uint32_t hash) const noexcept { __builtin_prefetch(&slots_[home(hash)]); }
    void prefetch_flow(std::uint32_t hash) const noexcept;
    /// A flow of this hash near its place, most likely the only one; for prefetching.
    FlowIndex likely(std::uint32_t hash) const noexcept;

private:
    struct Slot {
        std::uint32_t hash = 0;
        FlowIndex flow = no_flow;
    };

    std::uint32_t home(std::uint32_t hash) const noexcept { return hash * 0x9e3779b1U >> shift_; }
    std::uint32_t slot_of(FlowIndex at) const noexcept;
    FlowIndex next_of_class(FlowClass wanted) noexcept;
    Duration timeout(FlowIndex at) const noexcept;
    void schedule(FlowIndex at, EventTime now) noexcept;
    void unschedule(FlowIndex at) noexcept;

    // One bucket a second; more buckets than the longest time-out has seconds.
    static constexpr std::uint32_t bucket_count = 4096;
    static constexpr std::uint32_t first_in_bucket = 0x80000000U;
    static_assert(std::chrono::seconds{bucket_count - 2} > idle_timeout::tcp_established);

    std::uint32_t capacity_;
    unsigned shift_;
    std::uint32_t mask_;
    std::uint32_t size_ = 0;
    FlowIndex free_ = no_flow;  ///< Linked by wheel_next.
    FlowIndex highest_ = no_flow;
    std::uint32_t generations_ = 0;
    std::int64_t wheel_second_ = 0;  ///< The bucket that next_expired() is at ...
    FlowIndex wheel_at_ = no_flow;   ///< ... and the flow in it, of those not looked at yet.
    bool in_bucket_ = false;
    std::array<std::uint32_t, static_cast<std::size_t>(FlowClass::count_)> by_class_{};
    std::array<FlowIndex, static_cast<std::size_t>(FlowClass::count_)> hands_{};
    LazyArray<Slot> slots_;
    LazyArray<Flow> flows_;
    LazyArray<TcpFlow> tcp_;
    LazyArray<std::uint8_t> classes_;
    LazyArray<FlowIndex> buckets_;
};

}  // namespace wiresage

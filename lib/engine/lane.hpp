// What one thread hands to the correlator, and how far it has come.
#pragma once

#include <atomic>
#include <cstdint>

#include "base/byte_ring.hpp"
#include "base/doorbell.hpp"
#include "base/spsc_ring.hpp"
#include "fact/fact.hpp"
#include "fact/sink.hpp"
#include "flow/flow_record.hpp"

namespace wiresage {

/// One of a worker or the dispatcher.  Numbers are Moment::order.
struct Lane {
    static constexpr std::size_t most_text_bytes = 256 << 10;

    Lane(std::size_t fact_slots, std::size_t record_slots) : facts{fact_slots}, records{record_slots} {}

    SpscRing<Fact> facts;             ///< In rising order.
    SpscRing<FlowRecord> records;     ///< In rising order; used by `read --flows` only.
    ByteRing texts{most_text_bytes};  ///< Of the facts, in their order: each lies here before its fact is in the ring.

    /// Last number the dispatcher gave to this lane's thread; only the dispatcher writes it.
    alignas(cache_line_bytes) std::atomic<std::uint64_t> sent{0};
    /// Last number that thread has finished; only it writes this.
    alignas(cache_line_bytes) std::atomic<std::uint64_t> done{0};
    /// Times a writer found its ring full and waited, in units of its pause.
    std::atomic<std::uint64_t> stalled_nanoseconds{0};
};

/// The reader's side: the fact was judged, its text may go.
void release_text(Lane& lane, const Fact& fact) noexcept;

/// Writes to a lane, waiting while it is full: a fact is never dropped.
class LaneWriter final : public FactSink, public FlowRecordSink {
public:
    LaneWriter(Lane& lane, Doorbell& reader) : lane_{&lane}, reader_{&reader} {}

    void write(const Fact& fact) noexcept override {
        fact.text_bytes == 0 ? push(lane_->facts, fact) : write_with_text(fact);
    }
    void write(const FlowRecord& record) noexcept override { push(lane_->records, record); }

private:
    /// So much is worth waking the reader for; less waits for the next tick, or for it to look by itself.
    static constexpr std::uint32_t worth_a_ring = 512;

    template <typename T>
    void push(SpscRing<T>& ring, const T& value) noexcept {
        while (!ring.try_push(value)) pause();
        if (++written_ % worth_a_ring == 0) reader_->ring();
    }
    void write_with_text(Fact fact) noexcept;
    void pause() noexcept;

    Lane* lane_;
    Doorbell* reader_;
    std::uint32_t written_ = 0;
};

}  // namespace wiresage

// Texts beside facts, and waiting for room in a lane.

#include "engine/lane.hpp"

#include <algorithm>
#include <cstring>
#include <ctime>
#include <new>

namespace wiresage {

namespace {

/// A full ring takes the reader ten times as long to empty.
constexpr long nap_nanoseconds = 200'000;

/// A text's record: its own size in four bytes, then the text.
constexpr std::size_t head_bytes = sizeof(std::uint32_t);

constexpr std::size_t record_bytes(std::size_t text_bytes) noexcept {
    return (head_bytes + text_bytes + ByteRing::alignment - 1) / ByteRing::alignment * ByteRing::alignment;
}

}  // namespace

void LaneWriter::write_with_text(Fact fact) noexcept {
    const std::size_t size = record_bytes(fact.text_bytes);  // A text is at most most_text_bytes_of_fact.
    std::uint8_t* at = lane_->texts.reserve(size);
    for (; at == nullptr; at = lane_->texts.reserve(size)) pause();
    ::new (at) std::uint32_t{static_cast<std::uint32_t>(size)};
    std::memcpy(at + head_bytes, fact.text, fact.text_bytes);
    lane_->texts.commit(size);
    lane_->texts.publish();
    fact.text = static_cast<const char*>(static_cast<const void*>(at + head_bytes));
    push(lane_->facts, fact);
}

void release_text(Lane& lane, const Fact& fact) noexcept {
    std::uint64_t position = lane.texts.begin();
    lane.texts.record(position, lane.texts.end());  // Steps over a gap.
    lane.texts.release(position + record_bytes(fact.text_bytes));
}

void LaneWriter::pause() noexcept {
    reader_->ring();
    const std::timespec span{0, nap_nanoseconds};
    nanosleep(&span, nullptr);
    lane_->stalled_nanoseconds.fetch_add(nap_nanoseconds, std::memory_order_relaxed);
}

}  // namespace wiresage

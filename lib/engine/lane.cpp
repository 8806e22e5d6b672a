// Waiting for room in a lane.

#include "engine/lane.hpp"

#include <ctime>

namespace wiresage {

void LaneWriter::pause() noexcept {
    reader_->ring();
    const std::timespec nap{0, 50'000};
    nanosleep(&nap, nullptr);
    lane_->stalled_nanoseconds.fetch_add(50'000, std::memory_order_relaxed);
}

}  // namespace wiresage

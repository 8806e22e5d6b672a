// The capture thread of `run`: packets, silence and losses go from the interfaces into the pipeline.
#pragma once

#include <atomic>
#include <cstdint>
#include <latch>
#include <thread>

#include "capture/live_source.hpp"
#include "engine/engine.hpp"

namespace wiresage {

/// Starts before the process gives up its capabilities in other threads, and begins to work with go().
class CaptureThread {
public:
    explicit CaptureThread(LiveSource& source);
    ~CaptureThread();

    /// From now on it feeds this engine.
    void go(Engine& engine);
    /// Ends the capture and the pipeline: returns when all that was captured is judged.
    void stop();

    std::uint64_t beats() const noexcept { return beats_.load(std::memory_order_relaxed); }

private:
    void run();
    void tell_losses();

    LiveSource& source_;
    Engine* engine_ = nullptr;
    std::latch started_{1};
    std::atomic<bool> stop_{false};
    std::atomic<std::uint64_t> beats_{0};
    std::vector<LossCounters> told_;
    std::uint64_t told_ring_ = 0;
    std::thread thread_;
};

}  // namespace wiresage

// The capture thread of `run`.

#include "daemon/capture_thread.hpp"

#include <chrono>
#include <ctime>

namespace wiresage {

namespace {

/// A packet may reach us this much later than its stamp: silence is believed only so long after.  Twice what the kernel
/// keeps one back (source_options), for what a busy machine adds; one that is later still counts as of now.
constexpr Duration idle_lag = std::chrono::milliseconds{100};

EventTime wall_clock() {
    std::timespec now{};
    std::timespec_get(&now, TIME_UTC);
    return event_time(now.tv_sec * 1'000'000'000LL + now.tv_nsec);
}

}  // namespace

CaptureThread::CaptureThread(LiveSource& source) : source_{source}, thread_{[this] { run(); }} {}

CaptureThread::~CaptureThread() { stop(); }

void CaptureThread::go(Engine& engine) {
    engine_ = &engine;
    started_.count_down();
}

void CaptureThread::stop() {
    if (!thread_.joinable()) return;
    stop_ = true;
    source_.wake();
    if (engine_ == nullptr) started_.count_down();
    thread_.join();
}

void CaptureThread::run() {
    started_.wait();
    if (engine_ == nullptr) return;
    using Steady = std::chrono::steady_clock;
    auto& dispatcher = engine_->dispatcher();
    dispatcher.idle_until(wall_clock() - idle_lag);
    auto base = Steady::now();
    auto base_event = dispatcher.timeline().now();
    auto next_losses = base + std::chrono::seconds{1};
    while (!stop_.load(std::memory_order_relaxed)) {
        beats_.fetch_add(1, std::memory_order_relaxed);
        const auto batch = source_.next_batch();
        const auto now = Steady::now();
        if (batch.state == Batch::State::packets) {
            dispatcher.dispatch(batch.packets);
            base = now;
            base_event = dispatcher.timeline().now();
        } else {
            dispatcher.idle_until(base_event + (now - base) - idle_lag);
        }
        if (now >= next_losses) {
            next_losses = now + std::chrono::seconds{1};
            tell_losses();
        }
    }
    source_.refresh();
    engine_->finish();
}

void CaptureThread::tell_losses() {
    const auto status = source_.status();
    told_.resize(status.size());
    CaptureLoss loss;
    for (std::size_t i = 0; i < status.size(); ++i) {
        const auto& now = status[i].loss;
        loss.kernel += now.kernel_dropped - told_[i].kernel_dropped;
        loss.interface += now.interface_dropped - told_[i].interface_dropped;
        loss.link += now.link_dropped + now.link_missed - told_[i].link_dropped - told_[i].link_missed;
        loss.captured += now.captured - told_[i].captured;
        told_[i] = now;
    }
    const auto ring = engine_->dispatcher_stats().ring_drops.load(std::memory_order_relaxed);
    loss.ring = ring - told_ring_;
    told_ring_ = ring;
    if (loss.kernel + loss.interface + loss.link + loss.ring + loss.captured != 0) engine_->dispatcher().tell(loss);
}

}  // namespace wiresage

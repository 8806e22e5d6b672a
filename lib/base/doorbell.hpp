// How a thread sleeps until another has something for it.
#pragma once

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>

namespace wiresage {

/// One sleeper, any number of ringers.  Ringing costs one load while nobody sleeps.
class Doorbell {
public:
    Doorbell() : fd_{eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)} {}
    ~Doorbell() { close(fd_); }
    Doorbell(const Doorbell&) = delete;
    Doorbell& operator=(const Doorbell&) = delete;

    /// After something was published.
    void ring() noexcept {
        // A read that writes: either the sleeper's own exchange comes later and shows it what was published, or we see it.
        if (sleeps_.fetch_add(0, std::memory_order_acq_rel) != 0) wake();
    }

    /// Wakes the sleeper whether it sleeps or is about to.
    void wake() noexcept {
        sleeps_.store(0, std::memory_order_relaxed);
        const std::uint64_t one = 1;
        [[maybe_unused]] const auto written = write(fd_, &one, sizeof one);
    }

    /// Sleeps until a ring, at most `milliseconds`; `nothing()` is asked once more before.
    template <typename Nothing>
    void wait(int milliseconds, Nothing nothing) noexcept {
        sleeps_.exchange(1, std::memory_order_acq_rel);  // The sleeper shows before it looks a last time.
        if (nothing()) {
            pollfd event{fd_, POLLIN, 0};
            poll(&event, 1, milliseconds);
        }
        sleeps_.store(0, std::memory_order_relaxed);
        std::uint64_t count = 0;
        [[maybe_unused]] const auto got = read(fd_, &count, sizeof count);
    }

private:
    int fd_;
    std::atomic<std::uint32_t> sleeps_{0};
};

}  // namespace wiresage

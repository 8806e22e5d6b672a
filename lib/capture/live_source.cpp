// The live source: see live_source.hpp.

#include "capture/live_source.hpp"

#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <fstream>
#include <system_error>
#include <utility>

#include "base/error.hpp"
#include "capture/link_watch.hpp"
#include "capture/live_interface.hpp"

namespace wiresage {

namespace {

// A busy interface is never out of packets: look at the others, the links and the clock this often all the same.
constexpr unsigned batches_between_polls = 16;

enum Slot : std::size_t { wake_slot, second_slot, links_slot, first_interface_slot };

/// The second column, in hexadecimal, summed over the processors (Linux: net/core/net-procfs.c).
std::uint64_t softnet_drops() {
    std::ifstream file{"/proc/net/softnet_stat"};
    std::uint64_t sum = 0;
    std::string processed, dropped, rest;
    while (file >> processed >> dropped && std::getline(file, rest)) {
        std::uint64_t value = 0;
        std::from_chars(dropped.data(), dropped.data() + dropped.size(), value, 16);
        sum += value;
    }
    return sum;
}

int checked(int descriptor, const char* what) {
    if (descriptor >= 0) return descriptor;
    throw StartupError{StartupError::Kind::system, std::string{what} + ": " + std::generic_category().message(errno)};
}

void drain(int descriptor) noexcept {
    std::uint64_t count = 0;
    [[maybe_unused]] const auto got = ::read(descriptor, &count, sizeof count);  // Non-blocking: nothing is fine too.
}

}  // namespace

LiveSource::LiveSource(Options options) : options_{std::move(options)}, links_{std::make_unique<LinkWatch>()} {
    for (const auto& chosen : options_.interfaces) {
        interfaces_.push_back(std::make_unique<LiveInterface>(chosen, options_, inputs_));
    }
    polled_.resize(first_interface_slot + interfaces_.size());
    wake_fd_ = checked(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC), "eventfd");
    second_fd_ = ::timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    const itimerspec every_second{{1, 0}, {1, 0}};
    if (second_fd_ < 0 || ::timerfd_settime(second_fd_, 0, &every_second, nullptr) != 0) {
        ::close(wake_fd_);
        checked(-1, "timerfd");
    }
    softnet_at_start_ = softnet_drops();
    publish();
}

LiveSource::~LiveSource() {
    ::close(wake_fd_);
    ::close(second_fd_);
}

void LiveSource::open() {
    opened_ = true;
    examine_all();
    refresh();
}

void LiveSource::wake() noexcept {
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto written = ::write(wake_fd_, &one, sizeof one);  // Full means awake already.
}

void LiveSource::examine_all() {
    for (auto& interface : interfaces_) interface->examine(*links_);
}

void LiveSource::refresh() {
    for (auto& interface : interfaces_) interface->count(*links_);
    publish();
}

void LiveSource::publish() {
    const auto softnet = softnet_drops();
    const std::lock_guard lock{published_mutex_};
    published_.clear();
    for (const auto& interface : interfaces_) published_.push_back(interface->status());
    published_softnet_ = softnet >= softnet_at_start_ ? softnet - softnet_at_start_ : 0;
}

std::vector<InterfaceStatus> LiveSource::status() const {
    const std::lock_guard lock{published_mutex_};
    return published_;
}

std::uint64_t LiveSource::softnet_dropped() const {
    const std::lock_guard lock{published_mutex_};
    return published_softnet_;
}

/// Waits for packets or anything else; true when wake() was called.
bool LiveSource::wait(int timeout_ms) {
    batches_since_poll_ = 0;
    polled_[wake_slot] = {wake_fd_, POLLIN, 0};
    polled_[second_slot] = {second_fd_, POLLIN, 0};
    polled_[links_slot] = {links_->descriptor(), POLLIN, 0};
    for (std::size_t i = 0; i < interfaces_.size(); ++i) {
        polled_[first_interface_slot + i] = {interfaces_[i]->descriptor(), POLLIN, 0};
    }
    if (::poll(polled_.data(), polled_.size(), timeout_ms) <= 0) return false;

    for (std::size_t i = 0; i < interfaces_.size(); ++i) {
        // An error wants a read too: libpcap then says which.
        if (polled_[first_interface_slot + i].revents != 0) interfaces_[i]->is_ready = true;
    }
    const bool is_second = polled_[second_slot].revents != 0;
    const bool has_news = polled_[links_slot].revents != 0 && links_->has_news();
    if (is_second) drain(second_fd_);
    if (is_second || has_news) {
        examine_all();
        refresh();
    }
    if (polled_[wake_slot].revents == 0) return false;
    drain(wake_fd_);
    return true;
}

Batch LiveSource::next_batch() {
    if (!opened_) open();
    bool is_woken = batches_since_poll_ >= batches_between_polls && wait(0);
    for (int round = 0; round < 2; ++round) {
        for (std::size_t i = 0; i < interfaces_.size(); ++i) {
            auto& interface = *interfaces_[turn_];
            turn_ = (turn_ + 1) % interfaces_.size();
            if (!interface.is_ready) continue;
            const auto packets = interface.read();
            if (!packets.empty()) {
                ++batches_since_poll_;
                return {Batch::State::packets, packets};
            }
            interface.is_ready = false;
        }
        if (round == 0 && !is_woken) is_woken = wait(static_cast<int>(options_.poll_timeout.count()));
    }
    return {Batch::State::idle, {}};
}

}  // namespace wiresage

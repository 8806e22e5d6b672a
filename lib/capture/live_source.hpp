// Packets of live interfaces, all polled by one thread.
#pragma once

#include <poll.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "capture/live_status.hpp"
#include "capture/source.hpp"

namespace wiresage {

class LinkWatch;
class LiveInterface;

/// Never ends, whatever happens to its interfaces: they are watched through netlink and opened again when they come
/// back.  open(), next_batch() and refresh() belong to one thread at a time; wake(), inputs() and status() to any.
class LiveSource final : public Source {
public:
    struct Interface {
        std::string name;    ///< Or "any", which needs no interface to exist.
        std::string filter;  ///< In the language of tcpdump; empty takes all.
        std::uint32_t snaplen = 262'144;
        std::uint64_t buffer_bytes = std::uint64_t{64} << 20;  ///< The kernel's ring.
        bool promiscuous = true;
        bool required = false;
    };

    struct Options {
        std::vector<Interface> interfaces;
        /// next_batch() returns after this long at the latest.  Also how long the kernel may keep a packet back.
        std::chrono::milliseconds poll_timeout{100};
        /// Called with true before and false after a capture socket is opened, in the thread that opens it.
        std::function<void(bool)> raise_privilege;
    };

    /// Throws StartupError where the system gives no netlink socket, eventfd or timer.
    explicit LiveSource(Options options);
    ~LiveSource() override;

    /// Opens what there is to open; status() then says how it went.  Without it the first next_batch() does so.
    void open();

    Batch next_batch() override;
    const InputList& inputs() const noexcept override { return inputs_; }

    /// Makes a next_batch() that waits, or the next one that would, return at once.  Async-signal-safe.
    void wake() noexcept;

    /// Every configured interface, in the order of the configuration; at most about a second old.
    std::vector<InterfaceStatus> status() const;

    /// Packets that the kernel dropped before any socket saw them (/proc/net/softnet_stat), of the whole machine since
    /// the start; 0 where that cannot be read.  At most about a second old.
    std::uint64_t softnet_dropped() const;

    /// Reads all counters now: for the last figures after the last batch.
    void refresh();

private:
    bool wait(int timeout_ms);
    void publish();
    void examine_all();

    Options options_;
    InputList inputs_;
    std::unique_ptr<LinkWatch> links_;
    std::vector<std::unique_ptr<LiveInterface>> interfaces_;
    std::vector<pollfd> polled_;
    int wake_fd_ = -1;
    int second_fd_ = -1;
    bool opened_ = false;
    std::size_t turn_ = 0;  // Whose turn it is.
    unsigned batches_since_poll_ = 0;
    std::uint64_t softnet_at_start_ = 0;

    mutable std::mutex published_mutex_;  // Taken once a second and at changes, never for a packet.
    std::vector<InterfaceStatus> published_;
    std::uint64_t published_softnet_ = 0;
};

}  // namespace wiresage

// What waits for one receiver, and when it may be tried: no thread, no clock, no network.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "deliver/receiver.hpp"
#include "deliver/receivers.hpp"

namespace wiresage {

/// How a try ended.
struct TryResult {
    enum class Kind : std::uint8_t { delivered, connect, timeout, status, answer };
    Kind kind = Kind::delivered;
    unsigned status = 0;  ///< HTTP status; 0: none came.
    std::string error;    ///< One line; empty: delivered.
    std::optional<std::chrono::seconds> retry_after;
};

/// At least `first`, at most `longest`, else evenly between `first` and `first` doubled with each failure ("full
/// jitter": after an outage not all come back at once).  `random` is any number.
std::chrono::milliseconds retry_delay(const RetryPolicy& policy, std::uint32_t failures, std::uint64_t random);

/// The queue of one receiver.  Times are the monotonic clock's.  Not locked: its owner does that.
///
/// Documents of one alert are sent in their order.  A document that is refused (4xx) waits on its own and holds up no
/// other alert; a receiver that fails is tried with one document at a time, later and later.
class Outbox {
public:
    using Time = std::chrono::milliseconds;

    static constexpr std::size_t most_in_flight = 4;
    static constexpr std::chrono::seconds longest_retry_after{
        3600};  ///< One answer cannot silence a receiver for days.

    struct Item {
        std::uint64_t number = 0;
        std::shared_ptr<const Delivery> delivery;
        Time queued_at{0};
        Time not_before{0};
        std::uint32_t tries = 0;
        bool in_flight = false;
        bool refused = false;  ///< Its last answer was a 4xx that is about the document.
    };

    Outbox(ReceiverOptions options, const RetryPolicy& policy, std::uint64_t seed);

    /// Full, the oldest that is not on its way becomes a dead letter.
    void push(std::shared_ptr<const Delivery> delivery, Time now);

    /// A document to send now; it is on its way until settle().  Null: nothing is due.
    const Item* start(Time now);

    /// When start() may have something: nothing while all is empty or on its way.
    std::optional<Time> next_start(Time now) const;

    /// Says whether the receiver began to fail or works again.
    std::optional<ReceiverChange> settle(std::uint64_t number, const TryResult& result, Time now,
                                         std::int64_t unix_now);

    /// The end is near: everything may be tried at once, but only once more.
    void hurry();
    /// Counts all that is left as dead letters; returns how many.
    std::size_t discard();

    bool same_receiver(const ReceiverOptions& other) const;
    void reconfigure(ReceiverOptions options) { options_ = std::move(options); }
    const ReceiverOptions& options() const noexcept { return options_; }
    /// Whether anything is queued that may still be tried.
    bool busy() const noexcept { return !items_.empty(); }
    ReceiverState state(Time now, std::int64_t unix_now) const;

private:
    void bury_expired(Time now);
    void count_failure(const TryResult& result);
    void work_again(Time now);

    ReceiverOptions options_;
    RetryPolicy policy_;
    std::uint64_t random_;
    std::uint64_t last_number_ = 0;
    std::map<std::uint64_t, Item> items_;  ///< Oldest first.
    std::size_t in_flight_ = 0;
    Time gate_{0};  ///< While it fails: no try before.
    bool told_failing_ = false;
    bool hurry_ = false;
    ReceiverState counts_;
};

}  // namespace wiresage

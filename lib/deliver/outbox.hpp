// What waits for one receiver, and when it may be tried: no thread, no clock, no network.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "deliver/receiver.hpp"
#include "deliver/receivers.hpp"
#include "deliver/rollup.hpp"

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

    static constexpr std::uint64_t first_own_number = std::uint64_t{1} << 62;
    static constexpr std::size_t most_stragglers = 1'000;  ///< Beyond, the position waits for the oldest.
    static constexpr std::size_t most_in_flight = 4;
    static constexpr std::chrono::seconds longest_retry_after{
        3600};  ///< One answer cannot silence a receiver for days.

    struct Item {
        std::uint64_t number = 0;  ///< The journal's; what is not in the journal comes after everything that is.
        std::shared_ptr<const Delivery> delivery;
        Time queued_at{0};
        Time not_before{0};
        std::uint32_t tries = 0;
        bool in_flight = false;
        bool refused = false;                 ///< Its last answer was a 4xx that is about the document.
        std::vector<std::uint64_t> counts{};  ///< A roll-up: what it stands for.
    };

    Outbox(ReceiverOptions options, const RetryPolicy& policy, std::uint64_t seed);

    /// Full, the oldest that is not on its way becomes a dead letter.  Too much for the receiver, it is counted in a
    /// roll-up instead.  `age`: how long the journal has had it already.
    void push(std::shared_ptr<const Delivery> delivery, Time now, std::int64_t unix_now = 0, Time age = Time{0});

    /// Where an earlier run came to; before the first push().
    void begin_at(std::uint64_t position) noexcept { settled_ = last_number_ = position; }
    /// A document of the journal that this receiver does not take.
    void pass(std::uint64_t number);
    /// An alert that was told in an earlier run: its end will be told too.
    void told(const std::string& alert_id) { rollups_.told(alert_id); }
    std::uint64_t last_number() const noexcept { return last_number_; }
    /// Whether everything that is open waits to be sent again already.
    bool refreshing() const noexcept { return refreshing_; }

    ReceiverProgress progress() const;
    /// What became a dead letter since the last call.
    std::vector<DeadDocument> take_dead();

    /// A document to send now; it is on its way until settle().  Null: nothing is due.
    const Item* start(Time now, std::int64_t unix_now = 0);

    /// When start() may have something: nothing while all is empty or on its way.
    std::optional<Time> next_start(Time now) const;

    /// Says whether the receiver began to fail or works again.
    std::optional<ReceiverChange> settle(std::uint64_t number, const TryResult& result, Time now,
                                         std::int64_t unix_now);

    /// The end is near: everything may be tried at once, but only once more.
    void hurry(Time now, std::int64_t unix_now);
    /// Counts all that is left as dead letters; returns how many.
    std::size_t discard();
    /// How many documents are not settled; those of the journal stay there for the next run.
    std::size_t unsettled() const;

    bool same_receiver(const ReceiverOptions& other) const;
    void reconfigure(ReceiverOptions options);
    const ReceiverOptions& options() const noexcept { return options_; }
    /// Whether anything is queued that may still be tried.
    bool busy() const noexcept { return !items_.empty(); }
    ReceiverState state(Time now, std::int64_t unix_now) const;

private:
    void close_rollups(Time now, std::int64_t unix_now, bool all);
    void bury(const Item& item, const char* why);
    void settle_numbers(const Item& item);
    void bury_expired(Time now);
    void count_failure(const TryResult& result);
    void work_again(Time now);

    ReceiverOptions options_;
    RetryPolicy policy_;
    std::uint64_t random_;
    std::uint64_t last_number_ = 0;
    std::uint64_t last_own_number_ = first_own_number;
    std::uint64_t settled_ = 0;  ///< The highest number of the journal that is settled.
    std::vector<DeadDocument> dead_;
    RollUps rollups_;
    bool refreshing_ = false;
    std::int64_t wall_ = 0;                ///< As last told.
    std::map<std::uint64_t, Item> items_;  ///< Oldest first.
    std::size_t in_flight_ = 0;
    Time gate_{0};  ///< While it fails: no try before.
    bool told_failing_ = false;
    bool hurry_ = false;
    ReceiverState counts_;
};

}  // namespace wiresage

// Sends alerts to their receivers: queues, tries, retries, on a thread of its own.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/log.hpp"
#include "deliver/receiver.hpp"

namespace wiresage {

/// The clocks of the outside world; the daemon hands in the real ones, tests their own.
struct DeliverClocks {
    std::function<std::int64_t()> unix_seconds;  ///< Wall clock: webhook-timestamp, Retry-After dates, status.
    std::function<std::chrono::milliseconds()> monotonic;  ///< Never steps: all waiting.
};

/// A dead letter.
struct DeadDocument {
    std::uint64_t number = 0;
    std::string alert_id;
    std::string why;  ///< "expired", "queue_full", "removed"
};

/// How tries are spread (promises, "No alert lost").
struct RetryPolicy {
    std::chrono::milliseconds first{1'000};
    std::chrono::milliseconds longest{std::chrono::minutes{5}};
    std::size_t queue = 10'000;       ///< Documents per receiver.
    std::uint32_t failing_after = 3;  ///< Failures in a row before `on_receiver_state` says so.
};

/// A receiver began to fail or works again.
struct ReceiverChange {
    std::string name;
    bool failing = false;
    std::int64_t since = 0;  ///< Unix seconds of the first failure.
    std::string error;
};

struct DeliverOptions {
    DeliverClocks clocks;
    RetryPolicy retry;
    std::uint64_t seed = 0;  ///< Of the jitter; random in `run`.
    /// Called on the delivering thread: once when a receiver has failed `failing_after` times in a row, once when it
    /// takes a document again.
    std::function<void(const ReceiverChange&)> on_receiver_state;
    std::map<std::string, std::string> labels;  ///< The sensor's; a receiver may ask for some of them.
    /// How far a receiver has come, some times a second at most.  Called with a lock held: must return at once.
    std::function<void(const ReceiverProgress&)> on_progress;
    /// A document that a receiver will not be given.  The same.
    std::function<void(const std::string& receiver, const DeadDocument&)> on_dead_letter;
};

/// All receivers.  Every public function may be called from any thread.
class Receivers {
public:
    Receivers(DeliverOptions options, std::vector<ReceiverOptions> receivers, Log& log);
    ~Receivers();  ///< As stop(0).

    /// Puts the document into the queue of each receiver that takes it.  Never waits for a receiver.
    void submit(const Delivery& delivery);

    /// Before the first submit(): what the journal still has for each receiver.  `waiting` is asked with the progress
    /// kept under a receiver's key; a receiver without one begins after `last_number`.  `firing`: what is open now.
    void restore(const std::vector<ReceiverProgress>& kept, std::uint64_t last_number,
                 const std::function<std::vector<Delivery>(const ReceiverProgress&)>& waiting,
                 const std::vector<Delivery>& firing);

    /// The receiver that one of the ends is, by its address; empty: none.
    std::string at(const Endpoint& end) const;

    /// Files that were moved away are begun anew (SIGHUP).
    void reopen_files();

    /// A reload.  What stays by name and URL keeps its queue and counts; the rest of a removed one becomes dead
    /// letters.
    void replace(std::vector<ReceiverOptions> receivers);

    /// In the order of the configuration.
    std::vector<ReceiverState> states() const;

    /// Tries what is queued once more, waits until all queues are empty or `longest` is over, then ends the threads.
    /// Returns how many documents were left; those of the journal wait there for the next run.  Further calls return 0.
    std::size_t stop(std::chrono::milliseconds longest);

private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

/// What came back from a test alert.
struct TestAnswer {
    bool delivered = false;
    std::string error;  ///< Why not, one line.
    std::string head;   ///< Status line and headers as received.
    std::string body;   ///< At most its first 2 KiB.
};

/// Sends one document marked as a test (rule "test", tags ["test"]) and waits for the answer.
TestAnswer test_receiver(const ReceiverOptions& receiver, const DeliverClocks& clocks,
                         const std::string& observer_name);

}  // namespace wiresage

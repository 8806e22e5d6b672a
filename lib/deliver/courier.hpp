// One receiver at work: its queue, what it holds open, how far it has come.
#pragma once

#include <chrono>
#include <condition_variable>
#include <memory>
#include <optional>
#include <string>
#include <thread>

#include "deliver/alertmanager.hpp"
#include "deliver/local.hpp"
#include "deliver/outbox.hpp"
#include "deliver/request.hpp"

namespace wiresage {

/// "10.0.0.1:9093" where the address's host is written as an address; nothing where it is a name.
std::optional<Endpoint> literal_endpoint(const std::string& url);

/// Everything here is guarded by the mutex of Receivers, but for `writer`, which its thread alone uses.
class Courier {
public:
    using Time = Outbox::Time;

    Courier(ReceiverOptions options, const RetryPolicy& policy, std::uint64_t seed);

    /// Into the queue, where the receiver takes it; `labels` are the sensor's.
    void offer(const std::shared_ptr<const Delivery>& delivery, Time now, std::int64_t unix_now,
               const std::map<std::string, std::string>& labels);
    /// What an earlier run left: where it came to, what waits, what is open.
    void restore(const ReceiverProgress& kept, const std::vector<Delivery>& waiting, Time now, std::int64_t unix_now,
                 const std::map<std::string, std::string>& labels);
    void hold_open(const Delivery& firing, std::int64_t unix_now, const std::map<std::string, std::string>& labels);

    void reconfigure(ReceiverOptions options);

    /// What is to be sent again each minute, if it is time.  When to look again.
    std::optional<Time> refresh_if_due(Time now, std::int64_t unix_now);

    DeliveryRequest request(const Delivery& delivery, std::int64_t unix_now);

    /// Progress that is new and was not told within the last moment, or any that is new with `now_or_never`.
    std::optional<ReceiverProgress> news(Time now, bool now_or_never);

    bool local() const noexcept { return is_local(outbox.options().settings.type); }

    Outbox outbox;
    std::optional<Endpoint> peer;
    LocalWriter writer;
    std::thread thread;  ///< Only where local().
    std::condition_variable wake;
    bool gone = false;
    bool reopen = false;

private:
    bool wants(const Delivery& delivery, const std::map<std::string, std::string>& labels) const;

    std::optional<AlertmanagerFeed> feed_;
    Time next_refresh_{0};
    std::optional<ReceiverProgress> told_;
    Time told_at_{0};
};

}  // namespace wiresage

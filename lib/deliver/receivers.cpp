// Sends alerts to their receivers, on a thread of its own.

#include "deliver/receivers.hpp"

#include <curl/curl.h>

#include <algorithm>
#include <map>
#include <mutex>
#include <optional>
#include <thread>

#include "base/hash.hpp"
#include "deliver/outbox.hpp"
#include "deliver/transfer.hpp"

namespace wiresage {

namespace {
constexpr std::chrono::milliseconds longest_sleep{60'000};  // Woken before by whatever happens.
}

class Receivers::Impl {
public:
    Impl(DeliverOptions options, std::vector<ReceiverOptions> receivers, Log& log)
        : options_{std::move(options)}, log_{log}, multi_{curl_multi_init()} {
        if (!multi_) throw std::bad_alloc{};
        replace(std::move(receivers));
        thread_ = std::thread{[this] { run(); }};
    }

    ~Impl() {
        stop(std::chrono::milliseconds{0});
        curl_multi_cleanup(multi_);
    }

    void submit(const Delivery& delivery) {
        const auto shared = std::make_shared<const Delivery>(delivery);
        {
            const std::lock_guard lock{mutex_};
            for (const auto& outbox : outboxes_) {
                if (takes(outbox->options().settings, delivery)) outbox->push(shared, options_.clocks.monotonic());
            }
        }
        curl_multi_wakeup(multi_);
    }

    void replace(std::vector<ReceiverOptions> receivers) {
        std::vector<std::shared_ptr<Outbox>> fresh;
        const std::lock_guard lock{mutex_};
        for (auto& receiver : receivers) {
            const auto kept = std::ranges::find_if(
                outboxes_, [&](const auto& outbox) { return outbox && outbox->same_receiver(receiver); });
            if (kept == outboxes_.end()) {
                seed_ = spread(seed_ + options_.seed + 1);
                fresh.push_back(std::make_shared<Outbox>(std::move(receiver), options_.retry, seed_));
            } else {
                (*kept)->reconfigure(std::move(receiver));
                fresh.push_back(std::move(*kept));
            }
        }
        for (const auto& outbox : outboxes_) {
            if (outbox) discard(*outbox, "receiver is no longer configured");
        }
        outboxes_ = std::move(fresh);
        curl_multi_wakeup(multi_);
    }

    std::vector<ReceiverState> states() const {
        const std::lock_guard lock{mutex_};
        std::vector<ReceiverState> states;
        for (const auto& outbox : outboxes_) {
            states.push_back(outbox->state(options_.clocks.monotonic(), options_.clocks.unix_seconds()));
        }
        return states;
    }

    std::size_t stop(std::chrono::milliseconds longest) {
        if (!thread_.joinable()) return 0;
        {
            const std::lock_guard lock{mutex_};
            stop_at_ = options_.clocks.monotonic() + longest;
            for (const auto& outbox : outboxes_) outbox->hurry();
        }
        curl_multi_wakeup(multi_);
        thread_.join();
        const std::lock_guard lock{mutex_};
        std::size_t left = 0;
        for (const auto& outbox : outboxes_) left += discard(*outbox, "the daemon ends");
        return left;
    }

private:
    struct Running {
        std::shared_ptr<Outbox> outbox;  // May have left `outboxes_` meanwhile.
        std::uint64_t number;
        std::unique_ptr<Transfer> transfer;
    };

    void run() {
        while (const auto sleep = start_what_is_due()) {
            int running = 0;
            curl_multi_perform(multi_, &running);
            if (collect()) continue;  // Something ended: perhaps another may start.
            curl_multi_poll(multi_, nullptr, 0, static_cast<int>(sleep->count()), nullptr);
        }
        for (auto& [handle, running] : running_) curl_multi_remove_handle(multi_, handle);
        running_.clear();
    }

    /// How long nothing else can start; nothing: it is time to end.
    std::optional<std::chrono::milliseconds> start_what_is_due() {
        const std::lock_guard lock{mutex_};
        const auto now = options_.clocks.monotonic();
        auto wake = now + longest_sleep;
        for (const auto& outbox : outboxes_) {
            while (const auto* item = outbox->start(now)) begin(outbox, *item);
            if (const auto next = outbox->next_start(now)) wake = std::min(wake, *next);
        }
        if (stop_at_) {
            if (now >= *stop_at_ || running_.empty()) return {};
            wake = std::min(wake, *stop_at_);
        }
        return std::max(wake - now, std::chrono::milliseconds{1});
    }

    void begin(const std::shared_ptr<Outbox>& outbox, const Outbox::Item& item) {
        auto transfer = std::make_unique<Transfer>(outbox->options(), item.delivery, options_.clocks.unix_seconds());
        auto* handle = transfer->handle();
        curl_multi_add_handle(multi_, handle);
        running_.emplace(handle, Running{outbox, item.number, std::move(transfer)});
    }

    /// Settles every transfer that ended; whether there was one.
    bool collect() {
        bool any = false;
        int left = 0;
        while (const auto* message = curl_multi_info_read(multi_, &left)) {
            if (message->msg != CURLMSG_DONE) continue;
            any = true;
            const auto found = running_.find(message->easy_handle);
            const auto result = found->second.transfer->result(message->data.result);
            curl_multi_remove_handle(multi_, found->first);
            settle(found->second, result);
            running_.erase(found);
        }
        return any;
    }

    void settle(const Running& running, const TryResult& result) {
        std::optional<ReceiverChange> change;
        {
            const std::lock_guard lock{mutex_};
            change = running.outbox->settle(running.number, result, options_.clocks.monotonic(),
                                            options_.clocks.unix_seconds());
        }
        if (change && options_.on_receiver_state) options_.on_receiver_state(*change);
    }

    std::size_t discard(Outbox& outbox, const char* why) {
        const auto left = outbox.discard();
        if (left > 0) {
            log_.warning(
                "documents were not delivered",
                {{"receiver", outbox.options().settings.name}, {"documents", std::to_string(left)}, {"why", why}});
        }
        return left;
    }

    CurlLibrary library_;
    DeliverOptions options_;
    Log& log_;
    CURLM* multi_;
    mutable std::mutex mutex_;
    std::vector<std::shared_ptr<Outbox>> outboxes_;     // Under mutex_.
    std::optional<std::chrono::milliseconds> stop_at_;  // Under mutex_.
    std::uint64_t seed_ = 0;                            // Under mutex_.
    std::map<CURL*, Running> running_;                  // The thread's own.
    std::thread thread_;
};

Receivers::Receivers(DeliverOptions options, std::vector<ReceiverOptions> receivers, Log& log)
    : impl_{std::make_unique<Impl>(std::move(options), std::move(receivers), log)} {}

Receivers::~Receivers() = default;

void Receivers::submit(const Delivery& delivery) { impl_->submit(delivery); }
void Receivers::replace(std::vector<ReceiverOptions> receivers) { impl_->replace(std::move(receivers)); }
std::vector<ReceiverState> Receivers::states() const { return impl_->states(); }
std::size_t Receivers::stop(std::chrono::milliseconds longest) { return impl_->stop(longest); }

}  // namespace wiresage

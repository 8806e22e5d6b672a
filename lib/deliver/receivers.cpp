// Sends alerts to their receivers: one thread for all that speak HTTP, one for each that is on this machine.

#include "deliver/receivers.hpp"

#include <curl/curl.h>
#include <pthread.h>

#include <algorithm>
#include <map>
#include <mutex>
#include <optional>
#include <thread>

#include "base/hash.hpp"
#include "deliver/courier.hpp"
#include "deliver/transfer.hpp"

namespace wiresage {

namespace {
constexpr std::chrono::milliseconds longest_sleep{60'000};  // Woken before by whatever happens.
constexpr std::chrono::milliseconds progress_sleep{250};    // While somebody's progress may be news.
}  // namespace

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
            for (const auto& courier : couriers_) {
                courier->offer(shared, monotonic(), wall(), options_.labels);
                courier->wake.notify_one();
            }
        }
        curl_multi_wakeup(multi_);
    }

    void restore(const std::vector<ReceiverProgress>& kept, std::uint64_t last_number,
                 const std::function<std::vector<Delivery>(const ReceiverProgress&)>& waiting,
                 const std::vector<Delivery>& firing) {
        const std::lock_guard lock{mutex_};
        for (const auto& courier : couriers_) {
            const auto key = progress_key(courier->outbox.options());
            const auto found = std::ranges::find(kept, key, &ReceiverProgress::key);
            for (const auto& delivery : firing) courier->hold_open(delivery, wall(), options_.labels);
            if (found == kept.end()) {
                courier->restore({key, last_number, {}}, {}, monotonic(), wall(), options_.labels);
            } else {
                courier->restore(*found, waiting(*found), monotonic(), wall(), options_.labels);
            }
            tell_of(*courier, true);  // Known before anything is committed, or a crash would make it new again.
            courier->wake.notify_one();
        }
        curl_multi_wakeup(multi_);
    }

    std::string at(const Endpoint& end) const {
        const std::lock_guard lock{mutex_};
        for (const auto& courier : couriers_) {
            if (courier->peer == end) return courier->outbox.options().settings.name;
        }
        return {};
    }

    void reopen_files() {
        const std::lock_guard lock{mutex_};
        for (const auto& courier : couriers_) courier->reopen = true;
    }

    void replace(std::vector<ReceiverOptions> receivers) {
        std::vector<std::shared_ptr<Courier>> fresh, gone;
        {
            const std::lock_guard lock{mutex_};
            std::uint64_t latest = 0;
            for (const auto& courier : couriers_) latest = std::max(latest, courier->outbox.last_number());
            for (auto& receiver : receivers) {
                const auto kept = std::ranges::find_if(
                    couriers_, [&](const auto& courier) { return courier && courier->outbox.same_receiver(receiver); });
                if (kept == couriers_.end()) {
                    fresh.push_back(make(std::move(receiver)));
                    fresh.back()->outbox.begin_at(latest);
                    if (latest > 0) tell_of(*fresh.back(), true);
                } else {
                    (*kept)->reconfigure(std::move(receiver));
                    fresh.push_back(std::move(*kept));
                }
            }
            for (auto& courier : couriers_) {
                if (!courier) continue;
                const auto left = courier->outbox.discard();
                tell_of(*courier, true);
                if (left > 0) say_left(*courier, left, "receiver is no longer configured");
                courier->gone = true;
                courier->wake.notify_all();
                gone.push_back(std::move(courier));
            }
            couriers_ = std::move(fresh);
        }
        for (const auto& courier : gone) {
            if (courier->thread.joinable()) courier->thread.join();
        }
        curl_multi_wakeup(multi_);
    }

    std::vector<ReceiverState> states() const {
        const std::lock_guard lock{mutex_};
        std::vector<ReceiverState> states;
        for (const auto& courier : couriers_) states.push_back(courier->outbox.state(monotonic(), wall()));
        return states;
    }

    std::size_t stop(std::chrono::milliseconds longest) {
        if (!thread_.joinable()) return 0;
        {
            const std::lock_guard lock{mutex_};
            stop_at_ = monotonic() + longest;
            for (const auto& courier : couriers_) {
                courier->outbox.hurry(monotonic(), wall());
                courier->wake.notify_all();
            }
        }
        curl_multi_wakeup(multi_);
        thread_.join();
        for (const auto& courier : couriers_) {
            if (courier->thread.joinable()) courier->thread.join();
        }
        const std::lock_guard lock{mutex_};
        std::size_t left = 0;
        for (const auto& courier : couriers_) {
            tell_of(*courier, true);
            left += courier->outbox.unsettled();
        }
        return left;
    }

private:
    struct Running {
        std::shared_ptr<Courier> courier;  // May have left `couriers_` meanwhile.
        std::uint64_t number;
        std::unique_ptr<Transfer> transfer;
    };

    std::chrono::milliseconds monotonic() const { return options_.clocks.monotonic(); }
    std::int64_t wall() const { return options_.clocks.unix_seconds(); }

    std::shared_ptr<Courier> make(ReceiverOptions receiver) {
        seed_ = spread(seed_ + options_.seed + 1);
        auto courier = std::make_shared<Courier>(std::move(receiver), options_.retry, seed_);
        if (courier->local()) courier->thread = std::thread{[this, courier] { run_local(courier); }};
        return courier;
    }

    void run() {
        pthread_setname_np(pthread_self(), "deliver");
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
        const auto now = monotonic();
        auto wake = now + longest_sleep;
        for (const auto& courier : couriers_) {
            tell_of(*courier, false);
            if (courier->outbox.busy()) wake = std::min(wake, now + progress_sleep);
            if (courier->local()) continue;
            if (const auto again = courier->refresh_if_due(now, wall())) wake = std::min(wake, *again);
            while (const auto* item = courier->outbox.start(now, wall())) begin(courier, *item);
            if (const auto next = courier->outbox.next_start(now)) wake = std::min(wake, *next);
        }
        if (stop_at_) {
            if (now >= *stop_at_ || running_.empty()) return {};
            wake = std::min(wake, *stop_at_);
        }
        return std::max(wake - now, std::chrono::milliseconds{1});
    }

    void begin(const std::shared_ptr<Courier>& courier, const Outbox::Item& item) {
        auto transfer = std::make_unique<Transfer>(courier->outbox.options(), courier->request(*item.delivery, wall()));
        auto* handle = transfer->handle();
        curl_multi_add_handle(multi_, handle);
        running_.emplace(handle, Running{courier, item.number, std::move(transfer)});
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
            const auto peer = found->second.transfer->peer();
            curl_multi_remove_handle(multi_, found->first);
            settle(found->second.courier, found->second.number, result, peer);
            running_.erase(found);
        }
        return any;
    }

    void settle(const std::shared_ptr<Courier>& courier, std::uint64_t number, const TryResult& result,
                const std::optional<Endpoint>& peer) {
        std::optional<ReceiverChange> change;
        {
            const std::lock_guard lock{mutex_};
            if (peer) courier->peer = peer;
            change = courier->outbox.settle(number, result, monotonic(), wall());
        }
        if (change && options_.on_receiver_state) options_.on_receiver_state(*change);
    }

    /// The life of a receiver on this machine: its disk may be slow, and nobody else's business.
    void run_local(const std::shared_ptr<Courier>& courier) {
        pthread_setname_np(pthread_self(), "deliver-local");
        std::unique_lock lock{mutex_};
        while (!courier->gone) {
            const auto now = monotonic();
            if (std::exchange(courier->reopen, false)) courier->writer.reopen();
            if (const auto* item = courier->outbox.start(now, wall())) {
                const auto [number, delivery, options] =
                    std::tuple{item->number, item->delivery, courier->outbox.options()};
                lock.unlock();
                const auto result = courier->writer.write(options, *delivery);
                settle(courier, number, result, {});
                lock.lock();
                tell_of(*courier, false);
                continue;
            }
            tell_of(*courier, false);
            const auto next = courier->outbox.next_start(now);
            if (stop_at_ && (!next || *next > *stop_at_ || now >= *stop_at_)) return;
            const auto sleep = next ? std::min(*next - now, progress_sleep) : progress_sleep;
            courier->wake.wait_for(lock, std::max(sleep, std::chrono::milliseconds{1}));
        }
    }

    /// Under mutex_: progress and dead letters to those who keep them.
    void tell_of(Courier& courier, bool now_or_never) {
        for (const auto& dead : courier.outbox.take_dead()) {
            if (options_.on_dead_letter) options_.on_dead_letter(courier.outbox.options().settings.name, dead);
        }
        if (!options_.on_progress) return;
        if (const auto progress = courier.news(monotonic(), now_or_never)) options_.on_progress(*progress);
    }

    void say_left(const Courier& courier, std::size_t left, const char* why) {
        log_.warning(
            "documents were not delivered",
            {{"receiver", courier.outbox.options().settings.name}, {"documents", std::to_string(left)}, {"why", why}});
    }

    CurlLibrary library_;
    DeliverOptions options_;
    Log& log_;
    CURLM* multi_;
    mutable std::mutex mutex_;
    std::vector<std::shared_ptr<Courier>> couriers_;    // Under mutex_.
    std::optional<std::chrono::milliseconds> stop_at_;  // Under mutex_.
    std::uint64_t seed_ = 0;                            // Under mutex_.
    std::map<CURL*, Running> running_;                  // The thread's own.
    std::thread thread_;
};

Receivers::Receivers(DeliverOptions options, std::vector<ReceiverOptions> receivers, Log& log)
    : impl_{std::make_unique<Impl>(std::move(options), std::move(receivers), log)} {}

Receivers::~Receivers() = default;

void Receivers::submit(const Delivery& delivery) { impl_->submit(delivery); }
void Receivers::restore(const std::vector<ReceiverProgress>& kept, std::uint64_t last_number,
                        const std::function<std::vector<Delivery>(const ReceiverProgress&)>& waiting,
                        const std::vector<Delivery>& firing) {
    impl_->restore(kept, last_number, waiting, firing);
}
std::string Receivers::at(const Endpoint& end) const { return impl_->at(end); }
void Receivers::reopen_files() { impl_->reopen_files(); }
void Receivers::replace(std::vector<ReceiverOptions> receivers) { impl_->replace(std::move(receivers)); }
std::vector<ReceiverState> Receivers::states() const { return impl_->states(); }
std::size_t Receivers::stop(std::chrono::milliseconds longest) { return impl_->stop(longest); }

}  // namespace wiresage

// What waits for one receiver, and when it may be tried.

#include "deliver/outbox.hpp"

#include <algorithm>
#include <set>

#include "base/hash.hpp"

namespace wiresage {

namespace {

/// "https://example.org", without user, path or query: those may be secrets.
std::string target_of(const std::string& url) {
    const auto scheme_end = url.find("://");
    if (scheme_end == std::string::npos) return {};
    auto host = url.substr(scheme_end + 3);
    host = host.substr(0, host.find_first_of("/?#"));
    host.erase(0, host.rfind('@') == std::string::npos ? 0 : host.rfind('@') + 1);
    return url.substr(0, scheme_end + 3) + host;
}

/// A status that is about this document, not about the receiver as a whole.
bool about_document(const TryResult& result) {
    return result.kind == TryResult::Kind::status && result.status >= 400 && result.status < 500 &&
           result.status != 408 && result.status != 429;
}

}  // namespace

std::chrono::milliseconds retry_delay(const RetryPolicy& policy, std::uint32_t failures, std::uint64_t random) {
    const auto doublings = std::min<std::uint32_t>(failures, 20);  // 2^20 s is beyond any `longest`.
    const auto top = std::min(policy.longest, policy.first * (std::int64_t{1} << doublings));
    const auto room = static_cast<std::uint64_t>(std::max<std::int64_t>((top - policy.first).count(), 0));
    return policy.first + std::chrono::milliseconds{static_cast<std::int64_t>(random % (room + 1))};
}

Outbox::Outbox(ReceiverOptions options, const RetryPolicy& policy, std::uint64_t seed)
    : options_{std::move(options)},
      policy_{policy},
      random_{seed},
      rollups_{options_.settings.name, options_.settings.most_per_minute} {}

void Outbox::reconfigure(ReceiverOptions options) {
    options_ = std::move(options);
    rollups_.set(options_.settings.most_per_minute);
}

void Outbox::bury(const Item& item, const char* why) {
    const auto numbers = item.counts.empty() ? std::vector{item.number} : item.counts;
    for (const auto number : numbers) {
        if (number >= first_own_number) continue;
        settled_ = std::max(settled_, number);
        dead_.push_back({number, item.delivery->alert_id, why});
    }
    if (item.delivery->refresh) refreshing_ = false;
}

std::vector<DeadDocument> Outbox::take_dead() {
    std::vector<DeadDocument> taken;
    taken.swap(dead_);
    return taken;
}

void Outbox::push(std::shared_ptr<const Delivery> delivery, Time now, std::int64_t unix_now, Time age) {
    wall_ = std::max(wall_, unix_now);
    const bool is_journaled = delivery->number != 0;
    auto number = is_journaled ? delivery->number : delivery->refresh ? ++last_own_number_ : last_number_ + 1;
    if (number < first_own_number) last_number_ = std::max(last_number_, number);
    if (!rollups_.admit(*delivery, number, now, unix_now)) return;
    if (items_.size() >= policy_.queue) {
        const auto oldest = std::ranges::find_if(items_, [](const auto& entry) { return !entry.second.in_flight; });
        ++counts_.dead_queue_full;
        if (oldest == items_.end()) {  // A queue shorter than what is on its way: the new one has no place.
            bury(Item{number, std::move(delivery), now, Time{0}, 0, false, false, {}}, "queue_full");
            return;
        }
        bury(oldest->second, "queue_full");
        items_.erase(oldest);
    }
    refreshing_ = refreshing_ || delivery->refresh;
    items_.emplace(number, Item{number, std::move(delivery), now - age, Time{0}, 0, false, false, {}});
}

void Outbox::pass(std::uint64_t number) {
    last_number_ = std::max(last_number_, number);
    std::vector<std::uint64_t> held;
    rollups_.add_numbers(held);
    if (held.empty() && (items_.empty() || items_.begin()->first >= first_own_number))
        settled_ = std::max(settled_, number);
}

void Outbox::close_rollups(Time now, std::int64_t unix_now, bool all) {
    while (auto closed = rollups_.close(now, unix_now, all)) {
        auto number = closed->numbers.empty() ? ++last_own_number_ : closed->numbers.front();
        Item item{number, std::move(closed->delivery), now, Time{0}, 0, false, false, std::move(closed->numbers)};
        items_.emplace(number, std::move(item));
    }
}

ReceiverProgress Outbox::progress() const {
    ReceiverProgress progress{progress_key(options_), settled_, {}};
    auto& waiting = progress.stragglers;
    for (const auto& [number, item] : items_) {
        if (item.counts.empty() && number < first_own_number) waiting.push_back(number);
        waiting.insert(waiting.end(), item.counts.begin(), item.counts.end());
    }
    rollups_.add_numbers(waiting);
    std::ranges::sort(waiting);
    const auto beyond = std::ranges::upper_bound(waiting, settled_);
    const auto oldest = waiting.empty() ? std::uint64_t{0} : waiting.front();
    waiting.erase(beyond, waiting.end());
    if (waiting.size() > most_stragglers) {  // After a crash some come twice, under the same ids.
        waiting.clear();
        progress.position = oldest - 1;
    }
    return progress;
}

void Outbox::settle_numbers(const Item& item) {
    if (item.counts.empty() && item.number < first_own_number) settled_ = std::max(settled_, item.number);
    for (const auto number : item.counts) settled_ = std::max(settled_, number);
    counts_.rolled_up += item.counts.size();
    if (item.delivery->refresh) refreshing_ = false;
}

void Outbox::bury_expired(Time now) {
    const auto give_up = std::chrono::duration_cast<Time>(options_.settings.give_up_after);
    while (!items_.empty()) {
        const auto& oldest = items_.begin()->second;
        if (oldest.in_flight || now - oldest.queued_at < give_up) return;
        ++counts_.dead_expired;
        bury(oldest, "expired");
        items_.erase(items_.begin());
    }
}

const Outbox::Item* Outbox::start(Time now, std::int64_t unix_now) {
    wall_ = std::max(wall_, unix_now);
    bury_expired(now);
    close_rollups(now, wall_, false);
    const bool failing = counts_.failures_in_a_row > 0 && !hurry_;
    if (in_flight_ >= (failing ? 1 : most_in_flight) || (failing && now < gate_)) return nullptr;

    std::set<std::string_view> earlier;  // Alerts that have an older document waiting.
    Item* best = nullptr;
    for (auto& [number, item] : items_) {
        const bool in_order = earlier.insert(item.delivery->alert_id).second;
        if (!in_order || item.in_flight || item.not_before > now) continue;
        if (!best || item.not_before < best->not_before) best = &item;
        if (best->not_before == Time{0}) break;  // Never tried, the oldest: none is better.
    }
    if (!best) return nullptr;
    best->in_flight = true;
    ++best->tries;
    ++in_flight_;
    return best;
}

std::optional<Outbox::Time> Outbox::next_start(Time now) const {
    const bool failing = counts_.failures_in_a_row > 0 && !hurry_;
    if (in_flight_ >= (failing ? 1 : most_in_flight)) return {};
    std::optional<Time> soonest = rollups_.next_close();
    std::set<std::string_view> earlier;
    for (const auto& [number, item] : items_) {
        const bool in_order = earlier.insert(item.delivery->alert_id).second;
        if (!in_order || item.in_flight) continue;
        if (!soonest || item.not_before < *soonest) soonest = item.not_before;
        if (*soonest <= now) break;
    }
    if (!soonest) return {};
    return std::max({*soonest, failing ? gate_ : Time{0}, now});
}

void Outbox::count_failure(const TryResult& result) {
    switch (result.kind) {
        case TryResult::Kind::delivered:
            break;
        case TryResult::Kind::connect:
            ++counts_.failed_connect;
            break;
        case TryResult::Kind::timeout:
            ++counts_.failed_timeout;
            break;
        case TryResult::Kind::status:
            ++counts_.failed_status;
            break;
        case TryResult::Kind::answer:
            ++counts_.failed_answer;
            break;
    }
    counts_.last_error = result.error;
    ++counts_.failures_in_a_row;
}

void Outbox::work_again(Time now) {
    if (counts_.failures_in_a_row == 0) return;
    // What failed for the receiver's sake need not wait any longer; what was refused itself waits on.
    for (auto& [number, item] : items_) {
        if (!item.refused) item.not_before = std::min(item.not_before, now);
    }
    counts_.failures_in_a_row = 0;
    counts_.failing_since = 0;
    counts_.last_error.clear();
}

std::optional<ReceiverChange> Outbox::settle(std::uint64_t number, const TryResult& result, Time now,
                                             std::int64_t unix_now) {
    const auto found = items_.find(number);
    if (found == items_.end()) return {};  // Discarded meanwhile.
    --in_flight_;
    auto& item = found->second;
    item.in_flight = false;

    if (result.kind == TryResult::Kind::delivered) {
        counts_.delivered += item.delivery->refresh ? 0 : 1;
        counts_.last_delivered = unix_now;
        settle_numbers(item);
        items_.erase(found);
        const auto since = counts_.failing_since;
        work_again(now);
        if (!told_failing_) return {};
        told_failing_ = false;
        return ReceiverChange{options_.settings.name, false, since, {}};
    }

    count_failure(result);
    if (counts_.failing_since == 0) counts_.failing_since = unix_now;
    random_ = spread(random_ + 0x9e3779b97f4a7c15ULL);
    auto item_wait = retry_delay(policy_, item.tries, random_);
    auto gate_wait = retry_delay(policy_, counts_.failures_in_a_row, spread(random_));
    if (result.retry_after) {
        const Time asked = std::min(*result.retry_after, longest_retry_after);
        item_wait = std::max(item_wait, asked);
        gate_wait = std::max(gate_wait, asked);
    }
    item.refused = about_document(result);
    item.not_before = now + item_wait;
    gate_ = now + gate_wait;
    if (hurry_) item.not_before = Time::max();  // It had its last try.
    if (told_failing_ || counts_.failures_in_a_row < policy_.failing_after) return {};
    told_failing_ = true;
    return ReceiverChange{options_.settings.name, true, counts_.failing_since, result.error};
}

void Outbox::hurry(Time now, std::int64_t unix_now) {
    hurry_ = true;
    close_rollups(now, unix_now, true);
    for (auto& [number, item] : items_) item.not_before = Time{0};
}

std::size_t Outbox::discard() {
    const auto left = items_.size();
    counts_.dead_removed += left;
    for (const auto& [number, item] : items_) bury(item, "removed");
    items_.clear();
    in_flight_ = 0;
    return left;
}

std::size_t Outbox::unsettled() const {
    std::size_t count = 0;
    for (const auto& [number, item] : items_) {
        if (!item.delivery->refresh) count += std::max<std::size_t>(item.counts.size(), 1);
    }
    return count;
}

bool Outbox::same_receiver(const ReceiverOptions& other) const {
    return options_.settings.name == other.settings.name && options_.settings.urls == other.settings.urls;
}

ReceiverState Outbox::state(Time now, std::int64_t unix_now) const {
    auto state = counts_;
    state.name = options_.settings.name;
    state.type = name(options_.settings.type);
    state.target = target_of(options_.settings.urls.empty() ? std::string{} : options_.settings.urls.front());
    state.queued = items_.size();
    if (const auto next = next_start(now)) {
        state.next_try = unix_now + std::chrono::ceil<std::chrono::seconds>(*next - now).count();
    }
    return state;
}

}  // namespace wiresage

// The one thread that sees all facts.

#include "engine/correlator.hpp"

#include <sched.h>

#include <utility>

namespace wiresage {

Correlator::Correlator(CorrelatorOptions options, std::vector<std::unique_ptr<Lane>>& lanes,
                       const std::atomic<std::uint64_t>& dispatched, AlertSink& sink, FlowRecordSink* records)
    : site_{std::move(options.site)},
      knowledge_{site_, options.most_hosts},
      gate_{std::move(options.gate), sink},
      rules_{std::move(options.rules), site_, options.most_hosts, options.secret},
      lanes_{lanes},
      facts_{lanes, &Lane::facts, dispatched},
      flows_{lanes, &Lane::records, dispatched},
      records_{records} {
    gate_.restore(std::move(options.restored));
}

std::size_t Correlator::release() {
    std::size_t released = facts_.release([this](const Fact& fact) { judge(fact); });
    if (records_ != nullptr) released += flows_.release([this](const FlowRecord& record) { records_->write(record); });
    return released;
}

void Correlator::run() noexcept {
    int idle = 0;
    for (;;) {
        beats_.fetch_add(1, std::memory_order_relaxed);
        if (asked_something_.load(std::memory_order_relaxed)) between_ticks();
        const bool ending = end_.load(std::memory_order_acquire);  // Before the last look: nothing comes after it.
        if (release() > 0) {
            idle = 0;
            continue;
        }
        if (ending) break;
        if (++idle < 4) {
            sched_yield();
            continue;
        }
        bell.wait(20, [this] { return !end_.load(std::memory_order_relaxed) && !asked_something_.load(std::memory_order_relaxed); });
    }
    between_ticks();
}

void Correlator::judge(const Fact& fact) {
    ++count_;
    knowledge_.see(fact);
    health_.see(fact);
    rules_.see(fact, knowledge_, gate_);
    if (fact.text_bytes > 0) release_text(*lanes_[fact.at.shard % (lanes_.size() - 1)], fact);  // Only shards have texts.
    if (std::holds_alternative<Tick>(fact.what)) {
        gate_.tick(fact.at);
        if (fact.at.order % 16 == 0) between_ticks();
    }
}

void Correlator::between_ticks() {
    std::optional<CorrelatorOptions> next;
    decltype(asked_) asked;
    {
        const std::lock_guard lock{mutex_};
        asked_something_.store(false, std::memory_order_relaxed);
        published_.facts = count_;
        published_.health = health_;
        published_.gate = gate_.stats();
        published_.open_alerts = gate_.open();
        published_.firing = gate_.firing();
        published_.hosts_evicted = knowledge_.evicted();
        next.swap(next_);
        asked.swap(asked_);
    }
    if (next) {
        const bool site_changed = !(site_ == next->site);
        site_ = std::move(next->site);
        gate_.configure(std::move(next->gate));
        rules_.reconfigure(std::move(next->rules), site_changed);
    }
    for (auto& [most, ready] : asked) ready(knowledge_.hosts(most));
}

void Correlator::end() noexcept {
    end_.store(true, std::memory_order_release);
    bell.wake();
}

void Correlator::reconfigure(CorrelatorOptions options) {
    {
        const std::lock_guard lock{mutex_};
        next_ = std::move(options);
    }
    asked_something_.store(true, std::memory_order_relaxed);
    bell.wake();
}

void Correlator::ask_hosts(std::size_t most, std::function<void(std::vector<HostView>)> ready) {
    {
        const std::lock_guard lock{mutex_};
        asked_.emplace_back(most, std::move(ready));
    }
    asked_something_.store(true, std::memory_order_relaxed);
    bell.wake();
}

CorrelatorStats Correlator::stats() const {
    const std::lock_guard lock{mutex_};
    return published_;
}

}  // namespace wiresage

// The one thread that sees all facts, in capture order: site rules and the gate.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "base/doorbell.hpp"
#include "detect/gate.hpp"
#include "detect/health.hpp"
#include "detect/knowledge.hpp"
#include "detect/rule_set.hpp"
#include "engine/lane.hpp"
#include "engine/merge.hpp"

namespace wiresage {

struct CorrelatorOptions {
    std::vector<ConfiguredRule> rules;
    Site site;
    GateOptions gate;
    std::size_t most_hosts = 65536;
    std::uint64_t secret = 0;  ///< The key of the hashes in Distinct, as in the shards.
    std::vector<RestoredAlert> restored;  ///< What fired when an earlier run ended.
};

/// What the correlator has counted; a copy is published on ticks.
struct CorrelatorStats {
    std::uint64_t facts = 0;
    GateStats gate;
    std::size_t open_alerts = 0;
    std::vector<std::pair<std::string, std::uint64_t>> firing;
    std::uint64_t hosts_evicted = 0;
    NetworkHealth health;
};

/// run() is the thread.  Alerts go to `sink` in that thread.
class Correlator {
public:
    Correlator(CorrelatorOptions options, std::vector<std::unique_ptr<Lane>>& lanes, const std::atomic<std::uint64_t>& dispatched,
               AlertSink& sink, FlowRecordSink* records);

    /// Until every lane's threads have ended (see `end`) and all they said is judged.
    void run() noexcept;

    Doorbell bell;

    /// Any thread: nothing more will be written to the lanes.
    void end() noexcept;
    /// Any thread: rules, site and gate as of the next tick.
    void reconfigure(CorrelatorOptions options);
    /// Any thread: asks for what is known of hosts; `ready` is called in the correlator's thread.
    void ask_hosts(std::size_t most, std::function<void(std::vector<HostView>)> ready);
    CorrelatorStats stats() const;
    std::uint64_t beats() const noexcept { return beats_.load(std::memory_order_relaxed); }

private:
    std::size_t release();
    void judge(const Fact& fact);
    void between_ticks();

    Site site_;
    Knowledge knowledge_;
    NetworkHealth health_;
    Gate gate_;
    RuleSet rules_;
    std::vector<std::unique_ptr<Lane>>& lanes_;  ///< Of the workers in their order, then the dispatcher's.
    Merge<Fact> facts_;
    Merge<FlowRecord> flows_;
    FlowRecordSink* records_;
    std::uint64_t count_ = 0;
    std::atomic<bool> end_{false};
    std::atomic<std::uint64_t> beats_{0};

    mutable std::mutex mutex_;   ///< Guards what follows: taken on ticks and by other threads, never per fact.
    CorrelatorStats published_;
    std::optional<CorrelatorOptions> next_;
    std::vector<std::pair<std::size_t, std::function<void(std::vector<HostView>)>>> asked_;
    std::atomic<bool> asked_something_{false};
};

}  // namespace wiresage

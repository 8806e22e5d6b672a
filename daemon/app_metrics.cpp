// What a scrape says of the daemon.

#include "daemon/app.hpp"
#include "daemon/setup.hpp"
#include "metrics/exposition.hpp"
#include "metrics/process.hpp"

namespace wiresage {

namespace {

#if defined(__clang__)
constexpr const char* compiler = "clang " __VERSION__;
#else
constexpr const char* compiler = "gcc " __VERSION__;
#endif

void add_capture(MetricsSnapshot& out, const LiveSource& source, const DispatcherStats& dispatcher) {
    for (const auto& interface : source.status()) {
        const auto& loss = interface.loss;
        const std::string_view name = interface.name;
        const auto ring_drops = ring_drops_of(dispatcher, source.inputs(), interface.name);
        out.add(Metric::packets, loss.captured - ring_drops, {name});
        out.add(Metric::packets_received, loss.kernel_received, {name});
        out.add(Metric::packets_dropped, loss.kernel_dropped, {name, "kernel"});
        out.add(Metric::packets_dropped, loss.interface_dropped, {name, "interface"});
        out.add(Metric::packets_dropped, loss.link_dropped + loss.link_missed, {name, "link"});
        out.add(Metric::packets_dropped, ring_drops, {name, "ring"});
        out.add(Metric::interface_up, interface.state == InterfaceStatus::State::up ? 1.0 : 0.0, {name});
        out.add(Metric::interface_errors, interface.opened == 0 ? 0 : interface.opened - 1, {name});
    }
    out.add(Metric::softnet_dropped, source.softnet_dropped());
}

void add_packets(MetricsSnapshot& out, const PacketCounts& counts) {
    const auto& protocol = counts.inner.protocol;
    const auto named = [&](std::string_view name, std::uint8_t number) {
        out.add(Metric::packets_by_protocol, protocol[number], {name});
        return protocol[number];
    };
    std::uint64_t sum = named("tcp", ip_protocol::tcp) + named("udp", ip_protocol::udp) + named("icmp", ip_protocol::icmp) +
                        named("icmpv6", ip_protocol::icmpv6) + named("sctp", ip_protocol::sctp);
    const std::uint64_t arp = counts.arp_requests + counts.arp_replies + counts.arp_others;
    out.add(Metric::packets_by_protocol, arp, {"arp"});
    sum += arp;
    out.add(Metric::packets_by_protocol, counts.packets > sum ? counts.packets - sum : 0, {"other"});
    for (std::size_t i = 1; i < counts.anomalies.size(); ++i) {
        out.add(Metric::decode_anomalies, counts.anomalies[i], {name(static_cast<Anomaly>(i))});
    }
}

void add_flows(MetricsSnapshot& out, const ShardStats& shards) {
    out.add(Metric::flows_open, shards.flows_open);
    out.add(Metric::flows_opened, shards.flows_opened);
    out.add(Metric::flows_closed, shards.flows_expired, {"expired"});
    out.add(Metric::duplicates, shards.duplicates);
    out.add(Metric::evicted, shards.evicted_half_open, {"flows", "half_open"});
    out.add(Metric::evicted, shards.evicted_idle, {"flows", "idle"});
    out.add(Metric::evicted, shards.evicted_closed, {"flows", "closed"});
    out.add(Metric::evicted, shards.evicted_established, {"flows", "established"});
    out.add(Metric::evicted, shards.fragments_evicted, {"fragments", "full"});
    out.add(Metric::evicted, shards.facts_withheld, {"facts", "flood"});
    out.add(Metric::evicted, shards.volume_overflow, {"volumes", "full"});
    out.add(Metric::evicted, shards.troubles_refused, {"troubles", "full"});
}

void add_receivers(MetricsSnapshot& out, const std::vector<ReceiverState>& states) {
    for (const auto& state : states) {
        const std::string_view name = state.name;
        out.add(Metric::receiver_queue, static_cast<std::uint64_t>(state.queued), {name});
        out.add(Metric::deliveries, state.delivered, {name});
        out.add(Metric::delivery_failures, state.failed_connect, {name, "connect"});
        out.add(Metric::delivery_failures, state.failed_timeout, {name, "timeout"});
        out.add(Metric::delivery_failures, state.failed_status, {name, "status"});
        out.add(Metric::delivery_failures, state.failed_answer, {name, "answer"});
        out.add(Metric::dead_letters, state.dead_expired, {name, "expired"});
        out.add(Metric::dead_letters, state.dead_queue_full, {name, "queue_full"});
        out.add(Metric::dead_letters, state.dead_removed, {name, "removed"});
        out.add(Metric::receiver_failing, state.failing_since != 0 ? 1.0 : 0.0, {name});
        out.add(Metric::rolled_up, state.rolled_up, {name});
    }
}

HistogramSample histogram_of(const NetworkHealth::Histogram& histogram) {
    HistogramSample sample;
    sample.counts.assign(histogram.counts.begin(), histogram.counts.end());
    for (std::size_t i = 0; i + 1 < sample.counts.size(); ++i) sample.upper_ends.push_back(NetworkHealth::upper_seconds(i));
    sample.sum = static_cast<double>(histogram.sum_us) / 1e6;
    return sample;
}

void add_health(MetricsSnapshot& out, const NetworkHealth& health) {
    out.add(Metric::answers, histogram_of(health.answers));
    out.add(Metric::round_trips, histogram_of(health.round_trips));
    out.add(Metric::tcp_segments, health.by_client.sent, {"by_client"});
    out.add(Metric::tcp_segments, health.by_server.sent, {"by_server"});
    out.add(Metric::tcp_segments_again, health.by_client.sent_again, {"by_client"});
    out.add(Metric::tcp_segments_again, health.by_server.sent_again, {"by_server"});
}

void add_journal(MetricsSnapshot& out, const JournalState& journal, std::uint64_t size_bytes) {
    out.add(Metric::journal_durable, journal.durable ? 1.0 : 0.0);
    out.add(Metric::journal_entries, journal.entries);
    out.add(Metric::journal_bytes, journal.used_bytes);
    out.add(Metric::journal_limit, size_bytes);
    out.add(Metric::journal_commits, journal.commits);
    HistogramSample times;
    times.counts.assign(journal.commit_times.counts.begin(), journal.commit_times.counts.end());
    for (const int end : CommitTimes::upper_milliseconds) times.upper_ends.push_back(end / 1e3);
    times.sum = static_cast<double>(journal.commit_times.sum.count()) / 1e9;
    out.add(Metric::journal_commit_times, std::move(times));
    out.add(Metric::journal_unsaved, journal.unsaved);
    out.add(Metric::journal_removed, journal.let_go);
}

void add_http(MetricsSnapshot& out, const HttpFigures& http) {
    out.add(Metric::http_requests, http.requests);
    out.add(Metric::http_connections, http.connections);
    out.add(Metric::http_streams, http.streams);
    out.add(Metric::http_streams_dropped, http.streams_dropped);
    out.add(Metric::http_rejected, http.rejected_full, {"full"});
    out.add(Metric::http_rejected, http.rejected_host, {"host"});
    out.add(Metric::http_rejected, http.rejected_token, {"token"});
    out.add(Metric::http_rejected, http.rejected_malformed, {"malformed"});
    out.add(Metric::http_rejected, http.timed_out, {"timeout"});
}

}  // namespace

MetricsSnapshot App::snapshot() {
    const auto stats = engine_->stats();
    const auto& dispatcher = engine_->dispatcher_stats();
    MetricsSnapshot out;
    out.add(Metric::build_info, 1.0, {WIRESAGE_VERSION, "", compiler});
    add_capture(out, *source_, dispatcher);
    add_packets(out, stats.workers.packets);
    add_flows(out, stats.workers.shards);
    out.add(Metric::facts, stats.correlator.facts);
    out.add(Metric::stalled_seconds, stats.stalled_seconds, {"correlator"});
    out.add(Metric::workers, static_cast<std::uint64_t>(engine_->beats().size() - 1));
    out.add(Metric::event_time, static_cast<double>(dispatcher.event_time.load(std::memory_order_relaxed)) / 1e9);
    out.add(Metric::clock_steps, dispatcher.clock_steps.load(std::memory_order_relaxed));
    out.add(Metric::stamps_clamped, dispatcher.clamped_stamps.load(std::memory_order_relaxed));
    out.add(Metric::table_limit, configuration_.limits.flows, {"flows"});
    out.add(Metric::table_limit, configuration_.limits.hosts, {"hosts"});
    out.add(Metric::table_entries, stats.workers.shards.flows_open, {"flows"});
    out.add(Metric::evicted, stats.correlator.hosts_evicted, {"hosts", "full"});
    out.add(Metric::evicted, stats.correlator.gate.evicted, {"alerts", "full"});
    for (const auto& [key, count] : alerts_fired_) {
        out.add(Metric::alerts, count, {key.first, key.second});
        if (const auto last = last_fired_.find(key); last != last_fired_.end()) out.exemplify(last->second);
    }
    for (const auto& [id, key] : alerts_firing_) out.add(Metric::alerts_firing, 1.0, {key.first, key.second});
    out.add(Metric::alerts_suppressed, stats.correlator.gate.suppressed, {"all"});
    out.add(Metric::alerts_stored, static_cast<std::uint64_t>(store_.size()));
    add_receivers(out, receivers_->states());
    add_health(out, stats.correlator.health);
    const auto owners = recent_owners_.state();
    out.add(Metric::socket_events, owners.events);
    out.add(Metric::socket_events_lost, owners.lost);
    add_journal(out, journal_->state(), configuration_.journal.size_bytes);
    out.add(Metric::suppressions, static_cast<std::uint64_t>(configuration_.alerting.suppress.size() + suppressions_.size()));
    out.add(Metric::reload_successful, reload_error_.empty() ? 1.0 : 0.0);
    out.add(Metric::reload_timestamp, static_cast<double>(reloaded_unix_));
    out.add(Metric::reloads, reloads_);
    out.add(Metric::degraded, degraded(stats).empty() ? 0.0 : 1.0);
    add_http(out, server_->figures());
    add_process(out, process_figures());
    return out;
}

std::string App::metrics() { return exposition(snapshot()); }

std::string App::open_metrics() { return wiresage::open_metrics(snapshot()); }

}  // namespace wiresage

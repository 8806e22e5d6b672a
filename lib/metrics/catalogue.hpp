// Every metric that wiresage exports, declared once.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace wiresage {

/// The metrics, in the order in which /metrics shows them.  `about()` has name, type, help and labels of each.
enum class Metric : std::uint8_t {
    build_info,
    packets,
    bytes,
    packets_received,
    packets_dropped,
    softnet_dropped,
    softnet_squeezed,
    interface_up,
    interface_errors,
    packets_by_protocol,
    decode_anomalies,
    duplicates,
    flows_open,
    flows_opened,
    flows_closed,
    hosts_known,
    table_entries,
    table_limit,
    evicted,
    facts,
    stalled_seconds,
    ring_used_bytes,
    workers,
    event_time,
    clock_steps,
    stamps_clamped,
    answers,
    round_trips,
    tcp_segments,
    tcp_segments_again,
    alerts,
    alerts_firing,
    alerts_suppressed,
    alerts_stored,
    receiver_queue,
    deliveries,
    delivery_failures,
    dead_letters,
    receiver_failing,
    rolled_up,
    socket_events,
    socket_events_lost,
    journal_durable,
    journal_entries,
    journal_bytes,
    journal_limit,
    journal_commits,
    journal_commit_times,
    journal_unsaved,
    journal_removed,
    suppressions,
    reload_successful,
    reload_timestamp,
    reloads,
    degraded,
    http_requests,
    http_connections,
    http_rejected,
    http_streams,
    http_streams_dropped,
    process_cpu,
    process_resident_memory,
    process_virtual_memory,
    process_open_fds,
    process_max_fds,
    process_start_time,
    process_threads,
    count,  ///< How many there are; no metric.
};

enum class MetricType : std::uint8_t { counter, gauge, histogram };

/// What does not change about a metric.
struct MetricAbout {
    Metric metric;
    std::string_view name;  ///< With the prefix; counters end in _total, units are base units.
    MetricType type;
    std::string_view help;  ///< One line: prometheus-cpp does not escape it, and one line feed fails the whole scrape.
    std::string_view
        labels;  ///< Names, separated by a space, in the order in which values are given.  Bounded sets only.
};

/// All of them, by the value of `Metric`.
std::span<const MetricAbout> metric_catalogue() noexcept;

const MetricAbout& about(Metric metric) noexcept;

/// How many labels the metric has.
std::size_t label_count(const MetricAbout& metric) noexcept;

}  // namespace wiresage

// Every metric that wiresage exports, declared once.

#include "metrics/catalogue.hpp"

#include <algorithm>
#include <array>

namespace wiresage {

namespace {

using enum MetricType;

// clang-format off
constexpr std::array<MetricAbout, static_cast<std::size_t>(Metric::count)> catalogue{{
    {Metric::build_info, "wiresage_build_info", gauge, "Always 1; the labels say what is running.", "version revision compiler"},

    {Metric::packets, "wiresage_packets_total", counter, "Packets numbered and given to a worker.", "interface"},
    {Metric::bytes, "wiresage_bytes_total", counter, "Bytes of those packets, as long as they were on the wire.", "interface"},
    {Metric::packets_received, "wiresage_packets_received_total", counter, "Packets the kernel saw for the capture (ps_recv); on Linux it includes those that it dropped.", "interface"},
    {Metric::packets_dropped, "wiresage_packets_dropped_total", counter, "Packets lost before they were numbered: kernel (its ring was full), ring (a worker's ring was full), interface (ps_ifdrop), link (the link's own counters).", "interface stage"},
    {Metric::softnet_dropped, "wiresage_softnet_dropped_total", counter, "Packets of all interfaces that the kernel's backlog dropped (softnet_stat).", ""},
    {Metric::softnet_squeezed, "wiresage_softnet_squeezed_total", counter, "Times the kernel's receive loop ran out of budget (softnet_stat).", ""},
    {Metric::interface_up, "wiresage_interface_up", gauge, "1 while packets can be captured from the interface.", "interface"},
    {Metric::interface_errors, "wiresage_interface_errors_total", counter, "Times a capture ended in an error and was opened anew.", "interface"},
    {Metric::packets_by_protocol, "wiresage_protocol_packets_total", counter, "Decoded packets by their innermost protocol.", "protocol"},
    {Metric::decode_anomalies, "wiresage_decode_anomalies_total", counter, "Packets that are truncated, malformed or not understood, by kind.", "reason"},
    {Metric::duplicates, "wiresage_duplicate_packets_total", counter, "Packets seen a second time and left out.", ""},

    {Metric::flows_open, "wiresage_flows_open", gauge, "Flows in the tables.", ""},
    {Metric::flows_opened, "wiresage_flows_opened_total", counter, "Flows seen for the first time.", ""},
    {Metric::flows_closed, "wiresage_flows_closed_total", counter, "Flows that ended, by how: closed, reset, expired.", "reason"},
    {Metric::hosts_known, "wiresage_hosts_known", gauge, "Hosts that something is remembered about.", ""},
    {Metric::table_entries, "wiresage_table_entries", gauge, "Entries in a bounded table.", "table"},
    {Metric::table_limit, "wiresage_table_limit", gauge, "Entries a bounded table can hold.", "table"},
    {Metric::evicted, "wiresage_evicted_total", counter, "Entries that a full table let go of before their time.", "table reason"},

    {Metric::facts, "wiresage_facts_total", counter, "Facts that workers handed to the correlator.", ""},
    {Metric::stalled_seconds, "wiresage_stalled_seconds_total", counter, "Time a stage waited because the next one was full.", "stage"},
    {Metric::ring_used_bytes, "wiresage_ring_used_bytes", gauge, "Bytes of packets that wait for workers.", ""},
    {Metric::workers, "wiresage_workers", gauge, "Threads that decode.", ""},
    {Metric::event_time, "wiresage_event_time_seconds", gauge, "How far event time has come, Unix time.", ""},
    {Metric::clock_steps, "wiresage_clock_steps_total", counter, "Times the stamps stepped back by more than a second.", ""},
    {Metric::stamps_clamped, "wiresage_stamps_clamped_total", counter, "Stamps outside 1970 to 2262, or a little out of order, that were clamped.", ""},

    {Metric::answers, "wiresage_server_response_seconds", histogram, "From a request's last byte to the answer's first, of all services, as seen here.", ""},
    {Metric::round_trips, "wiresage_network_round_trip_seconds", histogram, "Round trips of the paths to all services: a service's mean of some seconds, once for each exchange in it.", ""},
    {Metric::tcp_segments, "wiresage_tcp_segments_total", counter, "Segments of connections that had loss, or enough segments to compare with: by_client, by_server.", "stage"},
    {Metric::tcp_segments_again, "wiresage_tcp_segments_sent_again_total", counter, "Those of them that were sent again: by_client, by_server.", "stage"},

    {Metric::alerts, "wiresage_alerts_total", counter, "Alerts that began to fire.", "rule severity"},
    {Metric::alerts_firing, "wiresage_alerts_firing", gauge, "Alerts that fire now.", "rule severity"},
    {Metric::alerts_suppressed, "wiresage_alerts_suppressed_total", counter, "Documents held back by the configuration or explained by another alert.", "rule"},
    {Metric::alerts_stored, "wiresage_alerts_stored", gauge, "Alerts that the API can show.", ""},
    {Metric::receiver_queue, "wiresage_receiver_queue_length", gauge, "Documents that wait for a receiver.", "receiver"},
    {Metric::deliveries, "wiresage_deliveries_total", counter, "Documents that a receiver took: the whole transfer succeeded with 2xx.", "receiver"},
    {Metric::delivery_failures, "wiresage_delivery_failures_total", counter, "Tries that failed: connect, timeout, status, answer.", "receiver reason"},
    {Metric::dead_letters, "wiresage_dead_letters_total", counter, "Documents given up: expired (72 h), queue_full, removed (the receiver is no longer configured).", "receiver reason"},
    {Metric::receiver_failing, "wiresage_receiver_failing", gauge, "1 while a receiver's last tries failed.", "receiver"},
    {Metric::rolled_up, "wiresage_rolled_up_total", counter, "Documents that a receiver was not sent one by one, but counted in a roll-up.", "receiver"},
    {Metric::socket_events, "wiresage_socket_events_total", counter, "What the kernel told of processes' sockets (process.tracepoints).", ""},
    {Metric::socket_events_lost, "wiresage_socket_events_lost_total", counter, "Of that, what found no room: owners of sockets are then absent, not wrong.", ""},
    {Metric::journal_durable, "wiresage_journal_durable", gauge, "1 while alerts are on disk before they are sent, 0 while they are in memory only.", ""},
    {Metric::journal_entries, "wiresage_journal_entries", gauge, "Documents in the journal.", ""},
    {Metric::journal_bytes, "wiresage_journal_used_bytes", gauge, "Bytes of the journal's file that hold something.", ""},
    {Metric::journal_limit, "wiresage_journal_size_bytes", gauge, "The journal's size on disk (journal.size).", ""},
    {Metric::journal_commits, "wiresage_journal_commits_total", counter, "Transactions that are on disk.", ""},
    {Metric::journal_commit_times, "wiresage_journal_commit_seconds", histogram, "From an alert's document to its being on disk.", ""},
    {Metric::journal_unsaved, "wiresage_journal_unsaved_total", counter, "Documents that went out without having been committed.", ""},
    {Metric::journal_removed, "wiresage_journal_removed_total", counter, "Documents that left the journal for their age or for room.", ""},
    {Metric::suppressions, "wiresage_suppressions", gauge, "Suppressions in force, of the configuration and of the API.", ""},

    {Metric::reload_successful, "wiresage_config_last_reload_successful", gauge, "1 when the last reload was taken, 0 when its configuration was refused.", ""},
    {Metric::reload_timestamp, "wiresage_config_last_reload_success_timestamp_seconds", gauge, "When a configuration was last taken, Unix time.", ""},
    {Metric::reloads, "wiresage_config_reloads_total", counter, "Reloads that were asked for.", ""},
    {Metric::degraded, "wiresage_degraded", gauge, "1 while loss, evictions or a missing interface limit the verdicts.", ""},

    {Metric::http_requests, "wiresage_http_requests_total", counter, "Requests that were answered.", ""},
    {Metric::http_connections, "wiresage_http_connections", gauge, "Open HTTP connections.", ""},
    {Metric::http_rejected, "wiresage_http_rejected_total", counter, "Connections and requests refused: full, host, token, malformed, timeout.", "reason"},
    {Metric::http_streams, "wiresage_http_streams", gauge, "Readers of the alert stream.", ""},
    {Metric::http_streams_dropped, "wiresage_http_streams_dropped_total", counter, "Readers of the alert stream that were too slow.", ""},

    {Metric::process_cpu, "process_cpu_seconds_total", counter, "Total user and system CPU time spent in seconds.", ""},
    {Metric::process_resident_memory, "process_resident_memory_bytes", gauge, "Resident memory size in bytes.", ""},
    {Metric::process_virtual_memory, "process_virtual_memory_bytes", gauge, "Virtual memory size in bytes.", ""},
    {Metric::process_open_fds, "process_open_fds", gauge, "Number of open file descriptors.", ""},
    {Metric::process_max_fds, "process_max_fds", gauge, "Maximum number of open file descriptors.", ""},
    {Metric::process_start_time, "process_start_time_seconds", gauge, "Start time of the process since unix epoch in seconds.", ""},
    {Metric::process_threads, "process_threads", gauge, "Number of threads.", ""},
}};
// clang-format on

constexpr bool in_order() {
    for (std::size_t i = 0; i < catalogue.size(); ++i) {
        if (static_cast<std::size_t>(catalogue[i].metric) != i) return false;
    }
    return true;
}
static_assert(in_order(), "the catalogue has one row for each Metric, in its order");

}  // namespace

std::span<const MetricAbout> metric_catalogue() noexcept { return catalogue; }

const MetricAbout& about(Metric metric) noexcept { return catalogue[static_cast<std::size_t>(metric)]; }

std::size_t label_count(const MetricAbout& metric) noexcept {
    if (metric.labels.empty()) return 0;
    return static_cast<std::size_t>(std::ranges::count(metric.labels, ' ')) + 1;
}

}  // namespace wiresage

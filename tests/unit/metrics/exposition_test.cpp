// The text of a scrape.

#include "metrics/exposition.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "metrics/process.hpp"

namespace wiresage::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(Exposition, ShowsHelpTypeLabelsAndValue) {
    MetricsSnapshot snapshot;
    snapshot.add(Metric::packets, std::uint64_t{12}, {"eth0"});
    EXPECT_EQ(exposition(snapshot),
              "# HELP wiresage_packets_total Packets numbered and given to a worker.\n"
              "# TYPE wiresage_packets_total counter\n"
              "wiresage_packets_total{interface=\"eth0\"} 12\n");
}

TEST(Exposition, LeavesOutWhatHasNoSample) { EXPECT_EQ(exposition({}), ""); }

TEST(Exposition, AddsUpTheSameLabels) {
    MetricsSnapshot snapshot;
    snapshot.add(Metric::packets_dropped, 1.0, {"eth0", "ring"});
    snapshot.add(Metric::packets_dropped, 2.0, {"eth0", "ring"});
    snapshot.add(Metric::packets_dropped, 4.0, {"eth0", "kernel"});
    const auto text = exposition(snapshot);
    EXPECT_THAT(text, HasSubstr("{interface=\"eth0\",stage=\"ring\"} 3\n"));
    EXPECT_THAT(text, HasSubstr("{interface=\"eth0\",stage=\"kernel\"} 4\n"));
}

TEST(Exposition, KeepsMetricsOfOneNameTogether) {
    MetricsSnapshot snapshot;
    snapshot.add(Metric::packets, 1.0, {"eth0"});
    snapshot.add(Metric::bytes, 2.0, {"eth0"});
    snapshot.add(Metric::packets, 3.0, {"eth1"});
    const auto text = exposition(snapshot);
    EXPECT_EQ(text.find("# TYPE wiresage_packets_total"), text.rfind("# TYPE wiresage_packets_total"));
    EXPECT_LT(text.find("interface=\"eth1\""), text.find("wiresage_bytes_total"));
}

TEST(Exposition, EscapesLabelValues) {
    MetricsSnapshot snapshot;
    snapshot.add(Metric::interface_up, 1.0, {"a\"b\\c\nd\xff"});
    const auto text = exposition(snapshot);
    EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 3);
    EXPECT_THAT(text, HasSubstr("a\\\"b\\\\c"));
    EXPECT_THAT(text, Not(HasSubstr("\xff")));
}

TEST(Exposition, WritesLargeNumbersExactly) {
    MetricsSnapshot snapshot;
    snapshot.add(Metric::bytes, std::uint64_t{9'007'199'254'740'991}, {"eth0"});
    EXPECT_THAT(exposition(snapshot), HasSubstr("} 9007199254740991\n"));
}

TEST(ProcessFigures, OfThisVeryProcessAreThere) {
    const auto figures = process_figures();
    ASSERT_TRUE(figures.cpu_seconds && figures.resident_bytes && figures.open_fds && figures.threads);
    EXPECT_GT(*figures.resident_bytes, 1'000'000U);
    EXPECT_GE(*figures.open_fds, 3U);
    EXPECT_GE(*figures.threads, 1U);
    EXPECT_GT(figures.start_time_seconds.value_or(0), 1e9);

    MetricsSnapshot snapshot;
    add_process(snapshot, figures);
    EXPECT_EQ(snapshot.samples().size(), 7U);
}

TEST(OpenMetrics, NamesFamiliesWithoutTotalAndEndsWithEof) {
    MetricsSnapshot snapshot;
    snapshot.add(Metric::alerts, 2.0, {"port_scan", "warning"});
    snapshot.exemplify({"b7c1e0a4d95f2c33", 1'700'000'000.25});
    snapshot.add(Metric::degraded, 0.0);
    EXPECT_EQ(open_metrics(snapshot),
              "# TYPE wiresage_alerts counter\n"
              "# HELP wiresage_alerts Alerts that began to fire.\n"
              "wiresage_alerts_total{rule=\"port_scan\",severity=\"warning\"} 2 # {alert_id=\"b7c1e0a4d95f2c33\"} 1 1700000000.250\n"
              "# TYPE wiresage_degraded gauge\n"
              "# HELP wiresage_degraded 1 while loss, evictions or a missing interface limit the verdicts.\n"
              "wiresage_degraded 0\n"
              "# EOF\n");
}

TEST(Exposition, SumsUpAHistogramsBuckets) {
    MetricsSnapshot snapshot;
    snapshot.add(Metric::answers, HistogramSample{{0.5, 1}, {3, 0, 2}, 4.5});
    for (const auto& text : {exposition(snapshot), open_metrics(snapshot)}) {
        EXPECT_THAT(text, HasSubstr("wiresage_server_response_seconds_bucket{le=\"0.5\"} 3\n"));
        EXPECT_THAT(text, HasSubstr("wiresage_server_response_seconds_bucket{le=\"1\"} 3\n"));
        EXPECT_THAT(text, HasSubstr("wiresage_server_response_seconds_bucket{le=\"+Inf\"} 5\n"));
        EXPECT_THAT(text, HasSubstr("wiresage_server_response_seconds_count 5\n"));
        EXPECT_THAT(text, HasSubstr("wiresage_server_response_seconds_sum 4.5\n"));
    }
}

}  // namespace
}  // namespace wiresage::testing

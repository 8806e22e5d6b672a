// udp_flood judges the sums of ticks: masses of datagrams that nobody asked for and nobody answers.

#include <gtest/gtest.h>

#include <functional>

#include "base/hash.hpp"
#include "support/rule_bench.hpp"

namespace wiresage::testing {
namespace {

using namespace std::chrono_literals;

const Address target = ipv4(192, 0, 2, 50);
const Address sender = ipv4(10, 0, 0, 7);

/// A second of datagrams, told tick by tick as a shard does.
struct Mass {
    Address to = target;
    Endpoint from{sender, 3000};
    std::uint32_t per_tick = 300;
    std::uint64_t wire_bytes = 100;  ///< Of each.
    std::uint32_t answered_percent = 0;
    std::uint32_t sources = 1;
    std::uint32_t ports = 1;  ///< Destination ports, from `port` on.
    std::uint16_t port = 7777;
    bool new_flows = false;  ///< Each datagram begins a flow.
    bool one_source_port = true;
    std::uint32_t fragments_each = 0;
};

void tell(RuleBench& bench, Duration from, int ticks, const Mass& mass, VolumeKind kind = VolumeKind::udp_to) {
    for (int i = 1; i <= ticks; ++i) {
        const auto at = from + i * tick_length;
        Volume volume;
        volume.kind = kind;
        volume.key = {kind == VolumeKind::udp_to ? mass.to : mass.from.ip, 0};
        volume.peer = kind == VolumeKind::udp_to ? mass.from : Endpoint{mass.to, mass.port};
        volume.first = volume.first_stamp = bench_begin + at - tick_length + 1ms;
        volume.first_frame = static_cast<std::uint32_t>(i);
        volume.packets = mass.per_tick;
        volume.bytes = mass.per_tick * mass.wire_bytes;
        volume.replies = mass.per_tick * mass.answered_percent / 100;
        volume.unanswered = mass.per_tick;
        volume.completed = volume.replies;
        volume.attempts = mass.new_flows ? mass.per_tick : (i == 1 ? std::max(mass.sources, mass.ports) : 0);
        volume.fragments = mass.per_tick * mass.fragments_each;
        volume.common_length = 80;
        volume.key_port = mass.port;
        volume.one_peer_ip = mass.sources == 1;
        volume.one_peer_port = mass.one_source_port;
        volume.one_key_port = mass.ports == 1;
        bench.tells(at, volume);
        for (std::uint32_t n = 0; mass.sources > 1 && n < mass.sources; ++n) {
            Distinct distinct{volume.key, {}, kind, false, 1};
            distinct.hashes[0] = static_cast<std::uint32_t>(spread(n + 1));
            bench.tells(at, distinct);
        }
        for (std::uint32_t n = 0; mass.ports > 1 && n < mass.ports; ++n) {
            Distinct distinct{volume.key, {}, kind, true, 1};
            distinct.hashes[0] = port_hash(static_cast<std::uint16_t>(mass.port + n));
            bench.tells(at, distinct);
        }
    }
}

struct Row {
    const char* name;
    std::function<void(RuleBench&)> story;
    const char* verdict;  ///< "critical", "info" or "silent".
};

/// The sender is seen talking with somebody else.
void proven(RuleBench& bench) { bench.sees(0s, two_way(sender, ipv4(10, 0, 0, 1))); }

class UdpFlood : public ::testing::TestWithParam<Row> {};

TEST_P(UdpFlood, IsFoundOnlyWhereDatagramsAreManyUnaskedAndUnanswered) {
    RuleBench bench{"udp_flood"};
    GetParam().story(bench);
    const auto* const finding = bench.last();
    const std::string verdict = finding == nullptr ? "silent" : std::string{name(bench.severity(*finding))};
    EXPECT_EQ(verdict, GetParam().verdict);
}

const Row rows[] = {
    {"one_sender_to_one_port",
     [](RuleBench& bench) {
         proven(bench);
         tell(bench, 0s, 10, {});
         bench.until(5s);
     },
     "critical"},
    {"few_large_datagrams",
     [](RuleBench& bench) {
         proven(bench);
         tell(bench, 0s, 10, {.per_tick = 120, .wire_bytes = 8300, .fragments_each = 6});
         bench.until(5s);
     },
     "critical"},
    {"a_burst_that_is_over_within_a_tick",
     [](RuleBench& bench) {
         proven(bench);
         tell(bench, 0s, 1, {.per_tick = 2500});
         bench.until(5s);
     },
     "critical"},
    {"too_few",
     [](RuleBench& bench) {
         proven(bench);
         tell(bench, 0s, 3, {});
         bench.until(5s);
     },
     "silent"},
    {"too_slow",
     [](RuleBench& bench) {
         proven(bench);
         tell(bench, 0s, 100, {.per_tick = 150});
         bench.until(15s);
     },
     "silent"},
    {"a_name_server_that_answers",
     [](RuleBench& bench) {
         proven(bench);
         tell(bench, 0s, 30,
              {.per_tick = 2000, .answered_percent = 100, .sources = 500, .port = 53, .new_flows = true});
         bench.until(6s);
     },
     "silent"},
    {"a_name_server_of_which_one_query_in_five_is_lost",
     [](RuleBench& bench) {
         proven(bench);
         tell(bench, 0s, 30, {.per_tick = 2000, .answered_percent = 80, .sources = 500, .port = 53, .new_flows = true});
         bench.until(6s);
     },
     "silent"},
    {"a_collector_of_logs",
     [](RuleBench& bench) {
         proven(bench);
         tell(bench, 0s, 30, {.per_tick = 1000, .sources = 40, .port = 514});
         bench.until(6s);
     },
     "silent"},
    {"twenty_calls",
     [](RuleBench& bench) {
         proven(bench);
         tell(bench, 0s, 30, {.per_tick = 300, .sources = 4, .ports = 60, .port = 30'000});
         bench.until(6s);
     },
     "silent"},
    {"media_between_two_that_also_talk",
     [](RuleBench& bench) {
         bench.sees(0s, two_way(sender, target));
         tell(bench, 0s, 30, {});
         bench.until(6s);
     },
     "info"},
    {"a_download_of_which_one_direction_is_seen",
     [](RuleBench& bench) {
         tell(bench, 0s, 30, {.from = {sender, 443}});
         bench.until(6s);
     },
     "info"},
    {"answers_of_name_servers_of_which_one_direction_is_seen",
     [](RuleBench& bench) {
         tell(bench, 0s, 30, {.from = {sender, 53}, .per_tick = 2000, .sources = 900, .ports = 500, .new_flows = true});
         bench.until(6s);
     },
     "info"},
    {"queries_of_which_one_direction_is_seen",
     [](RuleBench& bench) {
         tell(bench, 0s, 30,
              {.per_tick = 2000, .sources = 900, .port = 53, .new_flows = true, .one_source_port = false});
         bench.until(6s);
     },
     "info"},
    {"reflection_of_which_one_direction_is_seen",
     [](RuleBench& bench) {
         tell(bench, 0s, 5, {.from = {sender, 123}, .per_tick = 800, .sources = 600, .ports = 500, .new_flows = true});
         bench.until(6s);
     },
     "critical"},
    {"forged_sources_with_a_datagram_each",
     [](RuleBench& bench) {
         tell(bench, 0s, 4, {.per_tick = 700, .sources = 1500, .new_flows = true, .one_source_port = false});
         bench.until(6s);
     },
     "critical"},
    {"no_more_than_it_always_was",
     [](RuleBench& bench) {
         proven(bench);
         for (int minute = 0; minute < 3; ++minute) tell(bench, minute * 60s, 550, {.per_tick = 190});
         tell(bench, 180s, 20, {.per_tick = 300});
         bench.until(190s);
     },
     "silent"},
    {"a_group_address",
     [](RuleBench& bench) {
         proven(bench);
         tell(bench, 0s, 20, {.to = ipv4(239, 1, 1, 1)});
         bench.until(6s);
     },
     "silent"},
};

INSTANTIATE_TEST_SUITE_P(, UdpFlood, ::testing::ValuesIn(rows), [](const auto& row) { return row.param.name; });

TEST(UdpFloodEvidence, CountsFromTheFirstDatagramToTheLast) {
    RuleBench bench{"udp_flood"};
    proven(bench);
    tell(bench, 2s, 20, {.per_tick = 250, .wire_bytes = 8300, .fragments_each = 6});
    bench.until(10s);
    const auto* const finding = bench.last("192.0.2.50");
    ASSERT_NE(finding, nullptr);
    EXPECT_EQ(finding->source.ip, sender);
    EXPECT_EQ(finding->source.port, 3000);
    EXPECT_EQ(finding->destination.port, 7777);
    EXPECT_EQ(finding->start, bench_begin + 2s + 1ms);
    EXPECT_EQ(whole(*finding, "datagrams"), 5000);
    EXPECT_EQ(whole(*finding, "datagram_len"), 80);
    EXPECT_EQ(whole(*finding, "bytes"), 5000 * 8300);
    EXPECT_EQ(whole(*finding, "fragments"), 30'000);
    EXPECT_EQ(whole(*finding, "replies"), 0);
    EXPECT_EQ(whole(*finding, "distinct_sources"), 1);
    EXPECT_EQ(whole(*finding, "destination_ports"), 1);
    EXPECT_DOUBLE_EQ(number(*finding, "datagrams_per_s"), 2500);
    EXPECT_DOUBLE_EQ(number(*finding, "bits_per_s"), 2500 * 8300 * 8.0);
}

TEST(UdpFloodEvidence, ASecondFloodAfterTheQuietIsANewEpisode) {
    RuleBench bench{"udp_flood"};
    proven(bench);
    tell(bench, 0s, 10, {});
    bench.until(80s);
    const auto first = bench.last()->start;
    tell(bench, 100s, 10, {});
    bench.until(105s);
    EXPECT_GT(bench.last()->start, first);
    EXPECT_EQ(whole(*bench.last(), "datagrams"), 3000);
}

TEST(UdpFloodBySource, ASprayOverManyTargetsIsOneAlertOfTheSource) {
    RuleBench bench{"udp_flood"};
    proven(bench);
    tell(bench, 0s, 15, {.per_tick = 400, .sources = 800, .port = 1434, .new_flows = true}, VolumeKind::udp_from);
    bench.until(5s);
    const auto* const finding = bench.last("10.0.0.7");
    ASSERT_NE(finding, nullptr);
    EXPECT_EQ(finding->source.ip, sender);
    EXPECT_EQ(finding->destination.ip, std::nullopt);
    EXPECT_EQ(whole(*finding, "distinct_sources"), 1);
}

TEST(UdpFloodBySource, AMediaServerWithManyListenersIsNone) {
    RuleBench bench{"udp_flood"};
    proven(bench);
    tell(bench, 0s, 15, {.per_tick = 2500, .sources = 500}, VolumeKind::udp_from);
    bench.until(5s);
    EXPECT_TRUE(bench.findings().empty());
}

}  // namespace
}  // namespace wiresage::testing

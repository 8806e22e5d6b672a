// icmp_flood judges the sums of ticks: masses of ICMP without answers, or in numbers that no use of ping explains.

#include <gtest/gtest.h>

#include "base/hash.hpp"
#include "support/rule_bench.hpp"

namespace wiresage::testing {
namespace {

using namespace std::chrono_literals;

const Address target = ipv4(192, 0, 2, 80);
const Address sender = ipv4(10, 0, 0, 7);

struct Row {
    const char* name;
    std::uint32_t per_tick;
    int ticks;
    std::uint32_t answered_percent;
    std::uint8_t type;
    bool proven;
    bool found;
};

void tell(RuleBench& bench, Duration from, const Row& row, VolumeKind kind, std::uint32_t peers) {
    for (int i = 1; i <= row.ticks; ++i) {
        const auto at = from + i * tick_length;
        Volume volume;
        volume.kind = kind;
        volume.key = {kind == VolumeKind::icmp_to ? target : sender, 0};
        volume.peer = {kind == VolumeKind::icmp_to ? sender : target, 0};
        volume.first = volume.first_stamp = bench_begin + at - 50ms;
        volume.first_frame = 1;
        volume.packets = volume.unanswered = row.per_tick;
        volume.bytes = row.per_tick * std::uint64_t{98};
        volume.replies = row.per_tick * row.answered_percent / 100;
        volume.icmp_types[0] = row.type;
        volume.icmp_type_count = 1;
        volume.one_peer_ip = peers == 1;
        bench.tells(at, volume);
        for (std::uint32_t n = 0; n < peers; ++n) {
            Distinct distinct{volume.key, {}, kind, false, 1};
            distinct.hashes[0] = static_cast<std::uint32_t>(spread(n + 1));
            bench.tells(at, distinct);
        }
    }
}

class IcmpFlood : public ::testing::TestWithParam<Row> {};

TEST_P(IcmpFlood, IsFoundOnlyWhereMessagesAreManyAndUnanswered) {
    const auto& row = GetParam();
    RuleBench bench{"icmp_flood"};
    if (row.proven) bench.sees(0s, two_way(target, ipv4(10, 0, 0, 1)));
    tell(bench, 0s, row, VolumeKind::icmp_to, 1);
    bench.until(8s);
    EXPECT_EQ(!bench.findings().empty(), row.found);
}

constexpr Row rows[] = {
    {"unanswered_requests", 80, 10, 0, 8, false, true},
    {"a_burst_within_a_tick", 1000, 1, 0, 128, false, true},
    {"too_few", 80, 6, 0, 8, false, false},
    {"too_slow", 40, 50, 0, 8, false, false},
    {"answered", 500, 20, 100, 8, false, false},
    {"answered_but_more_than_any_use_of_ping", 1500, 20, 100, 8, false, true},
    {"replies_that_nobody_asked_for", 80, 10, 0, 0, true, true},
    {"replies_whose_requests_are_not_shown_here", 80, 10, 0, 0, false, false},
    {"errors_about_its_own_packets", 80, 10, 0, 3, true, false},
    {"errors_in_masses", 1500, 10, 0, 3, true, true},
};

INSTANTIATE_TEST_SUITE_P(, IcmpFlood, ::testing::ValuesIn(rows), [](const auto& row) { return row.param.name; });

TEST(IcmpFloodEvidence, SaysHowManyOfWhichTypeFromWhom) {
    RuleBench bench{"icmp_flood"};
    tell(bench, 1s, {"", 100, 12, 0, 8, false, true}, VolumeKind::icmp_to, 3);
    bench.until(8s);
    const auto* const finding = bench.last("192.0.2.80");
    ASSERT_NE(finding, nullptr);
    EXPECT_EQ(whole(*finding, "count"), 1200);
    EXPECT_EQ(whole(*finding, "bytes"), 1200 * 98);
    EXPECT_DOUBLE_EQ(number(*finding, "per_s"), 1000);
    EXPECT_EQ(whole(*finding, "distinct_sources"), 3);
    EXPECT_EQ(std::get<std::vector<std::int64_t>>(*finding->evidence.find("types")), (std::vector<std::int64_t>{8}));
    EXPECT_EQ(finding->source.ip, std::nullopt);
    EXPECT_EQ(finding->destination.ip, target);
    EXPECT_EQ(finding->destination.port, std::nullopt);
}

TEST(IcmpFloodBySource, ASweepOrAPollOfManyAddressesIsNone) {
    RuleBench bench{"icmp_flood"};
    tell(bench, 0s, {"", 200, 10, 10, 8, false, false}, VolumeKind::icmp_from, 1000);
    bench.until(8s);
    EXPECT_TRUE(bench.findings().empty());
}

TEST(IcmpFloodBySource, MassesOfMessagesToAFewAddressesAreOne) {
    RuleBench bench{"icmp_flood"};
    tell(bench, 0s, {"", 200, 10, 10, 8, false, true}, VolumeKind::icmp_from, 5);
    bench.until(8s);
    ASSERT_NE(bench.last("10.0.0.7"), nullptr);
    EXPECT_EQ(bench.last()->source.ip, sender);
}

}  // namespace
}  // namespace wiresage::testing

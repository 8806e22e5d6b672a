// tcp_syn_flood judges the sums of ticks: handshakes of a service, or of a source, that stay incomplete in masses.

#include <gtest/gtest.h>

#include "support/rule_bench.hpp"

namespace wiresage::testing {
namespace {

using namespace std::chrono_literals;

const Endpoint service{ipv4(10, 20, 0, 80), 443};

/// What happens to a service in each tick (100 ms).
struct Load {
    std::uint32_t attempts = 0;
    std::uint32_t completed = 0;
    std::uint32_t refused = 0;
    std::uint32_t syns = 0;  ///< 0: as many as attempts.
};

/// `ticks` ticks of a load.
struct Phase {
    Load load;
    int ticks;
};

class Flow {
public:
    explicit Flow(RuleBench& bench) : bench_{bench} {}

    void runs(const std::vector<Phase>& phases, const Endpoint& key = service, VolumeKind kind = VolumeKind::syn_to,
              const Endpoint& peer = {ipv4(198, 51, 100, 1), 1}) {
        for (const auto& phase : phases) {
            for (int i = 0; i < phase.ticks; ++i) tick({{phase.load, key, kind, peer}});
        }
    }

    struct Of {
        Load load;
        Endpoint key;
        VolumeKind kind = VolumeKind::syn_to;
        Endpoint peer;
    };

    void tick(const std::vector<Of>& all) {
        at_ += tick_length;
        bench_.until(at_ - 1ms);
        for (const auto& of : all) {
            if (of.load.attempts + of.load.completed + of.load.syns == 0) continue;
            Volume volume;
            volume.kind = of.kind;
            volume.key = of.key;
            volume.peer = of.peer;
            volume.one_peer_ip = of.peer.port != 1;
            volume.attempts = of.load.attempts;
            volume.completed = of.load.completed;
            volume.refused = of.load.refused;
            volume.packets = of.load.syns == 0 ? of.load.attempts : of.load.syns;
            volume.replies = of.load.completed;
            volume.first = volume.first_stamp = bench_begin + at_ - tick_length;
            bench_.tells(at_ - 1ms, volume);
            Distinct distinct;
            distinct.kind = of.kind;
            distinct.key = of.key;
            for (; distinct.count < 8; ++distinct.count)
                distinct.hashes[distinct.count] = static_cast<std::uint32_t>(spread(++hash_));
            bench_.tells(at_ - 1ms, distinct);
        }
    }

    Duration now() const { return at_; }

private:
    RuleBench& bench_;
    Duration at_{};
    std::uint64_t hash_ = 0;
};

struct Story {
    const char* name;
    std::vector<Phase> phases;
    bool found;
};

class TcpSynFlood : public ::testing::TestWithParam<Story> {};

TEST_P(TcpSynFlood, IsFoundOnlyWhereHandshakesStayIncompleteInMasses) {
    RuleBench bench{"tcp_syn_flood"};
    Flow flow{bench};
    flow.runs(GetParam().phases);
    bench.ends(flow.now() + 1ms);
    EXPECT_EQ(bench.last() != nullptr, GetParam().found);
}

const Story stories[] = {
    {"a_thousand_and_more_unanswered", {{{30, 0, 0}, 50}}, true},
    {"short_and_hard", {{{700, 0, 0}, 13}}, true},
    {"too_few", {{{30, 0, 0}, 30}}, false},
    {"slow_trickle", {{{5, 0, 0}, 3000}}, false},
    {"healthy_at_five_thousand_a_second", {{{500, 500, 0}, 600}}, false},
    {"healthy_with_a_long_way", {{{500, 0, 0}, 6}, {{500, 500, 0}, 300}, {{0, 500, 0}, 6}}, false},
    {"healthy_until_the_capture_ends", {{{500, 0, 0}, 3}, {{500, 500, 0}, 10}}, false},
    {"burst_that_completes", {{{2500, 0, 0}, 2}, {{0, 1000, 0}, 5}}, false},
    {"hidden_in_healthy_load", {{{500, 500, 0}, 300}, {{600, 500, 0}, 100}}, true},
    {"hidden_and_short", {{{500, 500, 0}, 300}, {{600, 500, 0}, 30}}, true},
    {"hidden_from_the_first_packet_on", {{{600, 500, 0}, 100}}, true},
    {"load_that_grows_tenfold_over_a_long_way", {{{50, 50, 0}, 300}, {{500, 50, 0}, 3}, {{500, 500, 0}, 300}}, false},
    {"load_that_ends", {{{500, 0, 0}, 3}, {{500, 500, 0}, 300}, {{0, 500, 0}, 3}, {{1, 1, 0}, 300}}, false},
    {"load_after_quiet", {{{1, 1, 0}, 600}, {{500, 1, 0}, 3}, {{500, 500, 0}, 300}}, false},
    {"closed_port", {{{500, 0, 500}, 300}}, false},
    {"lossy_clients_all_the_time", {{{500, 485, 0}, 3000}}, false},
    {"service_that_died", {{{100, 100, 0}, 600}, {{100, 0, 0, 300}, 300}}, false},
    {"service_that_was_killed_by_a_flood", {{{20, 20, 0}, 600}, {{420, 2, 0}, 100}}, true},
    {"clients_of_a_dead_service_ask_again", {{{40, 0, 0, 60}, 300}}, false},
    {"one_forged_packet_again_and_again", {{{1, 0, 0, 2000}, 100}}, true},
};

INSTANTIATE_TEST_SUITE_P(Table, TcpSynFlood, ::testing::ValuesIn(stories),
                         [](const auto& row) { return std::string{row.param.name}; });

TEST(TcpSynFloodEvidence, CountsFromTheFirstPacketToTheLast) {
    RuleBench bench{"tcp_syn_flood"};
    Flow flow{bench};
    flow.runs({{{100, 0, 0}, 40}});
    bench.ends(flow.now() + 1ms);

    const auto* const finding = bench.last("10.20.0.80:443");
    ASSERT_NE(finding, nullptr);
    EXPECT_EQ(bench.severity(*finding), Severity::critical);
    EXPECT_EQ(whole(*finding, "syns"), 4000);
    EXPECT_EQ(whole(*finding, "attempts"), 4000);
    EXPECT_EQ(whole(*finding, "completed"), 0);
    EXPECT_EQ(whole(*finding, "refused"), 0);
    EXPECT_EQ(whole(*finding, "half_open_max"), 4000);
    EXPECT_EQ(whole(*finding, "distinct_sources"), 320);
    EXPECT_DOUBLE_EQ(number(*finding, "syn_per_s"), 1000.0);
    EXPECT_DOUBLE_EQ(number(*finding, "synack_per_s"), 0.0);
    EXPECT_FALSE(says(*finding, "good_completions_fell"));
    EXPECT_EQ(finding->start, bench_begin);
    EXPECT_EQ(finding->source.ip, std::nullopt);
    EXPECT_EQ(finding->destination.ip, service.ip);
    EXPECT_EQ(finding->confidence, Confidence::low) << "nothing proves that answers would be seen here";
}

TEST(TcpSynFloodEvidence, SaysWhetherOthersFinishFewerThanBefore) {
    RuleBench bench{"tcp_syn_flood"};
    bench.sees(0s, two_way(service.ip, ipv4(10, 0, 0, 1)));
    Flow flow{bench};
    flow.runs({{{20, 20, 0}, 600}, {{420, 2, 0}, 100}});
    bench.ends(flow.now() + 1ms);
    ASSERT_NE(bench.last(), nullptr);
    EXPECT_TRUE(says(*bench.last(), "good_completions_fell"));
    EXPECT_EQ(bench.last()->urgency, Urgency::page);
    EXPECT_EQ(bench.last()->confidence, Confidence::high);
    EXPECT_GE(bench.last()->start, bench_begin + 58s) << "the flood, not the healthy minute before it";
}

TEST(TcpSynFloodEvidence, IsToldWithinTwoSecondsOfTheThousandth) {
    RuleBench bench{"tcp_syn_flood"};
    Flow flow{bench};
    flow.runs({{{100, 0, 0}, 10}});  // The thousandth comes in the tenth tick.
    bench.until(flow.now() + 1500ms);
    EXPECT_NE(bench.last(), nullptr);
}

TEST(TcpSynFloodEvidence, ASecondFloodCountsAnew) {
    RuleBench bench{"tcp_syn_flood"};
    Flow flow{bench};
    flow.runs({{{100, 0, 0}, 40}, {{}, 3000}, {{200, 0, 0}, 20}});
    bench.ends(flow.now() + 1ms);
    ASSERT_NE(bench.last(), nullptr);
    EXPECT_EQ(whole(*bench.last(), "syns"), 4000);
    EXPECT_GE(bench.last()->start, bench_begin + 5min);
}

TEST(TcpSynFloodEvidence, AClockStepStartsAllWindowsAnew) {
    RuleBench bench{"tcp_syn_flood"};
    Flow flow{bench};
    flow.runs({{{30, 0, 0}, 25}});
    bench.tells(flow.now(), ClockStep{1h});
    flow.runs({{{30, 0, 0}, 25}});
    bench.ends(flow.now() + 1ms);
    EXPECT_EQ(bench.last(), nullptr) << "750 on each side of the step";
}

TEST(TcpSynFloodEvidence, AScanOfAllPortsIsNoFloodOfAServiceNorOfASource) {
    RuleBench bench{"tcp_syn_flood"};
    Flow flow{bench};
    const Address scanner = ipv4(10, 20, 0, 66);
    std::uint16_t port = 0;
    for (int i = 0; i < 100; ++i) {
        std::vector<Flow::Of> all;
        for (int j = 0; j < 100; ++j)
            all.push_back({{1, 0, 0}, {service.ip, ++port}, VolumeKind::syn_to, {scanner, 0}});
        all.push_back({{100, 0, 0}, {scanner, 0}, VolumeKind::syn_from, {service.ip, 0}});
        flow.tick(all);
    }
    bench.ends(flow.now() + 1ms);
    EXPECT_EQ(bench.last(), nullptr);
}

TEST(TcpSynFloodEvidence, ASourceThatHitsManyTargetsIsFoundWhereNoTargetIsFlooded) {
    RuleBench bench{"tcp_syn_flood"};
    Flow flow{bench};
    const Address attacker = ipv4(10, 20, 0, 66);
    for (int i = 0; i < 100; ++i) {
        std::vector<Flow::Of> all;
        for (std::uint8_t j = 1; j <= 8; ++j) {
            all.push_back({{6, 0, 0}, {ipv4(192, 0, 2, j), 80}, VolumeKind::syn_to, {attacker, 0}});
        }
        all.push_back({{48, 0, 0}, {attacker, 0}, VolumeKind::syn_from, {ipv4(192, 0, 2, 1), 1}});
        flow.tick(all);
    }
    bench.ends(flow.now() + 1ms);
    ASSERT_EQ(bench.entities(), std::vector<std::string>{"10.20.0.66"});
    EXPECT_EQ(bench.last()->source.ip, attacker);
    EXPECT_EQ(bench.last()->destination.ip, std::nullopt);
    EXPECT_EQ(whole(*bench.last(), "distinct_sources"), 1);
}

TEST(TcpSynFloodEvidence, WhereATargetIsFloodedTheSourceIsNoAlertOfItsOwn) {
    RuleBench bench{"tcp_syn_flood"};
    Flow flow{bench};
    const Address attacker = ipv4(10, 20, 0, 66);
    for (int i = 0; i < 100; ++i) {
        flow.tick({{{60, 0, 0}, {ipv4(192, 0, 2, 1), 80}, VolumeKind::syn_to, {attacker, 0}},
                   {{60, 0, 0}, {ipv4(192, 0, 2, 2), 80}, VolumeKind::syn_to, {attacker, 0}},
                   {{120, 0, 0}, {attacker, 0}, VolumeKind::syn_from, {ipv4(192, 0, 2, 1), 1}}});
    }
    bench.ends(flow.now() + 1ms);
    EXPECT_EQ(bench.entities(), (std::vector<std::string>{"192.0.2.1:80", "192.0.2.2:80"}));
    EXPECT_EQ(bench.last("192.0.2.1:80")->source.ip, attacker);
}

}  // namespace
}  // namespace wiresage::testing

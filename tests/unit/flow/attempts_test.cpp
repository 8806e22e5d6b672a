// What becomes of an attempt to connect: one row is one conversation, and what is told of it.
#include <gtest/gtest.h>

#include "shard_bench.hpp"

namespace wiresage::testing {
namespace {

struct Conversation {
    const char* name;
    std::vector<Turn> turns;
    Duration until;  ///< Ticks go on so long.
    std::size_t attempts;
    const char* story;  ///< ShardBench::story().
};

class Conversations : public ::testing::TestWithParam<Conversation> {};

TEST_P(Conversations, TellOnceWhatBecameOfAnAttempt) {
    const auto& row = GetParam();
    ShardBench bench;
    play(bench, row.turns);
    bench.plays_to(row.until);
    EXPECT_EQ(bench.of<Attempt>().size(), row.attempts);
    EXPECT_EQ(bench.story(), row.story);
    EXPECT_EQ(bench.sum(VolumeKind::syn_to, server).packets, bench.sum(VolumeKind::syn_from, {client.ip, 0}).packets);
}

const Conversation conversations[] = {
    {"handshake", {{0ms, 'c', "S", 0, 0}, {1ms, 's', "SA", 0, 1}, {2ms, 'c', "A", 1, 1}}, 5s, 1, "accepted completed"},
    {"closed_port", {{0ms, 'c', "S", 0, 0}, {1ms, 's', "RA", 0, 1}}, 5s, 1, "refused"},
    {"closed_port_rst_without_ack", {{0ms, 'c', "S", 0, 0}, {1ms, 's', "R", 0, 0}}, 5s, 1, "refused"},
    {"rst_of_another_connection", {{0ms, 'c', "S", 0, 0}, {1ms, 's', "RA", 0, 0, 0, 1000, 500}}, 5s, 1, "silent"},
    {"closed_port_asked_again_by_windows",
     {{0ms, 'c', "S", 0, 0}, {1ms, 's', "RA", 0, 1}, {500ms, 'c', "S", 0, 0}, {501ms, 's', "RA", 0, 1}},
     5s,
     1,
     "refused"},
    {"linux_6_5_ladder",
     {{0ms, 'c', "S", 0, 0},
      {1s, 'c', "S", 0, 0},
      {2s, 'c', "S", 0, 0},
      {3s, 'c', "S", 0, 0},
      {4s, 'c', "S", 0, 0},
      {5s, 'c', "S", 0, 0},
      {7s, 'c', "S", 0, 0},
      {11s, 'c', "S", 0, 0}},
     12s,
     1,
     "silent still_silent still_silent still_silent still_silent still_silent"},
    {"old_windows",
     {{0ms, 'c', "S", 0, 0}, {3100ms, 'c', "S", 0, 0}, {9100ms, 'c', "S", 0, 0}},
     12s,
     1,
     "silent still_silent still_silent"},
    {"linux_gap_of_32_s",
     {{0ms, 'c', "S", 0, 0}, {31s, 'c', "S", 0, 0}, {63s, 'c', "S", 0, 0}},
     64s,
     1,
     "silent still_silent still_silent"},
    {"answer_after_silence",
     {{0ms, 'c', "S", 0, 0}, {4s, 's', "SA", 0, 1}, {4001ms, 'c', "A", 1, 1}},
     9s,
     1,
     "silent accepted(after_silent) completed"},
    {"refusal_after_silence", {{0ms, 'c', "S", 0, 0}, {4s, 's', "RA", 0, 1}}, 9s, 1, "silent refused(after_silent)"},
    {"two_attempts_by_new_isn", {{0ms, 'c', "S", 0, 0}, {1s, 'c', "S", 0, 0, 0, 5000}}, 2s, 2, ""},
    {"port_reused_after_close",
     {{0ms, 'c', "S", 0, 0},
      {1ms, 's', "SA", 0, 1},
      {2ms, 'c', "A", 1, 1},
      {3ms, 'c', "FA", 1, 1},
      {4ms, 's', "FA", 1, 2},
      {5ms, 'c', "A", 2, 2},
      {1s, 'c', "S", 0, 0, 0, 9000},
      {1001ms, 's', "SA", 0, 1, 0, 7000, 9000},
      {1002ms, 'c', "A", 1, 1, 0, 9000, 7000}},
     2s,
     2,
     "accepted completed accepted completed"},
    {"simultaneous_open",
     {{0ms, 'c', "S", 0, 0}, {1ms, 's', "S", 0, 0}, {2ms, 'c', "SA", 0, 1}, {2ms, 's', "SA", 0, 1}},
     5s,
     1,
     "accepted completed"},
    {"half_open_health_check",
     {{0ms, 'c', "S", 0, 0}, {1ms, 's', "SA", 0, 1}, {2ms, 'c', "R", 1, 0}},
     60s,
     1,
     "accepted unfinished(rst)"},
    {"synack_asked_again_and_again",
     {{0ms, 'c', "S", 0, 0}, {1ms, 's', "SA", 0, 1}, {1s, 's', "SA", 0, 1}, {3500ms, 's', "SA", 0, 1}},
     60s,
     1,
     "accepted unfinished(timeout)"},
    {"one_synack_then_nothing",
     {{0ms, 'c', "S", 0, 0}, {1ms, 's', "SA", 0, 1}},
     60s,
     1,
     "accepted unfinished(timeout)"},
    {"second_synack_after_the_wait",
     {{0ms, 'c', "S", 0, 0}, {1ms, 's', "SA", 0, 1}, {4s, 's', "SA", 0, 1}},
     5s,
     1,
     "accepted unfinished(timeout)"},
    {"defer_accept",
     {{0ms, 'c', "S", 0, 0},
      {1ms, 's', "SA", 0, 1},
      {2ms, 'c', "A", 1, 1},
      {1s, 's', "SA", 0, 1},
      {1001ms, 'c', "A", 1, 1},
      {3s, 's', "SA", 0, 1}},
     60s,
     1,
     "accepted completed"},
    {"synack_not_captured",
     {{0ms, 'c', "S", 0, 0}, {2ms, 'c', "A", 1, 1}, {3ms, 'c', "PA", 1, 1, 10}},
     5s,
     1,
     "completed"},
    {"last_ack_not_captured",
     {{0ms, 'c', "S", 0, 0}, {1ms, 's', "SA", 0, 1}, {3ms, 's', "PA", 1, 1, 20}},
     5s,
     1,
     "accepted completed"},
    {"challenge_ack", {{0ms, 'c', "S", 0, 0}, {1ms, 's', "A", 70, 0, 0, 1000, 500}}, 5s, 1, ""},
    {"syn_after_its_synack",
     {{0ms, 's', "SA", 0, 1}, {0ms, 'c', "S", 0, 0}, {1ms, 'c', "A", 1, 1}},
     5s,
     1,
     "accepted completed"},
    {"client_gives_up_by_rst", {{0ms, 'c', "S", 0, 0}, {1s, 'c', "R", 1, 0}}, 5s, 1, ""},
    {"stray_fin", {{0ms, 'c', "F", 5, 0}, {1ms, 's', "RA", 0, 6}}, 5s, 1, "refused"},
    {"stray_null_silent", {{0ms, 'c', "", 5, 0}}, 5s, 1, "silent"},
    {"stray_xmas", {{0ms, 'c', "FPU", 5, 0}, {1ms, 's', "RA", 0, 6}}, 5s, 1, "refused"},
    {"stray_ack", {{0ms, 'c', "A", 5, 5}, {1ms, 's', "R", 5, 0}}, 5s, 1, "refused"},
    {"older_connection", {{0ms, 'c', "A", 5, 5}, {1ms, 's', "PA", 5, 5, 10}}, 5s, 1, "accepted"},
    {"half_of_an_older_connection", {{0ms, 'c', "A", 5, 5}, {1ms, 'c', "PA", 5, 5, 10}}, 5s, 1, ""},
    {"data_mid_stream", {{0ms, 'c', "PA", 5, 5, 10}, {1ms, 's', "A", 5, 15}}, 5s, 0, ""},
    {"rst_out_of_nothing", {{0ms, 'c', "R", 5, 5}}, 5s, 0, ""},
    {"synack_out_of_nothing", {{0ms, 's', "SA", 0, 1}}, 60s, 0, ""},
};

INSTANTIATE_TEST_SUITE_P(, Conversations, ::testing::ValuesIn(conversations),
                         [](const auto& row) { return row.param.name; });

TEST(Attempts, NameTheFirstSynAndItsSender) {
    ShardBench bench;
    bench.clock_offset = 5s;
    play(bench, {{10ms, 'c', "S", 0, 0}, {20ms, 's', "SA", 0, 1}});
    bench.plays_to(100ms);
    const auto attempt = bench.of<Attempt>().at(0);
    EXPECT_EQ(attempt.client, client);
    EXPECT_EQ(attempt.server, server);
    EXPECT_EQ(attempt.client_mac, mac_of(client.ip));
    EXPECT_EQ(attempt.server_mac, mac_of(server.ip));
    EXPECT_EQ(attempt.isn, 1000U);
    EXPECT_TRUE(attempt.initiator_known);
    const auto outcome = bench.of<Outcome>().at(0);
    EXPECT_EQ(outcome.began, bench.began + 10ms);
    EXPECT_EQ(outcome.began_stamp, bench.began + 5010ms);
    EXPECT_EQ(outcome.began_frame, 1U);
    EXPECT_EQ(outcome.isn, 1000U);
    EXPECT_EQ(outcome.segments, 1U);
}

TEST(Attempts, SilenceNearTheEndOfTheCaptureIsUnproven) {
    ShardBench bench;
    bench.capture_end = bench.began + 2s;
    play(bench, {{0ms, 'c', "S", 0, 0}});
    bench.plays_to(5s);
    EXPECT_EQ(bench.story(), "silent(unproven)");
}

TEST(Attempts, SilenceIsToldOnTheFirstTickAfterTheWait) {
    ShardBench bench;
    play(bench, {{50ms, 'c', "S", 0, 0}});
    bench.plays_to(3s);
    EXPECT_EQ(bench.story(), "");
    bench.plays_to(3100ms);
    EXPECT_EQ(bench.story(), "silent");
}

TEST(Attempts, OfEqualFingerprintsComeFromEqualSystems) {
    ShardBench bench;
    auto spec = segment({0ms, 'c', "S", 0, 0});
    for (const unsigned ttl : {64U, 60U, 128U}) {
        spec.src.port++;
        spec.ip.ttl = ttl;
        bench.sees(0ms, tcp(spec));
    }
    bench.plays_to(100ms);
    const auto made = bench.of<Attempt>();
    ASSERT_EQ(made.size(), 3U);
    EXPECT_EQ(made[0].fingerprint, made[1].fingerprint);
    EXPECT_NE(made[0].fingerprint, made[2].fingerprint);
}

TEST(Attempts, AnIcmpErrorRefusesTheOneItQuotes) {
    for (const auto& [type, code, story] : {std::tuple{3U, 13U, "refused_by_icmp"}, std::tuple{11U, 0U, ""}}) {
        ShardBench bench;
        const auto syn = tcp(segment({0ms, 'c', "S", 0, 0}));
        bench.sees(0ms, syn);
        bench.sees(
            5ms,
            icmp({.src = ipv4(10, 0, 9, 9), .dst = client.ip, .type = type, .code = code, .quoted = ip_part(syn)}));
        EXPECT_EQ(bench.story(), story);
        for (const auto& outcome : bench.of<Outcome>()) EXPECT_EQ(outcome.icmp_code, code);
    }
}

TEST(Attempts, AnIcmpErrorAboutWhatWasNotSeenIsToldOnlyWhereTheProtocolIsUnknown) {
    const auto syn = tcp(segment({0ms, 'c', "S", 0, 0}));
    for (const auto& [code, count] : {std::pair{2U, 1U}, std::pair{3U, 0U}, std::pair{1U, 0U}}) {
        ShardBench bench;
        bench.sees(5ms,
                   icmp({.src = server.ip, .dst = client.ip, .type = 3, .code = code, .quoted = ip_part(syn)}));
        ASSERT_EQ(bench.of<IcmpError>().size(), count);
        for (const auto& told : bench.of<IcmpError>()) {
            EXPECT_EQ(told.reporter, server.ip);
            EXPECT_EQ(told.client, (Endpoint{client.ip, 0}));
            EXPECT_EQ(told.server, (Endpoint{server.ip, 0}));
            EXPECT_EQ(told.protocol, 6);
        }
    }
}

TEST(Attempts, AnAnswerOverrulesAnIcmpError) {
    ShardBench bench;
    const auto syn = tcp(segment({0ms, 'c', "S", 0, 0}));
    bench.sees(0ms, syn);
    bench.sees(5ms, icmp({.src = ipv4(10, 0, 9, 9), .dst = client.ip, .type = 3, .code = 1, .quoted = ip_part(syn)}));
    play(bench, {{1s, 'c', "S", 0, 0}, {1001ms, 's', "SA", 0, 1}, {1002ms, 'c', "A", 1, 1}});
    EXPECT_EQ(bench.story(), "refused_by_icmp accepted completed");
}

TEST(Attempts, OverIpv6AreTheSame) {
    ShardBench bench;
    const Endpoint from{ip("2001:db8::1"), 40000};
    const Endpoint to{ip("2001:db8::2"), 443};
    play(bench, {{0ms, 'c', "S", 0, 0}, {10ms, 's', "SA", 0, 1}, {20ms, 'c', "A", 1, 1}}, from, to);
    EXPECT_EQ(bench.story(), "accepted completed");
    EXPECT_EQ(bench.of<Attempt>().at(0).client, from);
}

TEST(Attempts, OnAServiceUnderAFloodAreWithheldButSummed) {
    ShardBench bench;
    constexpr std::uint16_t count = 500;
    for (std::uint16_t i = 0; i < count; ++i) {
        auto spec = segment({1ms, 'c', "S", 0, 0});
        spec.src = {ipv4(172, 16, static_cast<std::uint8_t>(i >> 8), static_cast<std::uint8_t>(i)), 1024};
        bench.sees(1ms, tcp(spec));
        std::swap(spec.src, spec.dst);
        std::swap(spec.seq, spec.ack);
        spec.flags = flags_of("RA");
        spec.ack += 1;
        if (i % 2 == 0) bench.sees(1ms, tcp(spec));
    }
    bench.plays_to(10s);
    // Each is either told or summed.
    EXPECT_EQ(bench.of<Attempt>().size(), 32U);
    EXPECT_EQ(bench.of<Outcome>().size(), 32U);
    EXPECT_EQ(bench.of<TwoWay>().size(), 0U);
    const auto sum = bench.sum(VolumeKind::syn_to, server);
    EXPECT_EQ(sum.packets, count - 32U);
    EXPECT_EQ(sum.attempts, count - 32U);
    EXPECT_EQ(sum.refused, count / 2 - 16U);
    EXPECT_GT(bench.shard().stats().facts_withheld, 0U);
    bench.plays_to(60s);
    EXPECT_EQ(bench.sum(VolumeKind::syn_to, server).given_up, count / 2);
}

}  // namespace
}  // namespace wiresage::testing

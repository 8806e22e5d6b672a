// arp_request_burst finds many requests within milliseconds, and says what followed them.

#include <gtest/gtest.h>

#include <functional>

#include "support/rule_bench.hpp"

namespace wiresage::testing {
namespace {

using namespace std::chrono_literals;

constexpr MacAddress asker{{0x00, 0x1f, 0x29, 0x10, 0x11, 0x91}};
const Address own = ipv4(10, 0, 80, 1);

constexpr MacAddress mac_number(std::uint8_t number) { return MacAddress{{2, 0, 0, 0, 1, number}}; }
Address neighbor(std::uint8_t number) { return ipv4(10, 0, 80, number); }

Neighbor request(const Address& target) {
    Neighbor made;
    made.sender_ip = own;
    made.target_ip = target;
    made.frame_source = made.sender_mac = asker;
    made.frame_target = MacAddress{{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}};
    return made;
}

Neighbor reply(std::uint8_t number) {
    Neighbor made;
    made.sender_ip = neighbor(number);
    made.target_ip = own;
    made.frame_source = made.sender_mac = mac_number(number);
    made.target_mac = made.frame_target = asker;
    made.reply = true;
    return made;
}

ConnectionEnded reset(std::uint8_t number, std::uint16_t port, bool joined = false) {
    ConnectionEnded made;
    made.client = joined ? Endpoint{neighbor(number), port} : Endpoint{own, 50'000};
    made.server = joined ? Endpoint{own, 50'000} : Endpoint{neighbor(number), port};
    made.by = EndedBy::rst;
    made.ender_mac = asker;
    made.idle = 115s;
    return made;
}

/// `count` requests `apart` from each other; every `answers`-th is answered at once (0: none).
Duration burst(RuleBench& bench, Duration at, int count, Duration apart, int answers = 0) {
    for (int i = 0; i < count; ++i) {
        const auto number = static_cast<std::uint8_t>(10 + i);
        bench.sees(at, request(neighbor(number)));
        if (answers > 0 && i % answers == 0) bench.sees(at + 10us, reply(number));
        at += apart;
    }
    return at;
}

struct Row {
    const char* name;
    std::function<void(RuleBench&)> story;
    const char* verdict;
};

class ArpRequestBurst : public ::testing::TestWithParam<Row> {};

TEST_P(ArpRequestBurst, IsFoundOnlyForManyAddressesAtOnce) {
    RuleBench bench{"arp_request_burst"};
    GetParam().story(bench);
    bench.until(600s);
    const auto* const finding = bench.last();
    const std::string verdict = finding == nullptr ? "silent" : std::string{name(bench.severity(*finding))};
    EXPECT_EQ(verdict, GetParam().verdict);
}

const Row rows[] = {
    {"twenty_in_a_millisecond", [](RuleBench& bench) { burst(bench, 0s, 20, 45us); }, "warning"},
    {"ten_in_ten_milliseconds", [](RuleBench& bench) { burst(bench, 0s, 10, 1100us); }, "warning"},
    {"nine", [](RuleBench& bench) { burst(bench, 0s, 9, 45us); }, "silent"},
    {"ten_in_eleven_milliseconds", [](RuleBench& bench) { burst(bench, 0s, 10, 1200us); }, "silent"},
    {"a_router_at_leisure", [](RuleBench& bench) { burst(bench, 0s, 200, 250ms); }, "silent"},
    {"one_address_again_and_again",
     [](RuleBench& bench) {
         for (int i = 0; i < 50; ++i) bench.sees(i * 100us, request(neighbor(9)));
     },
     "silent"},
    {"announcements",
     [](RuleBench& bench) {
         for (std::uint8_t i = 0; i < 30; ++i) {
             auto made = request(neighbor(i));
             made.sender_ip = made.target_ip;
             made.announcement = true;
             bench.sees(i * 45us, made);
         }
     },
     "silent"},
    {"probes",
     [](RuleBench& bench) {
         for (std::uint8_t i = 0; i < 30; ++i) {
             auto made = request(neighbor(i));
             made.sender_ip = {};
             made.probe = true;
             bench.sees(i * 45us, made);
         }
     },
     "silent"},
    {"a_habit_that_is_answered",
     [](RuleBench& bench) {
         for (int round = 0; round < 4; ++round) burst(bench, round * 30s, 20, 45us, 1);
     },
     "info"},
    {"a_poller_of_many_that_answer", [](RuleBench& bench) { burst(bench, 0s, 200, 400us, 1); }, "info"},
    {"a_habit_that_nobody_answers",
     [](RuleBench& bench) {
         for (int round = 0; round < 4; ++round) burst(bench, round * 30s, 20, 45us);
     },
     "warning"},
    {"a_standby_that_takes_over",
     [](RuleBench& bench) {
         auto made = request(own);
         made.announcement = true;
         bench.sees(0s, made);
         burst(bench, 1s, 20, 45us, 1);
     },
     "info"},
};

INSTANTIATE_TEST_SUITE_P(, ArpRequestBurst, ::testing::ValuesIn(rows), [](const auto& row) { return row.param.name; });

TEST(ArpRequestBurstStory, IdleSessionsClosedAreTheExplanation) {
    RuleBench bench{"arp_request_burst"};
    auto at = burst(bench, 2s, 20, 45us);
    for (std::uint8_t i = 0; i < 20; ++i) {
        bench.sees(at += 20us, reply(static_cast<std::uint8_t>(10 + i)));
        bench.sees(at += 20us, reset(static_cast<std::uint8_t>(10 + i), 5357, i % 2 == 1));
    }
    bench.until(20s);
    const auto* const finding = bench.last("00-1F-29-10-11-91");
    ASSERT_NE(finding, nullptr);
    EXPECT_EQ(bench.severity(*finding), Severity::warning);
    EXPECT_EQ(finding->source.ip, own);
    EXPECT_EQ(finding->source.mac, asker);
    EXPECT_EQ(finding->start, bench_begin + 2s);
    EXPECT_EQ(whole(*finding, "targets"), 20);
    EXPECT_EQ(whole(*finding, "requests"), 20);
    EXPECT_EQ(whole(*finding, "answered_targets"), 20);
    EXPECT_EQ(whole(*finding, "bursts"), 1);
    EXPECT_NEAR(number(*finding, "span_ms"), 0.855, 1e-9);
    EXPECT_EQ(text(*finding, "followed_by"), "tcp_rst");
    EXPECT_EQ(whole(*finding, "rst_count"), 20);
    EXPECT_EQ(whole(*finding, "rst_port"), 5357);
    EXPECT_EQ(text(*finding, "explanation"), "idle_sessions_closed");
}

TEST(ArpRequestBurstStory, ConnectionsThatFollowAreNamed) {
    RuleBench bench{"arp_request_burst"};
    auto at = burst(bench, 0s, 12, 45us, 1);
    for (std::uint8_t i = 0; i < 12; ++i) {
        auto made = tcp_attempt({own, 50'000}, {neighbor(static_cast<std::uint8_t>(10 + i)), 9100});
        made.client_mac = asker;
        bench.sees(at += 20us, made);
    }
    bench.until(5s);
    ASSERT_NE(bench.last(), nullptr);
    EXPECT_EQ(text(*bench.last(), "followed_by"), "tcp_syn");
    EXPECT_EQ(bench.last()->evidence.find("rst_count"), nullptr);
}

TEST(ArpRequestBurstStory, WithoutAnythingAfterItThereIsNoExplanation) {
    RuleBench bench{"arp_request_burst"};
    burst(bench, 0s, 12, 45us);
    bench.until(5s);
    ASSERT_NE(bench.last(), nullptr);
    EXPECT_EQ(bench.last()->evidence.find("followed_by"), nullptr);
    EXPECT_EQ(bench.last()->evidence.find("explanation"), nullptr);
    EXPECT_EQ(whole(*bench.last(), "answered_targets"), 0);
}

TEST(ArpRequestBurstStory, TheLargestBurstIsTold) {
    RuleBench bench{"arp_request_burst"};
    burst(bench, 0s, 30, 45us);
    burst(bench, 5s, 12, 45us);
    bench.until(10s);
    ASSERT_NE(bench.last(), nullptr);
    EXPECT_EQ(whole(*bench.last(), "targets"), 30);
    EXPECT_EQ(whole(*bench.last(), "bursts"), 2);
}

TEST(ArpRequestBurstStory, NeighbourSolicitationsAreJudgedTheSame) {
    RuleBench bench{"arp_request_burst"};
    for (std::uint8_t i = 0; i < 12; ++i) {
        Neighbor made;
        made.sender_ip = *Address::parse("fe80::1");
        made.target_ip = *Address::parse("fe80::1:" + std::to_string(i));
        made.frame_source = made.sender_mac = asker;
        made.nd = true;
        bench.sees(i * 100us, made);
    }
    bench.until(5s);
    ASSERT_NE(bench.last(), nullptr);
    EXPECT_EQ(text(*bench.last(), "protocol"), "nd");
}

}  // namespace
}  // namespace wiresage::testing

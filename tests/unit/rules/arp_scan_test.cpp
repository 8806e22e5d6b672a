// arp_scan finds a station that asks for many addresses of which few exist.

#include <gtest/gtest.h>

#include <functional>

#include "support/rule_bench.hpp"

namespace wiresage::testing {
namespace {

using namespace std::chrono_literals;

constexpr MacAddress asker{{0x02, 0, 0, 0, 0, 0x66}};
constexpr MacAddress broadcast{{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}};
const Address own = ipv4(10, 0, 0, 66);

Address neighbor(std::uint32_t number) { return Address::v4(0x0a000000U + number); }

Neighbor request(const Address& target, const Address& sender = own, const MacAddress& to = broadcast) {
    Neighbor made;
    made.sender_ip = sender;
    made.target_ip = target;
    made.frame_source = made.sender_mac = asker;
    made.frame_target = to;
    return made;
}

Neighbor reply(const Address& from, const Address& to = own, const MacAddress& mac = asker) {
    Neighbor made;
    made.sender_ip = from;
    made.target_ip = to;
    made.frame_source = made.sender_mac = MacAddress{{2, 0, 0, 0, 2, 2}};
    made.target_mac = made.frame_target = mac;
    made.reply = true;
    return made;
}

struct Sweep {
    std::uint32_t count = 100;
    std::uint32_t step = 1;     ///< Between addresses.
    std::uint32_t answers = 0;  ///< Every n-th; 0: none.
    Duration apart = 50ms;
    std::uint32_t distinct = 100'000;
    MacAddress to = broadcast;
};

void ask(RuleBench& bench, const Sweep& sweep) {
    for (std::uint32_t i = 0; i < sweep.count; ++i) {
        const auto target = neighbor(100 + (i % sweep.distinct) * sweep.step);
        bench.sees(i * sweep.apart, request(target, own, sweep.to));
        if (sweep.answers > 0 && i % sweep.answers == 0) bench.sees(i * sweep.apart + 1ms, reply(target));
    }
    bench.until(sweep.count * sweep.apart + 10s);
}

/// Somebody else's question was answered here, so replies can be seen.
void replies_show(RuleBench& bench) {
    auto other = request(neighbor(1), neighbor(2));
    other.frame_source = other.sender_mac = MacAddress{{2, 0, 0, 0, 3, 3}};
    bench.sees(0s, other);
    bench.sees(0s, reply(neighbor(1), neighbor(2), other.sender_mac));
}

struct Row {
    const char* name;
    std::function<void(RuleBench&)> story;
    const char* verdict;
};

class ArpScan : public ::testing::TestWithParam<Row> {};

TEST_P(ArpScan, IsFoundOnlyForManyAddressesOfWhichFewExist) {
    RuleBench bench{"arp_scan"};
    GetParam().story(bench);
    const auto* const finding = bench.last();
    const std::string verdict = finding == nullptr ? "silent" : std::string{name(bench.severity(*finding))};
    EXPECT_EQ(verdict, GetParam().verdict);
}

const Row rows[] = {
    {"one_after_the_other", [](RuleBench& bench) { ask(bench, {}); }, "warning"},
    {"twenty_one_after_the_other", [](RuleBench& bench) { ask(bench, {.count = 20}); }, "warning"},
    {"in_no_order",
     [](RuleBench& bench) {
         replies_show(bench);
         ask(bench, {.step = 7});
     },
     "warning"},
    {"in_no_order_but_not_many",
     [](RuleBench& bench) {
         replies_show(bench);
         ask(bench, {.count = 64, .step = 7});
     },
     "silent"},
    {"in_no_order_where_replies_never_show", [](RuleBench& bench) { ask(bench, {.step = 7}); }, "silent"},
    {"a_tenth_answers", [](RuleBench& bench) { ask(bench, {.answers = 10}); }, "warning"},
    {"a_quarter_answers", [](RuleBench& bench) { ask(bench, {.answers = 4}); }, "silent"},
    {"a_poller_whose_neighbours_answer",
     [](RuleBench& bench) { ask(bench, {.count = 2000, .answers = 1, .apart = 1ms}); }, "silent"},
    {"too_slow", [](RuleBench& bench) { ask(bench, {.count = 60, .apart = 5s}); }, "silent"},
    {"few_dead_neighbours_again_and_again", [](RuleBench& bench) { ask(bench, {.count = 900, .distinct = 15}); },
     "silent"},
    {"known_neighbours_asked_one_by_one",
     [](RuleBench& bench) {
         ask(bench, {.to = MacAddress{{2, 0, 0, 0, 0, 9}}});
     },
     "silent"},
    {"a_router_that_asks_for_whom_packets_come",
     [](RuleBench& bench) {
         replies_show(bench);
         for (std::uint8_t i = 1; i < 8; ++i) {
             auto made = tcp_attempt({ipv4(203, 0, 113, i), 4000}, {neighbor(2), 80});
             made.client_mac = asker;
             bench.sees(0s, made);
         }
         ask(bench, {.count = 200, .apart = 250ms});
     },
     "silent"},
    {"a_dhcp_server_that_looks_before_it_leases",
     [](RuleBench& bench) {
         Attempt offer;
         offer.client = {own, 67};
         offer.server = {ipv4(255, 255, 255, 255), 68};
         offer.client_mac = asker;
         offer.transport = Transport::udp;
         bench.sees(0s, offer);
         ask(bench, {});
     },
     "info"},
};

INSTANTIATE_TEST_SUITE_P(, ArpScan, ::testing::ValuesIn(rows), [](const auto& row) { return row.param.name; });

TEST(ArpScanEvidence, CountsAddressesAndAnswers) {
    RuleBench bench{"arp_scan"};
    ask(bench, {.count = 100, .answers = 10});
    const auto* const finding = bench.last("02-00-00-00-00-66");
    ASSERT_NE(finding, nullptr);
    EXPECT_EQ(finding->source.ip, own);
    EXPECT_EQ(whole(*finding, "targets"), 100);
    EXPECT_EQ(whole(*finding, "requests"), 100);
    EXPECT_EQ(whole(*finding, "answered_targets"), 10);
    EXPECT_DOUBLE_EQ(number(*finding, "answered_share"), 0.1);
    EXPECT_TRUE(says(*finding, "sequential"));
    EXPECT_NEAR(number(*finding, "span_s"), 4.95, 1e-6);
    EXPECT_EQ(finding->evidence.find("behind"), nullptr);
}

TEST(ArpScanEvidence, BehindARouterTheFlowsSourceIsNamed) {
    RuleBench bench{"arp_scan"};
    const Address outside = ipv4(198, 51, 100, 9);
    // The router's own address, and strangers behind its MAC.
    for (std::uint8_t i = 1; i < 8; ++i) {
        auto made = tcp_attempt({ipv4(203, 0, 113, i), 4000}, {neighbor(2), 80});
        made.client_mac = asker;
        bench.sees(0s, made);
    }
    for (std::uint32_t i = 0; i < 100; ++i) {
        bench.sees(i * 10ms, tcp_attempt({outside, 4000}, {neighbor(100 + i), 445}));
        bench.sees(i * 10ms + 1ms, request(neighbor(100 + i)));
    }
    bench.until(10s);
    const auto* const finding = bench.last();
    ASSERT_NE(finding, nullptr);
    EXPECT_EQ(bench.severity(*finding), Severity::info);
    EXPECT_EQ(text(*finding, "behind"), "198.51.100.9");
}

}  // namespace
}  // namespace wiresage::testing

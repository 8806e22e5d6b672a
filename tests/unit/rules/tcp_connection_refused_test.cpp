// tcp_connection_refused counts, for each service, attempts that were turned away.

#include <gtest/gtest.h>

#include "support/rule_bench.hpp"

namespace wiresage::testing {
namespace {

using namespace std::chrono_literals;

const Endpoint service{ipv4(10, 51, 0, 80), 8080};
const Address inside = ipv4(10, 50, 0, 1);
const Address outside = ipv4(198, 51, 100, 7);

struct Story {
    const char* name;
    Address client;
    int accepted_before;
    int refused;
    int accepted_between;  ///< Accepted after each refusal.
    std::size_t findings;  ///< Entities reported.
    Severity severity;
};

class TcpConnectionRefused : public ::testing::TestWithParam<Story> {};

TEST_P(TcpConnectionRefused, IsFoundWhereRefusalsAreManyOrFollowSuccess) {
    const auto& story = GetParam();
    RuleBench bench{"tcp_connection_refused"};
    std::uint16_t port = 1024;
    Duration at{};
    for (int i = 0; i < story.accepted_before; ++i) {
        bench.sees(at += 10ms, tcp_outcome({story.client, ++port}, service, Answer::accepted, at));
    }
    for (int i = 0; i < story.refused; ++i) {
        bench.sees(at += 10ms, tcp_outcome({story.client, ++port}, service, Answer::refused, at));
        for (int j = 0; j < story.accepted_between; ++j) {
            bench.sees(at += 1ms, tcp_outcome({story.client, ++port}, service, Answer::accepted, at));
        }
    }
    bench.until(at + 10s);
    ASSERT_EQ(bench.entities().size(), story.findings);
    if (story.findings > 0) {
        EXPECT_EQ(bench.severity(*bench.last()), story.severity);
        EXPECT_EQ(whole(*bench.last(), "attempts"), story.refused);
        EXPECT_EQ(says(*bench.last(), "answered_before"), story.accepted_before > 0);
    }
}

const Story stories[] = {
    {"internal_client_of_a_closed_port", inside, 0, 5, 0, 1, Severity::warning},
    {"one_too_few", inside, 0, 4, 0, 0, {}},
    {"one_outside_client_is_info", outside, 0, 9, 0, 1, Severity::info},
    {"few_among_many_accepted", inside, 0, 10, 5, 0, {}},
    {"half_of_all", inside, 0, 10, 1, 1, Severity::warning},
    {"first_after_a_hundred", inside, 100, 1, 0, 1, Severity::warning},
    {"first_after_fifty", inside, 50, 1, 0, 0, {}},
    {"one_of_a_busy_service", inside, 100, 1, 20, 0, {}},
};

INSTANTIATE_TEST_SUITE_P(Table, TcpConnectionRefused, ::testing::ValuesIn(stories),
                         [](const auto& row) { return std::string{row.param.name}; });

TEST(TcpConnectionRefusedMore, SeveralOutsideClientsAreAWarningAndTheNumbersAreTold) {
    RuleBench bench{"tcp_connection_refused"};
    for (std::uint8_t i = 1; i <= 6; ++i) {
        bench.sees(i * 1s, tcp_outcome({ipv4(198, 51, 100, i), 5000}, service, Answer::refused, i * 1s));
    }
    bench.until(10s);
    ASSERT_NE(bench.last("10.51.0.80:8080"), nullptr);
    EXPECT_EQ(bench.severity(*bench.last()), Severity::warning);
    EXPECT_EQ(whole(*bench.last(), "peers"), 6);
    EXPECT_EQ(whole(*bench.last(), "successes"), 0);
    EXPECT_DOUBLE_EQ(number(*bench.last(), "refused_share"), 1.0);
    EXPECT_FALSE(says(*bench.last(), "by_icmp"));
    EXPECT_EQ(bench.last()->source.port, service.port);
    EXPECT_EQ(bench.last()->destination.ip, std::nullopt);
    EXPECT_EQ(bench.last()->start, bench_begin + 1s);
}

TEST(TcpConnectionRefusedMore, AnIcmpErrorIsSaidToBeOne) {
    RuleBench bench{"tcp_connection_refused"};
    for (int i = 1; i <= 6; ++i)
        bench.sees(i * 1s, tcp_outcome({inside, 5000}, service, Answer::refused_by_icmp, i * 1s));
    bench.until(10s);
    ASSERT_NE(bench.last(), nullptr);
    EXPECT_TRUE(says(*bench.last(), "by_icmp"));
}

TEST(TcpConnectionRefusedMore, AScanOfManyPortsIsNoRefusalOfAService) {
    RuleBench bench{"tcp_connection_refused"};
    for (std::uint16_t port = 1; port <= 1000; ++port) {
        bench.sees(port * 1ms, tcp_outcome({inside, 5000}, {service.ip, port}, Answer::refused, port * 1ms));
    }
    bench.until(10s);
    EXPECT_EQ(bench.last(), nullptr);
}

TEST(TcpConnectionRefusedMore, IdentIsRefusedByCustom) {
    RuleBench bench{"tcp_connection_refused"};
    for (int i = 1; i <= 20; ++i)
        bench.sees(i * 1s, tcp_outcome({inside, 5000}, {service.ip, 113}, Answer::refused, i * 1s));
    bench.until(30s);
    EXPECT_EQ(bench.last(), nullptr);
}

TEST(TcpConnectionRefusedMore, AClientServedAtAnotherAddressAtOnceIsNotHarmed) {
    RuleBench bench{"tcp_connection_refused"};
    const Endpoint other{ipv4(10, 51, 0, 81), service.port};
    for (int i = 1; i <= 10; ++i) {
        bench.sees(i * 1s, tcp_outcome({inside, 5000}, service, Answer::refused, i * 1s));
        bench.sees(i * 1s + 20ms, tcp_outcome({inside, 5001}, other, Answer::accepted, i * 1s));
    }
    bench.until(30s);
    EXPECT_EQ(bench.last(), nullptr);
}

TEST(TcpConnectionRefusedMore, VlansAreApart) {
    RuleBench bench{"tcp_connection_refused"};
    for (std::uint16_t i = 1; i <= 8; ++i) {
        bench.vlan = i % 2 == 0 ? 40 : 41;
        bench.sees(i * 1s, tcp_outcome({inside, 5000}, service, Answer::refused, i * 1s));
    }
    bench.until(30s);
    EXPECT_EQ(bench.last(), nullptr) << "four each";
}

}  // namespace
}  // namespace wiresage::testing

// rpc_dynamic_port_blocked joins a mapper's answers with the connections that follow.

#include <gtest/gtest.h>

#include "support/rule_bench.hpp"

namespace wiresage::testing {
namespace {

using namespace std::chrono_literals;

const Address client = ipv4(10, 9, 1, 10);
const Endpoint mapper{ipv4(10, 9, 2, 10), 135};
const Endpoint service{ipv4(10, 9, 2, 10), 49'155};

class RpcDynamicPortBlocked : public ::testing::Test {
protected:
    void named(Duration at, const Address& ip = service.ip) {
        RpcEndpoint what;
        what.client = {client, 4000};
        what.server = mapper;
        what.endpoint = {ip, service.port};
        what.asked = what.asked_stamp = bench_begin + at;
        bench.sees(at, what);
    }
    void tried(Duration at, Answer answer, const Endpoint& to = service) {
        const auto outcome = tcp_outcome({client, ++port}, to, answer, at, 3);
        answer == Answer::silent ? bench.tells(at + 3s, outcome) : bench.sees(at, outcome);
    }

    RuleBench bench{"rpc_dynamic_port_blocked"};
    std::uint16_t port = 5000;
};

TEST_F(RpcDynamicPortBlocked, SilentConnectionsToTheNamedPortAreFound) {
    for (int i = 0; i < 3; ++i) {
        named(i * 30s);
        tried(i * 30s + 1s, Answer::silent);
    }
    bench.until(100s);
    const auto* const finding = bench.last("10.9.1.10>10.9.2.10");
    ASSERT_NE(finding, nullptr);
    EXPECT_EQ(bench.severity(*finding), Severity::error);
    EXPECT_EQ(whole(*finding, "attempts"), 3);
    EXPECT_EQ(whole(*finding, "syns"), 9);
    EXPECT_EQ(whole(*finding, "endpoint_port"), 49'155);
    EXPECT_EQ(whole(*finding, "epm_port"), 135);
    EXPECT_FALSE(says(*finding, "refused"));
    EXPECT_EQ(finding->confidence, Confidence::high);
    EXPECT_EQ(finding->destination.port, std::nullopt);
}

TEST_F(RpcDynamicPortBlocked, RefusedOnesSaySo) {
    named(0s, Address{});
    tried(1s, Answer::refused);
    tried(2s, Answer::refused);
    bench.until(10s);
    ASSERT_NE(bench.last(), nullptr);
    EXPECT_TRUE(says(*bench.last(), "refused"));
    EXPECT_FALSE(says(*bench.last(), "answered"));
}

TEST_F(RpcDynamicPortBlocked, OneThatIsAcceptedClearsIt) {
    named(0s);
    tried(1s, Answer::refused);
    tried(2s, Answer::accepted);
    tried(3s, Answer::refused);
    bench.until(10s);
    EXPECT_TRUE(bench.findings().empty());
}

TEST_F(RpcDynamicPortBlocked, PortsThatNobodyNamedDoNotCount) {
    named(0s);
    for (int i = 1; i < 5; ++i) tried(i * 4s, Answer::silent, {service.ip, 49'156});
    bench.until(60s);
    EXPECT_TRUE(bench.findings().empty());
}

TEST_F(RpcDynamicPortBlocked, LongAfterTheAnswerItIsAnotherStory) {
    named(0s);
    for (int i = 0; i < 4; ++i) tried(200s + i * 4s, Answer::silent);
    bench.until(300s);
    EXPECT_TRUE(bench.findings().empty());
}

}  // namespace
}  // namespace wiresage::testing

// rpc_epm_no_endpoint counts connections to an endpoint mapper that ended without an endpoint.

#include <gtest/gtest.h>

#include "support/rule_bench.hpp"

namespace wiresage::testing {
namespace {

using namespace std::chrono_literals;

RpcMapFailure failure(std::uint16_t port) {
    RpcMapFailure made;
    made.client = {ipv4(10, 1, 1, 9), port};
    made.server = {ipv4(10, 11, 2, 2), 135};
    made.began = made.began_stamp = bench_begin;
    made.request_bytes = 72;
    made.response_bytes = 24;
    made.pdus = {RpcPdu::bind, RpcPdu::bind_nak};
    made.pdu_count = 2;
    return made;
}

TEST(RpcEpmNoEndpoint, ARefusedBindIsOne) {
    RuleBench bench{"rpc_epm_no_endpoint"};
    bench.sees(1s, failure(50'000));
    const auto* const finding = bench.last("10.1.1.9>10.11.2.2:135");
    ASSERT_NE(finding, nullptr);
    EXPECT_EQ(bench.severity(*finding), Severity::error);
    EXPECT_EQ(whole(*finding, "response_bytes"), 24);
    EXPECT_EQ(finding->evidence.find("status"), nullptr);
    EXPECT_EQ(finding->evidence.find("rpc_interface"), nullptr);
    EXPECT_EQ(text(*finding, "ended_by"), "fin");
    EXPECT_EQ(std::get<std::vector<std::string>>(*finding->evidence.find("pdu_types")),
              (std::vector<std::string>{"bind", "bind_nak"}));
    EXPECT_EQ(finding->source.port, 50'000);
}

TEST(RpcEpmNoEndpoint, SeveralConnectionsAreOneAlertWithoutAClientPort) {
    RuleBench bench{"rpc_epm_no_endpoint"};
    for (std::uint16_t i = 0; i < 3; ++i) {
        auto what = failure(static_cast<std::uint16_t>(50'000 + i));
        what.has_status = true;
        what.status = 0x16c9a0d6;
        what.reset = true;
        bench.sees(i * 1s, what);
    }
    EXPECT_EQ(bench.entities().size(), 1U);
    ASSERT_NE(bench.last(), nullptr);
    EXPECT_EQ(whole(*bench.last(), "count"), 3);
    EXPECT_EQ(text(*bench.last(), "status"), "0x16c9a0d6");
    EXPECT_EQ(text(*bench.last(), "ended_by"), "rst");
    EXPECT_EQ(bench.last()->source.port, std::nullopt);
    EXPECT_EQ(bench.last()->confidence, Confidence::high);
}

TEST(RpcEpmNoEndpoint, TheFloorIsASetting) {
    RuleBench bench{"rpc_epm_no_endpoint", {{"connections", 3}}};
    bench.sees(0s, failure(1));
    bench.sees(1s, failure(2));
    EXPECT_TRUE(bench.findings().empty());
}

}  // namespace
}  // namespace wiresage::testing

// rpc_epm_endpoint_mismatch looks at the address in the tower and at what follows.

#include <gtest/gtest.h>

#include "support/rule_bench.hpp"

namespace wiresage::testing {
namespace {

using namespace std::chrono_literals;

const Endpoint mapper{ipv4(10, 11, 2, 2), 135};
const Endpoint client{ipv4(10, 1, 1, 1), 33'654};
const Address six = *Address::parse("2001:db8::7");

RpcEndpoint told(Duration at, const Endpoint& endpoint) {
    RpcEndpoint made;
    made.client = client;
    made.server = mapper;
    made.endpoint = endpoint;
    made.interface = {0xa4, 0xf1, 0xdb, 0, 0xca, 0x47, 0x10, 0x67, 0xb3, 0x1f, 0, 0xdd, 1, 6, 0x62, 0xda};
    made.asked = made.asked_stamp = bench_begin + at;
    made.asked_frame = 6;
    return made;
}

struct Row {
    const char* name;
    Endpoint endpoint;
    bool reached;
    bool found;
};

class EndpointMismatch : public ::testing::TestWithParam<Row> {};
TEST_P(EndpointMismatch, IsAnotherAddressThatNobodyReaches) {
    RuleBench bench{"rpc_epm_endpoint_mismatch"};
    bench.sees(1s, told(1s, GetParam().endpoint));
    if (GetParam().reached) {
        bench.sees(2s, tcp_outcome({client.ip, 40'000}, GetParam().endpoint, Answer::accepted, 2s));
    }
    bench.until(10s);
    EXPECT_EQ(bench.findings().size(), GetParam().found ? 1U : 0U);
}

const Row rows[] = {
    {"another", {ipv4(10, 11, 2, 7), 41'376}, false, true},  {"reached", {ipv4(10, 11, 2, 7), 41'376}, true, false},
    {"its_own", {ipv4(10, 11, 2, 2), 41'376}, false, false}, {"none", {ipv4(0, 0, 0, 0), 41'376}, false, false},
    {"other_family", {six, 41'376}, false, false},
};
INSTANTIATE_TEST_SUITE_P(, EndpointMismatch, ::testing::ValuesIn(rows), [](const auto& row) { return row.param.name; });

TEST(RpcEpmEndpointMismatch, SaysWhatWasNamed) {
    RuleBench bench{"rpc_epm_endpoint_mismatch"};
    for (int i = 0; i < 3; ++i) bench.sees(i * 1s, told(i * 1s, {ipv4(10, 11, 2, 7), 41'376}));
    bench.until(10s);
    const auto* const finding = bench.last("10.11.2.2:135, 10.11.2.7");
    ASSERT_NE(finding, nullptr);
    EXPECT_EQ(text(*finding, "rpc_interface"), "mapi");
    EXPECT_EQ(whole(*finding, "endpoint_port"), 41'376);
    EXPECT_EQ(whole(*finding, "count"), 3);
    EXPECT_EQ(finding->confidence, Confidence::high);
    EXPECT_EQ(finding->destination.port, client.port);
}

}  // namespace
}  // namespace wiresage::testing

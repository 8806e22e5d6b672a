// dns_server_failing counts what a name server fails to answer.

#include <gtest/gtest.h>

#include "support/application_facts.hpp"

namespace wiresage::testing {
namespace {

using namespace std::chrono_literals;

const Endpoint server{ipv4(10, 9, 0, 53), 53};
const Address client = ipv4(10, 9, 3, 5);

void tallied(RuleBench& bench, Duration at, std::uint32_t good, std::uint32_t servfail, std::uint32_t silent,
             int zones) {
    DnsTally made;
    made.server = server;
    made.queries = good + servfail + silent;
    made.answered = good + servfail;
    made.servfail = servfail;
    made.silent = silent;
    for (int i = 0; i < zones; ++i) {
        const auto name = "zone" + std::to_string(i) + ".example";
        bench.sees(at, dns_reply(silent > 0 ? DnsNews::silent : DnsNews::failed, client, server, at, name, 2),
                   texts({name}));
    }
    bench.tells(at, made);
}

struct Row {
    const char* name;
    std::uint32_t good, servfail, silent;
    int zones;
    bool proof;
    bool found;
};
class DnsServerFailingRows : public ::testing::TestWithParam<Row> {};

TEST_P(DnsServerFailingRows, AreFoundByShareOverSeveralZones) {
    const auto& row = GetParam();
    RuleBench bench{"dns_server_failing"};
    if (row.proof) bench.sees(0s, two_way(client, server.ip));
    tallied(bench, 1s, row.good, row.servfail, row.silent, row.zones);
    bench.until(2s);
    EXPECT_EQ(bench.last() != nullptr, row.found);
}
const Row rows[] = {{"half", 20, 20, 0, 6, true, true},     {"one_zone", 20, 20, 0, 1, true, false},
                    {"a_tenth", 90, 10, 0, 6, true, false}, {"few", 5, 5, 0, 6, true, false},
                    {"silence", 20, 0, 20, 6, true, true},  {"silence_without_proof", 20, 0, 20, 6, false, false}};
INSTANTIATE_TEST_SUITE_P(Table, DnsServerFailingRows, ::testing::ValuesIn(rows),
                         [](const auto& row) { return std::string{row.param.name}; });

TEST(DnsServerFailing, AServerThatNeverServedHereIsInfo) {
    RuleBench bench{"dns_server_failing"};
    tallied(bench, 1s, 0, 30, 0, 6);
    bench.until(2s);
    ASSERT_NE(bench.last(), nullptr);
    EXPECT_EQ(bench.severity(*bench.last()), Severity::info);
    EXPECT_FALSE(says(*bench.last(), "answered_before"));
    EXPECT_EQ(whole(*bench.last(), "servfail"), 30);
    EXPECT_DOUBLE_EQ(number(*bench.last(), "failed_share"), 1.0);
}

}  // namespace
}  // namespace wiresage::testing

// dns_name_error counts, for each name server and name, answers that the name does not exist.

#include <gtest/gtest.h>

#include "support/application_facts.hpp"

namespace wiresage::testing {
namespace {

using namespace std::chrono_literals;

const Endpoint server{ipv4(10, 9, 0, 53), 53};
const Address client = ipv4(10, 9, 3, 5);

void fails(RuleBench& bench, Duration at, std::string_view name, const Address& by = client) {
    bench.sees(at, dns_reply(DnsNews::failed, by, server, at, name, 3), texts({name}));
}
void resolves(RuleBench& bench, Duration at, std::string_view name) {
    bench.sees(at, dns_reply(DnsNews::resolved, client, server, at, name), texts({name}));
}

struct Row {
    const char* name;
    const char* asked;
    int answers;
    std::size_t findings;
};
class DnsNameErrorNames : public ::testing::TestWithParam<Row> {};

TEST_P(DnsNameErrorNames, CountWhereTheirAbsenceIsBadNews) {
    RuleBench bench{"dns_name_error"};
    for (int i = 0; i < GetParam().answers; ++i) fails(bench, i * 1s, GetParam().asked);
    bench.until(60s);
    EXPECT_EQ(bench.entities().size(), GetParam().findings);
}

const Row rows[] = {{"host", "app.corp.example.net", 3, 1},
                    {"two_answers", "app.corp.example.net", 2, 0},
                    {"one_label", "app", 9, 0},
                    {"service", "_ldap._tcp.corp.example.net", 9, 0},
                    {"reverse", "5.3.9.10.in-addr.arpa", 9, 0},
                    {"block_list", "2.0.0.127.zen.spamhaus.org", 9, 0},
                    {"unknown_block_list", "2.0.0.127.bl.example.org", 9, 0},
                    {"domain_list", "example.com.multi.uribl.com", 9, 0},
                    {"local", "printer.local", 9, 0}};
INSTANTIATE_TEST_SUITE_P(Table, DnsNameErrorNames, ::testing::ValuesIn(rows),
                         [](const auto& row) { return std::string{row.param.name}; });

TEST(DnsNameError, ANameThatResolvedBeforeAndSeveralClientsAreSure) {
    RuleBench bench{"dns_name_error"};
    resolves(bench, 1s, "app.corp.example.net");
    for (int i = 0; i < 4; ++i)
        fails(bench, (i + 20) * 1s, "app.corp.example.net", ipv4(10, 9, 3, static_cast<std::uint8_t>(i + 5)));
    bench.until(60s);
    ASSERT_NE(bench.last(), nullptr);
    EXPECT_EQ(bench.last()->confidence, Confidence::high);
    EXPECT_EQ(whole(*bench.last(), "count"), 4);
    EXPECT_EQ(whole(*bench.last(), "clients"), 4);
    EXPECT_TRUE(says(*bench.last(), "resolved_before"));
    EXPECT_EQ(bench.last()->destination.ip, std::nullopt);
    EXPECT_EQ(bench.last()->source.port, server.port);
}

TEST(DnsNameError, OneClientAndANameNeverSeenIsUnsure) {
    RuleBench bench{"dns_name_error"};
    for (int i = 0; i < 4; ++i) fails(bench, i * 1s, "tpyo.corp.example.net");
    bench.until(60s);
    ASSERT_NE(bench.last(), nullptr);
    EXPECT_EQ(bench.last()->confidence, Confidence::low);
    EXPECT_EQ(bench.last()->destination.ip, client);
}

TEST(DnsNameError, ASearchThatFindsTheNextFormIsNoError) {
    RuleBench bench{"dns_name_error"};
    for (int i = 0; i < 9; ++i) {
        fails(bench, i * 3s, "web.corp.example.net");
        if (i < 2) resolves(bench, i * 3s + 5ms, "web.example.net");  // Later ones are told once a minute only.
    }
    bench.until(90s);
    EXPECT_EQ(bench.last(), nullptr);
}

}  // namespace
}  // namespace wiresage::testing

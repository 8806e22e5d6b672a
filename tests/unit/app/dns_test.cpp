// DNS: queries meet their answers, failures and silence are told, the rest is summed.

#include <gtest/gtest.h>

#include "app/dns_message.hpp"
#include "app_bench.hpp"

namespace wiresage::testing {
namespace {

std::string name_bytes(const std::string& name) {
    std::string made;
    for (std::size_t at = 0; at <= name.size();) {
        const auto dot = std::min(name.find('.', at), name.size());
        made += static_cast<char>(dot - at);
        made += name.substr(at, dot - at);
        at = dot + 1;
    }
    return made + '\0';
}

std::string message(bool response, int rcode, const std::string& name, const std::string& answers = {}, int count = 0) {
    std::string made{"\x12\x34", 2};
    made += static_cast<char>(response ? 0x81 : 0x01);
    made += static_cast<char>(response ? 0x80 | rcode : 0);
    made += std::string{"\0\1\0", 3} + static_cast<char>(count) + std::string(4, '\0');
    return made + name_bytes(name) + std::string{"\0\1\0\1", 4} + answers;
}

const std::string address{"\xc0\x0c\0\1\0\1\0\0\1\x2c\0\4\xc0\0\2\7", 16};

TEST(Dns, AnAnswerIsToldWithItsAddresses) {
    auto bench = std::make_unique<AppBench>();
    bench->talk.server.port = 53;
    bench->datagram(From::client, message(false, 0, "WWW.Example.org"));
    bench->now += 20ms;
    bench->datagram(From::server, message(true, 0, "www.example.org", address, 1));
    bench->tick();
    ASSERT_EQ(bench->of<DnsReply>().size(), 1U);
    const auto told = bench->of<DnsReply>()[0];
    EXPECT_EQ(told.news, DnsNews::resolved);
    EXPECT_TRUE(told.query_seen);
    EXPECT_EQ(told.ttl, 300U);
    EXPECT_EQ(told.client, bench->talk.client);
    EXPECT_EQ(bench->texts_of<DnsReply>()[0], "www.example.org");
    EXPECT_EQ(bench->texts_of<DnsReply>()[1].size(), 16U);
    ASSERT_EQ(bench->of<DnsTally>().size(), 1U);
    EXPECT_EQ(bench->of<DnsTally>()[0].answered, 1U);
    std::uint32_t timed = 0;
    for (std::size_t i = 12; i < 15; ++i) timed += bench->of<DnsTally>()[0].times[i];
    EXPECT_EQ(timed, 1U) << "16 to 32 ms";
}

struct Row {
    const char* name;
    int rcode;
    DnsNews news;
};
class DnsFailures : public ::testing::TestWithParam<Row> {};
TEST_P(DnsFailures, AreTold) {
    AppBench bench;
    bench.talk.server.port = 53;
    bench.datagram(From::client, message(false, 0, "a.example"));
    bench.datagram(From::server, message(true, GetParam().rcode, "a.example"));
    ASSERT_EQ(bench.of<DnsReply>().size(), 1U);
    EXPECT_EQ(bench.of<DnsReply>()[0].news, GetParam().news);
    EXPECT_EQ(bench.of<DnsReply>()[0].rcode, GetParam().rcode);
}
const Row rows[] = {{"name_error", 3, DnsNews::failed}, {"server_failure", 2, DnsNews::failed}, {"refused", 5, DnsNews::failed}, {"no_data", 0, DnsNews::no_data}};
INSTANTIATE_TEST_SUITE_P(Table, DnsFailures, ::testing::ValuesIn(rows), [](const auto& row) { return std::string{row.param.name}; });

TEST(Dns, SilenceIsToldAfterFiveSecondsAndNotAtTheEndOfACapture) {
    AppBench bench;
    bench.talk.server.port = 53;
    bench.datagram(From::client, message(false, 0, "a.example"));
    bench.datagram(From::client, message(false, 0, "a.example"));
    bench.tick(4s);
    EXPECT_TRUE(bench.of<DnsReply>().empty());
    bench.tick(2s);
    ASSERT_EQ(bench.of<DnsReply>().size(), 1U) << "a query sent twice is one";
    EXPECT_EQ(bench.of<DnsReply>()[0].news, DnsNews::silent);
    EXPECT_EQ(bench.of<DnsTally>()[0].silent, 1U);
}

TEST(Dns, OverTcpMessagesHaveTheirLengthInFront) {
    AppBench bench;
    bench.talk.server.port = 53;
    const auto query = message(false, 0, "a.example");
    const auto reply = message(true, 3, "a.example");
    bench.says(From::client, std::string{'\0', static_cast<char>(query.size())} + query);
    bench.says_in_pieces(From::server, std::string{'\0', static_cast<char>(reply.size())} + reply, 5);
    ASSERT_EQ(bench.of<DnsReply>().size(), 1U);
    EXPECT_TRUE(bench.of<DnsReply>()[0].over_tcp);
    EXPECT_TRUE(bench.of<DnsReply>()[0].query_seen);
}

TEST(DnsMessages, NamesThatPointForwardOrTooOftenAreRefused) {
    DnsMessage out;
    std::string loop = message(true, 0, "a");
    loop.resize(12);
    loop += std::string{"\xc0\x0c\0\1\0\1", 6};
    EXPECT_FALSE(read_dns(bytes_of(loop), out)) << "points at itself";
    EXPECT_FALSE(read_dns(bytes_of(std::string(11, 'x')), out));
    std::string two = message(false, 0, "a.b");
    two[5] = 2;
    EXPECT_FALSE(read_dns(bytes_of(two), out));
}

TEST(DnsMessages, ZonesAreTheLastTwoLabels) {
    EXPECT_EQ(dns_zone("a.b.example.org"), "example.org");
    EXPECT_EQ(dns_zone("org"), "org");
    EXPECT_EQ(dns_zone(""), "");
}

}  // namespace
}  // namespace wiresage::testing

// unexpected_egress tells of hosts that must not go out and do.

#include <gtest/gtest.h>

#include "fact/texts.hpp"
#include "support/rule_bench.hpp"

namespace wiresage::testing {
namespace {

using namespace std::chrono_literals;

const Address host = ipv4(10, 11, 1, 11);
const Endpoint outside{ipv4(193, 45, 15, 50), 80};

Site closed() {
    auto site = Site::standard();
    site.no_internet_hosts = {*Network::parse("10.11.1.0/24"), *Network::parse("fd00:11::/64")};
    return site;
}

Attempt udp_attempt(const Endpoint& client, const Endpoint& server, bool initiator_known) {
    auto made = tcp_attempt(client, server);
    made.transport = Transport::udp;
    made.technique = Technique::udp;
    made.initiator_known = initiator_known;
    return made;
}

TEST(UnexpectedEgress, OneAlertAHostWithWhatAllAgreeOn) {
    RuleBench bench{"unexpected_egress", {}, closed()};
    bench.sees(0s, tcp_attempt({host, 2316}, outside));
    ASSERT_NE(bench.last(), nullptr);
    EXPECT_EQ(bench.last()->destination.ip, outside.ip);
    bench.sees(20s, tcp_attempt({host, 2317}, {ipv4(193, 45, 15, 18), 80}));
    bench.sees(30s, udp_attempt({host, 2318}, {ipv4(192, 0, 2, 1), 80}, true));
    const auto& finding = *bench.last();
    EXPECT_EQ(bench.entities(), std::vector<std::string>{"10.11.1.11"});
    EXPECT_EQ(whole(finding, "attempts"), 3);
    EXPECT_FALSE(says(finding, "answered"));
    EXPECT_FALSE(finding.destination.ip);
    EXPECT_EQ(finding.destination.port, 80);
    EXPECT_EQ(std::get<std::vector<std::string>>(*finding.evidence.find("destinations")),
              (std::vector<std::string>{"193.45.15.50", "193.45.15.18", "192.0.2.1"}));
    EXPECT_EQ(text(finding, "classification"), "unknown");
}

TEST(UnexpectedEgress, AnAnswerIsTold) {
    RuleBench bench{"unexpected_egress", {}, closed()};
    bench.sees(0s, tcp_attempt({host, 2316}, outside));
    bench.sees(1s, tcp_outcome({host, 2316}, outside, Answer::accepted, 0s));
    EXPECT_TRUE(says(*bench.last(), "answered"));
}

TEST(UnexpectedEgress, InsideRepliesAndUnknownBeginnersAreSilent) {
    RuleBench bench{"unexpected_egress", {}, closed()};
    bench.sees(0s, tcp_attempt({host, 1}, {ipv4(10, 200, 0, 1), 80}));
    bench.sees(1s, tcp_attempt({host, 1}, {ipv4(169, 254, 169, 254), 80}));
    bench.sees(2s, udp_attempt({host, 1}, {ipv4(224, 0, 0, 251), 5353}, true));
    bench.sees(3s, tcp_attempt({outside.ip, 1}, {host, 443}));
    bench.sees(4s, udp_attempt({host, 53}, {ipv4(192, 0, 2, 1), 40'000}, false));
    bench.sees(5s, tcp_attempt({ipv4(10, 11, 7, 7), 1}, outside));
    EXPECT_EQ(bench.last(), nullptr);
}

/// The host asks for a name and gets the address of `outside`.
void resolves(RuleBench& bench, Duration at, std::string_view name) {
    DnsReply reply;
    reply.client = {host, 53'000};
    TextWriter texts;
    const auto& bytes = outside.ip.bytes;
    texts.add(name).add({static_cast<const char*>(static_cast<const void*>(bytes.data())), bytes.size()}).add("");
    bench.sees(at, reply, texts.written());
}

struct Purpose {
    const char* name;
    const char* uri;
    const char* agent;
    bool answered;
    const char* classification;
};

class EgressPurposes : public ::testing::TestWithParam<Purpose> {};

TEST_P(EgressPurposes, AreGuessedFromNamesAndRequests) {
    const auto& row = GetParam();
    RuleBench bench{"unexpected_egress", {}, closed()};
    resolves(bench, 0s, row.name);
    bench.sees(83s, tcp_attempt({host, 2316}, outside));
    if (row.answered) bench.sees(84s, tcp_outcome({host, 2316}, outside, Answer::accepted, 83s));
    if (row.uri[0] != '\0') {
        HttpExchange request;
        request.client = {host, 2316};
        request.server = outside;
        TextWriter texts;
        texts.add("GET").add(row.uri).add(row.name).add(row.agent);
        bench.sees(85s, request, texts.written());
    }
    ASSERT_NE(bench.last(), nullptr);
    EXPECT_EQ(text(*bench.last(), "dns_name"), row.name);
    EXPECT_DOUBLE_EQ(number(*bench.last(), "dns_age_s"), 83.0);
    EXPECT_EQ(text(*bench.last(), "user_agent"), row.agent);
    EXPECT_EQ(text(*bench.last(), "classification"), row.classification);
}

INSTANTIATE_TEST_SUITE_P(Rows, EgressPurposes,
                         ::testing::Values(Purpose{"crl.example.com", "/pki/A.crl", "Fetcher/1", true, "crl_fetch"},
                                           Purpose{"www.example.com", "/x", "Microsoft-CryptoAPI/5.131", true,
                                                   "crl_fetch"},
                                           Purpose{"crl.example.com", "", "", false, "crl_fetch_suspected"},
                                           Purpose{"ocsp.pki.example.com", "", "", false, "crl_fetch_suspected"},
                                           Purpose{"crl.example.com", "", "", true, "unknown"},
                                           Purpose{"www.example.com", "", "", false, "unknown"},
                                           Purpose{"www.example.com", "/a.zip", "curl/8", true, "unknown"}));

}  // namespace
}  // namespace wiresage::testing

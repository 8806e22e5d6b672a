// udp_reply_from_other_address joins silent questions with answers from elsewhere.

#include <gtest/gtest.h>

#include "support/rule_bench.hpp"

namespace wiresage::testing {
namespace {

using namespace std::chrono_literals;

Outcome udp_outcome(const Endpoint& client, const Endpoint& server, Answer answer, Duration began,
                    std::uint16_t segments = 1, bool unproven = false) {
    auto made = tcp_outcome(client, server, answer, began, segments);
    made.transport = Transport::udp;
    made.technique = Technique::udp;
    made.unproven = unproven;
    return made;
}

const Endpoint asked{ipv4(10, 60, 1, 1), 161};
const Endpoint replier{ipv4(10, 60, 1, 2), 161};
const Address asker = ipv4(10, 60, 0, 9);

class UdpReplyFromOtherAddress : public ::testing::Test {
protected:
    void exchange(Duration at, const Endpoint& to, const Endpoint& from, std::uint16_t port, std::uint16_t id = 77,
                  Answer fate = Answer::silent, Duration delay = 2ms) {
        auto question = udp_outcome({asker, port}, to, Answer::silent, at);
        auto answer = udp_outcome(from, {asker, port}, fate, at + delay);
        question.fingerprint = id;
        answer.fingerprint = id;
        bench.tells(at + 3s, question);
        bench.tells(at + 3s, answer);
    }

    RuleBench bench{"udp_reply_from_other_address"};
};

TEST_F(UdpReplyFromOtherAddress, ThreeAnswersFromElsewhereAreATrouble) {
    for (std::uint16_t i = 0; i < 3; ++i) exchange(i * 4s, asked, replier, static_cast<std::uint16_t>(50'000 + i));
    bench.until(20s);
    ASSERT_NE(bench.last(), nullptr);
    const auto& finding = *bench.last();
    EXPECT_EQ(finding.entity, "10.60.1.2:161, 10.60.1.1");
    EXPECT_EQ(bench.severity(finding), Severity::error);
    EXPECT_EQ(finding.confidence, Confidence::high);
    EXPECT_EQ(whole(finding, "count"), 3);
    EXPECT_EQ(text(finding, "requested_ip"), "10.60.1.1");
    EXPECT_DOUBLE_EQ(number(finding, "delay_ms"), 2.0);
    EXPECT_TRUE(says(finding, "id_matches"));
    EXPECT_FALSE(says(finding, "refused_by_icmp"));
    EXPECT_EQ(finding.source.port, 161);
    EXPECT_FALSE(finding.destination.port);
}

TEST_F(UdpReplyFromOtherAddress, WithoutIdsConfidenceIsMediumAndRefusalIsTold) {
    for (std::uint16_t i = 0; i < 3; ++i) {
        exchange(i * 4s, asked, replier, static_cast<std::uint16_t>(50'000 + i), 0, Answer::refused_by_icmp);
    }
    bench.until(20s);
    ASSERT_NE(bench.last(), nullptr);
    EXPECT_EQ(bench.last()->confidence, Confidence::medium);
    EXPECT_TRUE(says(*bench.last(), "refused_by_icmp"));
    EXPECT_EQ(bench.last()->evidence.find("id_matches"), nullptr);
}

TEST_F(UdpReplyFromOtherAddress, TheSameAddressIsNone) {
    const Endpoint other_port{asked.ip, 161};
    for (std::uint16_t i = 0; i < 9; ++i) exchange(i * 4s, asked, other_port, static_cast<std::uint16_t>(50'000 + i));
    bench.until(50s);
    EXPECT_EQ(bench.last(), nullptr);
}

TEST_F(UdpReplyFromOtherAddress, TooLateIsNone) {
    for (std::uint16_t i = 0; i < 9; ++i) {
        exchange(i * 4s, asked, replier, static_cast<std::uint16_t>(50'000 + i), 77, Answer::silent, 1500ms);
    }
    bench.until(50s);
    EXPECT_EQ(bench.last(), nullptr);
}

TEST_F(UdpReplyFromOtherAddress, PeersOnOnePortNeedTheRequestsId) {
    const Endpoint there{asked.ip, 123};
    const Endpoint elsewhere{replier.ip, 123};
    for (int i = 0; i < 9; ++i) exchange(i * 4s, there, elsewhere, 123, 0);
    bench.until(50s);
    EXPECT_EQ(bench.last(), nullptr);
    for (int i = 0; i < 3; ++i) exchange(60s + i * 4s, there, elsewhere, 123, 5);
    bench.until(90s);
    ASSERT_NE(bench.last(), nullptr);
}

TEST_F(UdpReplyFromOtherAddress, ProtocolsThatAnswerFromElsewhereAreSilent) {
    for (const int number : {67, 500, 3478, 5060, 51820}) {
        const auto port = static_cast<std::uint16_t>(number);
        for (std::uint16_t i = 0; i < 5; ++i) {
            const auto at = Duration{port * 100ms} + i * 1s;
            bench.tells(at, udp_outcome({asker, static_cast<std::uint16_t>(40'000 + i)}, {asked.ip, port},
                                        Answer::silent, at - 3s));
            bench.tells(at, udp_outcome({replier.ip, port}, {asker, static_cast<std::uint16_t>(40'000 + i)},
                                        Answer::silent, at - 3s));
        }
    }
    bench.until(5300s);
    EXPECT_EQ(bench.last(), nullptr);
}

TEST_F(UdpReplyFromOtherAddress, MoreAnswersBetweenTheSamePortsCount) {
    for (std::uint16_t i = 0; i < 3; ++i) exchange(i * 4s, asked, replier, static_cast<std::uint16_t>(50'000 + i));
    Unanswered more;
    more.client = replier;
    more.server = {asker, 50'002};
    more.datagrams = 4;
    bench.sees(15s, more);
    bench.until(20s);
    EXPECT_EQ(whole(*bench.last(), "count"), 7);
}

}  // namespace
}  // namespace wiresage::testing

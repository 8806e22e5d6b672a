// single_source_connection_limit: many open connections of one source, and its new ones stay silent from one moment on.

#include <gtest/gtest.h>

#include "support/rule_bench.hpp"

namespace wiresage::testing {
namespace {

using namespace std::chrono_literals;

const Endpoint service{ipv4(10, 71, 0, 80), 443};
const Address source = ipv4(10, 70, 0, 1);
const Address other = ipv4(10, 70, 0, 2);

class SingleSourceConnectionLimit : public ::testing::Test {
protected:
    void opens(Duration at, const Address& client, int count, std::uint16_t fingerprint = 1) {
        for (int i = 0; i < count; ++i) {
            bench.sees(at, tcp_attempt({client, ++port}, service));
            for (const auto answer : {Answer::accepted, Answer::completed}) {
                auto outcome = tcp_outcome({client, port}, service, answer, at);
                outcome.fingerprint = fingerprint;
                bench.sees(at, outcome);
            }
        }
    }

    void asks(Duration at, const Address& client, int count) {
        for (int i = 0; i < count; ++i) bench.sees(at, tcp_attempt({client, ++port}, service));
    }

    /// The verdict over the last `count` attempts that asks() made.
    void stay_silent(Duration at, const Address& client, int count, Duration began, std::uint16_t fingerprint = 1,
                     bool unproven = false) {
        for (int i = 0; i < count; ++i) {
            auto outcome = tcp_outcome({client, static_cast<std::uint16_t>(port - count + 1 + i)}, service,
                                       Answer::silent, began, 3);
            outcome.fingerprint = fingerprint;
            outcome.unproven = unproven;
            bench.tells(at, outcome);
        }
    }

    RuleBench bench{"single_source_connection_limit"};
    std::uint16_t port = 1024;
};

TEST_F(SingleSourceConnectionLimit, IsFoundWhenNewConnectionsOfASourceWithManyOpenOnesStaySilent) {
    opens(0s, source, 40, 1);
    opens(1s, source, 20, 2);
    asks(2s, source, 15);
    opens(3s, other, 3);
    port = static_cast<std::uint16_t>(port - 3);
    stay_silent(5s, source, 15, 2s, 3);
    bench.until(20s);

    const auto* const finding = bench.last("10.70.0.1>10.71.0.80:443");
    ASSERT_NE(finding, nullptr);
    EXPECT_EQ(whole(*finding, "open_connections"), 60);
    EXPECT_EQ(whole(*finding, "unanswered_connections"), 15);
    EXPECT_EQ(whole(*finding, "unanswered_syns"), 45);
    EXPECT_EQ(whole(*finding, "syn_fingerprints"), 3);
    EXPECT_TRUE(says(*finding, "nat_suspected"));
    EXPECT_TRUE(says(*finding, "other_sources_ok"));
    EXPECT_EQ(finding->confidence, Confidence::high);
    EXPECT_EQ(finding->source.ip, source);
    EXPECT_EQ(finding->destination.port, service.port);
}

TEST_F(SingleSourceConnectionLimit, OpenAreThoseWhenSilenceBeganNotThoseAtTheVerdict) {
    opens(0s, source, 60);
    asks(2s, source, 15);
    for (int i = 0; i < 30; ++i) {
        ConnectionEnded ended;
        ended.client = {source, static_cast<std::uint16_t>(1025 + i)};
        ended.server = service;
        ended.was_established = true;
        bench.sees(3s, ended);
    }
    stay_silent(5s, source, 15, 2s);
    bench.until(20s);
    ASSERT_NE(bench.last(), nullptr);
    EXPECT_EQ(whole(*bench.last(), "open_connections"), 60);
}

TEST_F(SingleSourceConnectionLimit, ThoseAskedForBeforeAndOpenedLaterAreOpenToo) {
    opens(0s, source, 1);
    const auto first = port;
    asks(1s, source, 50);  // A burst: the handshakes are finished only after all were asked for.
    for (std::uint16_t i = 0; i < 40; ++i) {
        const Endpoint end{source, static_cast<std::uint16_t>(first + 1 + i)};
        bench.sees(1050ms, tcp_outcome(end, service, Answer::accepted, 1s));
        auto completed = tcp_outcome(end, service, Answer::completed, 1s);
        completed.fingerprint = 1;
        bench.sees(1050ms, completed);
    }
    stay_silent(4s, source, 10, 1s);
    bench.until(20s);
    ASSERT_NE(bench.last(), nullptr);
    EXPECT_EQ(whole(*bench.last(), "open_connections"), 41);
    EXPECT_EQ(bench.last()->evidence.find("other_sources_ok"), nullptr) << "nobody else tried";
    EXPECT_EQ(bench.last()->confidence, Confidence::medium);
    EXPECT_FALSE(says(*bench.last(), "nat_suspected"));
}

TEST_F(SingleSourceConnectionLimit, FewOpenConnectionsAreNoLimit) {
    opens(0s, source, 31);
    asks(2s, source, 15);
    stay_silent(5s, source, 15, 2s);
    bench.until(20s);
    EXPECT_EQ(bench.last(), nullptr);
}

TEST_F(SingleSourceConnectionLimit, EverythingAnsweredIsNoLimit) {
    for (int i = 0; i < 10; ++i) opens(i * 1s, source, 100);
    bench.until(20s);
    EXPECT_EQ(bench.last(), nullptr);
}

TEST_F(SingleSourceConnectionLimit, WhereMostNewOnesAreStillAcceptedItIsNone) {
    opens(0s, source, 60);
    asks(2s, source, 15);
    const auto asked = port;
    opens(3s, source, 40);
    port = asked;
    stay_silent(5s, source, 15, 2s);
    opens(6s, source, 40);
    bench.tells(7s, tcp_outcome({source, 9}, service, Answer::silent, 4s, 3));
    const auto before = bench.findings().size();
    bench.until(20s);
    EXPECT_LE(before, 1U);
    EXPECT_EQ(bench.findings().size(), before);
}

TEST_F(SingleSourceConnectionLimit, WhereOthersFareNoBetterTheServiceIsInTrouble) {
    opens(0s, source, 60);
    asks(2s, source, 15);
    stay_silent(5s, source, 15, 2s);
    asks(5s, other, 5);
    stay_silent(5s, other, 5, 2s);
    bench.until(20s);
    EXPECT_EQ(bench.last(), nullptr);
}

TEST_F(SingleSourceConnectionLimit, TheEndOfACaptureIsNoOutage) {
    opens(0s, source, 60);
    asks(2s, source, 15);
    stay_silent(5s, source, 15, 2s, 1, true);
    bench.until(20s);
    EXPECT_EQ(bench.last(), nullptr);
}

TEST_F(SingleSourceConnectionLimit, ManySourcesWithOneConnectionEachAreNone) {
    for (std::uint16_t i = 0; i < 200; ++i) {
        const Address client = ipv4(198, 51, 100, static_cast<std::uint8_t>(i));
        opens(i * 1ms, client, 1);
    }
    for (std::uint16_t i = 0; i < 200; ++i) {
        bench.tells(5s,
                    tcp_outcome({ipv4(198, 51, 100, static_cast<std::uint8_t>(i)), 7}, service, Answer::silent, 2s));
    }
    bench.until(20s);
    EXPECT_EQ(bench.last(), nullptr);
}

}  // namespace
}  // namespace wiresage::testing

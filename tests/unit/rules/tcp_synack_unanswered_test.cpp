// tcp_synack_unanswered counts, for each service, handshakes that the client never finished.

#include <gtest/gtest.h>

#include "support/rule_bench.hpp"

namespace wiresage::testing {
namespace {

using namespace std::chrono_literals;

const Endpoint service{ipv4(10, 61, 0, 80), 443};
const Address inside = ipv4(10, 60, 0, 1);
const Address outside = ipv4(198, 51, 100, 7);

struct Story {
    const char* name;
    Address client;
    int unfinished;
    std::uint16_t synacks;  ///< Of each.
    EndedBy by;
    int finished;
    bool found;
    Severity severity;
};

class TcpSynackUnanswered : public ::testing::TestWithParam<Story> {};

TEST_P(TcpSynackUnanswered, IsFoundWhereManyOrAllHandshakesOfAServiceStayUnfinished) {
    const auto& story = GetParam();
    RuleBench bench{"tcp_synack_unanswered"};
    std::uint16_t port = 1024;
    for (int i = 0; i < story.finished; ++i) {
        bench.sees(i * 1ms, tcp_outcome({ipv4(10, 60, 0, 99), ++port}, service, Answer::accepted, i * 1ms));
        bench.sees(i * 1ms, tcp_outcome({ipv4(10, 60, 0, 99), port}, service, Answer::completed, i * 1ms));
    }
    for (int i = 0; i < story.unfinished; ++i) {
        bench.sees(1s + i * 1ms, tcp_outcome({story.client, ++port}, service, Answer::accepted, 1s + i * 1ms));
    }
    for (int i = 0; i < story.unfinished; ++i) {
        auto outcome = tcp_outcome({story.client, ++port}, service, Answer::unfinished, 1s + i * 1ms, story.synacks);
        outcome.ended_by = story.by;
        bench.tells(5s, outcome);
    }
    bench.until(20s);
    ASSERT_EQ(bench.last() != nullptr, story.found);
    if (!story.found) return;
    EXPECT_EQ(bench.severity(*bench.last()), story.severity);
}

const Story stories[] = {
    {"four_of_five", inside, 4, 3, EndedBy::timeout, 1, true, Severity::warning},
    {"four_of_a_hundred", inside, 4, 3, EndedBy::timeout, 96, false, {}},
    {"two_of_twenty", inside, 2, 3, EndedBy::timeout, 18, false, {}},
    {"outside_clients_of_a_dead_way", outside, 5, 3, EndedBy::timeout, 0, true, Severity::warning},
    {"half_open_checks", inside, 50, 1, EndedBy::rst, 0, false, {}},
    {"a_single_one_asked_again", inside, 1, 2, EndedBy::rst, 0, true, Severity::warning},
    {"a_phone_that_went_away", outside, 1, 5, EndedBy::timeout, 0, false, {}},
    {"a_single_one_while_others_finish", inside, 1, 5, EndedBy::timeout, 10, false, {}},
};

INSTANTIATE_TEST_SUITE_P(Table, TcpSynackUnanswered, ::testing::ValuesIn(stories),
                         [](const auto& row) { return std::string{row.param.name}; });

TEST(TcpSynackUnansweredMore, TheEvidenceCountsHandshakesAndSynAcks) {
    RuleBench bench{"tcp_synack_unanswered"};
    for (std::uint8_t i = 1; i <= 4; ++i) {
        bench.sees(i * 1s, tcp_outcome({ipv4(10, 60, 0, i), 5000}, service, Answer::accepted, i * 1s));
    }
    for (std::uint8_t i = 1; i <= 4; ++i) {
        auto outcome = tcp_outcome({ipv4(10, 60, 0, i), 5000}, service, Answer::unfinished, i * 1s, 3);
        outcome.ended_by = EndedBy::timeout;
        bench.tells(5s + i * 1s, outcome);
    }
    bench.until(20s);
    const auto* const finding = bench.last("10.61.0.80:443");
    ASSERT_NE(finding, nullptr);
    EXPECT_EQ(whole(*finding, "count"), 4);
    EXPECT_EQ(whole(*finding, "synack_count"), 12);
    EXPECT_EQ(whole(*finding, "handshakes"), 4);
    EXPECT_EQ(whole(*finding, "peers"), 4);
    EXPECT_DOUBLE_EQ(number(*finding, "unanswered_share"), 1.0);
    EXPECT_EQ(text(*finding, "ended_by"), "timeout");
    EXPECT_EQ(finding->source.port, service.port);
    EXPECT_EQ(finding->destination.ip, std::nullopt);
    EXPECT_EQ(finding->destination.port, 5000);
    EXPECT_EQ(finding->start, bench_begin + 1s);
}

TEST(TcpSynackUnansweredMore, HowTheyEndedIsLeftOutWhereItDiffers) {
    RuleBench bench{"tcp_synack_unanswered"};
    for (int i = 0; i < 4; ++i) {
        auto outcome = tcp_outcome({inside, 5000}, service, Answer::unfinished, 1s, 3);
        outcome.ended_by = i % 2 == 0 ? EndedBy::timeout : EndedBy::rst;
        bench.tells(5s + i * 1s, outcome);
    }
    bench.until(20s);
    ASSERT_NE(bench.last(), nullptr);
    EXPECT_EQ(bench.last()->evidence.find("ended_by"), nullptr);
}

TEST(TcpSynackUnansweredMore, TheEndOfACaptureIsNoOutage) {
    RuleBench bench{"tcp_synack_unanswered"};
    for (int i = 0; i < 5; ++i) {
        auto outcome = tcp_outcome({inside, 5000}, service, Answer::unfinished, 1s, 2);
        outcome.ended_by = EndedBy::timeout;
        outcome.unproven = true;
        bench.tells(5s + i * 1s, outcome);
    }
    bench.until(20s);
    EXPECT_EQ(bench.last(), nullptr);
}

}  // namespace
}  // namespace wiresage::testing

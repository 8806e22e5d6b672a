// tcp_path_loss compares the share of lost segments of a net with a floor and with the site's other nets.

#include <gtest/gtest.h>

#include "support/rule_bench.hpp"

namespace wiresage::testing {
namespace {

using namespace std::chrono_literals;

const Endpoint server{ipv4(10, 61, 0, 80), 443};

LossTally tally(const Address& client, std::uint16_t port, std::uint32_t segments, std::uint32_t after,
                std::uint32_t before = 0, std::uint32_t spurious = 0) {
    LossTally made;
    made.client = {client, port};
    made.server = server;
    made.began = made.began_stamp = bench_begin + 1s;
    made.by_server = {segments, after, before, spurious};
    made.by_client = {segments / 2, 0, 0, 0};
    made.first = true;
    return made;
}

struct Row {
    const char* name;
    int flows;
    std::uint32_t segments;  ///< Of each.
    std::uint32_t after;
    std::uint32_t before;
    std::uint32_t elsewhere;  ///< Lost of a thousand, in other nets.
    bool found;
    const char* where;
};

class TcpPathLoss : public ::testing::TestWithParam<Row> {};

TEST_P(TcpPathLoss, WantsAFloorAShareAndMoreThanElsewhere) {
    const auto& row = GetParam();
    RuleBench bench{"tcp_path_loss"};
    for (std::uint8_t net = 1; net <= 5; ++net) {
        bench.sees(1s, tally(ipv4(203, 0, net, 7), 40000, 1000, row.elsewhere));
    }
    for (int i = 0; i < row.flows; ++i) {
        bench.sees(20s + i * 1s, tally(ipv4(198, 51, 100, static_cast<std::uint8_t>(7 + i)), 40000, row.segments,
                                       row.after, row.before));
    }
    const auto* const finding = bench.last("198.51.100.0/24>to_peer");
    ASSERT_EQ(finding != nullptr, row.found);
    EXPECT_EQ(bench.last("198.51.100.0/24>from_peer"), nullptr);
    if (!row.found) return;
    EXPECT_EQ(text(*finding, "where"), row.where);
    EXPECT_EQ(text(*finding, "direction"), "to_peer");
    EXPECT_EQ(text(*finding, "peer_net"), "198.51.100.0/24");
    EXPECT_EQ(finding->source.ip, server.ip);
    EXPECT_EQ(finding->source.port, std::nullopt);
}

const Row rows[] = {
    {"one_in_twenty", 4, 200, 10, 0, 1, true, "after_us"}, {"before_this_point", 4, 200, 0, 10, 1, true, "before_us"},
    {"some_here_some_there", 4, 200, 5, 5, 1, true, ""},   {"as_everywhere", 4, 200, 10, 0, 40, false, ""},
    {"too_few_connections", 2, 400, 20, 0, 1, false, ""},  {"too_few_segments", 4, 40, 10, 0, 1, false, ""},
    {"too_few_lost", 4, 200, 4, 0, 1, false, ""},          {"a_small_share", 4, 2000, 10, 0, 1, false, ""},
};

INSTANTIATE_TEST_SUITE_P(Table, TcpPathLoss, ::testing::ValuesIn(rows),
                         [](const auto& row) { return std::string{row.param.name}; });

TEST(TcpPathLossMore, TheEvidenceCountsSegmentsLossesAndSpuriousOnes) {
    RuleBench bench{"tcp_path_loss"};
    for (std::uint8_t i = 0; i < 4; ++i) bench.sees(1s + i * 1s, tally(ipv4(198, 51, 100, i), 40000, 200, 10, 0, 2));
    const auto* const finding = bench.last();
    ASSERT_NE(finding, nullptr);
    EXPECT_EQ(whole(*finding, "segments"), 800);
    EXPECT_EQ(whole(*finding, "retransmitted"), 40);
    EXPECT_EQ(whole(*finding, "spurious"), 8);
    EXPECT_EQ(whole(*finding, "flows"), 4);
    EXPECT_EQ(whole(*finding, "peers"), 4);
    EXPECT_DOUBLE_EQ(number(*finding, "loss_share"), 0.05);
    EXPECT_DOUBLE_EQ(number(*finding, "site_share"), 0.0);
    EXPECT_NE(finding->confidence, Confidence::high);
}

TEST(TcpPathLossMore, ThePeerIsTheFarEnd) {
    RuleBench bench{"tcp_path_loss", {}, site_of({ipv4(10, 60, 0, 5)})};
    for (std::uint16_t port = 40000; port < 40004; ++port) {
        auto what = tally(ipv4(10, 60, 0, 5), port, 200, 0);
        what.by_server.lost_before = 10;
        bench.sees(std::chrono::seconds{port - 39999}, what);
    }
    EXPECT_NE(bench.last("10.61.0.0/24>from_peer"), nullptr);
}

}  // namespace
}  // namespace wiresage::testing

// Established connections: proof of both directions, ends, and the records of flows.
#include <gtest/gtest.h>

#include "shard_bench.hpp"

namespace wiresage::testing {
namespace {

const std::vector<Turn> handshake = {{0ms, 'c', "S", 0, 0}, {10ms, 's', "SA", 0, 1}, {30ms, 'c', "A", 1, 1}};

std::vector<Turn> after_handshake(std::vector<Turn> more) {
    auto turns = handshake;
    turns.insert(turns.end(), more.begin(), more.end());
    return turns;
}

struct Ending {
    const char* name;
    std::vector<Turn> turns;
    std::size_t ended;
    EndedBy by;
    bool by_client;
    bool initiator_known;
    Duration idle;
    FlowState state;
};

class ConnectionEnds : public ::testing::TestWithParam<Ending> {};

TEST_P(ConnectionEnds, AreToldOnce) {
    const auto& row = GetParam();
    ShardBench bench;
    play(bench, row.turns);
    bench.plays_to(2h);
    const auto ends = bench.of<ConnectionEnded>();
    ASSERT_EQ(ends.size(), row.ended);
    if (row.ended > 0) {
        EXPECT_EQ(ends[0].by, row.by);
        EXPECT_EQ(ends[0].by_client, row.by_client);
        EXPECT_EQ(ends[0].initiator_known, row.initiator_known);
        EXPECT_EQ(ends[0].idle, row.idle);
        EXPECT_EQ(ends[0].client, client);
    }
    ASSERT_EQ(bench.records().size(), 1U);
    EXPECT_EQ(bench.records()[0].state, row.state);
    EXPECT_TRUE(bench.shard().is_empty());
}

const Ending endings[] = {
    {"fins", after_handshake({{100ms, 'c', "FA", 1, 1}, {110ms, 's', "FA", 1, 2}, {120ms, 'c', "A", 2, 2}}), 1,
     EndedBy::fin, true, true, 70ms, FlowState::closed},
    {"server_fin_first", after_handshake({{100ms, 's', "FA", 1, 1}, {110ms, 'c', "FA", 1, 2}}), 1, EndedBy::fin, false,
     true, 70ms, FlowState::closed},
    {"fin_repeated", after_handshake({{130ms, 's', "FA", 1, 1}, {330ms, 's', "FA", 1, 1}}), 1, EndedBy::fin, false,
     true, 100ms, FlowState::closing},
    {"rst_to_an_idle_session", after_handshake({{115030ms, 'c', "RA", 1, 1}}), 1, EndedBy::rst, true, true, 115s,
     FlowState::reset},
    {"rst_after_fin", after_handshake({{130ms, 'c', "FA", 1, 1}, {140ms, 's', "R", 1, 2}}), 1, EndedBy::fin, true, true,
     100ms, FlowState::reset},
    {"never_closed", handshake, 1, EndedBy::timeout, false, true, 3600970ms, FlowState::established},
    {"mid_stream_rst",
     {{0ms, 'c', "PA", 5, 5, 10}, {1s, 's', "R", 5, 15}},
     1,
     EndedBy::rst,
     false,
     false,
     1s,
     FlowState::reset},
    {"mid_stream_server_speaks_first",
     {{0ms, 's', "PA", 5, 5, 10}, {1s, 'c', "FA", 5, 15}},
     1,
     EndedBy::fin,
     true,
     false,
     1s,
     FlowState::closing},
    {"rst_out_of_nothing", {{0ms, 's', "R", 5, 15}}, 0, EndedBy::rst, false, false, 0s, FlowState::reset},
    {"never_opened", {{0ms, 'c', "S", 0, 0}}, 0, EndedBy::none, false, false, 0s, FlowState::unanswered},
    {"refused",
     {{0ms, 'c', "S", 0, 0}, {1ms, 's', "RA", 0, 1}},
     0,
     EndedBy::none,
     false,
     false,
     0s,
     FlowState::refused},
    {"never_finished",
     {{0ms, 'c', "S", 0, 0}, {1ms, 's', "SA", 0, 1}},
     0,
     EndedBy::none,
     false,
     false,
     0s,
     FlowState::opening},
};

INSTANTIATE_TEST_SUITE_P(, ConnectionEnds, ::testing::ValuesIn(endings),
                         [](const auto& row) { return row.param.name; });

TEST(FlowRecords, HoldWhatBothSidesSent) {
    ShardBench bench;
    bench.clock_offset = -1s;
    play(bench, {{0ms, 'c', "S", 0, 0, 0, 5000, 7000, 1000, 7},
                 {10ms, 's', "SA", 0, 1, 0, 7000, 5000, 1000, 2},
                 {30ms, 'c', "A", 1, 1, 0, 5000, 7000},
                 {40ms, 'c', "PA", 1, 1, 100, 5000, 7000},
                 {50ms, 's', "PA", 1, 101, 900, 7000, 5000}});
    bench.plays_to(2h);
    ASSERT_EQ(bench.records().size(), 1U);
    const auto& record = bench.records()[0];
    EXPECT_EQ(record.client, client);
    EXPECT_EQ(record.server, server);
    EXPECT_EQ(record.start, bench.began - 1s);
    EXPECT_EQ(record.end, bench.began - 950ms);
    EXPECT_EQ(record.handshake_rtt, 30ms);
    EXPECT_EQ(record.c2s.packets, 3U);
    EXPECT_EQ(record.s2c.packets, 2U);
    EXPECT_EQ(record.c2s.payload_bytes, 100U);
    EXPECT_EQ(record.s2c.payload_bytes, 900U);
    EXPECT_EQ(record.c2s.isn, 5000U);
    EXPECT_EQ(record.s2c.isn, 7000U);
    EXPECT_EQ(record.c2s.window_scale, 7);
    EXPECT_EQ(record.s2c.window_scale, 2);
    EXPECT_EQ(record.syns, 1U);
    EXPECT_TRUE(record.initiator_known);
    EXPECT_TRUE(record.at.is_tick());
}

TEST(FlowRecords, OfAReusedPortAreTwo) {
    ShardBench bench;
    play(bench, after_handshake({{100ms, 'c', "R", 1, 1}, {1s, 'c', "S", 0, 0, 0, 9000}}));
    ASSERT_EQ(bench.records().size(), 1U);
    EXPECT_EQ(bench.records()[0].state, FlowState::reset);
    EXPECT_EQ(bench.records()[0].c2s.packets, 3U);
    bench.plays_to(2h);
    ASSERT_EQ(bench.records().size(), 2U);
    EXPECT_EQ(bench.records()[1].c2s.packets, 1U);
    EXPECT_EQ(bench.shard().stats().tcp_analysis.reused_ports, 1U);
}

TEST(TwoWay, IsToldAfterFiveMinutesWhereAnOutcomeWasTold) {
    ShardBench bench;
    play(bench, after_handshake({{1s, 'c', "PA", 1, 1, 10}, {299s, 's', "PA", 1, 11, 10}, {302s, 'c', "A", 11, 11}}));
    const auto told = bench.of<TwoWay>();
    ASSERT_EQ(told.size(), 1U);
    EXPECT_EQ(told[0].a, client.ip);
    EXPECT_EQ(told[0].b, server.ip);
    EXPECT_EQ(told[0].a_mac, mac_of(client.ip));
    EXPECT_EQ(told[0].b_mac, mac_of(server.ip));
}

TEST(TwoWay, OfAFlowJoinedInTheMiddleIsToldAtOnce) {
    ShardBench bench;
    play(bench, {{0ms, 'c', "PA", 1, 1, 10}, {1ms, 's', "A", 1, 11}, {2ms, 'c', "PA", 11, 1, 10}});
    ASSERT_EQ(bench.of<TwoWay>().size(), 1U);
    EXPECT_EQ(bench.of<TwoWay>()[0].b_mac, mac_of(server.ip));
}

TEST(TwoWay, NeedsBothDirections) {
    ShardBench bench;
    play(bench, {{0ms, 'c', "S", 0, 0}, {1s, 'c', "S", 0, 0}, {2s, 'c', "A", 1, 1}});
    EXPECT_TRUE(bench.of<TwoWay>().empty());
}

TEST(Snapshots, ShowOpenFlowsUpToTheLimit) {
    ShardBench bench;
    for (std::uint16_t port = 1; port <= 5; ++port) play(bench, handshake, {client.ip, port}, server);
    std::vector<FlowRecord> seen;
    bench.shard().snapshot(seen, 3);
    EXPECT_EQ(seen.size(), 3U);
    EXPECT_EQ(seen[0].state, FlowState::established);
}

}  // namespace
}  // namespace wiresage::testing

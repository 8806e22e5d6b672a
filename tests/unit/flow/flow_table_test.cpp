// The table of flows: found, expired, and evicted in the order of their worth.
#include "flow/flow_table.hpp"

#include <gtest/gtest.h>

#include <map>
#include <random>

#include "shard_bench.hpp"

namespace wiresage::testing {
namespace {

FlowKey key_of(std::uint32_t number) {
    return FlowKey::of(ip_protocol::udp, {Address::v4(number), 1}, {ipv4(10, 0, 0, 2), 53});
}

TEST(FlowTable, FindsWhatWasPutInAndNothingElse) {
    FlowTable table{500};
    std::mt19937 random{1};
    std::map<std::uint32_t, FlowIndex> there;
    for (int step = 0; step < 20'000; ++step) {
        const auto number = static_cast<std::uint32_t>(random() % 800);
        // Few hashes, so that places are fought over.
        const std::uint32_t hash = number % 97 * 0x01000193U;
        const FlowIndex found = table.find(key_of(number), hash);
        const auto expected = there.find(number);
        ASSERT_EQ(found, expected == there.end() ? no_flow : expected->second);
        if (found != no_flow) {
            table.erase(found);
            there.erase(number);
        } else if (table.blocker(hash) == no_flow) {
            there[number] = table.insert(key_of(number), hash);
            table.set_class(there[number], FlowClass::one_way, event_time(step));
        }
        ASSERT_EQ(table.size(), there.size());
    }
    EXPECT_GT(there.size(), 100U);
}

TEST(FlowTable, GivesUpTheCheapestWhereOneHashIsCrowded) {
    FlowTable table{1000};
    for (std::uint32_t i = 0; i < FlowTable::most_probes; ++i) {
        ASSERT_EQ(table.blocker(5), no_flow);
        table.set_class(table.insert(key_of(i), 5), i == 7 ? FlowClass::closed : FlowClass::established, event_time(0));
    }
    EXPECT_EQ(table.blocker(5), table.find(key_of(7), 5));
    EXPECT_EQ(table.blocker(6'000'000), no_flow);
}

struct Full {
    const char* name;
    std::vector<FlowClass> classes;
    std::size_t victim;
};

class FullTable : public ::testing::TestWithParam<Full> {};

TEST_P(FullTable, GivesUpTheLeastWorth) {
    const auto& row = GetParam();
    FlowTable table{static_cast<std::uint32_t>(row.classes.size())};
    std::vector<FlowIndex> flows;
    for (std::uint32_t i = 0; i < row.classes.size(); ++i) {
        const std::uint32_t hash = i * 0x01000193U;
        ASSERT_EQ(table.blocker(hash), no_flow);
        flows.push_back(table.insert(key_of(i), hash));
        table.set_class(flows.back(), row.classes[i], event_time(0));
    }
    EXPECT_EQ(table.blocker(12345), flows[row.victim]);
}

const Full full_tables[] = {
    {"half_open_first", {FlowClass::established, FlowClass::closed, FlowClass::half_open, FlowClass::answered}, 2},
    {"the_flood_pushes_out_its_own_kind", {FlowClass::half_open, FlowClass::one_way, FlowClass::one_way}, 1},
    {"then_closed", {FlowClass::established, FlowClass::answered, FlowClass::closed}, 2},
    {"then_answered", {FlowClass::established, FlowClass::answered, FlowClass::established}, 1},
    {"established_last", {FlowClass::established, FlowClass::established}, 0},
};

INSTANTIATE_TEST_SUITE_P(, FullTable, ::testing::ValuesIn(full_tables), [](const auto& row) { return row.param.name; });

TEST(FlowTable, ExpiresWhenTheLastPacketIsOldEnough) {
    FlowTable table{10};
    const EventTime start = event_time(1'600'000'000'000'000'000);
    EXPECT_EQ(table.next_expired(start), no_flow);
    const FlowIndex at = table.insert(key_of(1), 1);
    table[at].transport = Transport::udp;
    table[at].last_seen = start;
    table.set_class(at, FlowClass::one_way, start);
    table[at].last_seen = start + 20s;  // A packet only stores this.
    EXPECT_EQ(table.next_expired(start + 49s), no_flow);
    EXPECT_EQ(table.next_expired(start + 52s), at);
    table.erase(at);
    EXPECT_EQ(table.next_expired(start + 53s), no_flow);
}

TEST(FlowTable, SeesAllAfterALongJump) {
    FlowTable table{10};
    const EventTime start = event_time(1'600'000'000'000'000'000);
    for (std::uint32_t i = 1; i <= 5; ++i) {
        const FlowIndex at = table.insert(key_of(i), i);
        table[at].last_seen = start;
        table.set_class(at, FlowClass::established, start);
    }
    int expired = 0;
    for (FlowIndex at = table.next_expired(start + 48h); at != no_flow; at = table.next_expired(start + 48h)) {
        table.erase(at);
        ++expired;
    }
    EXPECT_EQ(expired, 5);
}

TEST(Eviction, LeavesEstablishedConnectionsUnderAFloodOfSyns) {
    ShardOptions options;
    options.flows = 200;
    ShardBench bench{options};
    for (std::uint16_t port = 1; port <= 50; ++port) {
        const Duration at = port * tick_length;  // Not so many in one tick that they would be a flood themselves.
        play(bench, {{at, 'c', "S", 0, 0}, {at, 's', "SA", 0, 1}, {at, 'c', "A", 1, 1}}, {client.ip, port}, server);
    }
    constexpr std::uint32_t flood = 20'000;
    for (std::uint32_t i = 0; i < flood; ++i) {
        auto spec = segment({0ms, 'c', "S", 0, 0});
        spec.src.ip = Address::v4(0xac100000U + i);
        bench.sees(10s + i * 10us, tcp(spec));
    }
    EXPECT_EQ(bench.shard().stats().evicted_half_open, flood - 150);
    EXPECT_EQ(bench.shard().stats().evicted_established, 0U);
    for (std::uint16_t port = 1; port <= 50; ++port) play(bench, {{12s, 'c', "FA", 1, 1}}, {client.ip, port}, server);
    EXPECT_EQ(bench.of<ConnectionEnded>().size(), 50U);
    bench.plays_to(2min);
    EXPECT_EQ(bench.sum(VolumeKind::syn_to, server).given_up, flood);
}

TEST(Eviction, OfAnEstablishedConnectionIsToldAsItsEnd) {
    ShardOptions options;
    options.flows = 1;
    ShardBench bench{options};
    play(bench, {{0ms, 'c', "S", 0, 0}, {1ms, 's', "SA", 0, 1}, {2ms, 'c', "A", 1, 1}});
    play(bench, {{1s, 'c', "S", 0, 0}}, {client.ip, 1}, server);
    ASSERT_EQ(bench.of<ConnectionEnded>().size(), 1U);
    EXPECT_EQ(bench.of<ConnectionEnded>()[0].by, EndedBy::evicted);
    EXPECT_EQ(bench.shard().stats().evicted_established, 1U);
    EXPECT_EQ(bench.records().size(), 1U);
}

TEST(Eviction, IsTheSameEveryTime) {
    std::vector<std::vector<FlowRecord>> runs;
    for (int run = 0; run < 2; ++run) {
        ShardOptions options;
        options.flows = 64;
        ShardBench bench{options};
        std::mt19937 random{3};
        for (int i = 0; i < 3000; ++i) {
            const auto port = static_cast<std::uint16_t>(random() % 500 + 1);
            const char* const flags[] = {"S", "SA", "A", "PA", "FA", "R"};
            play(bench, {{i * 1ms, random() % 2 == 0 ? 'c' : 's', flags[random() % 6], 0, 1}}, {client.ip, port},
                 server);
        }
        bench.plays_to(2h);
        runs.push_back(bench.records());
    }
    ASSERT_GT(runs[0].size(), 500U);
    ASSERT_EQ(runs[0].size(), runs[1].size());
    for (std::size_t i = 0; i < runs[0].size(); ++i) {
        EXPECT_EQ(runs[0][i].client, runs[1][i].client);
        EXPECT_EQ(runs[0][i].c2s.packets, runs[1][i].c2s.packets);
        EXPECT_TRUE(i == 0 || before(runs[0][i - 1].at, runs[0][i].at));
    }
}

}  // namespace
}  // namespace wiresage::testing

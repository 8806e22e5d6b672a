// Sums of a tick: exact whatever is folded, bounded whatever comes.
#include "flow/volumes.hpp"

#include <gtest/gtest.h>

#include <set>

#include "shard_bench.hpp"

namespace wiresage::testing {
namespace {

const Endpoint target{ipv4(10, 0, 0, 2), 9999};

Frame from_source(std::uint32_t source, std::uint16_t port = 5000, std::size_t length = 20,
                  std::uint16_t to_port = 9999) {
    return udp({.src = {Address::v4(source), port},
                .dst = {target.ip, to_port},
                .payload = std::string(length, 'x'),
                .ip = {.id = source & 0xffff}});
}

struct Crowd {
    const char* name;
    std::uint32_t sources;
    std::uint32_t datagrams_each;
    std::size_t most_sums_from;  ///< Volume facts of kind udp_from, at most.
};

class Crowds : public ::testing::TestWithParam<Crowd> {};

TEST_P(Crowds, AreSummedExactly) {
    const auto& row = GetParam();
    ShardBench bench;
    for (std::uint32_t i = 0; i < row.datagrams_each; ++i) {
        for (std::uint32_t source = 1; source <= row.sources; ++source)
            bench.sees(1ms, from_source(source, static_cast<std::uint16_t>(i + 1)));
    }
    bench.plays_to(1s);
    const auto all = row.sources * row.datagrams_each;
    for (const auto kind : {VolumeKind::udp_to, VolumeKind::udp_from}) {
        const auto sum = bench.sum(kind);
        EXPECT_EQ(sum.packets, all);
        EXPECT_EQ(sum.attempts, all);
        EXPECT_EQ(sum.unanswered, all);
        EXPECT_EQ(sum.bytes, std::uint64_t{all} * 62);
    }
    std::size_t sums_from = 0;
    for (const auto& one : bench.of<Volume>()) sums_from += one.kind == VolumeKind::udp_from ? 1U : 0U;
    EXPECT_LE(sums_from, row.most_sums_from);
    EXPECT_GE(sums_from, 1U);
}

INSTANTIATE_TEST_SUITE_P(, Crowds,
                         ::testing::Values(Crowd{"one", 1, 5, 1}, Crowd{"few", 16, 1, 16},
                                           Crowd{"many_with_one_each", 1000, 1, 17},
                                           Crowd{"many_with_two_each", 1000, 2, 1001},
                                           Crowd{"more_than_keys", 2000, 2, 1025}),
                         [](const auto& row) { return row.param.name; });

TEST(Sums, CountKeysBeyondTheMost) {
    ShardBench bench;
    for (std::uint32_t i = 0; i < 2200; ++i)
        bench.sees(1ms, from_source(i / 2 + 1, static_cast<std::uint16_t>(i % 2 + 1)));
    bench.plays_to(1s);
    EXPECT_GE(bench.shard().stats().volume_overflow, 76U);
}

TEST(Sums, SayWhatIsCommonToAll) {
    ShardBench bench;
    bench.sees(10ms, from_source(1, 5000, 100));
    bench.sees(11ms, from_source(1, 5000, 100));
    bench.plays_to(100ms);
    const auto one = bench.of<Volume>().at(0);
    EXPECT_EQ(one.kind, VolumeKind::udp_to);
    EXPECT_EQ(one.key, (Endpoint{target.ip, 0}));
    EXPECT_EQ(one.peer, (Endpoint{Address::v4(1), 5000}));
    EXPECT_EQ(one.mac, mac_of(Address::v4(1)));
    EXPECT_EQ(one.first, bench.began + 10ms);
    EXPECT_EQ(one.first_frame, 1U);
    EXPECT_EQ(one.common_length, 108U);
    EXPECT_EQ(one.key_port, 9999U);
    EXPECT_TRUE(one.one_peer_ip && one.one_peer_port && one.one_key_port && one.one_mac && one.one_length);
}

struct Difference {
    const char* name;
    Frame second;
    bool Volume::*flag;
};

class Differences : public ::testing::TestWithParam<Difference> {};

TEST_P(Differences, Show) {
    ShardBench bench;
    bench.sees(1ms, from_source(1));
    bench.sees(2ms, from_source(1));
    bench.sees(3ms, GetParam().second);
    bench.plays_to(1s);
    const auto sums = bench.of<Volume>();
    ASSERT_FALSE(sums.empty());
    EXPECT_FALSE(sums[0].*GetParam().flag);
    EXPECT_EQ(sums[0].common_length, 28U);
}

INSTANTIATE_TEST_SUITE_P(, Differences,
                         ::testing::Values(Difference{"source", from_source(2), &Volume::one_peer_ip},
                                           Difference{"source_port", from_source(1, 6000), &Volume::one_peer_port},
                                           Difference{"port", from_source(1, 5000, 20, 9998), &Volume::one_key_port},
                                           Difference{"length", from_source(1, 5000, 30), &Volume::one_length},
                                           Difference{"mac", from_source(2), &Volume::one_mac}),
                         [](const auto& row) { return row.param.name; });

TEST(Sums, OfHandshakesCountWhatIsNotToldOfEach) {
    ShardBench bench;
    play(bench, {{0ms, 'c', "S", 0, 0}, {1ms, 's', "SA", 0, 1}, {2ms, 'c', "A", 1, 1}}, {client.ip, 1}, server);
    play(bench, {{0ms, 'c', "S", 0, 0}, {0ms, 'c', "S", 0, 0}, {1ms, 's', "RA", 0, 1}}, {client.ip, 2}, server);
    play(bench, {{0ms, 'c', "S", 0, 0}, {1ms, 's', "SA", 0, 1}, {2ms, 'c', "R", 1, 0}}, {client.ip, 3}, server);
    bench.plays_to(1s);
    for (const auto& sum : {bench.sum(VolumeKind::syn_to, server), bench.sum(VolumeKind::syn_from, {client.ip, 0})}) {
        EXPECT_EQ(sum.packets, 1U);  // The repeated SYN.
        EXPECT_EQ(sum.attempts, 0U);
        EXPECT_EQ(sum.replies, 0U);
        EXPECT_EQ(sum.completed, 0U);
        EXPECT_EQ(sum.refused, 0U);
        EXPECT_EQ(sum.given_up, 1U);
    }
}

TEST(Sums, NameTheOtherEndsByHash) {
    ShardBench bench;
    for (std::uint32_t source = 1; source <= 700; ++source) {
        bench.sees(1ms, from_source(source, 5000, 20, static_cast<std::uint16_t>(source % 3)));
    }
    bench.plays_to(1s);
    std::set<std::uint32_t> sources;
    std::set<std::uint32_t> ports;
    for (const auto& one : bench.of<Distinct>()) {
        if (one.kind != VolumeKind::udp_to) continue;
        auto& into = one.ports ? ports : sources;
        into.insert(one.hashes.begin(), one.hashes.begin() + one.count);
    }
    EXPECT_EQ(sources.size(), Volumes::most_hashes);
    EXPECT_EQ(ports, (std::set<std::uint32_t>{port_hash(0), port_hash(1), port_hash(2)}));
}

TEST(Sums, AreForgottenAtAStepOfTheClock) {
    ShardBench bench;
    for (int i = 0; i < 5; ++i) bench.sees(1ms, from_source(1, static_cast<std::uint16_t>(i + 1)));
    bench.shard().clock_step();
    bench.plays_to(1s);
    EXPECT_TRUE(bench.of<Volume>().empty());
    EXPECT_EQ(bench.shard().stats().flows_open, 5U);
}

TEST(Facts, OfATickHaveRisingPlaces) {
    ShardBench bench;
    for (std::uint32_t source = 1; source <= 100; ++source) bench.sees(1ms, from_source(source));
    bench.plays_to(10s);
    const auto& facts = bench.facts();
    ASSERT_GT(facts.size(), 70U);
    for (std::size_t i = 1; i < facts.size(); ++i) EXPECT_TRUE(before(facts[i - 1].at, facts[i].at)) << i;
    for (const auto& fact : facts) EXPECT_EQ(fact.at.shard, 7U);
}

}  // namespace
}  // namespace wiresage::testing

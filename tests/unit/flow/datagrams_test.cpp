// Flows without connections: UDP, ICMP and fragments, and the neighbours of the link.
#include <gtest/gtest.h>

#include "shard_bench.hpp"

namespace wiresage::testing {
namespace {

const Endpoint asker{ipv4(10, 0, 0, 1), 5353};
const Endpoint resolver{ipv4(10, 0, 0, 2), 53};

Frame datagram(const Endpoint& from, const Endpoint& to, unsigned id, std::size_t length = 20) {
    return udp({.src = from, .dst = to, .payload = std::string(length, 'q'), .ip = {.id = id}});
}

Frame echo(const Address& from, const Address& to, unsigned type, unsigned sequence, unsigned identifier = 77) {
    return icmp({.src = from,
                 .dst = to,
                 .type = type,
                 .identifier = identifier,
                 .sequence = sequence,
                 .ip = {.id = 100 + sequence + type}});
}

TEST(Udp, AnAnswerAcceptsAndIsSummed) {
    ShardBench bench;
    bench.sees(0ms, datagram(asker, resolver, 1));
    bench.sees(0ms, datagram(asker, resolver, 2, 30));
    bench.sees(20ms, datagram(resolver, asker, 3));
    bench.sees(30ms, datagram(asker, resolver, 4));
    bench.sees(30ms, datagram(asker, resolver, 5));
    bench.plays_to(10s);
    EXPECT_EQ(bench.story(), "accepted");
    EXPECT_EQ(bench.of<Outcome>()[0].segments, 2U);
    EXPECT_EQ(bench.of<TwoWay>().size(), 0U);  // The outcome says so.
    for (const auto kind : {VolumeKind::udp_to, VolumeKind::udp_from}) {
        const auto sum = bench.sum(kind, {kind == VolumeKind::udp_to ? resolver.ip : asker.ip, 0});
        EXPECT_EQ(sum.packets, 4U);
        EXPECT_EQ(sum.replies, 1U);
        EXPECT_EQ(sum.attempts, 1U);
        EXPECT_EQ(sum.unanswered, 2U);
        EXPECT_EQ(sum.completed, 2U);
        EXPECT_EQ(sum.bytes, 4U * 62 + 10);
    }
}

TEST(Udp, SilenceIsToldOnce) {
    ShardBench bench;
    for (int i = 0; i < 5; ++i) bench.sees(i * 1s, datagram(asker, resolver, static_cast<unsigned>(i + 1)));
    bench.plays_to(20s);
    EXPECT_EQ(bench.story(), "silent");
    EXPECT_EQ(bench.of<Outcome>()[0].segments, 3U);
    EXPECT_EQ(bench.of<Outcome>()[0].transport, Transport::udp);
}

TEST(Udp, PortUnreachableRefuses) {
    ShardBench bench;
    const auto question = datagram(asker, resolver, 1);
    bench.sees(0ms, question);
    bench.sees(1ms, icmp({.src = resolver.ip, .dst = asker.ip, .type = 3, .code = 3, .quoted = ip_part(question)}));
    bench.plays_to(10s);
    EXPECT_EQ(bench.story(), "refused_by_icmp");
    EXPECT_EQ(bench.sum(VolumeKind::icmp_to, {asker.ip, 0}).packets, 1U);
}

TEST(Udp, AnErrorAboutTheAnswerRefusesNothing) {
    ShardBench bench;
    const auto answer = datagram(resolver, asker, 2);
    bench.sees(0ms, datagram(asker, resolver, 1));
    bench.sees(1ms, icmp({.src = asker.ip, .dst = resolver.ip, .type = 3, .code = 3, .quoted = ip_part(answer)}));
    EXPECT_EQ(bench.story(), "");
}

TEST(Udp, WhoBeganIsKnownAfterTwiceTheTimeout) {
    ShardBench bench;
    bench.sees(0ms, datagram(asker, resolver, 1));
    bench.sees(59s, datagram({asker.ip, 6000}, resolver, 2));
    bench.sees(61s, datagram({asker.ip, 6001}, resolver, 3));
    bench.plays_to(62s);
    const auto made = bench.of<Attempt>();
    ASSERT_EQ(made.size(), 3U);
    EXPECT_FALSE(made[0].initiator_known);
    EXPECT_FALSE(made[1].initiator_known);
    EXPECT_TRUE(made[2].initiator_known);
}

TEST(Udp, FewAnsweredDatagramsAreNotWorthASum) {
    ShardBench bench;
    bench.sees(0ms, datagram(asker, resolver, 1));
    bench.sees(1ms, datagram(resolver, asker, 2));
    bench.plays_to(1s);
    EXPECT_TRUE(bench.of<Volume>().empty());
}

struct Idle {
    const char* name;
    bool answered;
    Duration apart;
    std::size_t flows;
};

class UdpTimeouts : public ::testing::TestWithParam<Idle> {};

TEST_P(UdpTimeouts, EndAFlow) {
    const auto& row = GetParam();
    ShardBench bench;
    bench.sees(0ms, datagram(asker, resolver, 1));
    if (row.answered) bench.sees(1ms, datagram(resolver, asker, 2));
    bench.sees(row.apart, datagram(asker, resolver, 3));
    bench.plays_to(20min);
    EXPECT_EQ(bench.records().size(), row.flows);
    EXPECT_TRUE(bench.shard().is_empty());
}

INSTANTIATE_TEST_SUITE_P(, UdpTimeouts,
                         ::testing::Values(Idle{"one_way_29_s", false, 29s, 1}, Idle{"one_way_32_s", false, 32s, 2},
                                           Idle{"answered_179_s", true, 179s, 1},
                                           Idle{"answered_182_s", true, 182s, 2}),
                         [](const auto& row) { return row.param.name; });

TEST(Echo, RepliesAreNoMessagesOfTheirOwn) {
    ShardBench bench;
    for (unsigned i = 0; i < 5; ++i) {
        bench.sees(i * 1s, echo(asker.ip, resolver.ip, 8, i));
        bench.sees(i * 1s + 5ms, echo(resolver.ip, asker.ip, 0, i));
    }
    bench.plays_to(10s);
    ASSERT_EQ(bench.of<Attempt>().size(), 1U);
    EXPECT_EQ(bench.of<Attempt>()[0].technique, Technique::echo);
    EXPECT_EQ(bench.of<Attempt>()[0].server, (Endpoint{resolver.ip, 0}));
    EXPECT_EQ(bench.story(), "accepted");
    const auto sum = bench.sum(VolumeKind::icmp_to, {resolver.ip, 0});
    EXPECT_EQ(sum.packets, 5U);
    EXPECT_EQ(sum.replies, 5U);
    EXPECT_EQ(bench.sum(VolumeKind::icmp_to, {asker.ip, 0}).packets, 0U);
}

TEST(Echo, UnaskedRepliesAreMessages) {
    ShardBench bench;
    for (unsigned i = 0; i < 5; ++i) bench.sees(i * 1ms, echo(resolver.ip, asker.ip, 0, i));
    bench.plays_to(10s);
    EXPECT_TRUE(bench.of<Attempt>().empty());
    EXPECT_EQ(bench.sum(VolumeKind::icmp_to, {asker.ip, 0}).packets, 5U);
    const auto sum = bench.of<Volume>().at(0);
    EXPECT_EQ(sum.icmp_type_count, 1U);
    EXPECT_EQ(sum.icmp_types[0], 0U);
}

TEST(Echo, ANewIdentifierIsANewAttempt) {
    ShardBench bench;
    bench.sees(0ms, echo(asker.ip, resolver.ip, 8, 1, 77));
    bench.sees(0ms, echo(asker.ip, resolver.ip, 8, 1, 78));
    bench.plays_to(5s);
    EXPECT_EQ(bench.of<Attempt>().size(), 2U);
    EXPECT_EQ(bench.story(), "silent silent");
}

Frame fragment(unsigned offset, bool more, std::size_t bytes, unsigned id = 9) {
    const IpSpec spec{.id = id, .more_fragments = more, .fragment_offset = offset};
    Writer body;
    if (offset == 0) body.u16(asker.port).u16(resolver.port).u16(2008).u16(0);
    body.zeros(bytes - body.size());
    return ethernet(link_between({}, asker.ip, resolver.ip), 0x0800,
                    ip_packet(spec, asker.ip, resolver.ip, ip_protocol::udp, body.frame()));
}

TEST(Fragments, OfOneDatagramAreOneDatagram) {
    ShardBench bench;
    bench.sees(0ms, fragment(0, true, 800));
    bench.sees(0ms, fragment(800, true, 800));
    bench.sees(0ms, fragment(1600, false, 408));
    bench.plays_to(1s);
    const auto sum = bench.sum(VolumeKind::udp_to, {resolver.ip, 0});
    EXPECT_EQ(sum.packets, 1U);
    EXPECT_EQ(sum.fragments, 3U);
    EXPECT_EQ(sum.bytes, 2008U + 3 * 34);
    EXPECT_EQ(bench.of<Volume>().at(0).common_length, 2008U);
    bench.plays_to(2min);
    ASSERT_EQ(bench.records().size(), 1U);
    EXPECT_EQ(bench.records()[0].fragments, 3U);
    EXPECT_EQ(bench.records()[0].c2s.bytes, 2008U + 3 * 34);
}

TEST(Fragments, WithoutTheirFirstAreSummedByAddress) {
    ShardBench bench;
    bench.sees(0ms, fragment(800, true, 800));
    bench.plays_to(1s);
    const auto sum = bench.sum(VolumeKind::udp_to, {resolver.ip, 0});
    EXPECT_EQ(sum.packets, 0U);
    EXPECT_EQ(sum.fragments, 1U);
    EXPECT_EQ(bench.shard().stats().flows_opened, 0U);
}

TEST(Fragments, OfAnEndedFlowAreNobodys) {
    ShardOptions options;
    options.flows = 1;
    ShardBench bench{options};
    bench.sees(0ms, fragment(0, true, 800));
    bench.sees(1ms, datagram(resolver, {ipv4(10, 0, 0, 3), 1}, 5));
    bench.sees(2ms, fragment(800, false, 408));
    ASSERT_EQ(bench.records().size(), 1U);
    bench.plays_to(2min);
    EXPECT_EQ(bench.records().at(1).fragments, 0U);
}

TEST(Neighbors, AreToldOneByOne) {
    ShardBench bench;
    bench.sees(0ms, arp({.sender_ip = asker.ip, .target_ip = resolver.ip}));
    bench.sees(1ms, arp({.operation = 2, .sender_ip = resolver.ip, .target_ip = asker.ip}));
    bench.sees(2ms, arp({.sender_ip = asker.ip, .target_ip = asker.ip}));
    bench.sees(3ms, arp({.sender_ip = Address::v4(0), .target_ip = asker.ip}));
    const auto told = bench.of<Neighbor>();
    ASSERT_EQ(told.size(), 4U);
    EXPECT_EQ(told[0].target_ip, resolver.ip);
    EXPECT_EQ(told[0].frame_source, mac_of(asker.ip));
    EXPECT_TRUE(told[0].frame_target.is_broadcast());
    EXPECT_TRUE(told[1].reply);
    EXPECT_TRUE(told[2].announcement);
    EXPECT_TRUE(told[3].probe);
    EXPECT_FALSE(told[0].reply || told[0].announcement || told[0].probe || told[0].nd);
}

TEST(Neighbors, OfIpv6AreNeitherFlowsNorMessages) {
    ShardBench bench;
    bench.sees(0ms, neighbor_discovery({.src = ip("fe80::1"), .dst = ip("ff02::1:ff00:2"), .target = ip("fe80::2")}));
    bench.plays_to(1s);
    ASSERT_EQ(bench.of<Neighbor>().size(), 1U);
    EXPECT_TRUE(bench.of<Neighbor>()[0].nd);
    EXPECT_TRUE(bench.of<Volume>().empty());
    EXPECT_EQ(bench.shard().stats().flows_opened, 0U);
}

TEST(Neighbors, BeyondTheCapAreWithheldUntilTheNextTick) {
    ShardBench bench;
    for (unsigned i = 0; i < 1030; ++i) bench.sees(1ms, arp({.sender_ip = asker.ip, .target_ip = Address::v4(i + 1)}));
    EXPECT_EQ(bench.of<Neighbor>().size(), 1024U);
    EXPECT_EQ(bench.shard().stats().facts_withheld, 6U);
    bench.sees(150ms, arp({.sender_ip = asker.ip, .target_ip = resolver.ip}));
    EXPECT_EQ(bench.of<Neighbor>().size(), 1025U);
}

TEST(OddPackets, OfAnyKindDoNoHarm) {
    ShardBench bench;
    const auto whole = tcp(segment({0ms, 'c', "PA", 5, 5, 100}));
    for (std::uint32_t bytes = 0; bytes <= whole.size(); ++bytes) bench.sees(0ms, whole, bytes);
    const Endpoint itself{ipv4(127, 0, 0, 1), 9};
    bench.sees(1ms, tcp(segment({0ms, 'c', "S", 0, 0}, itself, itself)));
    bench.sees(1ms, ethernet({}, 0x0800, ip_packet({}, asker.ip, resolver.ip, 50, Frame(20))));
    bench.plays_to(2h);
    EXPECT_TRUE(bench.shard().is_empty());
    EXPECT_EQ(bench.records().size(), bench.shard().stats().flows_opened);
}

}  // namespace
}  // namespace wiresage::testing

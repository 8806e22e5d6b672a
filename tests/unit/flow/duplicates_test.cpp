// Guard G1: copies are dropped, what only looks like one is not.
#include <gtest/gtest.h>

#include <functional>

#include "shard_bench.hpp"

namespace wiresage::testing {
namespace {

struct Copies {
    const char* name;
    Duration apart;
    int frames;
    std::function<Frame(int)> frame;
    std::uint64_t dropped;
};

UdpSpec datagram(unsigned id) {
    return {.src = {ipv4(10, 0, 0, 1), 5000}, .dst = {ipv4(10, 0, 0, 2), 6000}, .payload = "hello", .ip = {.id = id}};
}

TcpSpec data(unsigned id) {
    auto spec = segment({0ms, 'c', "PA", 5, 5, 100});
    spec.ip.id = id;
    return spec;
}

TcpSpec over_ipv6(const char* flags, std::uint32_t length) {
    return segment({0ms, 'c', flags, 5, 5, length}, {ip("2001:db8::1"), 40000}, {ip("2001:db8::2"), 80});
}

class Duplicates : public ::testing::TestWithParam<Copies> {};

TEST_P(Duplicates, AreCountedAndDropped) {
    const auto& row = GetParam();
    ShardBench bench;
    for (int i = 0; i < row.frames; ++i) bench.sees(i * row.apart, row.frame(i));
    EXPECT_EQ(bench.shard().stats().duplicates, row.dropped);
    bench.plays_to(1s);
    std::uint32_t told = 0;
    for (const auto& fact : bench.of<wiresage::Duplicates>()) {
        told += fact.dropped;
        EXPECT_EQ(fact.packets, static_cast<std::uint32_t>(row.frames));
    }
    EXPECT_EQ(told, row.dropped);
    std::vector<FlowRecord> flows;
    bench.shard().snapshot(flows, 1);
    ASSERT_EQ(flows.size(), 1U);
    EXPECT_EQ(flows[0].c2s.packets + flows[0].s2c.packets, static_cast<std::uint64_t>(row.frames) - row.dropped);
}

Frame by_other_road(int i, UdpSpec spec) {
    spec.ip.ttl = 64U - static_cast<unsigned>(i);
    spec.link.src = MacAddress{{2, 0, 0, 0, 1, static_cast<std::uint8_t>(i)}};
    spec.link.vlans = {static_cast<std::uint16_t>(10 + i)};
    return udp(spec);
}

const Copies rows[] = {
    {"mirror", 20us, 2, [](int) { return udp(datagram(7)); }, 1},
    {"mirror_of_segments", 20us, 2, [](int) { return tcp(data(7)); }, 1},
    {"routed", 1ms, 2, [](int i) { return by_other_road(i, datagram(7)); }, 1},
    {"bridge_and_two_veths", 100us, 3, [](int i) { return by_other_road(i, datagram(7)); }, 2},
    {"too_late", 6ms, 2, [](int) { return udp(datagram(7)); }, 0},
    {"other_id", 20us, 2, [](int i) { return udp(datagram(7 + static_cast<unsigned>(i))); }, 0},
    {"other_payload", 20us, 2,
     [](int i) {
         auto spec = datagram(7);
         spec.payload += static_cast<char>('a' + i);
         return udp(spec);
     },
     0},
    {"no_id_soon", 500us, 2, [](int) { return udp(datagram(0)); }, 1},
    {"no_id_later", 1500us, 2, [](int) { return udp(datagram(0)); }, 0},
    {"flood_with_a_fixed_id", 10us, 1000, [](int) { return udp(datagram(54321)); }, 1},
    {"flood_without_id", 10us, 1000, [](int) { return udp(datagram(0)); }, 1},
    {"duplicate_acks_over_ipv6", 50us, 3, [](int) { return tcp(over_ipv6("A", 0)); }, 0},
    {"mirrored_segment_over_ipv6", 50us, 2, [](int) { return tcp(over_ipv6("PA", 50)); }, 1},
    {"mirrored_acks_over_ipv6_by_another_road", 50us, 2,
     [](int i) {
         auto spec = over_ipv6("A", 0);
         spec.ip.ttl = 64U - static_cast<unsigned>(i);
         return tcp(spec);
     },
     1},
    {"retransmission_after_10_ms", 10ms, 2, [](int i) { return tcp(data(7 + static_cast<unsigned>(i))); }, 0},
};

INSTANTIATE_TEST_SUITE_P(, Duplicates, ::testing::ValuesIn(rows), [](const auto& row) { return row.param.name; });

TEST(DuplicatesOff, DropNothing) {
    ShardOptions options;
    options.drop_duplicates = false;
    ShardBench bench{options};
    for (int i = 0; i < 2; ++i) bench.sees(i * 20us, tcp(data(7)));
    EXPECT_EQ(bench.shard().stats().duplicates, 0U);
    EXPECT_EQ(bench.shard().stats().tcp_analysis.retransmission, 1U);
}

}  // namespace
}  // namespace wiresage::testing

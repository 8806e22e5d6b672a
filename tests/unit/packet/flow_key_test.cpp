// What makes packets one flow, and the hash of it.

#include "packet/flow_key.hpp"

#include <gtest/gtest.h>

#include <set>

#include "samples.hpp"

namespace wiresage::testing {
namespace {

FlowKey key_of(const Frame& frame) {
    Packet packet;
    decode(view_of(frame), packet);
    FlowKey key;
    EXPECT_TRUE(flow_key_of(packet, key));
    return key;
}

struct SameFlow {
    const char* name;
    Frame one;
    Frame other;
};

class OneFlow : public ::testing::TestWithParam<SameFlow> {};

TEST_P(OneFlow, HasOneKeyAndOneHash) {
    const auto one = key_of(GetParam().one);
    const auto other = key_of(GetParam().other);
    EXPECT_EQ(one, other);
    EXPECT_EQ(hash(one, 1), hash(other, 1));
    EXPECT_EQ(hash(one.protocol, one.low, one.high, 1), hash(one.protocol, one.high, one.low, 1));
    EXPECT_EQ(hash(one.protocol, one.high, one.low, 1), hash(one, 1));
    EXPECT_NE(hash(one, 1), hash(one, 2));
}

const SameFlow same_flows[] = {
    {"tcp_both_ways", tcp({.src = client_v4(), .dst = server_v4()}), tcp({.src = server_v4(), .dst = client_v4()})},
    {"udp_both_ways_v6", udp({.src = client_v6(), .dst = server_v6()}), udp({.src = server_v6(), .dst = client_v6()})},
    {"one_address_and_two_ports", tcp({.src = {client_v4().ip, 2}, .dst = {client_v4().ip, 1}}),
     tcp({.src = {client_v4().ip, 1}, .dst = {client_v4().ip, 2}})},
    {"in_two_vlans", inner_frame(false, {.vlans = {1}}), inner_frame(false, {.vlans = {2}})},
    {"in_a_tunnel_and_out_of_it", routers_frame(4, inner_ip()), inner_frame()},
    {"echo_and_reply", icmp({.src = client_v4().ip, .dst = server_v4().ip, .type = 8, .identifier = 5}),
     icmp({.src = server_v4().ip, .dst = client_v4().ip, .type = 0, .identifier = 5})},
    {"echo_and_reply_v6", icmp({.src = client_v6().ip, .dst = server_v6().ip, .type = 128, .identifier = 5}),
     icmp({.src = server_v6().ip, .dst = client_v6().ip, .type = 129, .identifier = 5})},
    {"an_error_and_what_it_quotes", inner_frame(),
     icmp({.src = ipv4(9, 9, 9, 9), .dst = client_v4().ip, .type = 11, .quoted = inner_ip()})},
    {"an_error_about_an_echo", icmp({.src = client_v4().ip, .dst = server_v4().ip, .type = 8, .identifier = 5}),
     icmp({.src = ipv4(9, 9, 9, 9),
           .dst = client_v4().ip,
           .type = 11,
           .quoted = ip_part(icmp({.src = client_v4().ip, .dst = server_v4().ip, .type = 8, .identifier = 5}))})},
    {"fragments_that_are_not_the_first", udp({.src = client_v4(), .dst = server_v4(), .ip = {.fragment_offset = 8}}),
     udp({.src = server_v4(), .dst = client_v4(), .ip = {.fragment_offset = 64}})},
};

INSTANTIATE_TEST_SUITE_P(, OneFlow, ::testing::ValuesIn(same_flows), [](const auto& row) { return row.param.name; });

TEST(FlowKey, DiffersByEveryPart) {
    const Endpoint a{ipv4(10, 0, 0, 1), 1};
    const Endpoint b{ipv4(10, 0, 0, 2), 2};
    const std::set<std::uint64_t> hashes = {
        hash(FlowKey::of(6, a, b), 7),
        hash(FlowKey::of(17, a, b), 7),
        hash(FlowKey::of(6, {a.ip, 2}, {b.ip, 1}), 7),
        hash(FlowKey::of(6, {a.ip, 3}, b), 7),
        hash(FlowKey::of(6, a, {ipv4(10, 0, 0, 3), 2}), 7),
        hash(FlowKey::of(6, a, {ip("2001:db8::2"), 2}), 7),
        hash(FlowKey::of(6, a, {ip("2001:db8:0:1::2"), 2}), 7),
    };
    EXPECT_EQ(hashes.size(), 7U);
}

TEST(FlowKey, HashSpreadsNeighboursOverShardsAndSlots) {
    constexpr int flows = 64 * 1024;
    std::vector<int> shards(64);
    std::vector<int> slots(1024);
    for (int i = 0; i < flows; ++i) {
        const Endpoint client{ipv4(10, 0, static_cast<std::uint8_t>(i >> 8), static_cast<std::uint8_t>(i)), 40000};
        const auto value = hash(FlowKey::of(6, client, {ipv4(192, 0, 2, 1), 443}), 3);
        ++shards[value >> 58];
        ++slots[value % slots.size()];
    }
    for (const int count : shards) EXPECT_NEAR(count, flows / 64, 200);  // Six standard deviations of 1,024.
    for (const int count : slots) EXPECT_NEAR(count, flows / 1024, 52);  // And of 64, six and a half.
}

TEST(FlowKey, IsNotThereWithoutIp) {
    Packet packet;
    const auto frame = arp({.sender_ip = ipv4(10, 0, 0, 1), .target_ip = ipv4(10, 0, 0, 2)});
    decode(view_of(frame), packet);
    FlowKey key = FlowKey::of(99, {}, {});
    EXPECT_FALSE(flow_key_of(packet, key));
    EXPECT_EQ(key.protocol, 99);
}

}  // namespace
}  // namespace wiresage::testing

// Where a tunnel ends: too deep, broken, or not a tunnel at all.

#include <gtest/gtest.h>

#include "samples.hpp"

namespace wiresage::testing {
namespace {

Frame ip_in_ip(unsigned times) {
    Frame packet = inner_ip();
    for (unsigned i = 0; i < times; ++i) packet = routers_ip(ip_protocol::ipip, packet);
    return ethernet({}, 0x0800, packet);
}

TEST(Tunnels, AreFollowedFourDeep) {
    const auto frame = ip_in_ip(4);
    Packet packet;
    decode(view_of(frame), packet);
    EXPECT_EQ(packet.anomaly, Anomaly::none);
    EXPECT_TRUE(packet.udp);
}

TEST(Tunnels, AreNotFollowedFiveDeep) {
    const auto frame = ip_in_ip(5);
    Packet packet;
    decode(view_of(frame), packet);
    EXPECT_EQ(packet.anomaly, Anomaly::tunnel_too_deep);
    EXPECT_EQ(packet.ip.protocol, ip_protocol::ipip);
    EXPECT_FALSE(packet.udp);
}

TEST(Tunnels, WithoutAnInnerIpKeepTheOuterFlow) {
    const auto inside = arp({.sender_ip = ipv4(10, 0, 0, 1), .target_ip = ipv4(10, 0, 0, 2)});
    const auto frame = routers_udp(4789, before(Writer{}.u32(0x08000000).u32(0x100), inside).frame());
    Packet packet;
    decode(view_of(frame), packet);
    EXPECT_EQ(packet.anomaly, Anomaly::none);
    EXPECT_TRUE(packet.arp);
    ASSERT_TRUE(packet.udp);
    EXPECT_EQ(packet.udp->destination_port, 4789);
    EXPECT_EQ(packet.tunnel, Tunnel::none);
}

struct NoTunnel {
    const char* name;
    Frame frame;
    Anomaly anomaly;
};

class NoTunnels : public ::testing::TestWithParam<NoTunnel> {};

TEST_P(NoTunnels, KeepTheOuterHeaders) {
    const auto& row = GetParam();
    Packet packet;
    decode(view_of(row.frame), packet);
    EXPECT_EQ(name(packet.anomaly), name(row.anomaly));
    ASSERT_TRUE(packet.has_ip);
    EXPECT_EQ(packet.ip.source.text(), "192.0.2.1");
    EXPECT_EQ(packet.tunnel, Tunnel::none);
}

Frame answer_to_port(std::uint16_t port) {
    const auto body = before(Writer{}.u32(0x08000000).u32(0x100), inner_frame()).frame();
    return udp(
        {.src = {ipv4(192, 0, 2, 1), 53}, .dst = {ipv4(192, 0, 2, 2), port}, .payload = {body.begin(), body.end()}});
}

const NoTunnel no_tunnels[] = {
    {"a_service_that_answers_a_client_of_that_port", answer_to_port(4789), Anomaly::none},
    {"vxlan_without_its_flag", routers_udp(4789, before(Writer{}.u64(0), inner_frame()).frame()), Anomaly::none},
    {"a_short_datagram_to_the_port_of_vxlan", routers_udp(4789, Frame(7)), Anomaly::none},
    {"vxlan_with_half_a_frame", routers_udp(4789, Writer{}.u32(0x08000000).u32(0).zeros(13).frame()),
     Anomaly::link_malformed},
    {"geneve_of_another_version", routers_udp(6081, Writer{}.u32(0x40006558).u32(0).zeros(60).frame()), Anomaly::none},
    {"geneve_with_too_many_options", routers_udp(6081, Writer{}.u32(0x3f006558).u32(0).zeros(60).frame()),
     Anomaly::tunnel_malformed},
    {"gtp_echo", routers_udp(2152, Writer{}.u32(0x32010004).u32(0).u32(1).frame()), Anomaly::none},
    {"gtp_with_an_endless_extension", routers_udp(2152, Writer{}.u32(0x34ff000c).u32(1).u32(0x85).zeros(8).frame()),
     Anomaly::tunnel_malformed},
    {"gtp_with_an_ethernet_session", routers_udp(2152, Writer{}.u32(0x30ff0008).u32(1).zeros(8).frame()),
     Anomaly::unknown_network},
    {"gre_keep_alive", routers_frame(47, Writer{}.u32(0).frame()), Anomaly::none},
    {"pptp_acknowledgment", routers_frame(47, Writer{}.u32(0x2081880b).u32(1).u32(1).frame()), Anomaly::none},
    {"gre_of_another_version", routers_frame(47, Writer{}.u32(0x00020800).zeros(40).frame()),
     Anomaly::tunnel_malformed},
    {"gre_with_endless_routing", routers_frame(47, Writer{}.u32(0x40000800).u32(0).u32(0x08000004).frame()),
     Anomaly::tunnel_malformed},
    {"gre_of_another_network", routers_frame(47, Writer{}.u32(0x00002000).zeros(40).frame()), Anomaly::unknown_network},
    {"half_a_gre_header", routers_frame(47, Frame(3)), Anomaly::tunnel_malformed},
    {"half_an_erspan_header", routers_frame(47, Writer{}.u32(0x100088be).u32(0).zeros(7).frame()),
     Anomaly::tunnel_malformed},
    {"transport_mode_of_ah", routers_frame(51, Writer{}.u32(0x06040000).zeros(60).frame()), Anomaly::none},
    {"half_an_ah", routers_frame(51, Writer{}.u32(0x04ff0000).zeros(60).frame()), Anomaly::tunnel_malformed},
    {"ipip_with_half_a_header", routers_frame(4, Frame(19)), Anomaly::ip_header_truncated},
    {"ipip_of_another_version", routers_frame(4, inner_ip(true)), Anomaly::ip_malformed},
    {"mpls_in_ip_with_no_label", routers_frame(137, Frame(3)), Anomaly::tunnel_malformed},
};

INSTANTIATE_TEST_SUITE_P(, NoTunnels, ::testing::ValuesIn(no_tunnels), [](const auto& row) { return row.param.name; });

}  // namespace
}  // namespace wiresage::testing

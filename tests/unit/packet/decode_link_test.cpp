// The same datagram is found in every link type and in every tunnel, with what was said about the way to it.

#include <gtest/gtest.h>

#include "samples.hpp"

namespace wiresage::testing {
namespace {

class Wrapping : public ::testing::TestWithParam<Sample> {};

TEST_P(Wrapping, LeadsToTheDatagram) {
    const Sample& sample = GetParam();
    Packet packet;
    decode(view_of(sample.frame, sample.link), packet);

    EXPECT_EQ(name(packet.anomaly), "none");
    ASSERT_TRUE(packet.has_ip);
    ASSERT_TRUE(packet.udp);
    EXPECT_EQ(packet.ip.version, sample.v6 ? 6 : 4);
    EXPECT_EQ(packet.ip.protocol, ip_protocol::udp);
    EXPECT_EQ(packet.ip.source.text(), (sample.v6 ? client_v6() : client_v4()).ip.text());
    EXPECT_EQ(packet.ip.destination.text(), (sample.v6 ? server_v6() : server_v4()).ip.text());
    EXPECT_EQ(packet.udp->source_port, 4000);
    EXPECT_EQ(packet.udp->destination_port, 5000);
    EXPECT_EQ(packet.udp->payload_bytes, 4U);
    EXPECT_EQ(std::string(packet.payload.begin(), packet.payload.end()), "data");
    EXPECT_EQ(packet.transport.size(), 12U);
    EXPECT_EQ(name(packet.tunnel), name(sample.tunnel));
    EXPECT_EQ(packet.tunnel_id, sample.tunnel_id);
    EXPECT_EQ(packet.vlan(), sample.vlan);
    EXPECT_FALSE(packet.cut);
}

INSTANTIATE_TEST_SUITE_P(, Wrapping, ::testing::ValuesIn(samples()), [](const auto& row) { return row.param.name; });

TEST(Link, EthernetGivesBothAddressesAndTheType) {
    const auto frame = inner_frame(false, {.vlans = {7}});
    Packet packet;
    decode(view_of(frame), packet);
    ASSERT_TRUE(packet.has_mac);
    EXPECT_EQ(packet.source_mac, mac_of(client_v4().ip));
    EXPECT_EQ(packet.destination_mac, mac_of(server_v4().ip));
    EXPECT_EQ(packet.ether_type, 0x0800);
    EXPECT_EQ(packet.vlan_count, 1);
}

TEST(Link, AddressesAndTagsAreThoseOfTheOutermostFrame) {
    const auto inside = inner_frame(false, {.vlans = {99}});
    const auto frame = routers_udp(4789, before(Writer{}.u32(0x08000000).u32(0x100), inside).frame());
    Packet packet;
    decode(view_of(frame), packet);
    ASSERT_TRUE(packet.udp);
    EXPECT_EQ(packet.udp->source_port, 4000);
    EXPECT_EQ(packet.source_mac, mac_of(ipv4(192, 0, 2, 1)));
    EXPECT_EQ(packet.vlan_count, 0);
    EXPECT_EQ(packet.first_ip().source, ipv4(192, 0, 2, 1));
}

struct CookedRow {
    const char* name;
    unsigned packet_type;
    unsigned address_bytes;
    Direction direction;
    bool has_mac;
};

class Cooked : public ::testing::TestWithParam<CookedRow> {};

TEST_P(Cooked, TellsTheDirectionAndTheSender) {
    const auto& row = GetParam();
    const Writer first =
        Writer{}.u16(row.packet_type).u16(1).u16(row.address_bytes).add("\x02\x01\x02\x03\x04\x05").u16(0).u16(0x0800);
    const Writer second = Writer{}
                              .u16(0x0800)
                              .u16(0)
                              .u32(1)
                              .u16(1)
                              .u8(row.packet_type)
                              .u8(row.address_bytes)
                              .add("\x02\x01\x02\x03\x04\x05")
                              .u16(0);
    for (const auto& [header, link] :
         {std::pair{first, LinkType::linux_sll}, std::pair{second, LinkType::linux_sll2}}) {
        const auto frame = before(header, inner_ip()).frame();
        Packet packet;
        decode(view_of(frame, link), packet);
        EXPECT_EQ(packet.direction, row.direction);
        EXPECT_EQ(packet.has_mac, row.has_mac);
        EXPECT_EQ(packet.source_mac.text(), row.has_mac ? "02-01-02-03-04-05" : packet.source_mac.text());
        EXPECT_TRUE(packet.destination_mac.is_zero());
    }
}

constexpr CookedRow cooked_rows[] = {
    {"to_us", 0, 6, Direction::received, true},
    {"broadcast", 1, 6, Direction::received, true},
    {"multicast", 2, 6, Direction::received, true},
    {"to_another_host", 3, 6, Direction::unknown, true},
    {"from_us", 4, 6, Direction::sent, true},
    {"without_an_address", 0, 0, Direction::received, false},
    {"with_a_foreign_address", 4, 20, Direction::sent, false},
    {"of_a_type_to_come", 7, 6, Direction::unknown, true},
};

INSTANTIATE_TEST_SUITE_P(, Cooked, ::testing::ValuesIn(cooked_rows), [](const auto& row) { return row.param.name; });

struct OddLink {
    const char* name;
    LinkType link;
    Frame frame;
    Anomaly anomaly;
};

class OddLinks : public ::testing::TestWithParam<OddLink> {};

TEST_P(OddLinks, AreNamedAndGiveNoAddress) {
    const auto& row = GetParam();
    Packet packet;
    decode(view_of(row.frame, row.link), packet);
    EXPECT_EQ(name(packet.anomaly), name(row.anomaly));
    EXPECT_FALSE(packet.has_ip);
    EXPECT_FALSE(packet.has_outer_ip);
    EXPECT_EQ(packet.ip.source, Address{});
}

Frame nested_snap() {
    Writer out = Writer{}.zeros(12);
    for (int i = 0; i < 40; ++i) out.u16(1400).u8(0xaa).u8(0xaa).u8(3).u8(0).u16(0);
    return out.u16(0x0800).frame();
}

const OddLink odd_links[] = {
    {"an_empty_frame", LinkType::ethernet, {}, Anomaly::link_malformed},
    {"half_an_ethernet_header", LinkType::ethernet, Writer{}.zeros(13).frame(), Anomaly::link_malformed},
    {"half_a_tag", LinkType::ethernet, Writer{}.zeros(12).u16(0x8100).u16(1).frame(), Anomaly::link_malformed},
    {"an_unknown_type", LinkType::ethernet, ethernet({}, 0x88cc, Frame(40)), Anomaly::unknown_network},
    {"a_length_that_is_none", LinkType::ethernet, ethernet({}, 1501, Frame(40)), Anomaly::unknown_network},
    {"spanning_tree", LinkType::ethernet, ethernet({}, 38, Writer{}.u8(0x42).u8(0x42).u8(3).zeros(43).frame()),
     Anomaly::unknown_network},
    {"half_an_llc", LinkType::ethernet, ethernet({}, 2, Frame(46)), Anomaly::link_malformed},
    {"snap_in_snap_for_ever", LinkType::ethernet, nested_snap(), Anomaly::tunnel_too_deep},
    {"half_a_cooked_header", LinkType::linux_sll, Frame(15), Anomaly::link_malformed},
    {"half_a_cooked2_header", LinkType::linux_sll2, Frame(19), Anomaly::link_malformed},
    {"a_family_that_is_none", LinkType::null, Writer{}.u32(99).zeros(40).frame(), Anomaly::unknown_network},
    {"half_a_family", LinkType::loop, Frame(3), Anomaly::link_malformed},
    {"link_control", LinkType::ppp, Writer{}.u16(0xff03).u16(0xc021).zeros(8).frame(), Anomaly::unknown_network},
    {"an_empty_ppp_frame", LinkType::ppp, Writer{}.u16(0xff03).frame(), Anomaly::link_malformed},
    {"ciscos_keep_alive", LinkType::cisco_hdlc, Writer{}.u16(0x8f00).u16(0x8035).zeros(18).frame(),
     Anomaly::unknown_network},
    {"neither_version", LinkType::raw, Writer{}.u8(0x50).zeros(40).frame(), Anomaly::ip_malformed},
    {"a_link_type_that_is_not_ours", LinkType{147}, Frame(60), Anomaly::link_malformed},
    {"pppoe_discovery", LinkType::ethernet, ethernet({}, 0x8863, Frame(40)), Anomaly::unknown_network},
    {"pppoe_of_another_version", LinkType::ethernet, ethernet({}, 0x8864, Frame(40)), Anomaly::tunnel_malformed},
    {"labels_without_an_end", LinkType::ethernet, ethernet({}, 0x8847, Frame(40)), Anomaly::tunnel_malformed},
};

INSTANTIATE_TEST_SUITE_P(, OddLinks, ::testing::ValuesIn(odd_links), [](const auto& row) { return row.param.name; });

}  // namespace
}  // namespace wiresage::testing

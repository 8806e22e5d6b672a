// IP headers: lengths, options, extension headers, fragments, and what is impossible.

#include <gtest/gtest.h>

#include "samples.hpp"

namespace wiresage::testing {
namespace {

const std::string text_1000(1000, 'x');

Frame big_tcp(bool v6) {
    return v6 ? tcp({.src = client_v6(), .dst = server_v6(), .payload = text_1000})
              : tcp({.src = client_v4(), .dst = server_v4(), .payload = text_1000});
}

TEST(IpLength, PaddingIsNoPayload) {
    auto frame = tcp({.src = client_v4(), .dst = server_v4()});
    frame.resize(60);
    Packet packet;
    decode(view_of(frame), packet);
    ASSERT_TRUE(packet.tcp);
    EXPECT_EQ(packet.tcp->payload_bytes, 0U);
    EXPECT_TRUE(packet.payload.empty());
    EXPECT_EQ(packet.transport.size(), 20U);
    EXPECT_EQ(packet.anomaly, Anomaly::none);
}

TEST(IpLength, ZeroMeansTheWholeFrame) {
    for (const bool v6 : {false, true}) {
        auto frame = big_tcp(v6);
        const std::size_t at = v6 ? 14 + 4 : 14 + 2;
        frame[at] = frame[at + 1] = 0;
        Packet packet;
        decode(view_of(frame), packet);
        ASSERT_TRUE(packet.tcp);
        EXPECT_TRUE(packet.ip.length_from_frame);
        EXPECT_EQ(packet.tcp->payload_bytes, 1000U);
        EXPECT_EQ(packet.payload.size(), 1000U);
        EXPECT_EQ(packet.anomaly, Anomaly::none);
    }
}

TEST(IpLength, ZeroOfACutFrameCountsWhatWasOnTheWire) {
    auto frame = big_tcp(false);
    frame[16] = frame[17] = 0;
    auto view = cut_view_of(frame, 100);
    view.wire_bytes = 200'054;
    Packet packet;
    decode(view, packet);
    ASSERT_TRUE(packet.tcp);
    EXPECT_EQ(packet.tcp->payload_bytes, 200'000U);
    EXPECT_EQ(packet.payload.size(), 46U);
    EXPECT_TRUE(packet.cut);
    EXPECT_EQ(packet.anomaly, Anomaly::none);
}

TEST(IpLength, OfAJumbogramIsTheFrames) {
    const Frame segment = ip_part(big_tcp(true));
    Writer body = Writer{}.u8(6).u8(0).u8(0xc2).u8(4).u32(1028);  // RFC 2675, 2
    body.add(Bytes{segment}.subspan(40));
    auto jumbo = ip_packet({}, client_v6().ip, server_v6().ip, 0, body.frame());
    jumbo[4] = jumbo[5] = 0;
    const auto frame = ethernet({}, 0x86dd, jumbo);
    Packet packet;
    decode(view_of(frame), packet);
    ASSERT_TRUE(packet.tcp);
    EXPECT_EQ(packet.ip.protocol, ip_protocol::tcp);
    EXPECT_EQ(packet.tcp->payload_bytes, 1000U);
    EXPECT_EQ(packet.anomaly, Anomaly::none);
}

TEST(IpLength, ZeroIsHonestWhereNothingFollows) {
    const auto frame =
        ethernet({}, 0x86dd, ip_packet({}, client_v6().ip, server_v6().ip, ip_protocol::no_next, Frame{}));
    auto padded = frame;
    padded.resize(80);
    Packet packet;
    decode(view_of(padded), packet);
    EXPECT_EQ(packet.ip.payload_bytes, 0U);
    EXPECT_FALSE(packet.ip.length_from_frame);
    EXPECT_EQ(packet.anomaly, Anomaly::none);
}

TEST(IpLength, BeyondTheFrameIsToldAndTheRestIsDecoded) {
    auto frame = big_tcp(false);
    frame.resize(200);
    Packet packet;
    decode(view_of(frame), packet);
    EXPECT_EQ(packet.anomaly, Anomaly::ip_malformed);
    ASSERT_TRUE(packet.tcp);
    EXPECT_EQ(packet.tcp->payload_bytes, 1000U);
    EXPECT_EQ(packet.payload.size(), 146U);
}

TEST(Ip, HeaderFieldsAreTaken) {
    const auto v4 = udp(
        {.src = client_v4(), .dst = server_v4(), .ip = {.ttl = 9, .tos = 0xb8, .id = 0xbeef, .options = "\x94\x04"}});
    const auto v6 = udp({.src = client_v6(), .dst = server_v6(), .ip = {.ttl = 9, .tos = 0xb8}});
    for (const auto* frame : {&v4, &v6}) {
        Packet packet;
        decode(view_of(*frame), packet);
        ASSERT_TRUE(packet.udp);
        EXPECT_EQ(packet.ip.ttl, 9);
        EXPECT_EQ(packet.ip.tos, 0xb8);
        EXPECT_EQ(packet.ip.payload_bytes, 8U);
        EXPECT_EQ(packet.ip.has_identification, frame == &v4);
        EXPECT_EQ(packet.ip.identification, frame == &v4 ? 0xbeefU : 0U);
        EXPECT_FALSE(packet.ip.is_fragment());
        EXPECT_EQ(packet.first_ip().source, packet.ip.source);
        EXPECT_EQ(packet.first_ip().protocol, packet.ip.protocol);
    }
}

TEST(Ip, FragmentsHaveAProtocolAndOnlyTheFirstHasPorts) {
    for (const bool v6 : {false, true}) {
        const auto source = v6 ? client_v6() : client_v4();
        const auto destination = v6 ? server_v6() : server_v4();
        const auto first =
            udp({.src = source, .dst = destination, .payload = "first", .ip = {.id = 7, .more_fragments = true}});
        const auto later =
            udp({.src = source, .dst = destination, .payload = "later", .ip = {.id = 7, .fragment_offset = 1480}});
        Packet packet;
        decode(view_of(first), packet);
        EXPECT_TRUE(packet.ip.is_fragment());
        EXPECT_FALSE(packet.ip.is_later_fragment());
        EXPECT_TRUE(packet.udp);
        EXPECT_EQ(packet.ip.identification, 7U);

        decode(view_of(later), packet);
        EXPECT_TRUE(packet.ip.is_later_fragment());
        EXPECT_EQ(packet.ip.fragment_offset, 1480);
        EXPECT_EQ(packet.ip.protocol, ip_protocol::udp);
        EXPECT_FALSE(packet.udp);
        EXPECT_TRUE(packet.transport.empty());
        EXPECT_EQ(packet.anomaly, Anomaly::none);
    }
}

TEST(Ip, FirstFragmentMayClaimMoreThanItHolds) {
    auto frame = udp({.src = client_v4(), .dst = server_v4(), .payload = "12345678", .ip = {.more_fragments = true}});
    frame[14 + 20 + 4] = 0x0f;  // UDP's length: 3856.
    Packet packet;
    decode(view_of(frame), packet);
    ASSERT_TRUE(packet.udp);
    EXPECT_EQ(packet.udp->payload_bytes, 8U);
    EXPECT_EQ(packet.anomaly, Anomaly::none);
}

struct ExtensionRow {
    const char* name;
    unsigned first;  ///< The next header of the IPv6 header.
    Frame extensions;
    unsigned protocol;
    Anomaly anomaly;
};

class ExtensionHeaders : public ::testing::TestWithParam<ExtensionRow> {};

TEST_P(ExtensionHeaders, AreWalkedToTheProtocol) {
    const auto& row = GetParam();
    Writer body = Writer{}.add(Bytes{row.extensions});
    if (row.anomaly == Anomaly::none) body.u16(4000).u16(5000).u16(8).u16(0);
    const auto frame = ethernet({}, 0x86dd, ip_packet({}, client_v6().ip, server_v6().ip, row.first, body.frame()));
    Packet packet;
    decode(view_of(frame), packet);
    ASSERT_TRUE(packet.has_ip);
    EXPECT_EQ(packet.ip.protocol, row.protocol);
    EXPECT_EQ(name(packet.anomaly), name(row.anomaly));
    EXPECT_EQ(packet.udp.has_value(), row.protocol == ip_protocol::udp);
}

const ExtensionRow extension_rows[] = {
    {"none", 17, {}, 17, Anomaly::none},
    {"hop_by_hop", 0, Writer{}.u8(17).u8(0).zeros(6).frame(), 17, Anomaly::none},
    {"routing", 43, Writer{}.u8(17).u8(2).zeros(22).frame(), 17, Anomaly::none},
    {"destination_options", 60, Writer{}.u8(17).u8(0).zeros(6).frame(), 17, Anomaly::none},
    {"an_atomic_fragment", 44, Writer{}.u8(17).u8(0).zeros(6).frame(), 17, Anomaly::none},
    {"all_four", 0,
     Writer{}.u8(43).u8(0).zeros(6).u8(60).u8(0).zeros(6).u8(44).u8(0).zeros(6).u8(17).u8(0).zeros(6).frame(), 17,
     Anomaly::none},
    {"authentication_is_a_protocol", 0, Writer{}.u8(51).u8(0).zeros(6).u8(17).u8(1).zeros(10).frame(), 51,
     Anomaly::none},
    {"one_too_short_for_any", 60, Writer{}.u8(17).zeros(5).frame(), 60, Anomaly::ipv6_extension_malformed},
    {"one_that_ends_beyond_the_packet", 60, Writer{}.u8(58).u8(1).zeros(6).frame(), 58,
     Anomaly::ipv6_extension_malformed},
    {"none_where_one_was_announced", 43, {}, 43, Anomaly::ipv6_extension_malformed},
};

INSTANTIATE_TEST_SUITE_P(, ExtensionHeaders, ::testing::ValuesIn(extension_rows),
                         [](const auto& row) { return row.param.name; });

struct Broken {
    const char* name;
    bool v6;
    std::size_t at;      ///< Offset in the IP header,
    std::uint8_t value;  ///< and what is put there.
    std::size_t bytes;   ///< Of the IP packet, 0: all.
    Anomaly anomaly;
    bool has_ip;
};

class BrokenIp : public ::testing::TestWithParam<Broken> {};

TEST_P(BrokenIp, IsNamed) {
    const auto& row = GetParam();
    auto frame = inner_frame(row.v6);
    frame[14 + row.at] = row.value;
    if (row.bytes != 0) frame.resize(14 + row.bytes);
    Packet packet;
    decode(view_of(frame), packet);
    EXPECT_EQ(name(packet.anomaly), name(row.anomaly));
    EXPECT_EQ(packet.has_ip, row.has_ip);
    EXPECT_FALSE(packet.udp);
}

constexpr Broken broken[] = {
    {"another_version", false, 0, 0x65, 0, Anomaly::ip_malformed, false},
    {"a_header_of_four_words", false, 0, 0x44, 0, Anomaly::ip_malformed, false},
    {"a_total_length_within_the_header", false, 3, 19, 0, Anomaly::ip_malformed, false},
    {"a_header_beyond_the_total_length", false, 0, 0x4f, 0, Anomaly::ip_malformed, false},
    {"a_frame_that_ends_within_the_header", false, 0, 0x45, 19, Anomaly::ip_header_truncated, false},
    {"a_frame_that_ends_within_the_options", false, 0, 0x47, 24, Anomaly::ip_malformed, true},
    {"another_version_in_v6", true, 0, 0x45, 0, Anomaly::ip_malformed, false},
    {"a_frame_that_ends_within_the_header_of_v6", true, 0, 0x60, 39, Anomaly::ip_header_truncated, false},
};

INSTANTIATE_TEST_SUITE_P(, BrokenIp, ::testing::ValuesIn(broken), [](const auto& row) { return row.param.name; });

TEST(Decode, ForgetsThePacketBefore) {
    const auto first = tcp({.src = client_v4(), .dst = server_v4(), .payload = "x", .link = {.vlans = {5, 6}}});
    const auto second = ethernet({}, 0x88cc, Frame(40));
    Packet packet;
    decode(view_of(first), packet);
    ASSERT_TRUE(packet.tcp);
    decode(view_of(second), packet);
    EXPECT_FALSE(packet.has_ip || packet.has_outer_ip || packet.tcp || packet.udp || packet.icmp || packet.neighbor ||
                 packet.arp);
    EXPECT_EQ(packet.ip.source, Address{});
    EXPECT_EQ(packet.vlan_count, 0);
    EXPECT_EQ(packet.vlans[0], 0);
    EXPECT_TRUE(packet.payload.empty());
}

}  // namespace
}  // namespace wiresage::testing

// TCP with its options, UDP's length, SCTP, and ICMP with what it quotes.

#include <gtest/gtest.h>

#include "samples.hpp"

namespace wiresage::testing {
namespace {

Packet decoded(const Frame& frame) {
    Packet packet;
    decode(view_of(frame), packet);
    return packet;  // Its views stay valid as long as the frame.
}

TEST(Tcp, HeaderFieldsAreTaken) {
    const auto frame = tcp({.src = client_v4(),
                            .dst = server_v4(),
                            .seq = 0xdeadbeef,
                            .ack = 0x01020304,
                            .flags = tcp_flag::psh | tcp_flag::ack | 0x100,
                            .window = 501,
                            .payload = "hello"});
    const auto packet = decoded(frame);
    ASSERT_TRUE(packet.tcp);
    EXPECT_EQ(packet.tcp->source_port, 4000);
    EXPECT_EQ(packet.tcp->destination_port, 5000);
    EXPECT_EQ(packet.tcp->sequence, 0xdeadbeefU);
    EXPECT_EQ(packet.tcp->acknowledgment, 0x01020304U);
    EXPECT_EQ(packet.tcp->flags, 0x118);
    EXPECT_EQ(packet.tcp->window, 501);
    EXPECT_NE(packet.tcp->checksum, 0);
    EXPECT_EQ(packet.tcp->header_bytes, 20);
    EXPECT_EQ(packet.tcp->payload_bytes, 5U);
    EXPECT_EQ(packet.tcp->mss, 0);
    EXPECT_EQ(packet.tcp->window_scale, -1);
    EXPECT_EQ(packet.anomaly, Anomaly::none);
}

TEST(Tcp, OptionsOfASynAreTaken) {
    const auto frame = tcp({.src = client_v6(),
                            .dst = server_v6(),
                            .flags = tcp_flag::syn,
                            .mss = 1440,
                            .window_scale = 7,
                            .sack_permitted = true,
                            .timestamps = true,
                            .timestamp_value = 100,
                            .timestamp_echo = 200});
    const auto packet = decoded(frame);
    ASSERT_TRUE(packet.tcp);
    EXPECT_EQ(packet.tcp->mss, 1440);
    EXPECT_EQ(packet.tcp->window_scale, 7);
    EXPECT_TRUE(packet.tcp->sack_permitted);
    EXPECT_TRUE(packet.tcp->has_timestamps);
    EXPECT_EQ(packet.tcp->timestamp_value, 100U);
    EXPECT_EQ(packet.tcp->timestamp_echo, 200U);
    EXPECT_FALSE(packet.tcp->fast_open);
    EXPECT_EQ(packet.anomaly, Anomaly::none);
}

TEST(Tcp, SackBlocksAreTaken) {
    const auto packet =
        decoded(tcp({.src = client_v4(), .dst = server_v4(), .sack = {{100, 200}, {300, 400}, {500, 600}}}));
    ASSERT_TRUE(packet.tcp);
    ASSERT_EQ(packet.tcp->sack_count, 3);
    EXPECT_EQ(packet.tcp->sack[2].left, 500U);
    EXPECT_EQ(packet.tcp->sack[2].right, 600U);
}

TEST(Tcp, DigestOfOptionsKnowsTheirOrderAndValuesButNotTheTime) {
    const auto digest = [](const std::string& options) {
        const auto packet =
            decoded(tcp({.src = client_v4(), .dst = server_v4(), .flags = tcp_flag::syn, .raw_options = options}));
        return packet.tcp.value().options_digest;
    };
    const std::string mss = "\x02\x04\x05\xb4";
    const std::string other_mss = "\x02\x04\x05\xb5";
    const std::string scale = "\x03\x03\x07";
    const std::string time =
        "\x08\x0a"
        "11112222";
    const std::string later_time =
        "\x08\x0a"
        "33334444";
    EXPECT_NE(digest(mss + scale), digest(scale + mss));
    EXPECT_NE(digest(mss), digest(other_mss));
    EXPECT_EQ(digest(mss + time), digest(mss + later_time));
    EXPECT_NE(digest(mss), digest(""));
}

struct OptionRow {
    const char* name;
    std::string options;
    bool fast_open;
    int window_scale;
    Anomaly anomaly;
};

class TcpOptions : public ::testing::TestWithParam<OptionRow> {};

TEST_P(TcpOptions, AreReadUntilOneIsImpossible) {
    const auto& row = GetParam();
    const auto packet = decoded(tcp({.src = client_v4(),
                                     .dst = server_v4(),
                                     .flags = tcp_flag::syn,
                                     .payload = "abc",
                                     .raw_options = row.options}));
    ASSERT_TRUE(packet.tcp);
    EXPECT_EQ(packet.tcp->fast_open, row.fast_open);
    EXPECT_EQ(packet.tcp->window_scale, row.window_scale);
    EXPECT_EQ(packet.tcp->payload_bytes, 3U);
    EXPECT_EQ(name(packet.anomaly), name(row.anomaly));
}

const OptionRow option_rows[] = {
    {"fast_open_request", "\x22\x02", true, -1, Anomaly::none},
    {"fast_open_cookie", std::string("\x22\x0a") + "cookie!!", true, -1, Anomaly::none},
    {"fast_open_experiment", "\xfe\x04\xf9\x89", true, -1, Anomaly::none},
    {"another_experiment", "\xfe\x04\xf9\x90", false, -1, Anomaly::none},
    {"a_scale_beyond_14_counts_as_14", "\x03\x03\xff", false, 14, Anomaly::none},
    {"a_scale_of_the_wrong_size", "\x03\x04\x07\x07", false, -1, Anomaly::none},
    {"nothing_behind_the_end", std::string("\0\x03\x03\x07", 4), false, -1, Anomaly::none},
    {"after_padding", "\x01\x01\x01\x03\x03\x05", false, 5, Anomaly::none},
    {"a_length_below_two", std::string("\x03\x03\x06\x05\x01", 5), false, 6, Anomaly::tcp_malformed},
    {"a_length_beyond_the_header", "\x03\x03\x06\x05\x28", false, 6, Anomaly::tcp_malformed},
};

INSTANTIATE_TEST_SUITE_P(, TcpOptions, ::testing::ValuesIn(option_rows),
                         [](const auto& row) { return row.param.name; });

struct OffsetRow {
    const char* name;
    std::uint8_t offset_byte;
};

class TcpOffset : public ::testing::TestWithParam<OffsetRow> {};

TEST_P(TcpOffset, KeepsThePortsAndGivesNoPayload) {
    auto frame = tcp({.src = client_v4(), .dst = server_v4(), .payload = "abc"});
    frame[14 + 20 + 12] = GetParam().offset_byte;
    const auto packet = decoded(frame);
    ASSERT_TRUE(packet.tcp);
    EXPECT_EQ(packet.tcp->source_port, 4000);
    EXPECT_EQ(packet.tcp->payload_bytes, 0U);
    EXPECT_TRUE(packet.payload.empty());
    EXPECT_EQ(packet.anomaly, Anomaly::tcp_malformed);
}

constexpr OffsetRow offset_rows[] = {{"below_five", 0x40}, {"zero", 0x00}, {"beyond_the_segment", 0x60}};

INSTANTIATE_TEST_SUITE_P(, TcpOffset, ::testing::ValuesIn(offset_rows), [](const auto& row) { return row.param.name; });

TEST(Tcp, HeaderCutInItsOptionsKeepsWhatCameBefore) {
    const auto frame = tcp({.src = client_v4(),
                            .dst = server_v4(),
                            .payload = "abc",
                            .mss = 1460,
                            .timestamps = true,
                            .timestamp_value = 1});
    const auto view = cut_view_of(frame, 14 + 20 + 20 + 6);
    Packet packet;
    decode(view, packet);
    ASSERT_TRUE(packet.tcp);
    EXPECT_EQ(packet.tcp->mss, 1460);
    EXPECT_FALSE(packet.tcp->has_timestamps);
    EXPECT_EQ(packet.tcp->payload_bytes, 3U);
    EXPECT_EQ(packet.anomaly, Anomaly::truncated);
}

struct UdpRow {
    const char* name;
    unsigned length;
    std::size_t payload_bytes;
    Anomaly anomaly;
};

class UdpLength : public ::testing::TestWithParam<UdpRow> {};

TEST_P(UdpLength, BoundsThePayload) {
    const auto& row = GetParam();
    auto frame = udp({.src = client_v4(), .dst = server_v4(), .payload = "0123456789"});
    frame[14 + 20 + 5] = static_cast<std::uint8_t>(row.length);
    const auto packet = decoded(frame);
    ASSERT_TRUE(packet.udp);
    EXPECT_EQ(packet.udp->length, row.length);
    EXPECT_EQ(packet.udp->payload_bytes, row.payload_bytes);
    EXPECT_EQ(packet.payload.size(), row.payload_bytes);
    EXPECT_EQ(name(packet.anomaly), name(row.anomaly));
}

constexpr UdpRow udp_rows[] = {
    {"as_it_is", 18, 10, Anomaly::none},
    {"shorter_than_ip_says", 12, 4, Anomaly::none},
    {"of_an_empty_datagram", 8, 0, Anomaly::none},
    {"zero_reaches_to_the_end", 0, 10, Anomaly::none},
    {"below_its_own_header", 7, 0, Anomaly::udp_malformed},
    {"beyond_the_packet", 19, 10, Anomaly::udp_malformed},
};

INSTANTIATE_TEST_SUITE_P(, UdpLength, ::testing::ValuesIn(udp_rows), [](const auto& row) { return row.param.name; });

TEST(Sctp, PortsAndTagAreTaken) {
    const auto frame =
        routers_frame(ip_protocol::sctp, Writer{}.u16(2905).u16(2906).u32(0xfeedbeef).u32(0).add("chunk").frame());
    const auto packet = decoded(frame);
    ASSERT_TRUE(packet.sctp);
    EXPECT_EQ(packet.sctp->source_port, 2905);
    EXPECT_EQ(packet.sctp->destination_port, 2906);
    EXPECT_EQ(packet.sctp->verification_tag, 0xfeedbeefU);
    EXPECT_EQ(packet.payload.size(), 5U);
}

struct ShortRow {
    const char* name;
    unsigned protocol;
    std::size_t bytes;
    Anomaly anomaly;
};

class ShortTransport : public ::testing::TestWithParam<ShortRow> {};

TEST_P(ShortTransport, KeepsTheIpHeader) {
    const auto& row = GetParam();
    const auto packet = decoded(routers_frame(row.protocol, Frame(row.bytes)));
    EXPECT_TRUE(packet.has_ip);
    EXPECT_EQ(packet.ip.protocol, row.protocol);
    EXPECT_FALSE(packet.tcp || packet.udp || packet.sctp || packet.icmp);
    EXPECT_EQ(name(packet.anomaly), name(row.anomaly));
}

constexpr ShortRow short_rows[] = {
    {"tcp", 6, 19, Anomaly::tcp_truncated},     {"udp", 17, 7, Anomaly::udp_truncated},
    {"sctp", 132, 11, Anomaly::sctp_truncated}, {"icmp", 1, 7, Anomaly::icmp_truncated},
    {"icmpv6", 58, 7, Anomaly::icmp_truncated}, {"of_another_kind", 50, 0, Anomaly::none},
};

INSTANTIATE_TEST_SUITE_P(, ShortTransport, ::testing::ValuesIn(short_rows),
                         [](const auto& row) { return row.param.name; });

TEST(Icmp, EchoHasItsIdentifier) {
    for (const bool v6 : {false, true}) {
        for (const bool reply : {false, true}) {
            const unsigned type = v6 ? (reply ? 129U : 128U) : (reply ? 0U : 8U);
            const auto packet = decoded(icmp({.src = v6 ? client_v6().ip : client_v4().ip,
                                              .dst = v6 ? server_v6().ip : server_v4().ip,
                                              .type = type,
                                              .identifier = 77,
                                              .sequence = 3}));
            ASSERT_TRUE(packet.icmp);
            EXPECT_EQ(packet.icmp->v6, v6);
            EXPECT_EQ(packet.icmp->is_echo_request(), !reply);
            EXPECT_EQ(packet.icmp->is_echo_reply(), reply);
            EXPECT_EQ(packet.icmp->identifier, 77);
            EXPECT_EQ(packet.icmp->sequence, 3);
            EXPECT_FALSE(packet.icmp->quoted);
        }
    }
}

struct QuoteRow {
    const char* name;
    bool v6;
    Frame quoted;
    std::uint8_t protocol;
    bool has_ports;
    bool has_sequence;
};

class Quote : public ::testing::TestWithParam<QuoteRow> {};

TEST_P(Quote, IsTakenAsFarAsItGoes) {
    const auto& row = GetParam();
    const auto source = row.v6 ? client_v6() : client_v4();
    const auto destination = row.v6 ? server_v6() : server_v4();
    const auto packet = decoded(icmp({.src = destination.ip,
                                      .dst = source.ip,
                                      .type = row.v6 ? 1U : 3U,
                                      .code = row.v6 ? 4U : 3U,
                                      .quoted = row.quoted}));
    ASSERT_TRUE(packet.icmp);
    EXPECT_TRUE(packet.icmp->is_port_unreachable());
    ASSERT_TRUE(packet.icmp->quoted);
    EXPECT_EQ(packet.icmp->quoted->source, source.ip);
    EXPECT_EQ(packet.icmp->quoted->destination, destination.ip);
    EXPECT_EQ(packet.icmp->quoted->protocol, row.protocol);
    EXPECT_EQ(packet.icmp->quoted->has_ports, row.has_ports);
    EXPECT_EQ(packet.icmp->quoted->source_port, row.has_ports ? source.port : 0);
    EXPECT_EQ(packet.icmp->quoted->destination_port, row.has_ports ? destination.port : 0);
    EXPECT_EQ(packet.icmp->quoted->has_sequence, row.has_sequence);
    EXPECT_EQ(packet.icmp->quoted->sequence, row.has_sequence ? 0x12345678U : 0U);
    EXPECT_EQ(packet.ip.source, destination.ip);
    EXPECT_EQ(packet.anomaly, Anomaly::none);
}

Frame front(const Frame& frame, std::size_t bytes) {
    return {frame.begin(), frame.begin() + static_cast<std::ptrdiff_t>(bytes)};
}
Frame tcp_segment(bool v6) {
    return ip_part(v6 ? tcp({.src = client_v6(), .dst = server_v6(), .seq = 0x12345678})
                      : tcp({.src = client_v4(), .dst = server_v4(), .seq = 0x12345678}));
}
Frame later_fragment() {
    return ip_part(
        udp({.src = client_v4(), .dst = server_v4(), .payload = "long enough", .ip = {.fragment_offset = 8}}));
}
Frame with_hop_by_hop() {
    const auto datagram = inner_ip(true);
    return ip_packet({}, client_v6().ip, server_v6().ip, 0,
                     Writer{}.u8(17).u8(0).zeros(6).add(Bytes{datagram}.subspan(40)).frame());
}

const QuoteRow quotes[] = {
    {"udp", false, inner_ip(), 17, true, false},
    {"udp_v6", true, inner_ip(true), 17, true, false},
    {"tcp", false, tcp_segment(false), 6, true, true},
    {"tcp_v6", true, tcp_segment(true), 6, true, true},
    {"tcp_with_eight_bytes", false, front(tcp_segment(false), 28), 6, true, true},
    {"tcp_with_seven_bytes", false, front(tcp_segment(false), 27), 6, false, false},
    {"no_more_than_ip", false, front(inner_ip(), 20), 17, false, false},
    {"a_later_fragment", false, later_fragment(), 17, false, false},
    {"behind_an_extension_header", true, with_hop_by_hop(), 17, true, false},
};

INSTANTIATE_TEST_SUITE_P(, Quote, ::testing::ValuesIn(quotes), [](const auto& row) { return row.param.name; });

TEST(Icmp, MtuIsThatOfTheErrorsThatHaveOne) {
    const auto v4 = decoded(icmp(
        {.src = server_v4().ip, .dst = client_v4().ip, .type = 3, .code = 4, .sequence = 1400, .quoted = inner_ip()}));
    const auto v6 = decoded(icmp({.src = server_v6().ip,
                                  .dst = client_v6().ip,
                                  .type = 2,
                                  .code = 0,
                                  .sequence = 1280,
                                  .quoted = inner_ip(true)}));
    const auto other = decoded(icmp(
        {.src = server_v4().ip, .dst = client_v4().ip, .type = 3, .code = 1, .sequence = 1400, .quoted = inner_ip()}));
    EXPECT_EQ(v4.icmp.value().mtu, 1400U);
    EXPECT_EQ(v6.icmp.value().mtu, 1280U);
    EXPECT_EQ(other.icmp.value().mtu, 0U);
}

TEST(Icmp, ErrorThatQuotesNothingIsStillAnError) {
    const auto packet = decoded(icmp({.src = server_v4().ip, .dst = client_v4().ip, .type = 11}));
    ASSERT_TRUE(packet.icmp);
    EXPECT_TRUE(packet.icmp->is_error());
    EXPECT_FALSE(packet.icmp->quoted);
}

}  // namespace
}  // namespace wiresage::testing

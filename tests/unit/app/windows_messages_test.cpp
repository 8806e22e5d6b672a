// Messages of DCE/RPC, SMB, NetBIOS and DHCP, byte by byte, cut and hostile.

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "app/browser.hpp"
#include "app/dhcp.hpp"
#include "app/rpc_messages.hpp"
#include "app/smb_messages.hpp"

namespace wiresage::testing {
namespace {

using Buffer = std::vector<std::uint8_t>;

Buffer& put(Buffer& to, std::initializer_list<int> bytes) {
    for (const int byte : bytes) to.push_back(static_cast<std::uint8_t>(byte));
    return to;
}

/// Five floors: interface, transfer syntax, connection-oriented, port, address.
Buffer tower_of(const Buffer& address, std::uint8_t port_high = 0xa1, std::uint8_t port_low = 0xa0) {
    Buffer made;
    put(made, {5, 0, 19, 0, 0x0d, 0x00, 0xdb, 0xf1, 0xa4, 0x47, 0xca, 0x67, 0x10, 0xb3, 0x1f, 0x00, 0xdd, 0x01, 0x06});
    put(made, {0x62, 0xda, 0, 0, 2, 0, 0, 0});
    put(made,
        {19, 0, 0x0d, 4, 0x5d, 0x88, 0x8a, 0xeb, 0x1c, 0xc9, 0x11, 0x9f, 0xe8, 8, 0, 0x2b, 0x10, 0x48, 0x60, 2, 0});
    put(made, {2, 0, 0, 0, 1, 0, 0x0b, 2, 0, 0, 0, 1, 0, 0x07, 2, 0, port_high, port_low, 1, 0, 0x09});
    put(made, {static_cast<int>(address.size()), 0});
    made.insert(made.end(), address.begin(), address.end());
    return made;
}

TEST(RpcTower, NamesInterfaceAddressAndPort) {
    const auto tower = rpc_tower(tower_of({10, 11, 2, 7}));
    ASSERT_TRUE(tower.has_value());
    EXPECT_EQ(tower->endpoint.text(), "10.11.2.7:41376");
    EXPECT_TRUE(tower->over_tcp);
    EXPECT_EQ(tower->interface[0], 0xa4);
    EXPECT_EQ(tower->interface[15], 0xda);
}

TEST(RpcTower, MayHoldAnAddressOfIpv6) {
    const auto tower = rpc_tower(tower_of({0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7}));
    ASSERT_TRUE(tower.has_value());
    EXPECT_EQ(tower->endpoint.text(), "[2001:db8::7]:41376");
}

TEST(RpcTower, CutAnywhereItIsNone) {
    const auto whole = tower_of({10, 11, 2, 7});
    for (std::size_t count = 0; count < whole.size(); ++count) {
        EXPECT_FALSE(rpc_tower(Bytes{whole}.first(count)).has_value()) << count;
    }
}

TEST(RpcHeader, IsOfVersionFiveInEitherOrderOfBytes) {
    const Buffer little{5, 0, 11, 3, 0x10, 0, 0, 0, 72, 0, 0, 0, 1, 0, 0, 0};
    const Buffer big{5, 0, 11, 3, 0, 0, 0, 0, 0, 72, 0, 0, 0, 0, 0, 1};
    for (const auto& packet : {little, big}) {
        const auto head = rpc_header(packet);
        ASSERT_TRUE(head.has_value());
        EXPECT_EQ(head->length, 72);
        EXPECT_EQ(head->call, 1U);
    }
    EXPECT_FALSE(rpc_header(Buffer{4, 0, 11, 3, 0x10, 0, 0, 0, 72, 0, 0, 0, 1, 0, 0, 0}).has_value());
    EXPECT_FALSE(rpc_header(Buffer{5, 0, 11, 3, 0x10, 0, 0, 0, 15, 0, 0, 0, 1, 0, 0, 0}).has_value());
    EXPECT_FALSE(rpc_header(Bytes{little}.first(15)).has_value());
}

TEST(RpcMapAnswer, WithoutTowersHoldsItsStatus) {
    Buffer stub(20, 0);
    put(stub, {0, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xd6, 0xa0, 0xc9, 0x16});
    const auto answer = rpc_map_answer(stub, true, false);
    ASSERT_TRUE(answer.has_value());
    EXPECT_EQ(answer->status, 0x16c9a0d6U);
    EXPECT_FALSE(answer->tower.has_value());
    stub.pop_back();
    EXPECT_FALSE(rpc_map_answer(stub, true, false).has_value());
}

TEST(RpcMapAnswer, OfVeryManyTowersIsRefused) {
    Buffer stub(20, 0);
    put(stub, {1, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0x7f});
    EXPECT_FALSE(rpc_map_answer(stub, true, false).has_value());
}

TEST(SessionFrame, HasALengthOfThreeBytesAndKnownTypes) {
    EXPECT_EQ(session_frame_of(Buffer{0, 1, 0, 2})->length, 0x10002U);
    EXPECT_EQ(session_frame_of(Buffer{0x83, 0, 0, 1})->type, session_frame::refused);
    EXPECT_FALSE(session_frame_of(Buffer{0x16, 3, 1, 0}).has_value());
    EXPECT_FALSE(session_frame_of(Buffer{0x81, 0xff, 0, 0}).has_value());
    EXPECT_FALSE(session_frame_of(Buffer{0, 0, 0}).has_value());
}

TEST(SmbText, IsUtf8AndNeverLongerThanItsPlace) {
    EXPECT_EQ(smb_text_of_utf16(Buffer{'a', 0, 0xe4, 0, 0xac, 0x20, 0x3d, 0xd8, 0, 0, 'x', 0}).view(),
              "a\u00e4\u20ac?");
    EXPECT_EQ(smb_text_of_utf16(Buffer(1000, 0x41)).view().size(), SmbText::most);
    EXPECT_EQ(smb_text_of_bytes(Buffer(1000, 'x')).view().size(), SmbText::most);
}

TEST(SmbMessages, CutAnywhereAreNoneOrWhole) {
    Buffer read{0xfe, 'S', 'M', 'B', 64, 0};
    read.resize(64, 0);
    put(read, {49, 0, 0x50, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 0, 0});
    read.resize(113, 7);
    for (std::size_t count = 0; count <= read.size(); ++count) {
        const auto shown = Bytes{read}.first(count);
        EXPECT_EQ(smb2_message(shown).has_value(), count >= 64) << count;
        EXPECT_EQ(smb2_read_request(shown).has_value(), count >= 96) << count;
        EXPECT_FALSE(smb1_read_request(shown).has_value()) << count;
    }
    const auto request = smb2_read_request(read);
    EXPECT_EQ(request->length, 0x10000U);
    EXPECT_EQ(request->offset, 0x20000U);
}

TEST(SmbMessages, OffsetsBeyondTheMessageGiveNothing) {
    Buffer create{0xfe, 'S', 'M', 'B', 64, 0};
    create.resize(64, 0);
    create.push_back(57);
    create.resize(200, 0xff);
    create[65] = 0;
    EXPECT_EQ(smb2_name_to_create(create).count, 0);
    EXPECT_EQ(smb2_share(create).count, 0);
    EXPECT_EQ(rap_call_of(create), 0);
    EXPECT_EQ(smb2_logon(create).logon, SmbLogon::unknown);
}

TEST(Dhcp, CutOptionsAreNoMessage) {
    Buffer packet{1, 1, 6, 0};
    packet.resize(28, 0);
    put(packet, {2, 0, 0, 0, 0, 1});
    packet.resize(236, 0);
    put(packet, {0x63, 0x82, 0x53, 0x63, 53, 1, 1, 0, 54, 4, 10, 0, 0, 1, 6, 8, 10, 0, 0, 2, 10, 0, 0, 3, 255});
    const auto whole = dhcp_packet(packet);
    ASSERT_TRUE(whole.has_value());
    EXPECT_EQ(whole->message, DhcpMessage::discover);
    EXPECT_EQ(whole->server_id, ipv4(10, 0, 0, 1));
    EXPECT_EQ(whole->dns_count, 2);
    EXPECT_EQ(whole->client.text(), "02-00-00-00-00-01");
    EXPECT_FALSE(dhcp_packet(Bytes{packet}.first(packet.size() - 4)).has_value());
    EXPECT_FALSE(dhcp_packet(Bytes{packet}.first(239)).has_value());
    packet[2] = 16;
    EXPECT_FALSE(dhcp_packet(packet).has_value());
}

TEST(Browser, OtherDatagramsAnnounceNothing) {
    EXPECT_TRUE(announced_master(Buffer(200, 0xff)).empty());
    EXPECT_TRUE(announced_master(Buffer{}).empty());
    Buffer pointers{0x10, 0};
    pointers.resize(14, 0);
    pointers.resize(300, 0xc0);
    EXPECT_TRUE(announced_master(pointers).empty());
}

}  // namespace
}  // namespace wiresage::testing

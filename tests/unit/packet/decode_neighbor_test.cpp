// ARP and neighbour discovery, under the same names.

#include <gtest/gtest.h>

#include "samples.hpp"

namespace wiresage::testing {
namespace {

Packet decoded(const Frame& frame) {
    Packet packet;
    decode(view_of(frame), packet);
    return packet;
}

TEST(Neighbor, ArpRequestAndReply) {
    const auto asker = ipv4(10, 0, 0, 1);
    const auto asked = ipv4(10, 0, 0, 2);
    const auto request = decoded(arp({.sender_ip = asker, .target_ip = asked}));
    ASSERT_TRUE(request.arp && request.neighbor);
    EXPECT_EQ(request.arp_operation, 1);
    EXPECT_EQ(request.neighbor->kind, NeighborHeader::Kind::request);
    EXPECT_EQ(request.neighbor->sender_mac, mac_of(asker));
    EXPECT_EQ(request.neighbor->sender_ip, asker);
    EXPECT_EQ(request.neighbor->target_ip, asked);
    EXPECT_TRUE(request.neighbor->target_mac.is_zero());
    EXPECT_TRUE(request.destination_mac.is_broadcast());

    const auto reply = decoded(arp({.operation = 2, .sender_ip = asked, .target_ip = asker}));
    ASSERT_TRUE(reply.neighbor);
    EXPECT_EQ(reply.neighbor->kind, NeighborHeader::Kind::reply);
    EXPECT_EQ(reply.neighbor->target_mac, mac_of(asker));
    EXPECT_FALSE(reply.neighbor->nd);

    EXPECT_TRUE(decoded(arp({.sender_ip = asker, .target_ip = asker})).neighbor.value().is_announcement());
    EXPECT_TRUE(decoded(arp({.sender_ip = ipv4(0, 0, 0, 0), .target_ip = asked})).neighbor.value().is_probe());
}

TEST(Neighbor, ArpOfOtherKindsIsCountedOnly) {
    const auto inverse = decoded(arp({.operation = 8, .sender_ip = ipv4(10, 0, 0, 1), .target_ip = ipv4(10, 0, 0, 2)}));
    EXPECT_TRUE(inverse.arp);
    EXPECT_EQ(inverse.arp_operation, 8);
    EXPECT_FALSE(inverse.neighbor);
    EXPECT_EQ(inverse.anomaly, Anomaly::none);

    auto odd = arp({.sender_ip = ipv4(10, 0, 0, 1), .target_ip = ipv4(10, 0, 0, 2)});
    odd[14 + 4] = 7;  // A hardware address of seven bytes.
    EXPECT_EQ(decoded(odd).anomaly, Anomaly::arp_malformed);
    EXPECT_TRUE(decoded(odd).arp);
}

TEST(Neighbor, DiscoveryHasTheSameNames) {
    const auto asker = client_v6().ip;
    const auto asked = server_v6().ip;
    const auto solicitation =
        decoded(neighbor_discovery({.src = asker, .dst = asked, .target = asked, .link_layer = mac_of(asker)}));
    ASSERT_TRUE(solicitation.neighbor);
    EXPECT_TRUE(solicitation.neighbor->nd);
    EXPECT_EQ(solicitation.neighbor->kind, NeighborHeader::Kind::request);
    EXPECT_EQ(solicitation.neighbor->sender_ip, asker);
    EXPECT_EQ(solicitation.neighbor->target_ip, asked);
    EXPECT_EQ(solicitation.neighbor->sender_mac, mac_of(asker));

    const auto advertisement = decoded(neighbor_discovery({.advertisement = true,
                                                           .src = asked,
                                                           .dst = asker,
                                                           .target = asked,
                                                           .link_layer = mac_of(asked),
                                                           .solicited = true}));
    ASSERT_TRUE(advertisement.neighbor);
    EXPECT_EQ(advertisement.neighbor->kind, NeighborHeader::Kind::reply);
    EXPECT_EQ(advertisement.neighbor->sender_ip, asked);
    EXPECT_EQ(advertisement.neighbor->target_ip, asker);
    EXPECT_TRUE(advertisement.neighbor->solicited);
    EXPECT_TRUE(advertisement.icmp);

    const auto detection = decoded(neighbor_discovery({.src = Address{}, .dst = asked, .target = asked}));
    EXPECT_TRUE(detection.neighbor.value().is_probe());
    EXPECT_TRUE(detection.neighbor.value().sender_mac.is_zero());
}

TEST(Neighbor, DiscoveryFromBeyondTheLinkIsIgnored) {
    auto frame = neighbor_discovery({.src = client_v6().ip, .dst = server_v6().ip, .target = server_v6().ip});
    frame[14 + 7] = 254;
    EXPECT_FALSE(decoded(frame).neighbor);
    EXPECT_TRUE(decoded(frame).icmp);
}

}  // namespace
}  // namespace wiresage::testing

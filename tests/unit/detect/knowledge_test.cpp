// What is learnt of hosts, services, routers and of the place itself.

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "detect/knowledge.hpp"

namespace wiresage {
namespace {

using namespace std::chrono_literals;

constexpr EventTime begin = event_time(1'700'000'000'000'000'000);
const Address server = ipv4(10, 0, 0, 1);
const Address client = ipv4(10, 0, 0, 2);

MacAddress mac(std::uint8_t last) { return MacAddress{{0x02, 0, 0, 0, 0, last}}; }

class KnowledgeTest : public ::testing::Test {
protected:
    void sees(Duration at, const Fact::What& what, std::uint16_t input = 0, std::uint16_t vlan = 0) {
        Fact fact;
        fact.at.time = begin + at;
        fact.at.input = input;
        fact.vlan = vlan;
        fact.what = what;
        knowledge.see(fact);
    }

    void asks(const Endpoint& from, const Endpoint& to, Transport transport, bool answered, MacAddress to_mac = {}) {
        Attempt attempt;
        attempt.client = from;
        attempt.server = to;
        attempt.server_mac = to_mac;
        attempt.transport = transport;
        attempt.initiator_known = true;
        sees(1s, attempt);
        Outcome outcome;
        outcome.client = from;
        outcome.server = to;
        outcome.transport = transport;
        outcome.answer = answered ? Answer::accepted : Answer::silent;
        sees(1s, outcome);
    }

    void speaks(const Address& address, const MacAddress& of) {
        TwoWay both;
        both.a = address;
        both.a_mac = of;
        both.b = client;
        both.b_mac = mac(200);
        sees(1s, both);
    }

    void claims(const Address& address, const MacAddress& of) {
        Neighbor said;
        said.sender_ip = address;
        said.sender_mac = said.frame_source = of;
        sees(1s, said);
    }

    Site site = Site::standard();
    Knowledge knowledge{site, 256};
};

TEST_F(KnowledgeTest, BothDirectionsAreProvenForTheirInputVlanAndTime) {
    TwoWay both;
    both.a = client;
    both.b = server;
    sees(0s, both, 1, 40);

    EXPECT_TRUE(knowledge.two_way(1, 40, server, begin + 10min));
    EXPECT_TRUE(knowledge.two_way(1, 40, client, begin + 1s));
    EXPECT_FALSE(knowledge.two_way(1, 40, server, begin + 10min + 1s));
    EXPECT_TRUE(knowledge.two_way(1, 40, server, begin + 10min + 1s, 1h));
    EXPECT_FALSE(knowledge.two_way(0, 40, server, begin + 1s));
    EXPECT_FALSE(knowledge.two_way(1, 0, server, begin + 1s));
}

TEST_F(KnowledgeTest, AnAcceptedAttemptProvesBothDirectionsAndASilentOneDoesNot) {
    asks({client, 4000}, {server, 80}, Transport::tcp, false);
    EXPECT_FALSE(knowledge.two_way(0, 0, server, begin + 1s));
    asks({client, 4001}, {server, 80}, Transport::tcp, true);
    EXPECT_TRUE(knowledge.two_way(0, 0, server, begin + 1s));
}

TEST_F(KnowledgeTest, TheServicesPastCountsWhatWorkedAndWhatFailedSince) {
    EXPECT_EQ(knowledge.service(Transport::tcp, {server, 80}), nullptr);
    asks({client, 4000}, {server, 80}, Transport::tcp, true);
    asks({client, 4001}, {server, 80}, Transport::tcp, false);

    const auto* const past = knowledge.service(Transport::tcp, {server, 80});
    ASSERT_NE(past, nullptr);
    EXPECT_EQ(past->accepted, 1U);
    EXPECT_EQ(past->silent, 1U);
    EXPECT_EQ(past->first_accepted, begin + 1s);
    EXPECT_EQ(knowledge.service(Transport::udp, {server, 80}), nullptr);
}

TEST_F(KnowledgeTest, AScanOfClosedPortsDoesNotPushOutServicesThatWork) {
    asks({client, 4000}, {server, 80}, Transport::tcp, true);
    for (std::uint16_t port = 1000; port < 3000; ++port) asks({client, 4000}, {server, port}, Transport::tcp, false);
    EXPECT_NE(knowledge.service(Transport::tcp, {server, 80}), nullptr);
}

TEST_F(KnowledgeTest, AnotherPortAnswersOnlyWhereItIsAnotherOne) {
    asks({client, 4000}, {server, 80}, Transport::tcp, true);
    EXPECT_FALSE(knowledge.other_port_answers(Transport::tcp, {server, 80}));
    EXPECT_TRUE(knowledge.other_port_answers(Transport::tcp, {server, 81}));
    EXPECT_FALSE(knowledge.other_port_answers(Transport::udp, {server, 81}));
    EXPECT_FALSE(knowledge.other_port_answers(Transport::tcp, {client, 81}));
}

TEST_F(KnowledgeTest, AMacThatSendsForFourAddressesOfOthersForwards) {
    for (std::uint8_t i = 1; i <= 3; ++i) speaks(ipv4(10, 1, 0, i), mac(1));
    EXPECT_FALSE(knowledge.forwards(mac(1)));
    speaks(ipv4(10, 1, 0, 4), mac(1));
    EXPECT_TRUE(knowledge.forwards(mac(1)));
    EXPECT_FALSE(knowledge.forwards(mac(2)));
}

TEST_F(KnowledgeTest, AServerWithManyAddressesOfItsOwnDoesNotForward) {
    for (std::uint8_t i = 1; i <= 8; ++i) {
        claims(ipv4(10, 1, 0, i), mac(1));
        speaks(ipv4(10, 1, 0, i), mac(1));
    }
    EXPECT_FALSE(knowledge.forwards(mac(1)));
}

TEST_F(KnowledgeTest, AGatewayIsKnownByOneOutsideAddressBehindItsInsideOne) {
    claims(ipv4(10, 1, 0, 1), mac(1));
    speaks(ipv4(10, 1, 0, 1), mac(1));
    speaks(ipv4(203, 0, 113, 9), mac(1));
    EXPECT_TRUE(knowledge.forwards(mac(1)));
    EXPECT_TRUE(knowledge.has_role(ipv4(10, 1, 0, 1), Role::forwards));
    EXPECT_FALSE(knowledge.has_role(ipv4(203, 0, 113, 9), Role::forwards));
}

TEST_F(KnowledgeTest, WhatNoRouterForwardsIsNoSignOfForwarding) {
    for (std::uint8_t i = 1; i <= 8; ++i) speaks(ipv4(169, 254, 0, i), mac(1));
    for (std::uint8_t i = 1; i <= 8; ++i) speaks(*Address::parse("fe80::" + std::to_string(i)), mac(1));
    EXPECT_FALSE(knowledge.forwards(mac(1)));
}

TEST_F(KnowledgeTest, AClaimInAnotherFrameIsNotBelieved) {
    Neighbor said;
    said.sender_ip = server;
    said.sender_mac = mac(1);
    said.frame_source = mac(9);
    sees(1s, said);
    ASSERT_TRUE(knowledge.hosts(10).empty() || !knowledge.hosts(10)[0].mac.has_value());
}

struct Mac {
    const char* name;
    std::array<std::uint8_t, 6> bytes;
    bool is_virtual;
};

class VirtualRouter : public ::testing::TestWithParam<Mac> {};

TEST_P(VirtualRouter, IsToldByItsRange) {
    EXPECT_EQ(Knowledge::is_virtual_router(MacAddress{GetParam().bytes}), GetParam().is_virtual);
}

constexpr Mac macs[] = {
    {"vrrp_v4", {0x00, 0x00, 0x5e, 0x00, 0x01, 0x33}, true},
    {"vrrp_v6", {0x00, 0x00, 0x5e, 0x00, 0x02, 0x01}, true},
    {"multicast_block_is_not", {0x01, 0x00, 0x5e, 0x00, 0x01, 0x33}, false},
    {"other_iana_is_not", {0x00, 0x00, 0x5e, 0x00, 0x03, 0x33}, false},
    {"hsrp_1", {0x00, 0x00, 0x0c, 0x07, 0xac, 0x05}, true},
    {"hsrp_2", {0x00, 0x00, 0x0c, 0x9f, 0xf1, 0x23}, true},
    {"hsrp_2_beyond", {0x00, 0x00, 0x0c, 0x9f, 0xe1, 0x23}, false},
    {"hsrp_v6", {0x00, 0x05, 0x73, 0xa0, 0x01, 0x02}, true},
    {"glbp", {0x00, 0x07, 0xb4, 0x00, 0x01, 0x01}, true},
    {"ordinary", {0x00, 0x07, 0xb5, 0x00, 0x01, 0x01}, false},
};

INSTANTIATE_TEST_SUITE_P(Table, VirtualRouter, ::testing::ValuesIn(macs),
                         [](const auto& row) { return std::string{row.param.name}; });

TEST_F(KnowledgeTest, AHostThatAsksFiftyNameServersIsAResolver) {
    for (std::uint8_t i = 1; i <= 49; ++i) asks({client, 4000}, {ipv4(198, 51, 100, i), 53}, Transport::udp, true);
    EXPECT_FALSE(knowledge.has_role(client, Role::resolver));
    asks({client, 4000}, {ipv4(198, 51, 100, 50), 53}, Transport::udp, true);
    EXPECT_TRUE(knowledge.has_role(client, Role::resolver));
    EXPECT_FALSE(knowledge.has_role(client, Role::poller));
}

TEST_F(KnowledgeTest, APollersTargetsMostlyAnswerAndASweepersDoNot) {
    const Address poller = ipv4(10, 0, 0, 7);
    const Address sweeper = ipv4(10, 0, 0, 8);
    for (std::uint8_t i = 1; i <= 60; ++i) {
        asks({poller, 4000}, {ipv4(10, 2, 0, i), 161}, Transport::udp, i % 10 != 0);
        asks({sweeper, 4000}, {ipv4(10, 2, 0, i), 22}, Transport::tcp, i % 2 != 0);
    }
    EXPECT_TRUE(knowledge.has_role(poller, Role::poller));
    EXPECT_FALSE(knowledge.has_role(sweeper, Role::poller));
}

TEST_F(KnowledgeTest, ALoadBalancerAsksAFewForWhatManyAskOfIt) {
    for (std::uint16_t i = 0; i < 120; ++i) {
        asks({ipv4(203, 0, 113, static_cast<std::uint8_t>(i)), 4000}, {server, 443}, Transport::tcp, true);
        asks({server, static_cast<std::uint16_t>(5000 + i)}, {ipv4(10, 3, 0, i % 2 == 0 ? 1 : 2), 8080}, Transport::tcp,
             true);
    }
    EXPECT_TRUE(knowledge.has_role(server, Role::load_balancer));
    EXPECT_FALSE(knowledge.has_role(ipv4(10, 3, 0, 1), Role::load_balancer));
}

TEST_F(KnowledgeTest, LossOfTheCaptureIsAShareOfTheLastMinute) {
    EXPECT_EQ(knowledge.capture_loss_share(), 0);
    CaptureLoss loss;
    loss.kernel = 10;
    loss.captured = 990;
    sees(1s, loss);
    EXPECT_EQ(knowledge.capture_loss_share(), 10'000);
    sees(2min, Tick{});
    EXPECT_EQ(knowledge.capture_loss_share(), 0);
}

TEST_F(KnowledgeTest, AnInputIsDoubledWhileMoreThanOneInAThousandComesTwice) {
    sees(1s, Duplicates{1, 2000}, 1);
    EXPECT_FALSE(knowledge.doubled(1));
    sees(2s, Duplicates{50, 100}, 1);
    EXPECT_TRUE(knowledge.doubled(1));
    EXPECT_FALSE(knowledge.doubled(0));
    EXPECT_FALSE(knowledge.doubled(7));
    sees(1min, Tick{});
    EXPECT_FALSE(knowledge.doubled(1));
}

TEST_F(KnowledgeTest, HostsAreBoundedAndTheLatestComeFirst) {
    for (std::uint16_t i = 0; i < 300; ++i) {
        speaks(ipv4(10, 9, static_cast<std::uint8_t>(i / 256), static_cast<std::uint8_t>(i % 256)), mac(1));
    }
    EXPECT_GT(knowledge.evicted(), 0U);
    const auto hosts = knowledge.hosts(2);
    ASSERT_EQ(hosts.size(), 2U);
    EXPECT_EQ(hosts[0].address, client);
    EXPECT_EQ(hosts[1].address, ipv4(10, 9, 1, 43));
    EXPECT_EQ(hosts[1].mac, std::nullopt) << "a router's MAC is not the host's";
}

TEST(SiteTest, InsideIsWhatTheContractSaysAndWhatNeverLeaves) {
    const Site site = Site::standard();
    for (const char* inside : {"10.1.2.3", "172.31.255.1", "192.168.0.1", "100.127.0.1", "169.254.1.1", "127.0.0.1",
                               "::1", "fe80::1", "fd00::1", "224.0.0.251", "ff02::1", "255.255.255.255"}) {
        EXPECT_TRUE(site.is_internal(*Address::parse(inside))) << inside;
    }
    for (const char* outside : {"11.0.0.1", "172.32.0.1", "8.8.8.8", "2001:db8::1"}) {
        EXPECT_FALSE(site.is_internal(*Address::parse(outside))) << outside;
    }
}

TEST(SiteTest, LoopbackAndLinkLocalStayInsideWhateverTheNetworksAre) {
    Site site;
    EXPECT_TRUE(site.is_internal(*Address::parse("127.0.0.1")));
    EXPECT_TRUE(site.is_internal(*Address::parse("fe80::1")));
    EXPECT_TRUE(site.is_internal(*Address::parse("169.254.7.7")));
    EXPECT_FALSE(site.is_internal(*Address::parse("10.0.0.1")));
}

TEST(SiteTest, LocalAddressesAreUnknownUntilTheyAreGiven) {
    Site site;
    EXPECT_FALSE(site.locals_known());
    EXPECT_FALSE(site.is_local(server));
    site.local_addresses.emplace({server});
    EXPECT_TRUE(site.locals_known());
    EXPECT_TRUE(site.is_local(server));
    EXPECT_TRUE(site.is_internal(server));
}

}  // namespace
}  // namespace wiresage

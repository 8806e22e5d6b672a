// dhcp_server_unexpected compares what a newcomer gives out with what the known servers do.

#include <gtest/gtest.h>

#include "support/rule_bench.hpp"

namespace wiresage::testing {
namespace {

using namespace std::chrono_literals;

const Address office = ipv4(10, 0, 0, 1);
const Address router = ipv4(10, 0, 0, 254);
const Address rogue = ipv4(192, 168, 0, 1);

class DhcpServerUnexpected : public ::testing::Test {
protected:
    DhcpAnswer answer(const Address& server, const Address& gives, DhcpMessage message = DhcpMessage::ack) {
        DhcpAnswer made;
        made.server_id = server;
        made.from = {server, 67};
        made.from_mac = MacAddress{{2, 0, 0, 0, 0, server.bytes[15]}};
        made.client = MacAddress{{2, 0xaa, 0, 0, 0, ++clients}};
        made.given = ipv4(10, 0, 0, clients);
        made.router = gives;
        made.message = message;
        return made;
    }
    void serves(const Address& server, const Address& gives, int times, Duration from) {
        for (int i = 0; i < times; ++i) bench.sees(from + i * 1s, answer(server, gives));
    }

    RuleBench bench{"dhcp_server_unexpected"};
    std::uint8_t clients = 0;
};

TEST_F(DhcpServerUnexpected, ANewcomerWithAnotherRouterIsFound) {
    serves(office, router, 3, 0s);
    serves(rogue, rogue, 2, 60s);
    const auto* const finding = bench.last("192.168.0.1");
    ASSERT_NE(finding, nullptr);
    EXPECT_EQ(bench.severity(*finding), Severity::warning);
    EXPECT_EQ(whole(*finding, "acks"), 2);
    EXPECT_EQ(whole(*finding, "offers"), 0);
    EXPECT_EQ(whole(*finding, "clients"), 2);
    EXPECT_EQ(std::get<std::vector<std::string>>(*finding->evidence.find("known_servers")),
              (std::vector<std::string>{"10.0.0.1"}));
    ASSERT_TRUE(finding->source.mac.has_value());
    EXPECT_EQ(finding->source.ip, rogue);
    EXPECT_EQ(finding->destination.ip, std::nullopt);
}

TEST_F(DhcpServerUnexpected, APartnerGivesTheSame) {
    serves(office, router, 3, 0s);
    serves(ipv4(10, 0, 0, 2), router, 3, 60s);
    EXPECT_TRUE(bench.findings().empty());
}

TEST_F(DhcpServerUnexpected, OfTwoFromTheStartNobodyKnowsTheRightOne) {
    serves(office, router, 1, 0s);
    serves(rogue, rogue, 1, 2s);
    serves(office, router, 3, 4s);
    serves(rogue, rogue, 3, 10s);
    EXPECT_TRUE(bench.findings().empty());
}

TEST_F(DhcpServerUnexpected, BootServersAndNaksAreNoServersOfAddresses) {
    serves(office, router, 3, 0s);
    auto boot = answer(rogue, {}, DhcpMessage::offer);
    boot.boot_only = true;
    bench.sees(60s, boot);
    bench.sees(61s, answer(rogue, rogue, DhcpMessage::nak));
    EXPECT_TRUE(bench.findings().empty());
}

TEST_F(DhcpServerUnexpected, OtherVlansAreOtherNetworks) {
    serves(office, router, 3, 0s);
    bench.vlan = 20;
    serves(rogue, rogue, 3, 60s);
    EXPECT_TRUE(bench.findings().empty());
}

}  // namespace
}  // namespace wiresage::testing

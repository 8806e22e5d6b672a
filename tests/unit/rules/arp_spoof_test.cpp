// arp_spoof tells a claim on another's address from an address that only moved.

#include <gtest/gtest.h>

#include <functional>

#include "support/rule_bench.hpp"

namespace wiresage::testing {
namespace {

using namespace std::chrono_literals;

constexpr MacAddress broadcast{{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}};
constexpr MacAddress host_mac{{0x02, 0, 0, 0, 0, 0x05}};
constexpr MacAddress gateway_mac{{0x02, 0, 0, 0, 0, 0x01}};
constexpr MacAddress attacker{{0x02, 0x66, 0x66, 0x66, 0x66, 0x66}};
constexpr MacAddress virtual_mac{{0x00, 0x00, 0x5e, 0x00, 0x01, 0x07}};
constexpr MacAddress port_one{{0x00, 0x1b, 0x21, 0x00, 0x00, 0x10}};
constexpr MacAddress port_two{{0x00, 0x1b, 0x21, 0x00, 0x00, 0x11}};
const Address host = ipv4(10, 0, 0, 5);
const Address gateway = ipv4(10, 0, 0, 1);

Neighbor request(const Address& sender, const MacAddress& mac, const Address& target) {
    Neighbor made;
    made.sender_ip = sender;
    made.target_ip = target;
    made.frame_source = made.sender_mac = mac;
    made.frame_target = broadcast;
    return made;
}

Neighbor announcement(const Address& sender, const MacAddress& mac) {
    auto made = request(sender, mac, sender);
    made.announcement = true;
    return made;
}

Neighbor reply(const Address& sender, const MacAddress& mac, const Address& to, const MacAddress& to_mac) {
    auto made = request(sender, mac, to);
    made.target_mac = made.frame_target = to_mac;
    made.reply = true;
    return made;
}

/// `to` asks for `sender` and is answered.
void asked(RuleBench& bench, Duration at, const Address& sender, const MacAddress& mac, const Address& to,
           const MacAddress& to_mac) {
    bench.sees(at, request(to, to_mac, sender));
    bench.sees(at + 1ms, reply(sender, mac, to, to_mac));
}

struct Row {
    const char* name;
    std::function<void(RuleBench&)> story;
    const char* verdict;
};

class ArpSpoof : public ::testing::TestWithParam<Row> {};

TEST_P(ArpSpoof, IsAnErrorOnlyWhereAnAddressIsClaimedAgainstItsOwner) {
    RuleBench bench{"arp_spoof"};
    GetParam().story(bench);
    bench.until(100s);
    const auto* const finding = bench.last();
    const std::string verdict = finding == nullptr ? "silent" : std::string{name(bench.severity(*finding))};
    EXPECT_EQ(verdict, GetParam().verdict);
}

const Row rows[] = {
    {"tells_each_that_it_is_the_other",
     [](RuleBench& bench) {
         bench.sees(0s, reply(gateway, attacker, host, host_mac));
         bench.sees(1ms, reply(host, attacker, gateway, gateway_mac));
     },
     "error"},
    {"both_keep_claiming",
     [](RuleBench& bench) {
         for (int i = 0; i < 3; ++i) {
             bench.sees(i * 10s, announcement(host, host_mac));
             bench.sees(i * 10s + 5s, announcement(host, attacker));
         }
     },
     "error"},
    {"the_gateway_is_claimed_while_it_still_answers",
     [](RuleBench& bench) {
         for (std::uint8_t i = 1; i < 8; ++i) {
             auto made = tcp_attempt({ipv4(203, 0, 113, i), 4000}, {host, 80});
             made.client_mac = gateway_mac;
             bench.sees(0s, made);
         }
         asked(bench, 1s, gateway, gateway_mac, host, host_mac);
         bench.sees(2s, reply(gateway, attacker, host, host_mac));
         asked(bench, 3s, gateway, gateway_mac, ipv4(10, 0, 0, 9), MacAddress{{2, 0, 0, 0, 0, 9}});
     },
     "error"},
    {"an_address_that_moves_once",
     [](RuleBench& bench) {
         bench.sees(0s, announcement(gateway, gateway_mac));
         bench.sees(10s, announcement(gateway, attacker));
         for (int i = 2; i < 9; ++i) bench.sees(i * 10s, announcement(gateway, attacker));
     },
     "info"},
    {"changes_that_are_far_apart",
     [](RuleBench& bench) {
         for (int i = 0; i < 3; ++i) {
             bench.sees(i * 32s, announcement(host, i % 2 == 0 ? host_mac : attacker));
         }
     },
     "info"},
    {"a_virtual_routers_mac",
     [](RuleBench& bench) {
         for (int i = 0; i < 10; ++i) {
             bench.sees(i * 4s, announcement(gateway, virtual_mac));
         }
         bench.sees(50s, announcement(gateway, gateway_mac));
     },
     "silent"},
    {"one_owner",
     [](RuleBench& bench) {
         for (int i = 0; i < 10; ++i) asked(bench, i * 3s, gateway, gateway_mac, host, host_mac);
     },
     "silent"},
    {"a_bond_with_two_ports",
     [](RuleBench& bench) {
         for (int i = 0; i < 6; ++i) {
             bench.sees(i * 2s, announcement(host, port_one));
             bench.sees(i * 2s + 1s, reply(host, port_two, gateway, gateway_mac));
         }
     },
     "info"},
    {"a_machine_with_two_interfaces_on_the_link",
     [](RuleBench& bench) {
         asked(bench, 0s, ipv4(10, 0, 0, 6), attacker, gateway, gateway_mac);
         for (int i = 0; i < 6; ++i) {
             bench.sees(1s + i * 2s, request(gateway, gateway_mac, host));
             bench.sees(1s + i * 2s + 1ms, reply(host, host_mac, gateway, gateway_mac));
             bench.sees(1s + i * 2s + 2ms, reply(host, attacker, gateway, gateway_mac));
         }
     },
     "info"},
    {"local_proxy_arp_between_two_hosts",
     [](RuleBench& bench) {
         for (int i = 0; i < 5; ++i) {
             asked(bench, i * 4s, host, gateway_mac, ipv4(10, 0, 0, 6), MacAddress{{2, 0, 0, 0, 0, 6}});
             asked(bench, i * 4s + 2s, ipv4(10, 0, 0, 6), gateway_mac, host, host_mac);
         }
     },
     "info"},
    {"probes",
     [](RuleBench& bench) {
         bench.sees(0s, announcement(host, host_mac));
         auto made = request({}, attacker, host);
         made.probe = true;
         bench.sees(1s, made);
     },
     "silent"},
};

INSTANTIATE_TEST_SUITE_P(, ArpSpoof, ::testing::ValuesIn(rows), [](const auto& row) { return row.param.name; });

TEST(ArpSpoofEvidence, NamesTheNewerClaimerAndTheOlder) {
    RuleBench bench{"arp_spoof"};
    for (int i = 0; i < 3; ++i) {
        bench.sees(i * 10s, announcement(host, host_mac));
        bench.sees(i * 10s + 5s, announcement(host, attacker));
    }
    const auto* const finding = bench.last("10.0.0.5");
    ASSERT_NE(finding, nullptr);
    EXPECT_EQ(finding->source.ip, host);
    EXPECT_EQ(finding->source.mac, attacker);
    EXPECT_EQ(finding->destination.mac, host_mac);
    EXPECT_EQ(finding->destination.ip, std::nullopt);
    EXPECT_EQ(whole(*finding, "alternations"), 5);
    EXPECT_EQ(whole(*finding, "gratuitous"), 3);
    EXPECT_TRUE(says(*finding, "old_still_answers"));
    EXPECT_EQ(std::get<std::vector<std::string>>(*finding->evidence.find("macs")),
              (std::vector<std::string>{host_mac.text(), attacker.text()}));
}

TEST(ArpSpoofEvidence, NeighbourAdvertisementsAreJudgedTheSame) {
    RuleBench bench{"arp_spoof"};
    const auto victim = *Address::parse("fe80::5");
    for (int i = 0; i < 4; ++i) {
        auto made = reply(victim, i % 2 == 0 ? host_mac : attacker, *Address::parse("ff02::1"), broadcast);
        made.nd = true;
        bench.sees(i * 5s, made);
    }
    const auto* const finding = bench.last("fe80::5");
    ASSERT_NE(finding, nullptr);
    EXPECT_EQ(bench.severity(*finding), Severity::error);
    EXPECT_EQ(text(*finding, "protocol"), "nd");
}

}  // namespace
}  // namespace wiresage::testing

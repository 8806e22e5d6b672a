// http_triggered_udp_flood joins a request that names an address with the flood that follows.

#include <gtest/gtest.h>

#include "support/application_facts.hpp"

namespace wiresage::testing {
namespace {

using namespace std::chrono_literals;

const Endpoint server{ipv4(20, 0, 0, 1), 80};
const Endpoint asker{ipv4(172, 16, 10, 5), 40000};
const Address target = ipv4(192, 168, 1, 105);

void named(RuleBench& bench, Duration at, const Address& address) {
    auto made = http_exchange(HttpNews::names_address, asker, server, at, 0, "www.example.com");
    made.named = address;
    bench.sees(at, made, texts({"GET", "/shell.php?host=192.168.1.105", "www.example.com", "curl"}));
}

void floods(RuleBench& bench, Duration from, Duration to, std::uint32_t replies = 0) {
    for (Duration at = from; at < to; at += 100ms) {
        Volume made;
        made.kind = VolumeKind::udp_to;
        made.key = {target, 0};
        made.peer = {server.ip, 2976};
        made.first = made.first_stamp = bench_begin + at;
        made.packets = made.unanswered = 400;
        made.bytes = 400 * 1400;
        made.replies = replies;
        made.key_port = 10647;
        made.common_length = 1400;
        bench.tells(at + 100ms, made);
    }
}

TEST(HttpTriggeredUdpFlood, IsFoundWhereTheFloodFollowsTheRequest) {
    RuleBench bench{"http_triggered_udp_flood"};
    named(bench, 1s, target);
    floods(bench, 2s, 6s);
    ASSERT_NE(bench.last("20.0.0.1>192.168.1.105"), nullptr);
    EXPECT_EQ(text(*bench.last(), "trigger_src"), "172.16.10.5");
    EXPECT_EQ(text(*bench.last(), "trigger_uri"), "/shell.php?host=192.168.1.105");
    EXPECT_NEAR(number(*bench.last(), "delay_s"), 1.0, 0.2);
}

TEST(HttpTriggeredUdpFlood, AFloodOfAnotherAddressOrLongAfterIsNot) {
    RuleBench other{"http_triggered_udp_flood"};
    named(other, 1s, ipv4(192, 0, 2, 7));
    floods(other, 2s, 6s);
    EXPECT_EQ(other.last(), nullptr);
    RuleBench late{"http_triggered_udp_flood"};
    named(late, 1s, target);
    floods(late, 60s, 66s);
    EXPECT_EQ(late.last(), nullptr);
}

TEST(HttpTriggeredUdpFlood, MediaIsAnswered) {
    RuleBench bench{"http_triggered_udp_flood"};
    named(bench, 1s, target);
    floods(bench, 2s, 6s, 8);
    EXPECT_EQ(bench.last(), nullptr);
}

}  // namespace
}  // namespace wiresage::testing

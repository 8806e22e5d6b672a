// host_sweep counts, for each source and port, the addresses that refused or stayed silent.

#include <gtest/gtest.h>

#include <functional>

#include "support/rule_bench.hpp"

namespace wiresage::testing {
namespace {

using namespace std::chrono_literals;

const Address sweeper = ipv4(10, 0, 0, 66);

struct Probe {
    std::uint32_t addresses = 80;
    Duration apart = 50ms;
    Answer answer = Answer::silent;
    std::uint32_t accepts = 0;  ///< Every n-th; 0: none.
    Transport transport = Transport::tcp;
    std::uint16_t port = 445;
    std::uint16_t source_port = 50'000;
    Address from = sweeper;
    std::uint32_t distinct = 1'000'000;
};

Outcome outcome_of(const Probe& probe, std::uint32_t i, Duration began) {
    const Endpoint to{Address::v4(0x0a020000U + i % probe.distinct), probe.port};
    const bool accepted = probe.accepts > 0 && i % probe.accepts == 0;
    auto made = tcp_outcome({probe.from, probe.source_port}, to, accepted ? Answer::accepted : probe.answer, began);
    made.transport = probe.transport;
    made.technique = probe.transport == Transport::udp    ? Technique::udp
                     : probe.transport == Transport::icmp ? Technique::echo
                                                          : Technique::syn;
    return made;
}

void sweep(RuleBench& bench, Duration at, const Probe& probe) {
    for (std::uint32_t i = 0; i < probe.addresses; ++i) {
        const auto made = outcome_of(probe, i, at + i * probe.apart);
        bench.tells(at + i * probe.apart + (probe.answer == Answer::silent ? Duration{3s} : Duration{1ms}), made);
    }
    bench.until(at + probe.addresses * probe.apart + 5s);
}

struct Row {
    const char* name;
    std::function<void(RuleBench&)> story;
    bool found;
};

class HostSweep : public ::testing::TestWithParam<Row> {};

TEST_P(HostSweep, IsFoundOnlyWhereManyAddressesFail) {
    RuleBench bench{"host_sweep"};
    GetParam().story(bench);
    EXPECT_EQ(!bench.findings().empty(), GetParam().found);
}

const Row rows[] = {
    {"silent", [](RuleBench& bench) { sweep(bench, 0s, {}); }, true},
    {"refused", [](RuleBench& bench) { sweep(bench, 0s, {.answer = Answer::refused}); }, true},
    {"pings", [](RuleBench& bench) { sweep(bench, 0s, {.transport = Transport::icmp, .port = 0}); }, true},
    {"a_third_accepts", [](RuleBench& bench) { sweep(bench, 0s, {.accepts = 3}); }, true},
    {"too_few", [](RuleBench& bench) { sweep(bench, 0s, {.addresses = 49}); }, false},
    {"too_slow", [](RuleBench& bench) { sweep(bench, 0s, {.apart = 2s}); }, false},
    {"a_poller_whose_hosts_answer",
     [](RuleBench& bench) { sweep(bench, 0s, {.addresses = 2000, .apart = 1ms, .accepts = 1}); }, false},
    {"a_poller_of_whose_many_hosts_sixty_are_down",
     [](RuleBench& bench) {
         for (std::uint32_t i = 0; i < 1500; ++i)
             bench.sees(i * 1ms, outcome_of({.answer = Answer::accepted}, 5000 + i, i * 1ms));
         for (std::uint32_t i = 0; i < 60; ++i) bench.tells(4s, outcome_of({}, i, 1s));
         bench.until(10s);
     },
     false},
    {"few_addresses_again_and_again", [](RuleBench& bench) { sweep(bench, 0s, {.addresses = 200, .distinct = 20}); },
     false},
    {"snmp",
     [](RuleBench& bench) {
         bench.sees(0s, two_way(sweeper, ipv4(10, 0, 0, 1)));
         sweep(bench, 0s, {.transport = Transport::udp, .port = 161});
     },
     true},
    {"a_resolver_that_meets_lame_servers",
     [](RuleBench& bench) { sweep(bench, 0s, {.transport = Transport::udp, .port = 53}); }, false},
    {"blocked_quic", [](RuleBench& bench) { sweep(bench, 0s, {.transport = Transport::udp, .port = 443}); }, false},
    {"peers_of_a_distributed_hash_table",
     [](RuleBench& bench) {
         bench.sees(0s, two_way(sweeper, ipv4(10, 0, 0, 1)));
         for (std::uint16_t port = 20'000; port < 20'040; ++port) {
             bench.tells(3s, outcome_of({.transport = Transport::udp, .port = port}, 9000U + port, 0s));
         }
         sweep(bench, 1s, {.transport = Transport::udp, .port = 6881});
     },
     false},
    {"telemetry", [](RuleBench& bench) { sweep(bench, 0s, {.transport = Transport::udp, .port = 514}); }, false},
    {"answers_of_a_time_server_seen_in_one_direction",
     [](RuleBench& bench) { sweep(bench, 0s, {.transport = Transport::udp, .port = 123, .source_port = 123}); }, false},
    {"services_that_worked_before_and_are_unreachable_now",
     [](RuleBench& bench) {
         for (std::uint32_t i = 0; i < 80; ++i) {
             auto worked = outcome_of({.answer = Answer::accepted}, i, 0s);
             bench.sees(1ms, worked);
         }
         sweep(bench, 10s, {});
     },
     false},
};

INSTANTIATE_TEST_SUITE_P(, HostSweep, ::testing::ValuesIn(rows), [](const auto& row) { return row.param.name; });

TEST(HostSweepEvidence, CountsAddressesAndVerdicts) {
    RuleBench bench{"host_sweep"};
    sweep(bench, 1s, {.addresses = 100, .answer = Answer::refused});
    const auto* const finding = bench.last("10.0.0.66>445");
    ASSERT_NE(finding, nullptr);
    EXPECT_EQ(bench.severity(*finding), Severity::warning);
    EXPECT_EQ(whole(*finding, "destination_count"), 100);
    EXPECT_EQ(std::get<std::vector<std::string>>(*finding->evidence.find("destinations")).size(), 32U);
    EXPECT_EQ(text(*finding, "protocol"), "tcp");
    EXPECT_EQ(whole(*finding, "refused"), 100);
    EXPECT_EQ(whole(*finding, "silent"), 0);
    EXPECT_EQ(whole(*finding, "accepted"), 0);
    EXPECT_EQ(finding->destination.port, 445);
    EXPECT_EQ(finding->destination.ip, std::nullopt);
    EXPECT_EQ(finding->start, bench_begin + 1s);
}

TEST(HostSweepEvidence, WhoAnsweredBeforeTheFirstSilenceWasToldCountsToo) {
    RuleBench bench{"host_sweep"};
    std::vector<Outcome> silent;
    for (std::uint32_t i = 0; i < 120; ++i) {
        const Probe probe{.transport = Transport::icmp, .port = 0};
        const bool answers = i % 12 == 5;
        auto made = outcome_of(probe, i, i * 10ms);
        made.answer = answers ? Answer::accepted : Answer::silent;
        answers ? bench.sees(i * 10ms + 1ms, made) : silent.push_back(made);
    }
    for (const auto& made : silent) bench.tells(made.began - bench_begin + 3s, made);
    bench.until(10s);
    ASSERT_NE(bench.last(), nullptr);
    EXPECT_EQ(whole(*bench.last(), "destination_count"), 120);
    EXPECT_EQ(whole(*bench.last(), "accepted"), 10);
    EXPECT_EQ(whole(*bench.last(), "silent"), 110);
}

TEST(HostSweepEvidence, APingSweepHasNoPort) {
    RuleBench bench{"host_sweep"};
    sweep(bench, 0s, {.transport = Transport::icmp, .port = 0});
    ASSERT_NE(bench.last("10.0.0.66"), nullptr);
    EXPECT_EQ(text(*bench.last(), "protocol"), "icmp");
    EXPECT_EQ(bench.last()->destination.port, std::nullopt);
}

TEST(HostSweepEvidence, FromOutsideItIsInfo) {
    RuleBench bench{"host_sweep"};
    sweep(bench, 0s, {.from = ipv4(198, 51, 100, 9)});
    ASSERT_NE(bench.last(), nullptr);
    EXPECT_EQ(bench.severity(*bench.last()), Severity::info);
}

TEST(HostSweepAtTheEnd, ThePollersLastAttemptsAreNone) {
    for (const auto& [before_end, found] : {std::pair{1500ms, true}, std::pair{300ms, false}}) {
        RuleBench bench{"host_sweep"};
        bench.tells(3s, CaptureEnd{});
        for (std::uint32_t i = 0; i < 80; ++i) {
            auto made = outcome_of({}, i, 3s - before_end);
            made.unproven = true;
            bench.tells(7s, made);
        }
        bench.until(10s);
        EXPECT_EQ(!bench.findings().empty(), found);
    }
}

}  // namespace
}  // namespace wiresage::testing

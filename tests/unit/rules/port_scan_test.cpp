// port_scan counts, for each pair of hosts, the ports that refused or stayed silent.

#include <gtest/gtest.h>

#include <functional>

#include "support/rule_bench.hpp"

namespace wiresage::testing {
namespace {

using namespace std::chrono_literals;

const Address scanner = ipv4(10, 0, 0, 66);
const Address target = ipv4(10, 0, 0, 20);

/// Tries ports first, first+1, ... `apart` from each other; every `accepts`-th is accepted (0: none).
struct Probe {
    int ports = 30;
    Duration apart = 100ms;
    Answer answer = Answer::refused;
    int accepts = 0;
    std::uint16_t first = 100;
    Technique technique = Technique::syn;
    std::uint16_t source_port = 55'555;
    Address from = scanner;
    Address to = target;
    bool same_port = false;
};

void scan(RuleBench& bench, Duration at, const Probe& probe) {
    for (int i = 0; i < probe.ports; ++i) {
        const auto port = static_cast<std::uint16_t>(probe.first + (probe.same_port ? i % 2 : i));
        const bool accepted = probe.accepts > 0 && i % probe.accepts == 0;
        const auto began = at + i * probe.apart;
        auto outcome = tcp_outcome({probe.from, probe.source_port}, {probe.to, port},
                                   accepted ? Answer::accepted : probe.answer, began);
        outcome.technique = probe.technique;
        if (probe.technique == Technique::udp) outcome.transport = Transport::udp;
        const bool silent = outcome.answer == Answer::silent;
        silent ? bench.tells(began + 3s, outcome) : bench.sees(began + 1ms, outcome);
    }
    bench.until(at + probe.ports * probe.apart + 5s);
}

struct Row {
    const char* name;
    std::function<void(RuleBench&)> story;
    bool found;
    const char* technique = "";
};

class PortScan : public ::testing::TestWithParam<Row> {};

TEST_P(PortScan, IsFoundOnlyWhereManyPortsOfOneHostFail) {
    RuleBench bench{"port_scan"};
    GetParam().story(bench);
    const auto* const finding = bench.last();
    ASSERT_EQ(finding != nullptr, GetParam().found);
    EXPECT_EQ(finding == nullptr ? "" : text(*finding, "technique"), GetParam().technique);
}

const Row rows[] = {
    {"refused", [](RuleBench& bench) { scan(bench, 0s, {}); }, true, "syn"},
    {"silent", [](RuleBench& bench) { scan(bench, 0s, {.answer = Answer::silent}); }, true, "syn"},
    {"one_in_ten_accepts", [](RuleBench& bench) { scan(bench, 0s, {.accepts = 10}); }, true, "syn"},
    {"too_few", [](RuleBench& bench) { scan(bench, 0s, {.ports = 19}); }, false},
    {"too_slow", [](RuleBench& bench) { scan(bench, 0s, {.apart = 4s}); }, false},
    {"most_accept", [](RuleBench& bench) { scan(bench, 0s, {.ports = 100, .accepts = 1}); }, false},
    {"two_ports_again_and_again", [](RuleBench& bench) { scan(bench, 0s, {.ports = 35, .same_port = true}); }, false},
    {"xmas", [](RuleBench& bench) { scan(bench, 0s, {.technique = Technique::xmas}); }, true, "xmas"},
    {"fin_to_low_ports", [](RuleBench& bench) { scan(bench, 0s, {.technique = Technique::fin}); }, true, "fin"},
    {"null", [](RuleBench& bench) { scan(bench, 0s, {.answer = Answer::silent, .technique = Technique::null}); }, true,
     "null"},
    {"bare_acks_to_low_ports",
     [](RuleBench& bench) { scan(bench, 0s, {.answer = Answer::silent, .technique = Technique::ack}); }, true, "ack"},
    {"acks_of_a_server_to_the_high_ports_of_its_client",
     [](RuleBench& bench) {
         scan(bench, 0s, {.answer = Answer::silent, .first = 40'000, .technique = Technique::ack, .source_port = 443});
     },
     false},
    {"acks_of_a_server_at_a_high_port_seen_in_one_direction",
     [](RuleBench& bench) {
         scan(bench, 0s, {.answer = Answer::silent, .first = 40'000, .technique = Technique::ack, .source_port = 8443});
     },
     false},
    {"udp", [](RuleBench& bench) { scan(bench, 0s, {.technique = Technique::udp}); }, true, "udp"},
    {"answers_of_a_name_server_seen_in_one_direction",
     [](RuleBench& bench) {
         scan(bench, 0s, {.answer = Answer::silent, .first = 40'000, .technique = Technique::udp, .source_port = 53});
     },
     false},
    {"datagrams_to_high_ports_seen_in_one_direction",
     [](RuleBench& bench) {
         scan(bench, 0s, {.answer = Answer::silent, .first = 40'000, .technique = Technique::udp});
     },
     false},
    {"datagrams_to_high_ports_where_both_directions_show",
     [](RuleBench& bench) {
         bench.sees(0s, two_way(target, ipv4(10, 0, 0, 1)));
         scan(bench, 0s, {.answer = Answer::silent, .first = 40'000, .technique = Technique::udp});
     },
     true, "udp"},
    {"traceroute",
     [](RuleBench& bench) {
         bench.sees(0s, two_way(target, ipv4(10, 0, 0, 1)));
         scan(bench, 0s, {.ports = 90, .answer = Answer::silent, .first = 33'434, .technique = Technique::udp});
     },
     false},
    {"a_group_address", [](RuleBench& bench) { scan(bench, 0s, {.to = ipv4(239, 0, 0, 1)}); }, false},
};

INSTANTIATE_TEST_SUITE_P(, PortScan, ::testing::ValuesIn(rows), [](const auto& row) { return row.param.name; });

TEST(PortScanEvidence, CountsPortsAndVerdicts) {
    RuleBench bench{"port_scan"};
    scan(bench, 1s, {.ports = 60, .accepts = 20});
    const auto* const finding = bench.last("10.0.0.66>10.0.0.20");
    ASSERT_NE(finding, nullptr);
    EXPECT_EQ(bench.severity(*finding), Severity::warning);
    EXPECT_EQ(whole(*finding, "ports"), 60);  // The accepted one just before the first refusal is part of it.
    EXPECT_EQ(whole(*finding, "refused"), 57);
    EXPECT_EQ(whole(*finding, "accepted"), 3);
    EXPECT_EQ(whole(*finding, "attempts"), 60);
    EXPECT_EQ(finding->evidence.totals().size(), 1U);
    EXPECT_EQ(finding->start, bench_begin + 1s);
    EXPECT_NEAR(number(*finding, "span_s"), 5.9, 0.001);
    EXPECT_EQ(finding->source.ip, scanner);
    EXPECT_EQ(finding->source.port, std::nullopt);
    EXPECT_EQ(finding->destination.ip, target);
}

TEST(PortScanEvidence, ScansFromOutsideAreTheNoiseOfTheInternet) {
    RuleBench bench{"port_scan"};
    scan(bench, 0s, {.from = ipv4(198, 51, 100, 9)});
    ASSERT_NE(bench.last(), nullptr);
    EXPECT_EQ(bench.severity(*bench.last()), Severity::info);
}

TEST(PortScanEvidence, CompletedHandshakesMakeItAConnectScan) {
    RuleBench bench{"port_scan"};
    scan(bench, 0s, {.accepts = 10});
    auto completed = tcp_outcome({scanner, 55'555}, {target, 110}, Answer::completed, 1s);
    bench.sees(8100ms, completed);
    scan(bench, 8500ms, {.ports = 2, .first = 300});
    EXPECT_EQ(text(*bench.last(), "technique"), "connect");
}

TEST(PortScanAtTheEnd, SilenceCountsWhereAnAnswerHadTimeToCome) {
    for (const auto& [before_end, found] : {std::pair{2500ms, true}, std::pair{50ms, false}}) {
        RuleBench bench{"port_scan"};
        bench.tells(3s, CaptureEnd{});
        for (std::uint16_t port = 1; port <= 30; ++port) {
            auto outcome = tcp_outcome({scanner, 5555}, {target, port}, Answer::silent, 3s - before_end);
            outcome.unproven = true;
            bench.tells(6s - before_end + 1s, outcome);
        }
        bench.until(10s);
        EXPECT_EQ(!bench.findings().empty(), found);
    }
}

TEST(PortScanAtScale, AllPortsFromManySourcesStayWithinTheLimits) {
    RuleBench bench{"port_scan"};
    for (std::uint32_t source = 0; source < 300; ++source) {
        const Address from = Address::v4(0x0a010000U + source);
        for (std::uint16_t port = 1; port <= 80; ++port) {
            bench.sees(1s, tcp_outcome({from, 4000}, {target, port}, Answer::refused, 1s));
        }
    }
    bench.until(2s);
    EXPECT_EQ(bench.entities().size(), 300U);
    EXPECT_GE(whole(*bench.last("10.1.1.43>10.0.0.20"), "ports"), 64);
}

}  // namespace
}  // namespace wiresage::testing

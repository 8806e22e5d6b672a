// dhcp_starvation counts new clients that never take an address.

#include <gtest/gtest.h>

#include "support/rule_bench.hpp"

namespace wiresage::testing {
namespace {

using namespace std::chrono_literals;

const MacAddress attacker{{2, 0x66, 0x66, 0x66, 0x66, 0x66}};

MacAddress client(int i) {
    return MacAddress{{2, 0xbb, 0, 0, static_cast<std::uint8_t>(i >> 8), static_cast<std::uint8_t>(i)}};
}

struct Row {
    const char* name;
    int clients;
    Duration apart;
    int request_every;  ///< Every n-th goes on to a request; 0: none.
    int alive_every;    ///< Every n-th is seen in ARP.
    bool found;
};

class DhcpStarvation : public ::testing::TestWithParam<Row> {};
TEST_P(DhcpStarvation, IsManyNewClientsThatTakeNothing) {
    const auto& row = GetParam();
    RuleBench bench{"dhcp_starvation"};
    const auto is_nth = [](int i, int every) { return every > 0 && i % every == 0; };
    for (int i = 0; i < row.clients; ++i) {
        DhcpClients asked;
        asked.first_mac = attacker;
        asked.clients[0] = client_hash(client(i));
        asked.client_count = 1;
        asked.count = 1;
        bench.tells(i * row.apart, asked);
        if (is_nth(i, row.request_every)) {
            asked.message = DhcpMessage::request;
            bench.tells(i * row.apart, asked);
        }
        if (!is_nth(i, row.alive_every)) continue;
        Neighbor alive;
        alive.sender_mac = client(i);
        bench.sees(i * row.apart, alive);
    }
    bench.until(row.clients * row.apart + 1s);
    EXPECT_EQ(!bench.findings().empty(), row.found);
    if (!row.found) return;
    EXPECT_EQ(whole(*bench.last(), "new_clients"), row.clients);
    EXPECT_EQ(whole(*bench.last(), "discovers"), row.clients);
    EXPECT_EQ(bench.last()->source.mac, attacker);
}

const Row rows[] = {
    {"starved", 300, 20ms, 0, 0, true},        {"some_are_real", 300, 20ms, 10, 0, true},
    {"busy_morning", 300, 100ms, 1, 1, false}, {"seen_alive", 300, 20ms, 0, 2, false},
    {"too_few", 99, 20ms, 0, 0, false},        {"slowly", 300, 2s, 0, 0, false},
};
INSTANTIATE_TEST_SUITE_P(, DhcpStarvation, ::testing::ValuesIn(rows), [](const auto& row) { return row.param.name; });

}  // namespace
}  // namespace wiresage::testing

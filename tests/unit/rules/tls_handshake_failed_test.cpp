// tls_handshake_failed counts handshakes that end early, for each service.

#include <gtest/gtest.h>

#include "support/application_facts.hpp"

namespace wiresage::testing {
namespace {

using namespace std::chrono_literals;
using namespace tls_example;

struct Row {
    const char* name;
    int clients, failed;
    std::uint32_t good;
    TlsEnd end;
    bool found;
};
class TlsHandshakeFailedRows : public ::testing::TestWithParam<Row> {};

TEST_P(TlsHandshakeFailedRows, AreFoundByNumberAndShare) {
    const auto& row = GetParam();
    RuleBench bench{"tls_handshake_failed"};
    for (int i = 0; i < row.failed; ++i) {
        auto made = tls_handshake(client(i % row.clients + 1), server, i * 10ms);
        made.end = row.end;
        made.alert = 70;
        made.ended_by_client = false;
        made.stage = TlsStage::client_hello;
        bench.sees(i * 10ms, made, shown);
    }
    TlsTally tally;
    tally.server = server;
    tally.completed = row.good;
    tally.handshakes = row.good + static_cast<std::uint32_t>(row.failed);
    bench.tells(90ms, tally);
    bench.until(2s);
    EXPECT_EQ(bench.last() != nullptr, row.found);
}
const Row rows[] = {
    {"all", 1, 6, 0, TlsEnd::alert, true},          {"half", 3, 6, 6, TlsEnd::alert, true},
    {"one_in_ten", 3, 6, 60, TlsEnd::alert, false}, {"few", 1, 4, 0, TlsEnd::alert, false},
    {"scanners", 6, 6, 0, TlsEnd::rst, false},      {"one_resets_again_and_again", 1, 6, 0, TlsEnd::rst, true}};
INSTANTIATE_TEST_SUITE_P(Table, TlsHandshakeFailedRows, ::testing::ValuesIn(rows),
                         [](const auto& row) { return std::string{row.param.name}; });

TEST(TlsHandshakeFailed, WhoAndWhyAreTold) {
    RuleBench bench{"tls_handshake_failed"};
    for (int i = 0; i < 6; ++i) bench.sees(i * 10ms, tls_handshake(client(1), server, i * 10ms), shown);
    bench.until(2s);
    ASSERT_NE(bench.last("10.0.1.80:443"), nullptr);
    EXPECT_EQ(text(*bench.last(), "alert_name"), "unknown_ca");
    EXPECT_EQ(text(*bench.last(), "ended_side"), "client");
    EXPECT_EQ(text(*bench.last(), "stage"), "certificate");
    EXPECT_EQ(bench.last()->source.ip, client(1).ip);
    EXPECT_EQ(bench.last()->destination.port, server.port);
}

}  // namespace
}  // namespace wiresage::testing

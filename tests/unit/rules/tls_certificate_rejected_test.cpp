// tls_certificate_rejected counts handshakes that clients end after the certificate.

#include <gtest/gtest.h>

#include "support/application_facts.hpp"

namespace wiresage::testing {
namespace {

using namespace std::chrono_literals;
using namespace tls_example;

struct Row {
    const char* name;
    int clients, tries;
    TlsEnd end;
    std::uint8_t alert;
    bool by_client;
    TlsStage stage;
    bool found;
};
class TlsCertificateRejectedRows : public ::testing::TestWithParam<Row> {};

TEST_P(TlsCertificateRejectedRows, AreFoundWhereAClientTriesAgain) {
    const auto& row = GetParam();
    RuleBench bench{"tls_certificate_rejected"};
    for (int i = 0; i < row.tries; ++i) {
        auto made = tls_handshake(client(i % row.clients + 1), server, i * 1s);
        made.end = row.end;
        made.alert = row.alert;
        made.ended_by_client = row.by_client;
        made.stage = row.stage;
        bench.sees(i * 1s, made, shown);
    }
    bench.until(30s);
    EXPECT_EQ(bench.last() != nullptr, row.found);
}
const Row rows[] = {{"unknown_ca_twice", 1, 2, TlsEnd::alert, 48, true, TlsStage::certificate, true},
                    {"without_a_word_twice", 1, 2, TlsEnd::fin, 0, true, TlsStage::certificate, true},
                    {"once", 1, 1, TlsEnd::alert, 48, true, TlsStage::certificate, false},
                    {"scanners", 9, 9, TlsEnd::rst, 0, true, TlsStage::certificate, false},
                    {"other_alert", 1, 5, TlsEnd::alert, 40, true, TlsStage::certificate, false},
                    {"server_ends", 1, 5, TlsEnd::alert, 48, false, TlsStage::certificate, false},
                    {"later", 1, 5, TlsEnd::fin, 0, true, TlsStage::key_exchange, false}};
INSTANTIATE_TEST_SUITE_P(Table, TlsCertificateRejectedRows, ::testing::ValuesIn(rows),
                         [](const auto& row) { return std::string{row.param.name}; });

TEST(TlsCertificateRejected, AClientThatIsServedHasOnlyCancelled) {
    RuleBench bench{"tls_certificate_rejected"};
    TlsTally tally;
    tally.server = server;
    tally.handshakes = tally.completed = 1;
    tally.client_count = 1;
    tally.clients[0] = static_cast<std::uint32_t>(AddressHash{}(client(1).ip));
    bench.tells(1s, tally);
    for (int i = 2; i < 6; ++i) {
        auto made = tls_handshake(client(1), server, i * 1s);
        made.end = TlsEnd::fin;
        bench.sees(i * 1s, made, shown);
    }
    bench.until(30s);
    EXPECT_EQ(bench.last(), nullptr);
}

TEST(TlsCertificateRejected, TheCertificateIsTold) {
    RuleBench bench{"tls_certificate_rejected"};
    for (int i = 0; i < 3; ++i) bench.sees(i * 1s, tls_handshake(client(1), server, i * 1s), shown);
    bench.until(30s);
    ASSERT_NE(bench.last("10.0.1.80:443, www.example.com"), nullptr);
    EXPECT_EQ(text(*bench.last(), "issuer"), "Example CA");
    EXPECT_EQ(text(*bench.last(), "tls_version"), "1.2");
    EXPECT_EQ(text(*bench.last(), "ended_by"), "alert");
    EXPECT_EQ(whole(*bench.last(), "alert"), 48);
    EXPECT_EQ(bench.last()->confidence, Confidence::high);
    EXPECT_EQ(bench.last()->source.ip, client(1).ip);
}

}  // namespace
}  // namespace wiresage::testing

// tls_certificate_expired compares the end of certificates with the packets' own time.

#include <gtest/gtest.h>

#include "support/application_facts.hpp"

namespace wiresage::testing {
namespace {

using namespace std::chrono_literals;
using namespace tls_example;

constexpr std::int64_t now = 1'700'000'000, day = 86400;

struct Row {
    const char* name;
    std::int64_t days_left;
    bool failed, ours, found;
    Severity severity;
};
class TlsCertificateExpiredRows : public ::testing::TestWithParam<Row> {};

TEST_P(TlsCertificateExpiredRows, AreFoundByTheirEnd) {
    const auto& row = GetParam();
    RuleBench bench{"tls_certificate_expired", {}, row.ours ? site_of({server.ip}) : Site::standard()};
    auto made = tls_handshake(client(1), server, 1s);
    if (!row.failed) made.end = TlsEnd::completed;
    made.not_after = now + row.days_left * day + 60;
    bench.sees(1s, made, shown);
    bench.until(2s);
    ASSERT_EQ(bench.last() != nullptr, row.found);
    if (row.found) {
        EXPECT_EQ(bench.severity(*bench.last()), row.severity);
    }
    if (row.found) {
        EXPECT_NEAR(number(*bench.last(), "days_left"), static_cast<double>(row.days_left), 0.2);
    }
}
const Row rows[] = {{"over_and_refused", -3, true, false, true, Severity::warning},
                    {"over_ours", -3, false, true, true, Severity::warning},
                    {"over_elsewhere", -3, false, false, true, Severity::info},
                    {"soon", 5, false, true, true, Severity::info},
                    {"next_month", 30, false, true, false, {}}};
INSTANTIATE_TEST_SUITE_P(Table, TlsCertificateExpiredRows, ::testing::ValuesIn(rows),
                         [](const auto& row) { return std::string{row.param.name}; });

}  // namespace
}  // namespace wiresage::testing

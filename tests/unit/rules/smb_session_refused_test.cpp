// smb_session_refused counts refusals of a client by a server without a success in between.

#include <gtest/gtest.h>

#include "fact/texts.hpp"
#include "support/rule_bench.hpp"

namespace wiresage::testing {
namespace {

using namespace std::chrono_literals;

constexpr std::uint32_t logon_failure = 0xc000006d;

class SmbSessionRefused : public ::testing::Test {
protected:
    void session(Duration at, std::uint32_t status, SmbStage stage = SmbStage::session_setup) {
        SmbSession made;
        made.client = {ipv4(10, 0, 0, 5), ++port};
        made.server = {ipv4(10, 0, 0, 9), 445};
        made.asked = made.asked_stamp = bench_begin + at;
        made.status = status;
        made.stage = stage;
        made.dialect = SmbDialect::smb2;
        bench.sees(at, made);
    }

    RuleBench bench{"smb_session_refused"};
    std::uint16_t port = 50'000;
};

TEST_F(SmbSessionRefused, AgainAndAgainIsAWarning) {
    for (int i = 0; i < 3; ++i) session(i * 60s, logon_failure);
    const auto* const finding = bench.last("10.0.0.9:445>10.0.0.5");
    ASSERT_NE(finding, nullptr);
    EXPECT_EQ(bench.severity(*finding), Severity::warning);
    EXPECT_EQ(whole(*finding, "count"), 3);
    EXPECT_EQ(text(*finding, "status"), "0xc000006d");
    EXPECT_EQ(text(*finding, "status_name"), "STATUS_LOGON_FAILURE");
    EXPECT_EQ(text(*finding, "stage"), "session_setup");
    EXPECT_EQ(finding->source.port, 445);
}

TEST_F(SmbSessionRefused, OnceOrTwiceIsNothing) {
    session(0s, logon_failure);
    session(1s, logon_failure);
    EXPECT_TRUE(bench.findings().empty());
}

TEST_F(SmbSessionRefused, ASuccessInBetweenForgives) {
    for (int i = 0; i < 6; ++i) {
        session(i * 10s, logon_failure);
        session(i * 10s + 1s, 0, SmbStage::tree_connect);
    }
    EXPECT_TRUE(bench.findings().empty());
}

TEST_F(SmbSessionRefused, AnotherReasonBeginsAnew) {
    session(0s, logon_failure);
    session(1s, logon_failure);
    session(2s, 0xc0000234);
    EXPECT_TRUE(bench.findings().empty());
}

TEST_F(SmbSessionRefused, ExpiredSessionsAreOrdinary) {
    for (int i = 0; i < 5; ++i) session(i * 1s, 0xc000035c);
    EXPECT_TRUE(bench.findings().empty());
}

TEST_F(SmbSessionRefused, FarApartTheyAreNotOneTrouble) {
    for (int i = 0; i < 5; ++i) session(i * 700s, logon_failure);
    EXPECT_TRUE(bench.findings().empty());
}

}  // namespace
}  // namespace wiresage::testing

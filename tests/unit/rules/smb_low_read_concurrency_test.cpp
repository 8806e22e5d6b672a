// smb_low_read_concurrency judges the summary of an open file's reads.

#include <gtest/gtest.h>

#include "support/rule_bench.hpp"

namespace wiresage::testing {
namespace {

using namespace std::chrono_literals;

SmbReads slow() {
    SmbReads made;
    made.client = {ipv4(192, 168, 1, 7), 49'240};
    made.server = {ipv4(192, 168, 2, 77), 445};
    made.began = made.began_stamp = bench_begin;
    made.reads = 200;
    made.read_size = 65'536;
    made.sequential = 199;
    made.pauses = 100;
    made.service_us = 5400;
    made.round_trip_us = 300;
    made.span = 4s;
    made.idle = 3s;
    made.bytes = 200 * 65'536;
    made.most_outstanding = 2;
    made.dialect = SmbDialect::smb2;
    return made;
}

struct Row {
    const char* name;
    void (*change)(SmbReads&);
    bool found;
};

class SmbLowReadConcurrency : public ::testing::TestWithParam<Row> {};
TEST_P(SmbLowReadConcurrency, IsSmallSerialReadsWithPausesOfTheClient) {
    RuleBench bench{"smb_low_read_concurrency"};
    auto what = slow();
    GetParam().change(what);
    bench.sees(5s, what);
    EXPECT_EQ(bench.findings().size(), GetParam().found ? 1U : 0U);
}

const Row rows[] = {
    {"slow", [](SmbReads&) {}, true},
    {"pipelined", [](SmbReads& what) { what.most_outstanding = 3; }, false},
    {"large_reads", [](SmbReads& what) { what.read_size = 1 << 20; }, false},
    {"random", [](SmbReads& what) { what.sequential = 20; }, false},
    {"few", [](SmbReads& what) { what.reads = what.sequential = 9; }, false},
    {"back_to_back", [](SmbReads& what) { what.idle = 1s; }, false},
    {"distant_client", [](SmbReads& what) { what.round_trip_us = 25'000; }, false},
    {"a_players_pace", [](SmbReads& what) { what.pauses = 10; }, false},
    {"no_time", [](SmbReads& what) { what.span = what.idle = 0s; }, false},
};
INSTANTIATE_TEST_SUITE_P(, SmbLowReadConcurrency, ::testing::ValuesIn(rows),
                         [](const auto& row) { return row.param.name; });

TEST(SmbLowReads, TheEvidenceSaysWhatCouldBeReached) {
    RuleBench bench{"smb_low_read_concurrency"};
    bench.sees(5s, slow());
    const auto* const finding = bench.last("192.168.1.7>192.168.2.77:445");
    ASSERT_NE(finding, nullptr);
    EXPECT_EQ(finding->confidence, Confidence::high);
    EXPECT_EQ(text(*finding, "dialect"), "smb2");
    EXPECT_NEAR(number(*finding, "client_idle_fraction"), 0.7425, 1e-6);
    EXPECT_DOUBLE_EQ(number(*finding, "achieved_bytes_per_s"), 50.0 * 65'536);
    EXPECT_DOUBLE_EQ(number(*finding, "achievable_bytes_per_s"), 200.0 * 65'536);
    EXPECT_EQ(finding->evidence.find("file"), nullptr);
}

TEST(SmbLowReads, FewReadsAreToldWithLittleConfidence) {
    RuleBench bench{"smb_low_read_concurrency"};
    auto what = slow();
    what.reads = what.sequential = 14;
    bench.sees(5s, what);
    ASSERT_NE(bench.last(), nullptr);
    EXPECT_EQ(bench.last()->confidence, Confidence::low);
}

}  // namespace
}  // namespace wiresage::testing

// smb_read_tail_delay judges the summary of pauses before the last segment of read answers.

#include <gtest/gtest.h>

#include "support/rule_bench.hpp"

namespace wiresage::testing {
namespace {

using namespace std::chrono_literals;

SmbTails shaped() {
    SmbTails made;
    made.client = {ipv4(10, 1, 1, 1), 2242};
    made.server = {ipv4(10, 1, 1, 2), 445};
    made.began = made.began_stamp = bench_begin;
    made.reads = 40;
    made.delayed = made.after_ack = 38;
    made.read_size = 61'440;
    made.delay = 406ms;
    made.jitter = 1ms;
    made.fid = 1172;
    made.one_fid = true;
    made.dialect = SmbDialect::smb1;
    return made;
}

struct Row {
    const char* name;
    void (*change)(SmbTails&);
    bool found;
};

class SmbReadTailDelay : public ::testing::TestWithParam<Row> {};
TEST_P(SmbReadTailDelay, IsAConstantPauseThatNoAcknowledgmentEnds) {
    RuleBench bench{"smb_read_tail_delay"};
    auto what = shaped();
    GetParam().change(what);
    bench.sees(20s, what);
    EXPECT_EQ(bench.findings().size(), GetParam().found ? 1U : 0U);
}

const Row rows[] = {
    {"shaped", [](SmbTails&) {}, true},
    {"few", [](SmbTails& what) { what.delayed = what.after_ack = what.reads = 9; }, false},
    {"now_and_then", [](SmbTails& what) { what.reads = 60; }, false},
    {"short", [](SmbTails& what) { what.delay = 90ms; }, false},
    {"irregular", [](SmbTails& what) { what.jitter = 50ms; }, false},
    {"ended_by_an_ack", [](SmbTails& what) { what.after_ack = 10; }, false},
};
INSTANTIATE_TEST_SUITE_P(, SmbReadTailDelay, ::testing::ValuesIn(rows), [](const auto& row) { return row.param.name; });

TEST(SmbTailDelay, TheEvidenceNamesTheFileHandleOfSmb1Only) {
    RuleBench bench{"smb_read_tail_delay"};
    bench.sees(20s, shaped());
    const auto* finding = bench.last("10.1.1.2:445>10.1.1.1");
    ASSERT_NE(finding, nullptr);
    EXPECT_EQ(whole(*finding, "fid"), 1172);
    EXPECT_DOUBLE_EQ(number(*finding, "delay_s"), 0.406);
    EXPECT_DOUBLE_EQ(number(*finding, "share"), 0.95);
    EXPECT_TRUE(says(*finding, "ack_before_delay"));
    EXPECT_EQ(finding->destination.port, 2242);

    auto other = shaped();
    other.one_fid = false;
    other.client.port = 2243;
    bench.sees(30s, other);
    finding = bench.last();
    EXPECT_EQ(finding->evidence.find("fid"), nullptr);
    EXPECT_EQ(finding->destination.port, std::nullopt);
}

}  // namespace
}  // namespace wiresage::testing

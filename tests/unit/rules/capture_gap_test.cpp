// capture_gap is one alert an interface, and names the connection while there is one.

#include <gtest/gtest.h>

#include "support/rule_bench.hpp"

namespace wiresage::testing {
namespace {

using namespace std::chrono_literals;

CaptureGap gap(std::uint16_t port, std::uint64_t bytes) {
    CaptureGap made;
    made.ends.sender = {ipv4(10, 61, 0, 80), 8081};
    made.ends.receiver = {ipv4(10, 60, 0, 5), port};
    made.ends.first = true;
    made.began = made.began_stamp = bench_begin + 1s;
    made.missing_bytes = bytes;
    made.gaps = 1;
    return made;
}

TEST(CaptureGapRule, NamesItsOnlyConnection) {
    RuleBench bench{"capture_gap"};
    bench.sees(2s, gap(40001, 2580));
    const auto* const finding = bench.last();
    ASSERT_NE(finding, nullptr);
    EXPECT_EQ(whole(*finding, "missing_bytes"), 2580);
    EXPECT_EQ(whole(*finding, "gaps"), 1);
    EXPECT_EQ(whole(*finding, "flows"), 1);
    EXPECT_EQ(finding->source.port, 8081);
    EXPECT_EQ(finding->destination.port, 40001);
    EXPECT_EQ(bench.severity(*finding), Severity::info);
}

TEST(CaptureGapRule, SumsAnInterfaceAndKeepsInterfacesApart) {
    RuleBench bench{"capture_gap"};
    bench.sees(2s, gap(40001, 2580));
    bench.sees(3s, gap(40002, 1000));
    EXPECT_EQ(whole(*bench.last(), "missing_bytes"), 3580);
    EXPECT_EQ(whole(*bench.last(), "flows"), 2);
    EXPECT_EQ(bench.last()->source.ip, std::nullopt);
    bench.input = 1;
    bench.sees(4s, gap(40003, 7));
    EXPECT_EQ(whole(*bench.last(), "missing_bytes"), 7);
    EXPECT_EQ(bench.entities().size(), 2U);
}

TEST(CaptureGapRule, FewBytesAreNoNews) {
    RuleBench bench{"capture_gap", {{"missing", 3000}}};
    bench.sees(2s, gap(40001, 2999));
    EXPECT_EQ(bench.last(), nullptr);
}

}  // namespace
}  // namespace wiresage::testing

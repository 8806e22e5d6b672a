// dns_slow looks at how long a name server takes.

#include <gtest/gtest.h>

#include "support/application_facts.hpp"

namespace wiresage::testing {
namespace {

using namespace std::chrono_literals;

DnsTally tally(int quick, int slow, int zones) {
    DnsTally made;
    made.server = {ipv4(10, 9, 0, 53), 53};
    made.queries = made.answered = static_cast<std::uint32_t>(quick + slow);
    made.times[4] = static_cast<std::uint16_t>(quick);  // 1 ms.
    made.times[25] = static_cast<std::uint16_t>(slow);  // 1.4 s.
    made.zone_count = static_cast<std::uint8_t>(zones);
    for (int i = 0; i < zones; ++i) made.zones[static_cast<std::size_t>(i)] = static_cast<std::uint32_t>(i) * 977 + 1;
    return made;
}

struct Row {
    const char* name;
    int quick, slow, zones;
    bool found;
};
class DnsSlowRows : public ::testing::TestWithParam<Row> {};

TEST_P(DnsSlowRows, AreFoundByShareOverSeveralZones) {
    RuleBench bench{"dns_slow"};
    bench.tells(1s, tally(GetParam().quick, GetParam().slow, GetParam().zones));
    EXPECT_EQ(bench.last() != nullptr, GetParam().found);
}
const Row rows[] = {
    {"a_third", 14, 7, 6, true}, {"a_tenth", 19, 2, 6, false}, {"one_zone", 14, 7, 1, false}, {"few", 5, 7, 6, false}};
INSTANTIATE_TEST_SUITE_P(Table, DnsSlowRows, ::testing::ValuesIn(rows),
                         [](const auto& row) { return std::string{row.param.name}; });

TEST(DnsSlow, ThePastIsTheMeasureWhereThereIsOne) {
    RuleBench bench{"dns_slow"};
    bench.tells(1s, tally(60, 0, 6));
    bench.tells(70s, tally(14, 7, 6));
    ASSERT_NE(bench.last(), nullptr);
    EXPECT_EQ(bench.last()->confidence, Confidence::high);
    EXPECT_EQ(whole(*bench.last(), "slow"), 7);
    EXPECT_NEAR(number(*bench.last(), "baseline_ms"), 1.0, 0.2);
    EXPECT_GT(number(*bench.last(), "p95_ms"), 1000);
    RuleBench always{"dns_slow"};
    always.tells(1s, tally(14, 1, 6));
    EXPECT_EQ(always.last(), nullptr);
}

}  // namespace
}  // namespace wiresage::testing

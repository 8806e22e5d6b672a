// Event time as text and as numbers.

#include "base/time.hpp"

#include <gtest/gtest.h>

namespace wiresage {
namespace {

struct TimeRow {
    const char* name;
    std::int64_t nanoseconds;
    const char* text;
};

class Rfc3339 : public ::testing::TestWithParam<TimeRow> {};

TEST_P(Rfc3339, HasNineDigitsAndIsUtc) {
    const auto& row = GetParam();
    EXPECT_EQ(rfc3339(event_time(row.nanoseconds)), row.text);
    EXPECT_EQ(unix_nanoseconds(event_time(row.nanoseconds)), row.nanoseconds);
}

constexpr TimeRow times[] = {
    {"epoch", 0, "1970-01-01T00:00:00.000000000Z"},
    {"one_nanosecond", 1, "1970-01-01T00:00:00.000000001Z"},
    {"of_the_contract", 1335883472157000000, "2012-05-01T14:44:32.157000000Z"},
    {"leap_day", 1709164800000000000, "2024-02-29T00:00:00.000000000Z"},
    {"before_the_epoch", -1, "1969-12-31T23:59:59.999999999Z"},
    {"last", INT64_MAX, "2262-04-11T23:47:16.854775807Z"},
};

INSTANTIATE_TEST_SUITE_P(, Rfc3339, ::testing::ValuesIn(times), [](const auto& row) { return row.param.name; });

TEST(Duration, IsGivenAsSecondsAndMilliseconds) {
    EXPECT_DOUBLE_EQ(seconds(std::chrono::milliseconds{1500}), 1.5);
    EXPECT_DOUBLE_EQ(milliseconds(std::chrono::microseconds{1500}), 1.5);
}

}  // namespace
}  // namespace wiresage

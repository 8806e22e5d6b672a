// Targets of requests: paths, queries, escapes.

#include "serve/target.hpp"

#include <gtest/gtest.h>

namespace wiresage::testing {
namespace {

TEST(ParseTarget, SplitsPathAndQuery) {
    const auto target = parse_target("/api/v1/alerts?rule=tcp_syn_flood&limit=5&&state");
    ASSERT_TRUE(target);
    EXPECT_EQ(target->path, "/api/v1/alerts");
    using Pairs = std::vector<std::pair<std::string, std::string>>;
    EXPECT_EQ(target->query, (Pairs{{"rule", "tcp_syn_flood"}, {"limit", "5"}, {"state", ""}}));
}

TEST(ParseTarget, UndoesEscapesInBothParts) {
    const auto target = parse_target("/a%2Fb+c?source=10.0.0.0%2f8&x=a+b");
    ASSERT_TRUE(target);
    EXPECT_EQ(target->path, "/a/b+c");
    EXPECT_EQ(target->query[0].second, "10.0.0.0/8");
    EXPECT_EQ(target->query[1].second, "a b");
}

class BadTarget : public ::testing::TestWithParam<const char*> {};

TEST_P(BadTarget, IsRefused) { EXPECT_FALSE(parse_target(GetParam())); }

INSTANTIATE_TEST_SUITE_P(, BadTarget,
                         ::testing::Values("", "*", "http://elsewhere/", "/%", "/%4", "/%zz", "/%00", "/a?b=%",
                                           "/a?%0=b", "/%+1"));

}  // namespace
}  // namespace wiresage::testing

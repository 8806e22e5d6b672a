// Who may ask: Host headers, tokens, pages of other sites.

#include "serve/access.hpp"

#include <gtest/gtest.h>

namespace wiresage::testing {
namespace {

struct HostRow {
    const char* name;
    const char* field;
    Address listen;
    bool allowed;
};

class HostAllowed : public ::testing::TestWithParam<HostRow> {};

TEST_P(HostAllowed, OnlyForNamesAndAddressesThatAreOurs) {
    const auto& row = GetParam();
    EXPECT_EQ(host_allowed(row.field, Endpoint{row.listen, 10470}, {"Sage.Example.org", "other:8443"}), row.allowed);
}

const HostRow hosts[] = {
    {"loopback_name", "localhost", ipv4(127, 0, 0, 1), true},
    {"loopback_name_in_capitals", "LOCALHOST:10470", ipv4(127, 0, 0, 1), true},
    {"below_localhost", "cap01.localhost:10470", ipv4(127, 0, 0, 1), true},
    {"loopback_v4", "127.0.0.1:10470", ipv4(127, 0, 0, 1), true},
    {"other_loopback_v4", "127.8.9.1", ipv4(127, 0, 0, 1), true},
    {"loopback_v6", "[::1]:10470", ipv4(127, 0, 0, 1), true},
    {"listen_address", "192.0.2.7:10470", ipv4(192, 0, 2, 7), true},
    {"other_address", "192.0.2.8:10470", ipv4(192, 0, 2, 7), false},
    {"any_address_when_unspecified", "192.0.2.8:10470", ipv4(0, 0, 0, 0), true},
    {"name_when_unspecified", "evil.example:10470", ipv4(0, 0, 0, 0), false},
    {"configured", "sage.example.ORG:443", ipv4(127, 0, 0, 1), true},
    {"configured_with_port", "other:8443", ipv4(127, 0, 0, 1), true},
    {"configured_with_another_port", "other:8444", ipv4(127, 0, 0, 1), false},
    {"rebinding", "evil.example:10470", ipv4(127, 0, 0, 1), false},
    {"begins_with_localhost", "localhost.evil.example", ipv4(127, 0, 0, 1), false},
    {"ends_with_localhost_without_dot", "evillocalhost", ipv4(127, 0, 0, 1), false},
    {"empty", "", ipv4(127, 0, 0, 1), false},
    {"no_port_after_colon", "localhost:", ipv4(127, 0, 0, 1), false},
    {"bad_port", "localhost:x", ipv4(127, 0, 0, 1), false},
    {"open_bracket", "[::1", ipv4(127, 0, 0, 1), false},
    {"text_after_bracket", "[::1]x", ipv4(127, 0, 0, 1), false},
    {"bare_v6", "::1", ipv4(127, 0, 0, 1), false},
};

INSTANTIATE_TEST_SUITE_P(, HostAllowed, ::testing::ValuesIn(hosts), [](const auto& row) { return row.param.name; });

TEST(TokenMatches, OnlyTheWholeToken) {
    EXPECT_TRUE(token_matches("Bearer s3cret", "s3cret"));
    EXPECT_TRUE(token_matches("bearer   s3cret", "s3cret"));
    EXPECT_FALSE(token_matches("Bearer s3cre", "s3cret"));
    EXPECT_FALSE(token_matches("Bearer s3crett", "s3cret"));
    EXPECT_FALSE(token_matches("Bearer ", "s3cret"));
    EXPECT_FALSE(token_matches("Basic s3cret", "s3cret"));
    EXPECT_FALSE(token_matches("", "s3cret"));
    EXPECT_FALSE(token_matches("s3cret", "s3cret"));
}

TEST(FromAnotherSite, IsToldByFetchMetadataOrOrigin) {
    EXPECT_FALSE(from_another_site("", "", "localhost:10470"));
    EXPECT_FALSE(from_another_site("same-origin", "http://localhost:10470", "localhost:10470"));
    EXPECT_FALSE(from_another_site("none", "", "localhost:10470"));
    EXPECT_TRUE(from_another_site("cross-site", "", "localhost:10470"));
    EXPECT_TRUE(from_another_site("same-site", "", "localhost:10470"));
    EXPECT_TRUE(from_another_site("", "https://evil.example", "localhost:10470"));
    EXPECT_TRUE(from_another_site("", "http://localhost:8080", "localhost:10470"));
    EXPECT_TRUE(from_another_site("", "null", "localhost:10470"));
}

}  // namespace
}  // namespace wiresage::testing

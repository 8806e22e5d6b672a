// http_proxy_denied counts what a proxy denies, for each target.

#include <gtest/gtest.h>

#include "support/application_facts.hpp"

namespace wiresage::testing {
namespace {

using namespace std::chrono_literals;

const Endpoint proxy{ipv4(10, 20, 0, 5), 8080};
const Endpoint client{ipv4(10, 20, 0, 15), 40000};

void answers(RuleBench& bench, Duration at, HttpNews news, std::uint16_t status, const char* reason,
             const char* code = "") {
    auto made = http_exchange(news, client, proxy, at, status, "www.example.org");
    made.proxied = true;
    bench.sees(
        at, made,
        texts({"CONNECT", "www.example.org:443", "www.example.org", "agent", reason, "www.example.org:443", "", code}));
}

struct Row {
    const char* name;
    std::uint16_t status;
    const char* reason;
    const char* code;
    bool found;
};
class HttpProxyDeniedRows : public ::testing::TestWithParam<Row> {};

TEST_P(HttpProxyDeniedRows, AreDenialsByStatusOrByWords) {
    RuleBench bench{"http_proxy_denied"};
    for (int i = 0; i < 3; ++i)
        answers(bench, i * 1s, HttpNews::denied, GetParam().status, GetParam().reason, GetParam().code);
    bench.until(5s);
    EXPECT_EQ(bench.last() != nullptr, GetParam().found);
}
const Row rows[] = {{"forbidden", 403, "Forbidden", "", true},
                    {"gateway_says_denied", 502, "Proxy Error ( The URL was Denied )", "", true},
                    {"squid", 503, "Unavailable", "ERR_ACCESS_DENIED 0", true},
                    {"not_reached", 502, "Bad Gateway", "", false},
                    {"not_found", 404, "Not Found", "", false}};
INSTANTIATE_TEST_SUITE_P(Table, HttpProxyDeniedRows, ::testing::ValuesIn(rows),
                         [](const auto& row) { return std::string{row.param.name}; });

TEST(HttpProxyDenied, WhatWasAllowedBeforeIsMoreThanANote) {
    RuleBench bench{"http_proxy_denied"};
    answers(bench, 0s, HttpNews::allowed, 200, "Established");
    for (int i = 1; i <= 3; ++i) answers(bench, i * 1s, HttpNews::denied, 403, "Forbidden");
    bench.until(5s);
    ASSERT_NE(bench.last("10.20.0.5:8080, www.example.org:443"), nullptr);
    EXPECT_TRUE(says(*bench.last(), "allowed_before"));
    EXPECT_EQ(text(*bench.last(), "method"), "CONNECT");
    EXPECT_EQ(whole(*bench.last(), "count"), 3);
}

TEST(HttpProxyDenied, TwoAreFew) {
    RuleBench bench{"http_proxy_denied"};
    for (int i = 0; i < 2; ++i) answers(bench, i * 1s, HttpNews::denied, 403, "Forbidden");
    bench.until(5s);
    EXPECT_EQ(bench.last(), nullptr);
}

}  // namespace
}  // namespace wiresage::testing

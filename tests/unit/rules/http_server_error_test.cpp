// http_server_error counts answers of 500 and above, for each service and host.

#include <gtest/gtest.h>

#include "support/application_facts.hpp"

namespace wiresage::testing {
namespace {

using namespace std::chrono_literals;

const Endpoint server{ipv4(10, 51, 0, 80), 80};
const Address client = ipv4(10, 50, 0, 1);

void answered(RuleBench& bench, Duration at, std::uint32_t answers, std::uint32_t errors) {
    for (std::uint32_t i = 0; i < errors; ++i) {
        bench.sees(at, http_exchange(HttpNews::server_error, {client, 40000}, server, at, 502, "shop.example.com"),
                   texts({"GET", "/cart", "shop.example.com", "curl", "Bad Gateway"}));
    }
    bench.tells(at + 50ms, http_tally(server, "shop.example.com", answers, errors));
}

struct Row {
    const char* name;
    std::uint32_t answers, errors;
    bool found;
    Confidence confidence;
};
class HttpServerErrorRows : public ::testing::TestWithParam<Row> {};

TEST_P(HttpServerErrorRows, AreFoundByNumberAndShareOrWhereAllFail) {
    const auto& row = GetParam();
    RuleBench bench{"http_server_error"};
    answered(bench, 1s, row.answers, row.errors);
    bench.until(2s);
    ASSERT_EQ(bench.last() != nullptr, row.found);
    if (row.found) {
        EXPECT_EQ(bench.last()->confidence, row.confidence);
    }
}
const Row rows[] = {{"a_half", 20, 10, true, Confidence::high},
                    {"four", 20, 4, false, {}},
                    {"one_in_fifty", 500, 10, false, {}},
                    {"all_two", 2, 2, true, Confidence::low},
                    {"all_six", 6, 6, true, Confidence::medium}};
INSTANTIATE_TEST_SUITE_P(Table, HttpServerErrorRows, ::testing::ValuesIn(rows),
                         [](const auto& row) { return std::string{row.param.name}; });

TEST(HttpServerError, TheFirstAnswerIsTold) {
    RuleBench bench{"http_server_error"};
    answered(bench, 1s, 6, 6);
    bench.until(2s);
    ASSERT_NE(bench.last("10.51.0.80:80, shop.example.com"), nullptr);
    EXPECT_EQ(whole(*bench.last(), "status"), 502);
    EXPECT_EQ(whole(*bench.last(), "count"), 6);
    EXPECT_EQ(whole(*bench.last(), "responses"), 6);
    EXPECT_EQ(text(*bench.last(), "uri"), "/cart");
    EXPECT_EQ(text(*bench.last(), "reason"), "Bad Gateway");
    EXPECT_FALSE(says(*bench.last(), "decrypted"));
}

}  // namespace
}  // namespace wiresage::testing

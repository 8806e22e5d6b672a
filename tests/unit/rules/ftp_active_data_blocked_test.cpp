// ftp_active_data_blocked joins FTP's commands and replies with the data connection.

#include <gtest/gtest.h>

#include <optional>

#include "support/rule_bench.hpp"

namespace wiresage::testing {
namespace {

using namespace std::chrono_literals;

const Endpoint client{ipv4(198, 51, 100, 5), 40'521};
const Endpoint server{ipv4(203, 0, 113, 21), 21};
const Endpoint data{ipv4(198, 51, 100, 5), 8000};

FtpData step(FtpNews news, std::uint16_t reply = 0, const Endpoint& to = data) {
    FtpData made;
    made.client = client;
    made.server = server;
    made.data = to;
    made.asked = made.asked_stamp = bench_begin + 1s;
    made.asked_frame = 16;
    made.news = news;
    made.reply = reply;
    return made;
}

struct Row {
    const char* name;
    std::optional<Answer> answer;
    std::uint16_t reply;
    std::optional<Severity> severity;
};

class DataConnection : public ::testing::TestWithParam<Row> {};
TEST_P(DataConnection, DecidesWhatAFailureMeans) {
    const auto& row = GetParam();
    RuleBench bench{"ftp_active_data_blocked"};
    bench.sees(1s, step(FtpNews::announced));
    if (row.answer) {
        const Duration began = 2s;
        bench.sees(6s, tcp_outcome({server.ip, 20}, data, *row.answer, began, 3));
    }
    if (row.reply != 0) bench.sees(21s, step(FtpNews::failed, row.reply));
    bench.until(40s);
    ASSERT_EQ(bench.findings().size(), row.severity ? 1U : 0U);
    if (!row.severity) return;
    const auto& finding = bench.findings().front();
    EXPECT_EQ(finding.entity, "198.51.100.5>203.0.113.21:21");
    EXPECT_EQ(bench.severity(finding), *row.severity);
    EXPECT_EQ(whole(finding, "reply_code"), row.reply);
    EXPECT_EQ(whole(finding, "syn_count"), row.answer ? 3 : 0);
    EXPECT_EQ(says(finding, "refused"), row.answer == Answer::refused);
    EXPECT_EQ(text(finding, "data_dst"), "198.51.100.5");
    EXPECT_EQ(whole(finding, "data_sport"), 20);
}

const Row rows[] = {
    {"silent", Answer::silent, 425, Severity::error},
    {"silent_and_aborted", Answer::silent, 426, Severity::error},
    {"refused", Answer::refused, 425, Severity::error},
    {"not_on_this_link", std::nullopt, 425, Severity::warning},
    {"aborted_without_a_syn", std::nullopt, 426, std::nullopt},
    {"aborted_by_the_user", Answer::accepted, 426, std::nullopt},
    {"server_failed_later", Answer::accepted, 425, std::nullopt},
    {"no_reply_yet", Answer::silent, 0, std::nullopt},
};
INSTANTIATE_TEST_SUITE_P(, DataConnection, ::testing::ValuesIn(rows), [](const auto& row) { return row.param.name; });

TEST(FtpActiveDataBlocked, AVerdictThatComesAfterTheReplyCounts) {
    RuleBench bench{"ftp_active_data_blocked"};
    bench.sees(1s, step(FtpNews::announced));
    bench.sees(2s, step(FtpNews::failed, 425));
    bench.tells(5s, tcp_outcome({server.ip, 20}, data, Answer::silent, 1500ms, 2));
    bench.until(8s);
    ASSERT_EQ(bench.findings().size(), 1U);
    EXPECT_EQ(whole(bench.findings().front(), "syn_count"), 2);
}

TEST(FtpActiveDataBlocked, BehindNatTheClientsOwnAddressIsConnectedTo) {
    RuleBench bench{"ftp_active_data_blocked"};
    const Endpoint announced{ipv4(192, 168, 0, 5), 8000};
    bench.sees(1s, step(FtpNews::announced, 0, announced));
    bench.sees(3s, tcp_outcome({server.ip, 20}, data, Answer::refused, 2s));
    bench.sees(4s, step(FtpNews::failed, 425, announced));
    bench.until(8s);
    ASSERT_EQ(bench.findings().size(), 1U);
    EXPECT_TRUE(says(bench.findings().front(), "refused"));
}

}  // namespace
}  // namespace wiresage::testing

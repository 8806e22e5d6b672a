// Messages by kind, as `read --stats` shows them.

#include "app/app_counts.hpp"

#include <gtest/gtest.h>

#include "app_bench.hpp"

namespace wiresage::testing {
namespace {

std::uint64_t count(const AppCounts::Names& names, std::string_view name) {
    const auto found = names.find(name);
    return found == names.end() ? 0 : found->second;
}

TEST(AppCounts, DatagramsCountByPort) {
    AppCounts counts;
    const std::string query("\0\1\1\0\0\1\0\0\0\0\0\0", 12);
    std::string answer = query;
    answer[2] = static_cast<char>(0x81);
    answer[3] = static_cast<char>(0x83);
    EXPECT_TRUE(counts.datagram(40'000, 53, bytes_of(query)));
    EXPECT_TRUE(counts.datagram(5353, 5353, bytes_of(answer)));
    EXPECT_TRUE(counts.datagram(40'000, 1900, bytes_of("M-SEARCH * HTTP/1.1\r\nHost: 239.255.255.250\r\n\r\n")));
    EXPECT_TRUE(counts.datagram(40'000, 1900, bytes_of("HTTP/1.1 200 OK\r\n\r\n")));
    EXPECT_FALSE(counts.datagram(40'000, 40'001, bytes_of(query)));
    EXPECT_EQ(counts.dns_messages, (std::array<std::uint64_t, 2>{1, 1}));
    EXPECT_EQ(counts.dns_answers[3], 1U);
    EXPECT_EQ(count(counts.http_requests, "M-SEARCH"), 1U);
    EXPECT_EQ(count(counts.http_answers, "200"), 1U);
}

TEST(AppCounts, PacketsOfRemoteCallsFollowOneAnother) {
    std::string packet("\5\0\0\3\x10\0\0\0\x18\0\0\0\1\0\0\0", 16);
    packet += std::string(8, 'x');
    AppCounts counts;
    counts.rpc_packets_in(bytes_of(packet + packet + "\5"));
    counts.rpc_packets_in(bytes_of("no such packet at all"));
    EXPECT_EQ(counts.rpc_packets[0], 2U);
}

TEST(AppCounts, OddAnswersCountByWhatStandsForTheirStatus) {
    AppCounts counts;
    for (const auto* head :
         {"HTTP/1.1 2\r\n\r\n", "HTTP/1.1 700 No\r\n\r\n", "HTTP/1.1 ok\r\n\r\n", "SIP/2.0 200\r\n\r\n"})
        counts.odd_http_answer(bytes_of(head));
    EXPECT_EQ(counts.http_answers, (AppCounts::Names{{"0", 1}, {"2", 1}, {"700", 1}}));
}

TEST(AppCounts, SumsAndNamesAreBounded) {
    AppCounts counts;
    for (std::size_t i = 0; i < 2 * AppCounts::most_names; ++i) counts.ftp_command("X" + std::to_string(i));
    counts.http_request(std::string(100, 'A'));
    EXPECT_EQ(counts.ftp_commands.size(), AppCounts::most_names);
    EXPECT_EQ(counts.http_requests.begin()->first.size(), AppCounts::most_name_bytes);
    AppCounts sum;
    sum += counts;
    sum += counts;
    EXPECT_EQ(count(sum.ftp_commands, "X1"), 2U);
}

}  // namespace
}  // namespace wiresage::testing

// segment_altered_in_path: what differs between two points, and how grave that is.

#include <gtest/gtest.h>

#include "support/rule_bench.hpp"

namespace wiresage::testing {
namespace {

using namespace std::chrono_literals;

const Endpoint client{ipv4(10, 110, 233, 50), 50183};
const Endpoint server{ipv4(172, 16, 1, 1), 443};

PathChange change(PathField field, std::int64_t sent, std::int64_t received) {
    PathChange made;
    made.client = client;
    made.server = server;
    made.first = bench_begin + 2s;
    made.seq = 2180033885;
    made.sent = sent;
    made.received = received;
    made.count = 3;
    made.sent_frame = 2;
    made.received_frame = 7;
    made.field = field;
    return made;
}

struct Story {
    const char* name;
    PathField field;
    std::int64_t sent;
    std::int64_t received;
    std::uint16_t port;
    bool translated;
    Severity severity;
    const char* told;
};

class SegmentAlteredInPath : public ::testing::TestWithParam<Story> {};

TEST_P(SegmentAlteredInPath, HasTheSeverityOfWhatWasChanged) {
    const auto& story = GetParam();
    RuleBench bench{"segment_altered_in_path"};
    auto what = change(story.field, story.sent, story.received);
    what.server.port = story.port;
    what.translated = story.translated;
    bench.sees(10s, what);
    bench.until(11s);
    ASSERT_NE(bench.last(), nullptr);
    EXPECT_EQ(bench.severity(*bench.last()), story.severity);
    EXPECT_EQ(text(*bench.last(), "field"), story.told);
}

const Story stories[] = {
    {"padding", PathField::payload_len, 0, 2, 443, false, Severity::error, "tcp.payload_len"},
    {"payload", PathField::payload, 1, 2, 443, true, Severity::error, "tcp.payload"},
    {"ftp_through_a_translator", PathField::payload, 1, 2, 21, true, Severity::info, "tcp.payload"},
    {"ftp_without_one", PathField::payload, 1, 2, 21, false, Severity::error, "tcp.payload"},
    {"mss_clamped", PathField::option_mss, 1460, 1380, 443, false, Severity::info, "tcp.options.mss"},
    {"mss_raised", PathField::option_mss, 1380, 1460, 443, false, Severity::warning, "tcp.options.mss"},
    {"window_scale_taken_away", PathField::option_window_scale, 7, -1, 443, false, Severity::error,
     "tcp.options.window_scale"},
    {"timestamps_taken_away", PathField::option_timestamps, 1, 0, 443, false, Severity::warning,
     "tcp.options.timestamps"},
    {"an_unknown_option", PathField::option_other, 32, 20, 443, false, Severity::info, "tcp.options.other"},
};

INSTANTIATE_TEST_SUITE_P(Table, SegmentAlteredInPath, ::testing::ValuesIn(stories),
                         [](const auto& row) { return std::string{row.param.name}; });

TEST(SegmentAlteredInPathMore, TheFirstSegmentGivesTheValuesAndAllAreCounted) {
    RuleBench bench{"segment_altered_in_path"};
    auto later = change(PathField::payload_len, 0, 6);
    later.first = bench_begin + 5s;
    bench.sees(9s, later);
    auto first = change(PathField::payload_len, 0, 2);
    first.equals_padding = true;
    bench.sees(10s, first);
    bench.until(11s);
    const auto* const finding = bench.last("172.16.1.1:443>10.110.233.50, tcp.payload_len");
    ASSERT_NE(finding, nullptr);
    EXPECT_EQ(whole(*finding, "seq"), 2180033885);
    EXPECT_EQ(whole(*finding, "sent"), 0);
    EXPECT_EQ(whole(*finding, "received"), 2);
    EXPECT_EQ(whole(*finding, "count"), 6);
    EXPECT_EQ(finding->source.ip, server.ip);
    EXPECT_EQ(finding->destination.port, client.port);
    EXPECT_NE(finding->message.find("pads the frame"), std::string::npos);
    EXPECT_EQ(finding->start, bench_begin + 2s);
}

TEST(SegmentAlteredInPathMore, APayloadIsTextAndTwoFieldsAreTwoAlerts) {
    RuleBench bench{"segment_altered_in_path"};
    bench.sees(9s, change(PathField::payload, 0x1234, 0xabcd));
    bench.sees(10s, change(PathField::flags, 16, 17));
    bench.until(11s);
    EXPECT_EQ(bench.entities().size(), 2U);
    const auto* const finding = bench.last("172.16.1.1:443>10.110.233.50, tcp.payload");
    ASSERT_NE(finding, nullptr);
    EXPECT_EQ(text(*finding, "sent"), "digest 00001234");
}

}  // namespace
}  // namespace wiresage::testing

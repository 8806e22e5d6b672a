// tcp_bad_checksum finds received segments that the receiver did not take.

#include <gtest/gtest.h>

#include "support/rule_bench.hpp"

namespace wiresage::testing {
namespace {

using namespace std::chrono_literals;

const Endpoint host{ipv4(10, 40, 0, 9), 5000};
const Endpoint peer{ipv4(10, 40, 0, 80), 80};

BadChecksums bad(std::uint32_t count, std::uint32_t acknowledged, std::uint32_t resent, const Endpoint& sender,
                 const Endpoint& receiver) {
    BadChecksums made;
    made.sender = sender;
    made.receiver = receiver;
    made.first = made.first_stamp = bench_begin + 1s;
    made.first_frame = 9;
    made.count = count;
    made.acknowledged = acknowledged;
    made.resent = resent;
    made.unanswered = count - acknowledged - resent;
    made.of = count * 4;
    return made;
}

struct Story {
    const char* name;
    std::uint32_t count, acknowledged, resent;
    bool local_known, sent_by_host, two_way;
    bool found;
    Confidence confidence;
};

class TcpBadChecksum : public ::testing::TestWithParam<Story> {};

TEST_P(TcpBadChecksum, IsFoundWhereReceivedSegmentsAreNotTaken) {
    const auto& story = GetParam();
    RuleBench bench{"tcp_bad_checksum", {}, story.local_known ? site_of({host.ip}) : Site::standard()};
    if (story.two_way) bench.sees(1s, two_way(host.ip, peer.ip));
    bench.tells(5s, bad(story.count, story.acknowledged, story.resent, story.sent_by_host ? host : peer,
                        story.sent_by_host ? peer : host));
    ASSERT_EQ(bench.last() != nullptr, story.found);
    if (!story.found) return;
    EXPECT_EQ(bench.last()->confidence, story.confidence);
    EXPECT_EQ(whole(*bench.last(), "count"), static_cast<std::int64_t>(story.count));
    EXPECT_EQ(says(*bench.last(), "followed_by_retransmission"), story.resent > 0);
    EXPECT_EQ(text(*bench.last(), "direction"), "received");
    EXPECT_DOUBLE_EQ(number(*bench.last(), "share"), 0.25);
    EXPECT_EQ(bench.last()->source.port, peer.port);
    EXPECT_EQ(bench.last()->destination.port, std::nullopt);
}

const Story stories[] = {
    {"resent", 6, 0, 6, true, false, true, true, Confidence::high},
    {"resent_at_an_unknown_place", 6, 0, 6, false, false, true, true, Confidence::medium},
    {"never_taken", 6, 0, 0, true, false, true, true, Confidence::medium},
    {"nobody_answers_here", 6, 0, 0, false, false, false, false, {}},
    {"acknowledged", 6, 6, 0, true, false, true, false, {}},
    {"sent_by_this_host", 6, 0, 6, true, true, true, false, {}},
    {"two_are_too_few", 2, 0, 2, true, false, true, false, {}},
};

INSTANTIATE_TEST_SUITE_P(Table, TcpBadChecksum, ::testing::ValuesIn(stories),
                         [](const auto& row) { return std::string{row.param.name}; });

}  // namespace
}  // namespace wiresage::testing

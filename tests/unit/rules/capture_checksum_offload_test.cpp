// capture_checksum_offload tells once an interface of sums that the card was to compute.

#include <gtest/gtest.h>

#include "support/transport_facts.hpp"

namespace wiresage::testing {
namespace {

using namespace std::chrono_literals;
using namespace offload_example;

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

TEST(CaptureChecksumOffload, IsToldOfWhatTheHostSends) {
    RuleBench bench{"capture_checksum_offload", {}, site_of({host.ip})};
    bench.tells(2s, marks(OffloadKind::unfinished_sum, 6, host, peer));
    bench.tells(3s, bad(4, 0, 0, host, peer));
    const auto* const finding = bench.last("input 1");
    ASSERT_NE(finding, nullptr);
    EXPECT_EQ(whole(*finding, "count"), 10);
    EXPECT_EQ(text(*finding, "direction"), "sent");
    EXPECT_NEAR(number(*finding, "share"), 0.36, 0.01);
    EXPECT_EQ(finding->source.ip, host.ip);
    EXPECT_EQ(finding->source.port, std::nullopt);
}

TEST(CaptureChecksumOffload, IsNotToldOfWhatIsReceivedOrResent) {
    RuleBench bench{"capture_checksum_offload", {}, site_of({host.ip})};
    bench.tells(2s, marks(OffloadKind::unfinished_sum, 60, peer, host));
    bench.tells(3s, bad(40, 0, 40, peer, host));
    EXPECT_EQ(bench.last(), nullptr);
}

TEST(CaptureChecksumOffload, IsWhatIsAcknowledgedWhereNobodyKnowsTheHost) {
    RuleBench bench{"capture_checksum_offload"};
    bench.tells(3s, bad(40, 38, 2, peer, host));
    ASSERT_NE(bench.last(), nullptr);
    EXPECT_EQ(whole(*bench.last(), "count"), 40);
}

}  // namespace
}  // namespace wiresage::testing

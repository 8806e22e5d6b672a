// capture_tso_zero_length tells once an interface of lengths that offload left at 0.

#include <gtest/gtest.h>

#include "support/rule_bench.hpp"

namespace wiresage::testing {
namespace {

using namespace std::chrono_literals;

const Endpoint host{ipv4(10, 61, 0, 80), 80};
const Endpoint peer{ipv4(10, 60, 0, 5), 40000};

OffloadedSegments marks(OffloadKind kind, std::uint32_t count, const Endpoint& source, const Endpoint& destination) {
    OffloadedSegments made;
    made.kind = kind;
    made.source = source;
    made.destination = destination;
    made.first = bench_begin + 1s;
    made.first_frame = 9;
    made.count = count;
    made.of = count * 2;
    made.first_payload = 2580;
    made.largest_payload = 14600;
    made.largest_frame = 14654;
    made.mss = 1460;
    return made;
}

TEST(CaptureTsoZeroLength, IsToldOfWhatTheHostSends) {
    RuleBench bench{"capture_tso_zero_length", {}, site_of({host.ip})};
    bench.input = 2;
    bench.tells(2s, marks(OffloadKind::zero_length, 1, host, peer));
    const auto* const finding = bench.last("input 3");
    ASSERT_NE(finding, nullptr);
    EXPECT_EQ(whole(*finding, "payload_len"), 2580);
    EXPECT_EQ(whole(*finding, "count"), 1);
    EXPECT_EQ(finding->source.port, host.port);
    EXPECT_EQ(finding->destination.port, peer.port);
}

TEST(CaptureTsoZeroLength, IsMalformedWhereItCameFromOutside) {
    RuleBench bench{"capture_tso_zero_length", {}, site_of({host.ip})};
    bench.tells(2s, marks(OffloadKind::zero_length, 1, peer, host));
    auto said = marks(OffloadKind::zero_length, 1, host, peer);
    said.way = Way::received;
    bench.tells(3s, said);
    bench.tells(4s, marks(OffloadKind::oversize, 1, host, peer));
    EXPECT_EQ(bench.last(), nullptr);
}

TEST(CaptureTsoZeroLength, HasNoEndsOnceThereAreSeveral) {
    RuleBench bench{"capture_tso_zero_length"};
    bench.tells(2s, marks(OffloadKind::zero_length, 1, host, peer));
    bench.tells(3s, marks(OffloadKind::zero_length, 2, host, {ipv4(10, 60, 0, 6), 40001}));
    ASSERT_NE(bench.last(), nullptr);
    EXPECT_EQ(whole(*bench.last(), "count"), 3);
    EXPECT_EQ(bench.last()->destination.ip, std::nullopt);
    EXPECT_EQ(bench.entities().size(), 1U);
}

}  // namespace
}  // namespace wiresage::testing

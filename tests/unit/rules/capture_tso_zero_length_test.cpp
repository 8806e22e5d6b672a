// capture_tso_zero_length tells once an interface of lengths that offload left at 0.

#include <gtest/gtest.h>

#include "support/transport_facts.hpp"

namespace wiresage::testing {
namespace {

using namespace std::chrono_literals;
using namespace offload_example;

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

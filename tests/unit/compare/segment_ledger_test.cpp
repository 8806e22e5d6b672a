// The ledger of one direction: which copies of which bytes both points saw.

#include "compare/segment_ledger.hpp"

#include <gtest/gtest.h>

namespace wiresage::testing {
namespace {

using namespace std::chrono_literals;

constexpr EventTime begin = event_time(1'700'000'000'000'000'000);

class SegmentLedgerTest : public ::testing::Test {
protected:
    void at_point(Point point, Duration at, std::int64_t from, std::int64_t to, std::uint32_t stamp = 0,
                  std::uint32_t id = 0) {
        Piece piece;
        piece.begin = piece.whole_begin = from;
        piece.end = piece.whole_end = to;
        piece.seen = {begin + at, ++frame_, 0};
        piece.has_stamp = stamp != 0;
        piece.stamp_value = stamp;
        piece.has_id = id != 0;
        piece.ip_id = id;
        piece.flags = 0x10;
        ledger.arrive(point, piece, budget);
    }
    void near(Duration at, std::int64_t from, std::int64_t to, std::uint32_t stamp = 0, std::uint32_t id = 0) {
        at_point(Point::near, at, from, to, stamp, id);
    }
    void far(Duration at, std::int64_t from, std::int64_t to, std::uint32_t stamp = 0, std::uint32_t id = 0) {
        at_point(Point::far, at, from, to, stamp, id);
    }
    void finish() {
        ledger.expire(latest_event_time, {Coverage{begin, begin + 1h}, far_listens}, budget);
        ledger.finish();
    }

    SegmentLedger ledger;
    PieceBudget budget{1000, 0, 0};
    Coverage far_listens{begin, begin + 1h};

private:
    std::uint64_t frame_ = 0;
};

TEST_F(SegmentLedgerTest, WhatArrivesLeavesNothingBehind) {
    near(0s, 1, 1001);
    far(10ms, 1, 1001);
    EXPECT_FALSE(ledger.has_pending());
    EXPECT_EQ(budget.used, 0U);
    finish();
    EXPECT_TRUE(ledger.lost(Point::near).empty());
    EXPECT_EQ(ledger.transit().median(), 10ms);
}

TEST_F(SegmentLedgerTest, OffloadThatCutsASegmentIsNoLoss) {
    near(0s, 1, 5001);
    for (std::int64_t at = 1; at < 5001; at += 1000) far(1ms, at, at + 1000);
    EXPECT_FALSE(ledger.has_pending());
    finish();
    EXPECT_TRUE(ledger.lost(Point::near).empty());
}

TEST_F(SegmentLedgerTest, OffloadThatJoinsSegmentsIsNoLoss) {
    for (std::int64_t at = 1; at < 5001; at += 1000) near(0s, at, at + 1000);
    far(1ms, 1, 3501);
    far(1ms, 3501, 5001);
    finish();
    EXPECT_TRUE(ledger.lost(Point::near).empty());
    EXPECT_EQ(ledger.side(Point::near).repaired, 0U);
}

TEST_F(SegmentLedgerTest, AHoleInALargeSegmentIsNamedExactly) {
    near(0s, 1, 5001);
    far(1ms, 1, 2001);
    far(1ms, 3001, 5001);
    near(1s, 2001, 3001);
    near(3s, 2001, 3001);
    finish();
    const auto lost = ledger.lost(Point::near);
    ASSERT_EQ(lost.size(), 1U);
    EXPECT_EQ(lost[0].begin, 2001);
    EXPECT_EQ(lost[0].end, 3001);
    EXPECT_EQ(lost[0].copies, 3U);
    EXPECT_EQ(lost[0].last, begin + 3s);
}

TEST_F(SegmentLedgerTest, TwoLostSegmentsSideBySideStayTwo) {
    for (const auto at : {0s, 1s, 3s}) {
        near(at, 1, 1001);
        near(at, 1001, 2001);
    }
    near(4s, 2001, 2101);
    far(4s, 2001, 2101);
    finish();
    const auto lost = ledger.lost(Point::near);
    ASSERT_EQ(lost.size(), 2U);
    EXPECT_EQ(lost[0].end, 1001);
    EXPECT_EQ(lost[1].begin, 1001);
    EXPECT_EQ(lost[1].copies, 3U);
}

TEST_F(SegmentLedgerTest, ARepairedCopyIsCountedAndNotLost) {
    near(0s, 1, 1001);
    near(300ms, 1, 1001);
    far(310ms, 1, 1001);
    finish();
    EXPECT_TRUE(ledger.lost(Point::near).empty());
    EXPECT_EQ(ledger.side(Point::near).repaired, 1U);
    ASSERT_EQ(ledger.repaired(Point::near).size(), 1U);
    EXPECT_EQ(ledger.repaired(Point::near)[0].seen.at, begin);
    EXPECT_EQ(ledger.transit().most(), 10ms);
}

TEST_F(SegmentLedgerTest, ATimestampSaysWhichCopyArrived) {
    near(0s, 1, 1001, 100);
    near(300ms, 1, 1001, 400);
    far(310ms, 1, 1001, 100);  // The first one was only slow.
    finish();
    ASSERT_EQ(ledger.repaired(Point::near).size(), 1U);
    EXPECT_EQ(ledger.repaired(Point::near)[0].seen.at, begin + 300ms);
    EXPECT_EQ(ledger.transit().most(), 310ms);
}

TEST_F(SegmentLedgerTest, WhatTheReceiverAcknowledgedWasMissedByItsCapture) {
    near(0s, 1, 1001);
    near(0s, 1001, 2001);
    near(0s, 2001, 3001);
    ledger.acknowledge(1001);
    ledger.acknowledge(2001, 3001);
    finish();
    const auto lost = ledger.lost(Point::near);
    ASSERT_EQ(lost.size(), 1U);
    EXPECT_EQ(lost[0].begin, 1001);
    EXPECT_EQ(ledger.side(Point::near).missed, 2000U);
}

TEST_F(SegmentLedgerTest, WhatTheOtherPointCouldNotSeeIsNotLost) {
    far_listens = {begin + 10s, begin + 20s};
    near(0s, 1, 1001);
    near(25s, 1001, 2001);
    finish();
    EXPECT_TRUE(ledger.lost(Point::near).empty());
    EXPECT_EQ(ledger.side(Point::near).uncovered, 2U);
}

TEST_F(SegmentLedgerTest, WithoutRoomNothingIsCalledLost) {
    budget.most = 1;
    near(0s, 1, 1001);
    near(0s, 1001, 2001);
    EXPECT_EQ(budget.refused, 1U);
    EXPECT_EQ(ledger.side(Point::near).forgotten, 1U);
    finish();
    EXPECT_EQ(budget.used, 0U);
}

TEST_F(SegmentLedgerTest, BytesThatOnlyTheReceiverShowsAreTheSendersGap) {
    far(0s, 1, 1001);
    finish();
    EXPECT_EQ(ledger.only_at(Point::far), 1000U);
    EXPECT_TRUE(ledger.lost(Point::near).empty());
}

TEST_F(SegmentLedgerTest, AChangedPayloadIsFoundWhereBothSawTheSameRange) {
    Piece piece;
    piece.begin = piece.whole_begin = 1;
    piece.end = piece.whole_end = 101;
    piece.captured = 100;
    piece.digest = 7;
    piece.seen = {begin, 1, 0};
    ledger.arrive(Point::near, piece, budget);
    piece.digest = 8;
    ledger.arrive(Point::far, piece, budget);
    EXPECT_EQ(ledger.payload_changes().count, 1U);
    EXPECT_EQ(ledger.payload_changes().first->near.digest, 7U);
    EXPECT_EQ(ledger.payload_changes().first->far.digest, 8U);
}

TEST_F(SegmentLedgerTest, AFinThatARepeatCarriesIsNoChange) {
    Piece piece;
    piece.begin = piece.whole_begin = 1;
    piece.end = piece.whole_end = 101;
    piece.seen = {begin, 1, 0};
    piece.flags = 0x11;
    ledger.arrive(Point::near, piece, budget);
    piece.flags = 0x10;
    ledger.arrive(Point::far, piece, budget);
    EXPECT_EQ(ledger.flag_changes().count, 0U);
    piece.has_id = true;
    piece.ip_id = 77;
    ledger.arrive(Point::near, piece, budget);
    piece.flags = 0x30;
    ledger.arrive(Point::far, piece, budget);
    EXPECT_EQ(ledger.flag_changes().count, 1U) << "the very same copy, and another URG";
}

TEST_F(SegmentLedgerTest, AShortSnaplenIsNoChange) {
    Piece piece;
    piece.begin = piece.whole_begin = 1;
    piece.end = piece.whole_end = 101;
    piece.captured = 100;
    piece.digest = 7;
    piece.head = 5;
    piece.seen = {begin, 1, 0};
    ledger.arrive(Point::near, piece, budget);
    piece.captured = 40;
    piece.digest = 8;
    ledger.arrive(Point::far, piece, budget);
    EXPECT_EQ(ledger.payload_changes().count, 0U);
}

TEST_F(SegmentLedgerTest, AnotherLedgersSightsAreTakenOverWithTheirPlaces) {
    near(0s, 1, 1001);
    SegmentLedger other;
    Piece piece;
    piece.begin = piece.whole_begin = 501;
    piece.end = piece.whole_end = 1501;
    piece.seen = {begin + 5ms, 9, 1};
    other.arrive(Point::far, piece, budget);
    ledger.absorb(Point::far, other, -500, budget);
    EXPECT_FALSE(ledger.has_pending());
    EXPECT_EQ(ledger.side(Point::far).copies, 1U);
    EXPECT_EQ(budget.used, 0U);
}

TEST(IntervalSetTest, JoinsWhatTouches) {
    IntervalSet set;
    set.add(1, 10);
    set.add(20, 30);
    EXPECT_FALSE(set.covers(5, 25));
    EXPECT_TRUE(set.touches(5, 15));
    EXPECT_FALSE(set.touches(10, 20));
    set.add(10, 20);
    EXPECT_TRUE(set.covers(1, 30));
    EXPECT_EQ(set.end(), 30);
    set.shift(100);
    EXPECT_TRUE(set.covers(101, 130));
    EXPECT_FALSE(set.covers(1, 2));
}

TEST(IntervalSetTest, StaysSmall) {
    IntervalSet set;
    for (std::int64_t i = 0; i < 5000; ++i) set.add(10 * i, 10 * i + 1);
    EXPECT_EQ(set.gaps_closed(), 5000U - 4096U);
    EXPECT_TRUE(set.covers(0, 1000)) << "what was forgotten counts as covered";
    EXPECT_FALSE(set.covers(49'980, 49'991));
}

TEST(SamplesTest, TheMedianIsExactWhileFewAndFairBeyond) {
    Samples samples;
    for (int i = 1; i <= 101; ++i) samples.add(Duration{i});
    EXPECT_EQ(samples.median(), Duration{51});
    for (int i = 102; i <= 100'000; ++i) samples.add(Duration{i});
    EXPECT_EQ(samples.count(), 100'000U);
    EXPECT_NEAR(static_cast<double>(samples.median().count()), 50'000, 1000);
    EXPECT_EQ(samples.least(), Duration{1});
    EXPECT_EQ(samples.most(), Duration{100'000});
}

}  // namespace
}  // namespace wiresage::testing

// Windows, peaks, distinct counts, bounded maps, episodes: what rules are made of.

#include "detect/windows.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/hash.hpp"
#include "detect/bounded_map.hpp"
#include "detect/episode.hpp"

namespace wiresage {
namespace {

using namespace std::chrono_literals;

constexpr EventTime begin = event_time(1'700'000'000'000'000'000);

TEST(RateWindow, CountsTheSpanThatEndsNow) {
    RateWindow window{10s};
    window.add(begin, 3);
    window.add(begin + 5s, 2);
    EXPECT_EQ(window.total(begin + 5s), 5U);
    EXPECT_EQ(window.total(begin + 9s + 999ms), 5U);
    EXPECT_EQ(window.total(begin + 10s), 2U);
    EXPECT_EQ(window.total(begin + 15s), 0U);
}

TEST(RateWindow, IsEmptyAfterALongSilence) {
    RateWindow window{10s};
    window.add(begin, 1);
    EXPECT_EQ(window.total(begin + 1000h), 0U);
    window.add(begin + 1000h);
    EXPECT_EQ(window.total(begin + 1000h), 1U);
}

TEST(RateWindow, ATimeThatGoesBackCountsAsTheLatest) {
    RateWindow window{10s};
    window.add(begin + 5s, 1);
    window.add(begin, 1);
    EXPECT_EQ(window.total(begin + 5s), 2U);
}

TEST(PeakSecond, RemembersTheLargestSecond) {
    PeakSecond peak;
    for (int i = 0; i < 10; ++i) peak.add(begin + i * 100ms, 10);
    EXPECT_EQ(peak.peak(), 100U);
    peak.add(begin + 10s, 5);
    EXPECT_EQ(peak.peak(), 100U);
    EXPECT_EQ(peak.now(begin + 10s), 5U);
}

struct Many {
    const char* name;
    std::uint32_t distinct;
    unsigned percent_off;
};

class Distinct : public ::testing::TestWithParam<Many> {};

TEST_P(Distinct, IsExactWhileFewAndCloseBeyond) {
    DistinctCount count;
    for (int round = 0; round < 2; ++round) {
        for (std::uint32_t i = 0; i < GetParam().distinct; ++i) count.add(static_cast<std::uint32_t>(spread(i)));
    }
    const auto off = std::uint64_t{GetParam().distinct} * GetParam().percent_off / 100;
    EXPECT_GE(count.count(), GetParam().distinct - off);
    EXPECT_LE(count.count(), GetParam().distinct + off);
}

constexpr Many manys[] = {
    {"none", 0, 0},
    {"one", 1, 0},
    {"four_thousand", 4096, 0},
    {"five_thousand", 5000, 12},
    {"a_million", 1'000'000, 12},
};

INSTANTIATE_TEST_SUITE_P(Table, Distinct, ::testing::ValuesIn(manys),
                         [](const auto& row) { return std::string{row.param.name}; });

TEST(DistinctCount, TheHashZeroCountsOnce) {
    DistinctCount count;
    count.add(0);
    count.add(0);
    EXPECT_EQ(count.count(), 1U);
    count.clear();
    EXPECT_EQ(count.count(), 0U);
}

TEST(FirstDistinct, KeepsTheFirstInOrder) {
    FirstDistinct<int, 2> first;
    EXPECT_TRUE(first.add(3));
    EXPECT_FALSE(first.add(3));
    EXPECT_TRUE(first.add(1));
    EXPECT_TRUE(first.add(2)) << "new, though there is no room to keep it";
    EXPECT_EQ(first.values(), (std::vector<int>{3, 1}));
}

struct IntHash {
    std::size_t operator()(int value) const noexcept { return spread(static_cast<std::uint64_t>(value)); }
};

using Map = BoundedMap<int, std::string, IntHash>;

std::vector<int> keys(const Map& map) {
    std::vector<int> all;
    map.for_each([&](int key, const std::string&) { all.push_back(key); });
    return all;
}

TEST(BoundedMap, TheLeastRecentlyUsedMakesRoomAndIsCounted) {
    Map map{2};
    map.at(1) = "a";
    map.at(2) = "b";
    ASSERT_NE(map.use(1), nullptr);
    map.at(3) = "c";
    EXPECT_EQ(keys(map), (std::vector<int>{1, 3}));
    EXPECT_EQ(map.evicted(), 1U);
    EXPECT_EQ(map.find(2), nullptr);
    EXPECT_EQ(*map.find(1), "a");
}

TEST(BoundedMap, LookingIsNotUsing) {
    Map map{2};
    map.at(1) = "a";
    map.at(2) = "b";
    ASSERT_NE(map.find(1), nullptr);
    map.at(3);
    EXPECT_EQ(map.find(1), nullptr);
}

TEST(BoundedMap, ErasingWhileLookingKeepsTheRest) {
    Map map{10};
    for (int i = 0; i < 6; ++i) map.at(i);
    map.erase_if([](int key, const std::string&) { return key % 2 == 0; });
    EXPECT_EQ(keys(map), (std::vector<int>{1, 3, 5}));
    map.erase_oldest_while([](int key, const std::string&) { return key < 5; });
    EXPECT_EQ(keys(map), (std::vector<int>{5}));
    map.erase(5);
    map.erase(5);
    EXPECT_TRUE(map.empty());
    map.at(7) = "again";
    EXPECT_EQ(map.size(), 1U);
    EXPECT_EQ(map.evicted(), 0U);
}

TEST(BoundedMap, ReferencesStayValidWhileOthersCome) {
    Map map{1000};
    std::string& first = map.at(0);
    for (int i = 1; i < 1000; ++i) map.at(i);
    first = "still here";
    EXPECT_EQ(*map.find(0), "still here");
    map.clear();
    EXPECT_EQ(map.find(0), nullptr);
    map.at(1) = "b";
    EXPECT_EQ(keys(map), (std::vector<int>{1}));
}

Fact at(Duration since) {
    Fact fact;
    fact.at.time = begin + since;
    fact.at.stamp = begin + since + 1h;
    fact.at.input = 3;
    fact.vlan = 40;
    return fact;
}

TEST(EpisodeTest, LastsUntilItHasBeenQuietForLongEnough) {
    Episode episode;
    EXPECT_FALSE(episode.is_open());
    EXPECT_TRUE(episode.touch(at(0s), 60s));
    EXPECT_FALSE(episode.touch(at(60s), 60s));
    EXPECT_FALSE(episode.over(begin + 120s, 60s));
    EXPECT_TRUE(episode.over(begin + 121s, 60s));
    EXPECT_EQ(episode.start(), begin);
    EXPECT_EQ(episode.last(), begin + 60s);
    EXPECT_TRUE(episode.touch(at(121s), 60s)) << "a new one";
    EXPECT_EQ(episode.start(), begin + 121s);
}

TEST(EpisodeTest, AnEarlierPacketToldLaterIsItsStart) {
    Episode episode;
    episode.begin_no_later(begin, begin);
    EXPECT_FALSE(episode.is_open()) << "nothing has begun";
    episode.touch(at(9s), begin + 5s, begin + 5s, 60s);
    episode.begin_no_later(begin + 6s, begin + 6s);
    EXPECT_EQ(episode.start(), begin + 5s);
    episode.begin_no_later(begin + 4s, begin + 4s);
    EXPECT_EQ(episode.start(), begin + 4s);
}

TEST(EpisodeTest, BeginsWithTheFirstPacketOfTheTroubleNotWithTheVerdict) {
    Episode episode;
    episode.touch(at(9s), begin + 2s, begin + 1h + 2s, 60s);
    Finding finding;
    episode.describe(finding);
    EXPECT_EQ(finding.start, begin + 2s);
    EXPECT_EQ(finding.start_stamp, begin + 1h + 2s);
    EXPECT_EQ(finding.input, 3);
    EXPECT_EQ(finding.vlan, 40);
    EXPECT_EQ(episode.last(), begin + 9s);
    episode.close();
    EXPECT_FALSE(episode.over(begin + 10h, 60s));
}

}  // namespace
}  // namespace wiresage

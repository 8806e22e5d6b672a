// The merge: whatever several threads say comes out in capture order, and nothing is held back for ever.

#include "engine/merge.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <thread>

#include "base/hash.hpp"

namespace wiresage {
namespace {

std::vector<std::unique_ptr<Lane>> make_lanes(std::size_t count) {
    std::vector<std::unique_ptr<Lane>> lanes;
    for (std::size_t i = 0; i < count; ++i) lanes.push_back(std::make_unique<Lane>(64, 1));
    return lanes;
}

Fact fact(std::uint64_t order, std::uint8_t shard, std::uint16_t step = 0) {
    return Fact{.at = {.time = {}, .stamp = {}, .order = order, .step = step, .shard = shard}, .what = TwoWay{}};
}

std::vector<std::uint64_t> released(Merge<Fact>& merge) {
    std::vector<std::uint64_t> orders;
    merge.release([&](const Fact& one) { orders.push_back(one.at.order * 100 + one.at.shard); });
    return orders;
}

TEST(Merge, HoldsAFactWhileAnotherLaneMayStillSaySomethingEarlier) {
    auto lanes = make_lanes(2);
    std::atomic<std::uint64_t> dispatched{2};
    Merge<Fact> merge{lanes, &Lane::facts, dispatched};
    lanes[0]->sent = 1;
    lanes[1]->sent = 2;
    ASSERT_TRUE(lanes[1]->facts.try_push(fact(2, 1)));
    lanes[1]->done = 2;
    EXPECT_TRUE(released(merge).empty());
    ASSERT_TRUE(lanes[0]->facts.try_push(fact(1, 0)));
    lanes[0]->done = 1;
    EXPECT_EQ(released(merge), (std::vector<std::uint64_t>{100, 201}));
}

TEST(Merge, ALaneThatWasSentNothingDoesNotHoldBack) {
    auto lanes = make_lanes(3);
    std::atomic<std::uint64_t> dispatched{9};
    Merge<Fact> merge{lanes, &Lane::facts, dispatched};
    lanes[0]->sent = 9;
    ASSERT_TRUE(lanes[0]->facts.try_push(fact(9, 3)));
    lanes[0]->done = 9;
    EXPECT_EQ(released(merge).size(), 1U);
}

TEST(Merge, OneTickComesOutByShard) {
    auto lanes = make_lanes(2);
    std::atomic<std::uint64_t> dispatched{5};
    Merge<Fact> merge{lanes, &Lane::facts, dispatched};
    for (auto& lane : lanes) lane->sent = lane->done = 5;
    for (const std::uint8_t shard : {std::uint8_t{0}, std::uint8_t{2}}) ASSERT_TRUE(lanes[0]->facts.try_push(fact(5, shard)));
    for (const std::uint8_t shard : {std::uint8_t{1}, std::uint8_t{3}}) ASSERT_TRUE(lanes[1]->facts.try_push(fact(5, shard)));
    EXPECT_EQ(released(merge), (std::vector<std::uint64_t>{500, 501, 502, 503}));
}

/// Threads that say something about some of the numbers they are sent, at their own speed.
TEST(Merge, KeepsTheOrderWhateverTheThreadsDo) {
    constexpr std::uint64_t numbers = 20'000;
    constexpr std::size_t count = 3;
    auto lanes = make_lanes(count);
    std::atomic<std::uint64_t> dispatched{0};
    std::vector<std::thread> threads;
    for (std::size_t lane = 0; lane < count; ++lane) {
        threads.emplace_back([&, lane] {
            auto& own = *lanes[lane];
            for (std::uint64_t order = lane + 1; order <= numbers; order += count) {
                while (own.sent.load(std::memory_order_acquire) < order) std::this_thread::yield();
                if (spread(order) % 3 == 0) {
                    while (!own.facts.try_push(fact(order, static_cast<std::uint8_t>(lane)))) std::this_thread::yield();
                }
                own.done.store(order, std::memory_order_release);
            }
        });
    }
    std::thread dispatcher{[&] {
        for (std::uint64_t order = 1; order <= numbers; ++order) {
            lanes[(order - 1) % count]->sent.store(order, std::memory_order_release);
            dispatched.store(order, std::memory_order_release);
        }
    }};
    Merge<Fact> merge{lanes, &Lane::facts, dispatched};
    std::uint64_t expected = 0;
    for (std::uint64_t order = 1; order <= numbers; ++order) expected += spread(order) % 3 == 0;
    std::vector<std::uint64_t> seen;
    while (seen.size() < expected) {
        merge.release([&](const Fact& one) { seen.push_back(one.at.order); });
        std::this_thread::yield();
    }
    dispatcher.join();
    for (auto& thread : threads) thread.join();
    EXPECT_TRUE(std::is_sorted(seen.begin(), seen.end()));
    EXPECT_EQ(std::adjacent_find(seen.begin(), seen.end()), seen.end());
}

}  // namespace
}  // namespace wiresage

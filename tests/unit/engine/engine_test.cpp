// The whole pipeline on packets made here: every packet in is accounted for, and the number of workers cannot be seen.

#include "engine/engine.hpp"

#include <gtest/gtest.h>

#include "base/hash.hpp"
#include "support/packet_builder.hpp"

namespace wiresage::testing {
namespace {

using namespace std::chrono_literals;

/// Remembers flows as they end.
class Records final : public FlowRecordSink, public AlertSink {
public:
    void write(const FlowRecord& record) noexcept override {
        ends.push_back(record.client.text() + ">" + record.server.text() + "@" + std::to_string(record.at.order));
        packets += record.c2s.packets + record.s2c.packets;
    }
    void write(const Alert&) override {}

    std::vector<std::string> ends;
    std::uint64_t packets = 0;
};

struct Made {
    std::vector<std::vector<std::uint8_t>> frames;
    std::vector<PacketView> views;
};

/// Datagrams of `flows` flows in an order that mixes them, a millisecond apart.
Made datagrams(std::size_t count, std::size_t flows) {
    Made made;
    for (std::size_t i = 0; i < count; ++i) {
        const auto flow = spread(i) % flows;
        const Endpoint client{ipv4(10, 0, static_cast<std::uint8_t>(flow >> 8), static_cast<std::uint8_t>(flow)),
                              static_cast<std::uint16_t>(1024 + flow)};
        made.frames.push_back(udp({.src = client, .dst = {ipv4(10, 9, 9, 9), 514}, .ip = {.id = static_cast<unsigned>(i & 0xffff)}}));
    }
    for (std::size_t i = 0; i < count; ++i) {
        made.views.push_back({.stamp = event_time(1'600'000'000'000'000'000) + static_cast<std::int64_t>(i) * 1ms,
                              .frame = i + 1,
                              .wire_bytes = static_cast<std::uint32_t>(made.frames[i].size()),
                              .bytes = made.frames[i]});
    }
    return made;
}

Records replay(const Made& made, unsigned workers, EngineStats* stats = nullptr) {
    Records records;
    EngineOptions options;
    options.workers = workers;
    options.ring_bytes = 1 << 20;
    options.write_flow_records = true;
    Engine engine{std::move(options), records, &records};
    engine.start();
    for (std::size_t at = 0; at < made.views.size(); at += 64) {
        engine.dispatcher().dispatch(std::span{made.views}.subspan(at, std::min<std::size_t>(64, made.views.size() - at)));
    }
    engine.finish();
    if (stats != nullptr) *stats = engine.stats();
    return records;
}

TEST(Engine, AccountsForEveryPacket) {
    const auto made = datagrams(20'000, 300);
    EngineStats stats;
    const auto records = replay(made, 2, &stats);
    EXPECT_EQ(stats.workers.packets.packets, 20'000U);
    EXPECT_EQ(stats.workers.packets.decoded(), 20'000U);
    EXPECT_EQ(records.ends.size(), 300U);
    EXPECT_EQ(records.packets + stats.workers.shards.duplicates, 20'000U);
}

TEST(Engine, TheNumberOfWorkersCannotBeSeen) {
    const auto made = datagrams(5'000, 500);
    const auto expected = replay(made, 1).ends;
    ASSERT_EQ(expected.size(), 500U);
    for (const unsigned workers : {2U, 3U, 8U, 64U}) EXPECT_EQ(replay(made, workers).ends, expected) << workers << " workers";
}

TEST(Engine, EndsWithoutAPacket) {
    EXPECT_TRUE(replay(Made{}, 3).ends.empty());
}

TEST(Engine, WhatFindsNoRoomInALiveRingIsCountedAndTheRestIsJudged) {
    auto made = datagrams(40'000, 10);
    for (auto& view : made.views) view.stamp = made.views.front().stamp;  // No tick, which would wait for room.
    Records records;
    EngineOptions options;
    options.ring_bytes = 1 << 20;
    options.live = true;
    Engine engine{std::move(options), records, nullptr};
    engine.dispatcher().dispatch(made.views);  // Before start(): nobody empties the ring.
    const auto drops = engine.dispatcher_stats().ring_drops.load();
    EXPECT_GT(drops, 0U);
    engine.start();
    engine.finish();
    EXPECT_EQ(engine.stats().workers.packets.packets, 40'000U - drops);
}

}  // namespace
}  // namespace wiresage::testing

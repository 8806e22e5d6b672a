// The byte ring: records of any length come out whole and in order, also over its end, also between two threads.

#include "base/byte_ring.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <thread>

#include "base/hash.hpp"

namespace wiresage {
namespace {

constexpr std::size_t size_of(std::uint64_t number) { return 16 * (1 + spread(number) % 200); }

void write(ByteRing& ring, std::uint64_t number) {
    const auto size = static_cast<std::uint32_t>(size_of(number));
    std::uint8_t* room = nullptr;
    while ((room = ring.reserve(size)) == nullptr) {
        ring.publish();
        std::this_thread::yield();
    }
    std::memcpy(room, &size, sizeof size);
    std::memcpy(room + 8, &number, sizeof number);
    ring.commit(size);
}

TEST(ByteRing, RecordsComeOutWholeAndInOrderBetweenTwoThreads) {
    constexpr std::uint64_t records = 50'000;
    ByteRing ring{1 << 16};
    std::thread writer{[&] {
        for (std::uint64_t i = 0; i < records; ++i) {
            write(ring, i);
            if (i % 7 == 0) ring.publish();
        }
        ring.publish();
    }};
    std::uint64_t next = 0;
    while (next < records) {
        auto position = ring.begin();
        const auto limit = ring.end();
        if (position == limit) std::this_thread::yield();
        while (const auto* const record = ring.record(position, limit)) {
            std::uint32_t size = 0;
            std::uint64_t number = 0;
            std::memcpy(&size, record, sizeof size);
            std::memcpy(&number, record + 8, sizeof number);
            ASSERT_EQ(number, next);
            ASSERT_EQ(size, size_of(next));
            position += size;
            ++next;
        }
        ring.release(position);
    }
    writer.join();
    EXPECT_EQ(next, records);
}

TEST(ByteRing, AFullRingRefusesUntilSomethingIsReleased) {
    ByteRing ring{4096};
    std::size_t written = 0;
    while (std::uint8_t* const room = ring.reserve(1024)) {
        const std::uint32_t size = 1024;
        std::memcpy(room, &size, sizeof size);
        ring.commit(size);
        ++written;
    }
    ring.publish();
    EXPECT_EQ(written, 4U);
    auto position = ring.begin();
    ASSERT_NE(ring.record(position, ring.end()), nullptr);
    ring.release(position + 1024);
    EXPECT_NE(ring.reserve(1024), nullptr);
}

}  // namespace
}  // namespace wiresage

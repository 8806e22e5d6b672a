// The two rings between two threads: nothing is lost, doubled or out of order.

#include <gtest/gtest.h>

#include <cstring>
#include <numeric>
#include <thread>
#include <vector>

#include "base/byte_ring.hpp"
#include "base/spsc_ring.hpp"

namespace wiresage {
namespace {

TEST(SpscRing, GivesBackWhatWasPutInInOrder) {
    SpscRing<int> ring{4};
    EXPECT_EQ(ring.peek(), nullptr);
    for (int i = 0; i < 4; ++i) EXPECT_TRUE(ring.try_push(i));
    EXPECT_FALSE(ring.try_push(4));
    for (int i = 0; i < 4; ++i) {
        ASSERT_NE(ring.peek(), nullptr);
        EXPECT_EQ(*ring.peek(), i);
        ring.pop();
    }
    EXPECT_EQ(ring.peek(), nullptr);
    EXPECT_TRUE(ring.try_push(5));
}

TEST(SpscRing, KeepsOrderBetweenTwoThreads) {
    constexpr std::uint64_t values = 200'000;
    SpscRing<std::uint64_t> ring{64};
    std::thread writer{[&] {
        for (std::uint64_t i = 0; i < values;) {
            if (ring.try_push(i)) {
                ++i;
            } else {
                std::this_thread::yield();
            }
        }
    }};
    std::uint64_t out_of_order = 0;
    for (std::uint64_t expected = 0; expected < values;) {
        if (const auto* value = ring.peek()) {
            out_of_order += *value == expected ? 0 : 1;
            ring.pop();
            ++expected;
        } else {
            std::this_thread::yield();
        }
    }
    writer.join();
    EXPECT_EQ(out_of_order, 0U);
    EXPECT_EQ(ring.peek(), nullptr);
}

/// A record of `size` bytes: its size, then bytes that all say `mark`.
bool put(ByteRing& ring, std::uint32_t size, std::uint8_t mark) {
    auto* const at = ring.reserve(size);
    if (at == nullptr) return false;
    std::memset(at, mark, size);
    std::memcpy(at, &size, sizeof size);
    ring.commit(size);
    return true;
}

std::uint32_t size_of(const std::uint8_t* record) {
    std::uint32_t size = 0;
    std::memcpy(&size, record, sizeof size);
    return size;
}

TEST(ByteRing, HoldsNothingBeforeItIsPublished) {
    ByteRing ring{4096};
    ASSERT_TRUE(put(ring, 64, 1));
    EXPECT_EQ(ring.begin(), ring.end());
    ring.publish();
    auto position = ring.begin();
    const auto* const record = ring.record(position, ring.end());
    ASSERT_NE(record, nullptr);
    EXPECT_EQ(size_of(record), 64U);
    EXPECT_EQ(record[63], 1);
}

TEST(ByteRing, RefusesWhatDoesNotFitUntilRoomIsGivenBack) {
    ByteRing ring{4096};
    for (std::uint8_t i = 0; i < 4; ++i) ASSERT_TRUE(put(ring, 1024, i));
    EXPECT_FALSE(put(ring, 16, 9));
    ring.publish();
    ring.release(ring.begin() + 1024);
    EXPECT_TRUE(put(ring, 1024, 9));
}

TEST(ByteRing, KeepsRecordsOfAnyLengthWholeBetweenTwoThreads) {
    constexpr unsigned records = 50'000;
    ByteRing ring{8192};
    const auto size_at = [](unsigned i) { return 16U * (1 + i * 7 % 100); };
    std::thread writer{[&] {
        for (unsigned i = 0; i < records;) {
            if (put(ring, size_at(i), static_cast<std::uint8_t>(i))) {
                if (++i % 8 == 0) ring.publish();
            } else {
                ring.publish();  // What fills the ring must be seen, or nobody makes room.
                std::this_thread::yield();
            }
        }
        ring.publish();
    }};
    unsigned wrong = 0;
    unsigned read = 0;
    auto position = ring.begin();
    while (read < records) {
        const auto limit = ring.end();
        while (const auto* record = ring.record(position, limit)) {
            const auto size = size_of(record);
            wrong += size == size_at(read) && record[4] == static_cast<std::uint8_t>(read) &&
                             record[size - 1] == static_cast<std::uint8_t>(read)
                         ? 0
                         : 1;
            position += size;
            ++read;
        }
        ring.release(position);
        std::this_thread::yield();
    }
    writer.join();
    EXPECT_EQ(wrong, 0U);
}

}  // namespace
}  // namespace wiresage

// The cursor: big-endian fields, and what happens at the end.

#include <gtest/gtest.h>

#include "packet/reader.hpp"

namespace wiresage {
namespace {

constexpr std::uint8_t eight[] = {1, 2, 3, 4, 5, 6, 7, 8};

TEST(Reader, ReadsBigEndianFieldsInOrder) {
    Reader in{eight};
    EXPECT_EQ(in.u8(), 0x01);
    EXPECT_EQ(in.u16(), 0x0203);
    EXPECT_EQ(in.u32(), 0x04050607U);
    EXPECT_EQ(in.left(), 1U);
    EXPECT_TRUE(in.ok());
}

TEST(Reader, IsSpoiltForGoodByAReadThatDoesNotFit) {
    Reader in{Bytes{eight}.first(3)};
    EXPECT_EQ(in.u32(), 0U);
    EXPECT_FALSE(in.ok());
    EXPECT_EQ(in.left(), 0U);
    EXPECT_EQ(in.u8(), 0);
    EXPECT_TRUE(in.take(0).empty());
    EXPECT_FALSE(in.ok());
}

TEST(Reader, TakesExactlyOrNothing) {
    Reader in{eight};
    EXPECT_EQ(in.take(8).size(), 8U);
    EXPECT_TRUE(in.ok());
    EXPECT_TRUE(in.take(1).empty());
    EXPECT_FALSE(in.ok());
}

TEST(Reader, HeaderHasItsFieldsAtTheirOffsets) {
    Reader in{eight};
    const auto header = in.header<6>();
    EXPECT_EQ(header.u8<0>(), 1);
    EXPECT_EQ(header.u16<4>(), 0x0506);
    EXPECT_EQ(header.u32<1>(), 0x02030405U);
    EXPECT_EQ((header.bytes<2, 3>()[2]), 5);
    EXPECT_EQ(in.left(), 2U);
}

TEST(Reader, HeaderThatDoesNotFitIsAllZero) {
    Reader in{Bytes{eight}.first(5)};
    const auto header = in.header<6>();
    EXPECT_EQ(header.u32<0>(), 0U);
    EXPECT_EQ((header.bytes<0, 6>()[5]), 0);
    EXPECT_FALSE(in.ok());
}

TEST(Reader, KeepsOnlyTheNextBytes) {
    Reader in{eight};
    in.keep(100);
    EXPECT_EQ(in.left(), 8U);
    in.keep(2);
    EXPECT_EQ(in.u16(), 0x0102);
    EXPECT_EQ(in.left(), 0U);
}

}  // namespace
}  // namespace wiresage

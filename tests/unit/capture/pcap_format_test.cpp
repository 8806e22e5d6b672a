// pcap files: every magic number, both byte orders, old versions, and what damage says.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/capture/file_builder.hpp"

namespace wiresage::testing {
namespace {

using Kind = FileError::Kind;

struct Magic {
    const char* name;
    std::endian order;
    std::uint32_t magic;
    std::uint64_t ticks_per_second;
    std::int64_t nanoseconds;  ///< What 1 s and 7 ticks mean.
};

class PcapMagic : public ::testing::TestWithParam<Magic> {};

TEST_P(PcapMagic, TellsByteOrderAndResolution) {
    const auto& row = GetParam();
    auto file = pcap_header(row.order, row.magic);
    pcap_record(file, 1, 7, 60, 1500, 0xab);
    pcap_record(file, 2, 0, 0, 60);
    pcap_record(file, 0xffffffff, 0, 61, 61);

    const auto outcome = read_file(file.bytes());

    ASSERT_EQ(outcome.packets.size(), 3U);
    EXPECT_THAT(outcome.errors, ::testing::IsEmpty());
    const auto& first = outcome.packets[0];
    EXPECT_EQ(unix_nanoseconds(first.view.stamp), row.nanoseconds);
    EXPECT_EQ(first.view.frame, 1U);
    EXPECT_EQ(first.view.wire_bytes, 1500U);
    EXPECT_EQ(first.view.link, LinkType::ethernet);
    EXPECT_EQ(first.view.direction, Direction::unknown);
    EXPECT_EQ(first.bytes, FileBytes(60, 0xab));
    EXPECT_EQ(outcome.packets[1].bytes.size(), 0U);
    EXPECT_EQ(outcome.packets[2].view.frame, 3U);
    EXPECT_EQ(unix_nanoseconds(outcome.packets[2].view.stamp), 0xffffffffLL * 1'000'000'000);
    ASSERT_EQ(outcome.inputs.size(), 1U);
    EXPECT_EQ(outcome.inputs[0].file, "a");
    EXPECT_EQ(outcome.inputs[0].link_type, 1U);
    EXPECT_EQ(outcome.inputs[0].snaplen, 65535U);
    EXPECT_EQ(outcome.inputs[0].ticks_per_second, row.ticks_per_second);
    EXPECT_FALSE(outcome.inputs[0].is_live);
}

constexpr Magic magics[] = {
    {"micro_little", std::endian::little, 0xa1b2c3d4, 1'000'000, 1'000'007'000},
    {"micro_big", std::endian::big, 0xa1b2c3d4, 1'000'000, 1'000'007'000},
    {"nano_little", std::endian::little, 0xa1b23c4d, 1'000'000'000, 1'000'000'007},
    {"nano_big", std::endian::big, 0xa1b23c4d, 1'000'000'000, 1'000'000'007},
};
INSTANTIATE_TEST_SUITE_P(, PcapMagic, ::testing::ValuesIn(magics), [](const auto& row) { return row.param.name; });

TEST(PcapFormat, ReadsTheLongerRecordsOfModifiedFiles) {
    for (const auto order : {std::endian::little, std::endian::big}) {
        auto file = pcap_header(order, 0xa1b2cd34);
        file.u32(1).u32(2).u32(60).u32(60).u32(3).u16(0x0800).u8(4).u8(0).fill(60, 0x11);
        file.u32(1).u32(3).u32(60).u32(60).u32(3).u16(0x0800).u8(0).u8(0).fill(60, 0x22);
        const auto outcome = read_file(file.bytes());
        ASSERT_EQ(outcome.packets.size(), 2U);
        EXPECT_EQ(outcome.packets[0].bytes, FileBytes(60, 0x11));
        EXPECT_EQ(outcome.packets[0].view.direction, Direction::sent);
        EXPECT_EQ(outcome.packets[1].bytes, FileBytes(60, 0x22));
        EXPECT_EQ(outcome.packets[1].view.direction, Direction::received);
    }
}

struct Version {
    const char* name;
    std::uint16_t major, minor;
    std::uint32_t first_length, second_length;
    std::uint32_t captured, wire;
};

class PcapVersion : public ::testing::TestWithParam<Version> {};

TEST_P(PcapVersion, TellsWhichLengthStandsFirst) {
    const auto& row = GetParam();
    auto file = pcap_header(std::endian::big, 0xa1b2c3d4, 1, row.major, row.minor);
    file.u32(1).u32(2).u32(row.first_length).u32(row.second_length).fill(row.captured, 0x33);
    const auto outcome = read_file(file.bytes());
    ASSERT_EQ(outcome.packets.size(), 1U);
    EXPECT_EQ(outcome.packets[0].bytes.size(), row.captured);
    EXPECT_EQ(outcome.packets[0].view.wire_bytes, row.wire);
}

constexpr Version versions[] = {
    {"now", 2, 4, 60, 100, 60, 100},
    {"captured_beyond_the_wire", 2, 4, 100, 60, 100, 100},
    {"two_three_as_now", 2, 3, 60, 100, 60, 100},
    {"two_three_swapped", 2, 3, 100, 60, 60, 100},
    {"two_two", 2, 2, 100, 60, 60, 100},
    {"dg_ux", 543, 0, 100, 60, 60, 100},
};
INSTANTIATE_TEST_SUITE_P(, PcapVersion, ::testing::ValuesIn(versions), [](const auto& row) { return row.param.name; });

TEST(PcapFormat, IgnoresTheFrameCheckSequenceBitsOfTheLinkType) {
    auto file = pcap_header(std::endian::little, 0xa1b2c3d4, 0x14000001);
    pcap_record(file, 1, 2, 60, 60);
    const auto outcome = read_file(file.bytes());
    ASSERT_EQ(outcome.inputs.size(), 1U);
    EXPECT_EQ(outcome.inputs[0].link_type, 1U);
    EXPECT_EQ(outcome.packets.size(), 1U);
}

TEST(PcapFormat, RefusesAnUnknownLinkTypeByName) {
    auto file = pcap_header(std::endian::little, 0xa1b2c3d4, 105);
    pcap_record(file, 1, 2, 60, 60);
    const auto outcome = read_file(file.bytes());
    EXPECT_TRUE(outcome.packets.empty());
    ASSERT_EQ(outcome.kinds(), std::vector{Kind::link_type});
    EXPECT_TRUE(outcome.errors[0].is_refusal());
    EXPECT_THAT(outcome.errors[0].message(), ::testing::HasSubstr("folder/a: link type IEEE802_11"));
}

TEST(PcapFormat, StopsAtARecordThatNoCaptureHolds) {
    auto file = pcap_header(std::endian::little);
    pcap_record(file, 1, 2, 60, 60);
    file.u32(1).u32(3).u32(262'145).u32(262'145).fill(300'000);
    const auto outcome = read_file(file.bytes());
    EXPECT_EQ(outcome.packets.size(), 1U);
    ASSERT_EQ(outcome.kinds(), std::vector{Kind::corrupt});
    EXPECT_FALSE(outcome.errors[0].is_refusal());
    EXPECT_EQ(outcome.errors[0].offset, 24U + 16 + 60);
    EXPECT_THAT(outcome.errors[0].message(), ::testing::HasSubstr("packet 2 claims 262145 bytes"));
}

TEST(PcapFormat, ReadsTheLongestPacket) {
    auto file = pcap_header(std::endian::little);
    for (int i = 0; i < 9; ++i) pcap_record(file, 1, 2, 262'144, 300'000, 0x44);
    const auto outcome = read_file(file.bytes());
    ASSERT_EQ(outcome.packets.size(), 9U);
    for (const auto& packet : outcome.packets) EXPECT_EQ(packet.bytes, FileBytes(262'144, 0x44));
}

TEST(PcapFormat, RefusesVersionsBeforeTwo) {
    const auto outcome = read_file(pcap_header(std::endian::little, 0xa1b2c3d4, 1, 1, 0).fill(100).bytes());
    EXPECT_TRUE(outcome.packets.empty());
    EXPECT_EQ(outcome.kinds(), std::vector{Kind::corrupt});
}

TEST(SnoopFormat, ReadsPaddedRecords) {
    FileBuilder file{std::endian::big};
    file.text("snoop").fill(3).u32(2).u32(4);
    file.u32(100).u32(61).u32(24 + 61 + 3).u32(0).u32(5).u32(6).fill(61, 0x55).fill(3);
    file.u32(60).u32(60).u32(24 + 60).u32(0).u32(6).u32(7).fill(60, 0x66);
    const auto outcome = read_file(file.bytes());
    EXPECT_THAT(outcome.errors, ::testing::IsEmpty());
    ASSERT_EQ(outcome.packets.size(), 2U);
    EXPECT_EQ(outcome.packets[0].bytes, FileBytes(61, 0x55));
    EXPECT_EQ(outcome.packets[0].view.wire_bytes, 100U);
    EXPECT_EQ(unix_nanoseconds(outcome.packets[0].view.stamp), 5'000'006'000);
    EXPECT_EQ(outcome.packets[1].bytes, FileBytes(60, 0x66));
    EXPECT_EQ(outcome.packets[1].view.frame, 2U);
}

TEST(SnoopFormat, RefusesOtherLinksAndImpossibleRecords) {
    FileBuilder other{std::endian::big};
    other.text("snoop").fill(3).u32(2).u32(8);
    EXPECT_EQ(read_file(other.bytes()).kinds(), std::vector{Kind::link_type});

    FileBuilder damaged{std::endian::big};
    damaged.text("snoop").fill(3).u32(2).u32(4);
    damaged.u32(100).u32(61).u32(24).u32(0).u32(5).u32(6).fill(61);
    EXPECT_EQ(read_file(damaged.bytes()).kinds(), std::vector{Kind::corrupt});
}

}  // namespace
}  // namespace wiresage::testing

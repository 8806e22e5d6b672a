// pcapng files: sections, interfaces, the three packet blocks, stamps, and what damage says.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "capture/stamp_scale.hpp"
#include "unit/capture/file_builder.hpp"

namespace wiresage::testing {
namespace {

using Kind = FileError::Kind;

class Pcapng : public ::testing::TestWithParam<std::endian> {
protected:
    FileBuilder file{GetParam()};

    FileBytes u32_value(std::uint32_t value) const { return FileBuilder{GetParam()}.u32(value).bytes(); }
    FileBytes u64_value(std::uint64_t value) const { return FileBuilder{GetParam()}.u64(value).bytes(); }
};

TEST_P(Pcapng, GivesEveryInterfaceItsOwnFacts) {
    section(file);
    interface(file, 1, {{2, bytes_of("eth0")}, {9, {9}}}, 96);
    interface(file, 113, {{2, bytes_of("any")}});
    enhanced_packet(file, 1, 3'000'000, 61, 61);
    enhanced_packet(file, 0, 5'000'000'001, 96, 1500);
    const auto outcome = read_file(file.bytes());

    EXPECT_THAT(outcome.errors, ::testing::IsEmpty());
    ASSERT_EQ(outcome.packets.size(), 2U);
    EXPECT_EQ(unix_nanoseconds(outcome.packets[0].view.stamp), 3'000'000'000);
    EXPECT_EQ(outcome.packets[0].view.link, LinkType::linux_sll);
    EXPECT_EQ(outcome.packets[0].bytes, FileBytes(61, 0xee));
    EXPECT_EQ(unix_nanoseconds(outcome.packets[1].view.stamp), 5'000'000'001);
    EXPECT_EQ(outcome.packets[1].view.wire_bytes, 1500U);
    EXPECT_EQ(outcome.packets[1].view.frame, 2U);
    ASSERT_EQ(outcome.inputs.size(), 2U);  // In the order of their first packets.
    EXPECT_EQ(outcome.inputs[outcome.packets[0].view.input].interface, "any");
    const auto& eth0 = outcome.inputs[outcome.packets[1].view.input];
    EXPECT_EQ(eth0.interface, "eth0");
    EXPECT_EQ(eth0.snaplen, 96U);
    EXPECT_EQ(eth0.ticks_per_second, 1'000'000'000U);
}

TEST_P(Pcapng, ReadsFlagsOfPackets) {
    section(file);
    interface(file);
    enhanced_packet(file, 0, 1, 60, 60, {{1, bytes_of("a comment")}, {2, u32_value(1)}});
    enhanced_packet(file, 0, 2, 61, 61, {{2, u32_value(2 | 1U << 9)}});
    enhanced_packet(file, 0, 3, 62, 62, {{4, u64_value(9)}});
    enhanced_packet(file, 0, 4, 63, 63);
    const auto outcome = read_file(file.bytes());
    ASSERT_EQ(outcome.packets.size(), 4U);
    EXPECT_EQ(outcome.packets[0].view.direction, Direction::received);
    EXPECT_FALSE(outcome.packets[0].view.checksum_not_ready);
    EXPECT_EQ(outcome.packets[1].view.direction, Direction::sent);
    EXPECT_TRUE(outcome.packets[1].view.checksum_not_ready);
    EXPECT_EQ(outcome.packets[2].view.direction, Direction::unknown);
    EXPECT_EQ(outcome.packets[3].view.direction, Direction::unknown);
}

TEST_P(Pcapng, ReadsSimpleAndObsoletePackets) {
    section(file);
    interface(file, 1, {}, 64);
    FileBuilder old{GetParam()};
    old.u16(0).u16(7).u32(0).u32(8'000'000).u32(60).u32(70).fill(60, 0x77);
    put_options(old, {{2, u32_value(2)}});
    block(file, 2, old);
    simple_packet(file, 64, 1000);
    simple_packet(file, 50, 50);
    const auto outcome = read_file(file.bytes());

    EXPECT_THAT(outcome.errors, ::testing::IsEmpty());
    ASSERT_EQ(outcome.packets.size(), 3U);
    EXPECT_EQ(outcome.packets[0].bytes, FileBytes(60, 0x77));
    EXPECT_EQ(outcome.packets[0].view.wire_bytes, 70U);
    EXPECT_EQ(outcome.packets[0].view.direction, Direction::sent);
    EXPECT_EQ(unix_nanoseconds(outcome.packets[0].view.stamp), 8'000'000'000);
    EXPECT_EQ(outcome.packets[1].bytes, FileBytes(64, 0xdd));
    EXPECT_EQ(outcome.packets[1].view.wire_bytes, 1000U);
    EXPECT_EQ(outcome.packets[1].view.stamp, outcome.packets[0].view.stamp);  // It has none: the last one stands.
    EXPECT_EQ(outcome.packets[2].bytes, FileBytes(50, 0xdd));
}

TEST_P(Pcapng, SkipsOtherBlocksAndNumbersPacketsAsWiresharkDoes) {
    section(file);
    interface(file);
    enhanced_packet(file, 0, 1, 60, 60);
    for (const std::uint32_t type : {4U, 5U, 10U, 0x1234U}) block(file, type, FileBuilder{GetParam()}.fill(8));
    enhanced_packet(file, 0, 2, 60, 60);
    for (const std::uint32_t type : {0xbadU, 0x40000badU, 9U}) block(file, type, FileBuilder{GetParam()}.fill(8));
    enhanced_packet(file, 0, 3, 60, 60);
    const auto outcome = read_file(file.bytes());
    EXPECT_THAT(outcome.errors, ::testing::IsEmpty());
    ASSERT_EQ(outcome.packets.size(), 3U);
    EXPECT_EQ(outcome.packets[1].view.frame, 2U);
    EXPECT_EQ(outcome.packets[2].view.frame, 6U);  // Custom and journal blocks have a number of their own.
}

TEST_P(Pcapng, SkipsABlockLargerThanAnyBuffer) {
    section(file);
    interface(file);
    block(file, 10, FileBuilder{GetParam()}.fill(20'000'000));
    enhanced_packet(file, 0, 3, 60, 60);
    const auto outcome = read_file(file.bytes());
    EXPECT_THAT(outcome.errors, ::testing::IsEmpty());
    EXPECT_EQ(outcome.packets.size(), 1U);
}

TEST_P(Pcapng, ChecksASkippedBlockHoweverItsBytesArrive) {
    section(file);
    interface(file);
    file.u32(5).u32(48).fill(36).u32(52);
    enhanced_packet(file, 0, 3, 60, 60);
    for (const std::size_t at_once : {std::size_t{1}, SIZE_MAX}) {
        const auto outcome = read_files({file.bytes()}, {}, at_once, 64);
        EXPECT_TRUE(outcome.packets.empty());
        EXPECT_EQ(outcome.kinds(), std::vector{Kind::corrupt});
    }
}

TEST_P(Pcapng, ReadsSectionsOfEitherByteOrder) {
    const auto other_order = GetParam() == std::endian::little ? std::endian::big : std::endian::little;
    FileBuilder other{other_order};
    section(file);
    interface(file, 1, {{2, bytes_of("eth0")}});
    enhanced_packet(file, 0, 1'000'000, 60, 60);
    section(other);
    interface(other, 1, {{2, bytes_of("eth0")}});
    interface(other, 101, {{2, bytes_of("tun0")}});
    enhanced_packet(other, 0, 2'000'000, 60, 60);
    enhanced_packet(other, 1, 3'000'000, 60, 60);
    file.append(other.bytes());
    const auto outcome = read_file(file.bytes());

    EXPECT_THAT(outcome.errors, ::testing::IsEmpty());
    ASSERT_EQ(outcome.packets.size(), 3U);
    EXPECT_EQ(outcome.packets[1].view.input, outcome.packets[0].view.input);  // The same interface goes on.
    EXPECT_EQ(outcome.packets[2].view.link, LinkType::raw);
    EXPECT_EQ(outcome.packets[2].view.frame, 3U);
    EXPECT_EQ(outcome.inputs.size(), 2U);
}

TEST_P(Pcapng, RefusesAFileThatBeginsWithAnUnknownLinkType) {
    section(file);
    interface(file, 1);
    interface(file, 127);
    enhanced_packet(file, 1, 1, 60, 60);
    enhanced_packet(file, 0, 2, 60, 60);
    const auto outcome = read_file(file.bytes());
    EXPECT_TRUE(outcome.packets.empty());
    ASSERT_EQ(outcome.kinds(), std::vector{Kind::link_type});
    EXPECT_THAT(outcome.errors[0].message(), ::testing::HasSubstr("link type"));
}

TEST_P(Pcapng, CountsPacketsOfAnUnknownLinkTypeAmongOthers) {
    section(file);
    interface(file, 1);
    interface(file, 127);
    enhanced_packet(file, 0, 1, 60, 60);
    enhanced_packet(file, 1, 2, 60, 60);
    enhanced_packet(file, 0, 3, 60, 60);
    const auto outcome = read_file(file.bytes());
    ASSERT_EQ(outcome.packets.size(), 3U);
    EXPECT_EQ(static_cast<int>(outcome.packets[1].view.link), 127);
    ASSERT_EQ(outcome.kinds(), std::vector{Kind::foreign_interface});
    EXPECT_FALSE(outcome.errors[0].is_refusal());
}

TEST_P(Pcapng, SaysNothingOfAnUnknownLinkTypeWithoutPackets) {
    section(file);
    interface(file, 127);
    interface(file, 1);
    enhanced_packet(file, 1, 1, 60, 60);
    const auto outcome = read_file(file.bytes());
    EXPECT_EQ(outcome.packets.size(), 1U);
    EXPECT_THAT(outcome.errors, ::testing::IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(, Pcapng, ::testing::Values(std::endian::little, std::endian::big),
                         [](const auto& row) { return row.param == std::endian::little ? "little" : "big"; });

struct Stamp {
    const char* name;
    std::uint8_t resolution;
    std::int64_t offset;
    std::uint64_t ticks;
    std::int64_t nanoseconds;
    std::uint64_t clamped;
};

class PcapngStamp : public ::testing::TestWithParam<Stamp> {};

TEST_P(PcapngStamp, IsExactAndNeverOverflows) {
    const auto& row = GetParam();
    std::uint64_t clamped = 0;
    const StampScale scale{row.resolution, row.offset};
    EXPECT_EQ(unix_nanoseconds(scale.at(row.ticks, clamped)), row.nanoseconds);
    EXPECT_EQ(clamped, row.clamped);
}

constexpr std::int64_t end_of_time = INT64_MAX;
constexpr Stamp stamps[] = {
    {"seconds", 0, 0, 1'700'000'000, 1'700'000'000'000'000'000, 0},
    {"milliseconds", 3, 0, 1'700'000'000'123, 1'700'000'000'123'000'000, 0},
    {"microseconds", 6, 0, 1'700'000'000'123'456, 1'700'000'000'123'456'000, 0},
    {"nanoseconds", 9, 0, 1'700'000'000'123'456'789, 1'700'000'000'123'456'789, 0},
    {"picoseconds", 12, 0, 1'700'000'000'999'999, 1'700'000'000'999, 0},
    {"finest_decimal", 0x7f, 0, UINT64_MAX, 0, 0},
    {"ten_to_the_28", 28, 0, UINT64_MAX, 1, 0},
    {"whole_binary", 0x80, 0, 5, 5'000'000'000, 0},
    {"half_seconds", 0x81, 0, 5, 2'500'000'000, 0},
    {"binary_32", 0xa0, 0, (7ULL << 32) + (1ULL << 31), 7'500'000'000, 0},
    {"binary_64", 0xc0, 0, 1ULL << 63, 500'000'000, 0},
    {"finest_binary", 0xff, 0, UINT64_MAX, 0, 0},
    {"offset_forward", 6, 1'700'000'000, 5, 1'700'000'000'000'005'000, 0},
    {"offset_backward", 6, -5, 6'000'000, 1'000'000'000, 0},
    {"before_1970", 6, -5, 1, 0, 1},
    {"after_2262", 9, 0, UINT64_MAX, end_of_time, 1},
    {"last_moment", 9, 0, static_cast<std::uint64_t>(end_of_time), end_of_time, 0},
    {"wildest_seconds", 0, INT64_MAX, UINT64_MAX, end_of_time, 1},
    {"wildest_offset", 9, INT64_MIN, 0, 0, 1},
};
INSTANTIATE_TEST_SUITE_P(, PcapngStamp, ::testing::ValuesIn(stamps), [](const auto& row) { return row.param.name; });

TEST(PcapngFormat, CountsStampsThatItHadToClamp) {
    FileBuilder file{std::endian::little};
    section(file);
    interface(file, 1, {{9, {9}}, {14, FileBuilder{std::endian::little}.u64(static_cast<std::uint64_t>(-1)).bytes()}});
    enhanced_packet(file, 0, 0, 60, 60);
    enhanced_packet(file, 0, 2'000'000'000, 60, 60);
    std::vector<FileSource::Part> parts;
    parts.push_back({"a", std::make_unique<MemoryInput>(file.bytes()), 0});
    FileSource source{std::move(parts), {}};
    const auto outcome = drain(source);
    ASSERT_EQ(outcome.packets.size(), 2U);
    EXPECT_EQ(unix_nanoseconds(outcome.packets[0].view.stamp), 0);
    EXPECT_EQ(unix_nanoseconds(outcome.packets[1].view.stamp), 1'000'000'000);
    EXPECT_EQ(source.stamps_clamped(), 1U);
}

struct Damage {
    const char* name;
    void (*add)(FileBuilder& file);
    const char* words;
};

class PcapngDamage : public ::testing::TestWithParam<Damage> {};

TEST_P(PcapngDamage, EndsTheFileAfterWhatWasWhole) {
    FileBuilder file{std::endian::little};
    section(file);
    interface(file);
    enhanced_packet(file, 0, 1, 60, 60);
    const auto place = file.size();
    GetParam().add(file);
    enhanced_packet(file, 0, 2, 60, 60);
    const auto outcome = read_file(file.bytes());
    EXPECT_EQ(outcome.packets.size(), 1U);
    ASSERT_EQ(outcome.kinds(), std::vector{Kind::corrupt});
    EXPECT_EQ(outcome.errors[0].offset, place);
    EXPECT_THAT(outcome.errors[0].message(), ::testing::HasSubstr(GetParam().words));
}

const Damage damages[] = {
    {"unknown_interface", [](FileBuilder& file) { enhanced_packet(file, 7, 1, 60, 60); }, "interface 7"},
    {"packet_beyond_its_block",
     [](FileBuilder& file) {
         block(file, 6, FileBuilder{std::endian::little}.u32(0).u32(0).u32(0).u32(61).u32(61).fill(60));
     },
     "longer than its block"},
    {"packet_of_four_gigabytes",
     [](FileBuilder& file) {
         block(file, 6, FileBuilder{std::endian::little}.u32(0).u32(0).u32(0).u32(0xffffffff).u32(61).fill(60));
     },
     "longer than its block"},
    {"packet_longer_than_any", [](FileBuilder& file) { enhanced_packet(file, 0, 1, 262'145, 262'145); }, "262145"},
    {"short_packet_block", [](FileBuilder& file) { block(file, 6, FileBuilder{std::endian::little}.fill(16)); },
     "too short"},
    {"short_simple_block", [](FileBuilder& file) { block(file, 3, FileBuilder{std::endian::little}); }, "too short"},
    {"short_interface", [](FileBuilder& file) { block(file, 1, FileBuilder{std::endian::little}.fill(4)); },
     "too short"},
    {"tiny_block", [](FileBuilder& file) { file.u32(5).u32(8).u32(8).u32(8); }, "a block of 8 bytes"},
    {"huge_packet_block", [](FileBuilder& file) { file.u32(6).u32(0x7fffffff).fill(100); }, "more than any holds"},
    {"huge_padded_block", [](FileBuilder& file) { file.u32(6).u32(0xffffffff).fill(100); }, "more than any holds"},
    {"two_lengths", [](FileBuilder& file) { file.u32(5).u32(16).u32(0).u32(20); }, "lengths differ"},
    {"no_byte_order", [](FileBuilder& file) { file.u32(0x0a0d0d0a).u32(28).fill(16).u32(28); }, "byte order mark"},
    {"version_two", [](FileBuilder& file) { section(file, 2); }, "pcapng version 2"},
};
INSTANTIATE_TEST_SUITE_P(, PcapngDamage, ::testing::ValuesIn(damages), [](const auto& row) { return row.param.name; });

}  // namespace
}  // namespace wiresage::testing

// FileSource: the merge, gzip, filters, progress, and files that are no captures.

#include "capture/file_source.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>
#include <zlib.h>

#include <filesystem>
#include <fstream>

#include "unit/capture/file_builder.hpp"

namespace wiresage::testing {
namespace {

using Kind = FileError::Kind;

/// A file of empty Ethernet packets at these seconds; the wire length says which file and packet it was.
FileBytes at_seconds(std::uint32_t first_length, const std::vector<std::uint32_t>& seconds) {
    auto file = pcap_header(std::endian::little);
    for (const auto second : seconds) pcap_record(file, second, 0, 0, first_length++);
    return file.bytes();
}

std::vector<std::uint32_t> lengths(const Outcome& outcome) {
    std::vector<std::uint32_t> all;
    for (const auto& packet : outcome.packets) all.push_back(packet.view.wire_bytes);
    return all;
}

FileBytes gzipped(const FileBytes& plain) {
    FileBytes packed(plain.size() + 1024);
    z_stream stream{};
    EXPECT_EQ(deflateInit2(&stream, 6, Z_DEFLATED, MAX_WBITS + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
    auto copy = plain;
    stream.next_in = copy.data();
    stream.avail_in = static_cast<uInt>(copy.size());
    stream.next_out = packed.data();
    stream.avail_out = static_cast<uInt>(packed.size());
    EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
    packed.resize(packed.size() - stream.avail_out);
    deflateEnd(&stream);
    return packed;
}

struct Merge {
    const char* name;
    std::vector<std::vector<std::uint32_t>>
        files;                            ///< Seconds of their packets; file n's lengths begin at 100 (n + 1).
    std::vector<std::uint32_t> expected;  ///< Lengths, in order.
};

class FileMerge : public ::testing::TestWithParam<Merge> {};

TEST_P(FileMerge, IsByStampThenByFileAndKeepsEachFilesOrder) {
    std::vector<FileBytes> files;
    for (const auto& seconds : GetParam().files) {
        files.push_back(at_seconds(100 * static_cast<std::uint32_t>(files.size() + 1), seconds));
    }
    const auto outcome = read_files(files);
    EXPECT_EQ(lengths(outcome), GetParam().expected);
    EXPECT_THAT(outcome.errors, ::testing::IsEmpty());
}

const Merge merges[] = {
    {"one", {{1, 2, 3}}, {100, 101, 102}},
    {"alternating", {{1, 3, 5}, {2, 4, 6}}, {100, 200, 101, 201, 102, 202}},
    {"equal_stamps", {{1, 1}, {1, 1}, {1}}, {100, 101, 200, 201, 300}},
    {"one_after_the_other", {{7, 8}, {1, 2}}, {200, 201, 100, 101}},
    {"with_an_empty_one", {{2}, {}, {1}}, {300, 100}},
    {"backward_within_a_file", {{5, 1, 6}, {2, 3}}, {200, 201, 100, 101, 102}},
    {"nothing_at_all", {{}, {}}, {}},
};
INSTANTIATE_TEST_SUITE_P(, FileMerge, ::testing::ValuesIn(merges), [](const auto& row) { return row.param.name; });

TEST(FileSource, MergesLongFilesInWholeBatches) {
    std::vector<std::uint32_t> even, odd;
    for (std::uint32_t i = 0; i < 5'000; ++i) (i % 2 == 0 ? even : odd).push_back(i);
    std::vector<FileBytes> files{at_seconds(10'000, even), at_seconds(20'000, odd)};
    for (const std::size_t at_once : {std::size_t{7}, std::size_t{4096}, SIZE_MAX}) {
        const auto outcome = read_files(files, {}, at_once);
        ASSERT_EQ(outcome.packets.size(), 5'000U);
        for (std::size_t i = 0; i < outcome.packets.size(); ++i) {
            ASSERT_EQ(unix_nanoseconds(outcome.packets[i].view.stamp), static_cast<std::int64_t>(i) * 1'000'000'000);
            ASSERT_EQ(outcome.packets[i].view.frame, i / 2 + 1);
            ASSERT_EQ(outcome.packets[i].view.input, i % 2);
        }
    }
}

TEST(FileSource, GivesWholePacketsHoweverSmallThePiecesAre) {
    auto file = pcap_header(std::endian::big);
    for (std::uint8_t i = 0; i < 200; ++i) pcap_record(file, i, 0, 20U * i, 20U * i, i);
    for (const std::size_t at_once : {std::size_t{1}, std::size_t{13}, std::size_t{1000}}) {
        const auto outcome = read_files({file.bytes()}, {}, at_once);
        ASSERT_EQ(outcome.packets.size(), 200U);
        for (std::uint8_t i = 0; i < 200; ++i) ASSERT_EQ(outcome.packets[i].bytes, FileBytes(20U * i, i));
    }
}

TEST(FileSource, BatchesAreNeverEmptyNorTooLong) {
    const auto file = at_seconds(100, std::vector<std::uint32_t>(1'000, 5));
    std::vector<FileSource::Part> parts;
    parts.push_back({"a", std::make_unique<MemoryInput>(file), file.size()});
    FileSource source{std::move(parts), {}};
    EXPECT_EQ(source.bytes_total(), file.size());
    std::size_t packets = 0;
    for (auto batch = source.next_batch(); batch.state == Batch::State::packets; batch = source.next_batch()) {
        EXPECT_GE(batch.packets.size(), 1U);
        EXPECT_LE(batch.packets.size(), Source::batch_packets);
        packets += batch.packets.size();
    }
    EXPECT_EQ(packets, 1'000U);
    EXPECT_EQ(source.bytes_read(), file.size());
    EXPECT_EQ(source.next_batch().state, Batch::State::end);
}

// gzip

TEST(FileSource, InflatesGzipOfOneOrSeveralMembers) {
    const auto plain = at_seconds(100, {1, 2, 3, 4});
    const auto whole = gzipped(plain);
    const auto half = static_cast<std::ptrdiff_t>(plain.size() / 2);
    auto members = gzipped({plain.begin(), plain.begin() + half});
    const auto second = gzipped({plain.begin() + half, plain.end()});
    members.insert(members.end(), second.begin(), second.end());
    auto padded = whole;
    padded.insert(padded.end(), 512, 0);  // As on tapes.
    for (const auto& file : {whole, members, padded}) {
        for (const std::size_t at_once : {std::size_t{1}, SIZE_MAX}) {
            const auto outcome = read_files({file}, {}, at_once);
            EXPECT_EQ(lengths(outcome), (std::vector<std::uint32_t>{100, 101, 102, 103}));
            EXPECT_THAT(outcome.errors, ::testing::IsEmpty());
        }
    }
}

TEST(FileSource, DeliversWhatAGzipHeldBeforeItsDamage) {
    std::vector<std::uint32_t> seconds;
    for (std::uint32_t i = 0; i < 40'000; ++i) seconds.push_back(i * 7919 % 10'007);
    const auto whole = gzipped(at_seconds(100, seconds));
    const auto short_one = read_file({whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(whole.size() / 2)});
    EXPECT_GT(short_one.packets.size(), 1'000U);
    ASSERT_EQ(short_one.kinds(), std::vector{Kind::truncated});
    EXPECT_THAT(short_one.errors[0].message(), ::testing::HasSubstr("gzip around it is cut short"));

    auto damaged = whole;
    for (std::size_t i = 0; i < 64; ++i) damaged[damaged.size() / 2 + i] ^= 0x5a;
    EXPECT_THAT(read_file(damaged).errors, ::testing::SizeIs(1));
}

// Filters

TEST(FileSource, FiltersByLinkTypeAndKeepsFrameNumbers) {
    auto ethernet = pcap_header(std::endian::little);
    for (const auto type : FileBytes{0x06, 0x00, 0x06}) {  // EtherTypes 0x0806 and 0x0800.
        ethernet.u32(type).u32(0).u32(60).u32(60).fill(12).u8(8).u8(type).fill(46);
    }
    const auto arp = read_files({ethernet.bytes()}, "arp");
    ASSERT_EQ(arp.packets.size(), 2U);
    EXPECT_EQ(arp.packets[0].view.frame, 1U);
    EXPECT_EQ(arp.packets[1].view.frame, 3U);
    EXPECT_THAT(arp.errors, ::testing::IsEmpty());

    EXPECT_EQ(read_files({ethernet.bytes()}, "tcp port 80").packets.size(), 0U);
}

TEST(FileSource, UnderstandsBothNumbersOfRawIp) {
    for (const std::uint32_t link_type : {12U, 14U, 101U}) {
        auto file = pcap_header(std::endian::little, 0xa1b2c3d4, link_type);
        file.u32(1).u32(0).u32(20).u32(20).u8(0x45).fill(8).u8(17).fill(10);
        EXPECT_EQ(read_files({file.bytes()}, "udp").packets.size(), 1U) << link_type;
        EXPECT_EQ(read_files({file.bytes()}, "tcp").packets.size(), 0U) << link_type;
    }
}

TEST(FileSource, RefusesAFileThatTheFilterDoesNotFit) {
    const auto outcome = read_files({at_seconds(100, {1, 2}), at_seconds(200, {1})}, "no such words");
    EXPECT_TRUE(outcome.packets.empty());
    ASSERT_EQ(outcome.kinds(), (std::vector{Kind::filter, Kind::filter}));
    EXPECT_THAT(outcome.errors[0].message(), ::testing::HasSubstr("\"no such words\""));
    EXPECT_TRUE(filter_problem("no such words").has_value());
    EXPECT_FALSE(filter_problem("tcp and not port 22").has_value());
}

// Files that are no captures

struct Foreign {
    const char* name;
    FileBytes bytes;
    Kind kind;
    const char* words;
};

class ForeignFile : public ::testing::TestWithParam<Foreign> {};

TEST_P(ForeignFile, IsRefusedInWordsWhileOthersAreRead) {
    const auto outcome = read_files({GetParam().bytes, at_seconds(100, {1})});
    EXPECT_EQ(lengths(outcome), std::vector<std::uint32_t>{100});
    ASSERT_EQ(outcome.kinds(), std::vector{GetParam().kind});
    EXPECT_TRUE(outcome.errors[0].is_refusal());
    EXPECT_THAT(outcome.errors[0].message(), ::testing::HasSubstr(GetParam().words));
}

const Foreign foreign_files[] = {
    {"empty", {}, Kind::empty, "folder/a: is empty"},
    {"empty_gzip", gzipped({}), Kind::empty, "is empty"},
    {"one_byte", {0xd4}, Kind::foreign, "neither pcap nor pcapng"},
    {"text", bytes_of("Dear reader, this is a letter."), Kind::foreign, "neither pcap nor pcapng"},
    {"zstd", {0x28, 0xb5, 0x2f, 0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0}, Kind::foreign, "zstd"},
    {"gzip_of_text", gzipped(bytes_of("Dear reader, this is a letter.")), Kind::foreign, "neither"},
    {"section_without_magic", FileBytes{0x0a, 0x0d, 0x0d, 0x0a, 28, 0, 0, 0, 1, 2, 3, 4, 0}, Kind::foreign, "neither"},
};
INSTANTIATE_TEST_SUITE_P(, ForeignFile, ::testing::ValuesIn(foreign_files),
                         [](const auto& row) { return row.param.name; });

/// A folder of its own for one test.
class OnDisk : public ::testing::Test {
protected:
    OnDisk() : folder{::testing::TempDir() + "wiresage_capture_" + std::to_string(::getpid())} {
        std::filesystem::create_directories(folder);
    }
    ~OnDisk() override { std::filesystem::remove_all(folder); }

    std::string write(const std::string& name, const FileBytes& bytes) const {
        std::ofstream{folder / name, std::ios::binary}.write(reinterpret_cast<const char*>(bytes.data()),
                                                             static_cast<std::streamsize>(bytes.size()));
        return folder / name;
    }

    std::filesystem::path folder;
};

TEST_F(OnDisk, FilesAreReadAndNamedWithoutTheirFolder) {
    const auto path = write("one.pcap", at_seconds(100, {1, 2}));
    FileSource source{{path}, {}};
    EXPECT_EQ(source.bytes_total(), 24U + 2 * 16);
    const auto outcome = drain(source);
    EXPECT_EQ(outcome.packets.size(), 2U);
    ASSERT_EQ(outcome.inputs.size(), 1U);
    EXPECT_EQ(outcome.inputs[0].file, "one.pcap");
    EXPECT_FALSE(source.has_refusal());
}

/// More files than are held open, each later than the one before in pairs, and one that is refused.
TEST_F(OnDisk, ManyFilesAreMergedAsFewAre) {
    std::vector<std::string> paths;
    std::vector<FileBytes> files;
    for (std::uint32_t i = 0; i < 200; ++i) {
        files.push_back(at_seconds(1000 * i, {500 - i, 501 - i, 503 - i}));
        paths.push_back(write("file" + std::to_string(i), files.back()));
    }
    paths.push_back(write("letter", bytes_of("Dear reader")));
    FileSource many{paths, {}};
    EXPECT_TRUE(many.has_refusal());
    const auto total = many.bytes_total();
    const auto outcome = drain(many);

    EXPECT_EQ(lengths(outcome), lengths(read_files(files)));
    EXPECT_EQ(outcome.packets.size(), 600U);
    ASSERT_EQ(outcome.inputs.size(), 200U);  // In the order of their turns.
    EXPECT_EQ(outcome.inputs[0].file, "file199");
    EXPECT_EQ(outcome.kinds(), std::vector{Kind::foreign});
    EXPECT_EQ(many.bytes_read(), total);
}

TEST_F(OnDisk, WhatCannotBeReadIsNamedWithTheSystemsReason) {
    const auto good = write("one.pcap", at_seconds(100, {1}));
    FileSource source{{folder / "missing.pcap", folder, good}, {}};
    EXPECT_TRUE(source.has_refusal());  // Known before the first packet.
    const auto outcome = drain(source);
    EXPECT_EQ(outcome.packets.size(), 1U);
    ASSERT_EQ(outcome.kinds(), (std::vector{Kind::unreadable, Kind::unreadable}));
    EXPECT_THAT(outcome.errors[0].message(), ::testing::HasSubstr("missing.pcap: cannot be read: No such file"));
    EXPECT_THAT(outcome.errors[1].message(), ::testing::HasSubstr("Is a directory"));
}

}  // namespace
}  // namespace wiresage::testing

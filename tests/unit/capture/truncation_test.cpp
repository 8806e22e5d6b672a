// A file cut at any byte gives every packet that is whole, and says that it was cut.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/capture/file_builder.hpp"

namespace wiresage::testing {
namespace {

/// A small file, and where its header and each packet end.
struct Sample {
    const char* name;
    FileBytes bytes;
    std::vector<std::size_t> packet_ends;
    std::vector<std::size_t> clean_ends;  ///< Cut here, nothing is missed.
};

Sample pcap_sample() {
    auto file = pcap_header(std::endian::little);
    Sample sample{"pcap", {}, {}, {file.size()}};
    for (const std::uint32_t bytes : {60U, 0U, 61U}) {
        pcap_record(file, 1, 2, bytes, 70);
        sample.packet_ends.push_back(file.size());
        sample.clean_ends.push_back(file.size());
    }
    sample.bytes = file.bytes();
    return sample;
}

Sample pcapng_sample() {
    FileBuilder file{std::endian::big};
    Sample sample{"pcapng", {}, {}, {}};
    const auto clean = [&] { sample.clean_ends.push_back(file.size()); };
    const auto packet = [&] {
        sample.packet_ends.push_back(file.size());
        clean();
    };
    section(file);
    clean();
    interface(file, 1, {{2, bytes_of("eth0")}, {9, {9}}});
    clean();
    enhanced_packet(file, 0, 1, 61, 61, {{1, bytes_of("a comment")}});
    packet();
    block(file, 5, FileBuilder{std::endian::big}.fill(16));
    clean();
    simple_packet(file, 33, 33);
    packet();
    section(file);
    clean();
    interface(file);
    clean();
    enhanced_packet(file, 0, 1, 0, 61);
    packet();
    sample.bytes = file.bytes();
    return sample;
}

Sample snoop_sample() {
    FileBuilder file{std::endian::big};
    Sample sample{"snoop", {}, {}, {}};
    file.text("snoop").fill(3).u32(2).u32(4);
    sample.clean_ends.push_back(file.size());
    for (int i = 0; i < 2; ++i) {
        file.u32(100).u32(61).u32(24 + 61 + 3).u32(0).u32(5).u32(6).fill(64);
        sample.packet_ends.push_back(file.size());
        sample.clean_ends.push_back(file.size());
    }
    sample.bytes = file.bytes();
    return sample;
}

class CutFile : public ::testing::TestWithParam<Sample> {};

TEST_P(CutFile, GivesWhatIsWholeAndSaysSo) {
    const auto& sample = GetParam();
    for (std::size_t cut = 0; cut <= sample.bytes.size(); ++cut) {
        const FileBytes start{sample.bytes.begin(), sample.bytes.begin() + static_cast<std::ptrdiff_t>(cut)};
        const auto whole = static_cast<std::size_t>(std::count_if(sample.packet_ends.begin(), sample.packet_ends.end(),
                                                                  [&](std::size_t end) { return end <= cut; }));
        const bool is_clean =
            std::find(sample.clean_ends.begin(), sample.clean_ends.end(), cut) != sample.clean_ends.end();
        for (const std::size_t at_once : {std::size_t{5}, SIZE_MAX}) {
            const auto outcome = read_files({start}, {}, at_once);
            ASSERT_EQ(outcome.packets.size(), whole) << "cut at " << cut;
            ASSERT_EQ(outcome.errors.size(), is_clean ? 0U : 1U) << "cut at " << cut;
            if (cut > 24 && !is_clean) {
                ASSERT_EQ(outcome.errors[0].kind, FileError::Kind::truncated) << "cut at " << cut;
                ASSERT_FALSE(outcome.errors[0].is_refusal());
            }
        }
    }
}

/// Every byte turned over, one at a time: whatever is read, nothing is read twice and nothing beyond the file.
TEST_P(CutFile, SurvivesAnyDamagedByte) {
    const auto& sample = GetParam();
    for (std::size_t at = 0; at < sample.bytes.size(); ++at) {
        for (const auto mask : FileBytes{0x01, 0x80, 0xff}) {
            auto damaged = sample.bytes;
            damaged[at] ^= mask;
            const auto outcome = read_file(damaged);
            ASSERT_LE(outcome.packets.size(), sample.packet_ends.size() + 2) << "byte " << at;
            for (const auto& packet : outcome.packets) {
                ASSERT_LE(packet.bytes.size(), sample.bytes.size());
                ASSERT_GE(packet.view.wire_bytes, packet.bytes.size());
                ASSERT_LT(packet.view.input, outcome.inputs.size());
            }
        }
    }
}

INSTANTIATE_TEST_SUITE_P(, CutFile, ::testing::Values(pcap_sample(), pcapng_sample(), snoop_sample()),
                         [](const auto& row) { return row.param.name; });

}  // namespace
}  // namespace wiresage::testing

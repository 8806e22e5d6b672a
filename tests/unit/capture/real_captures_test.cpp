// Real captures beside the project: as many packets and bytes as tshark counts.  Skipped where they are not there.

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "unit/capture/file_builder.hpp"

namespace wiresage::testing {
namespace {

std::filesystem::path captures() { return std::filesystem::path{__FILE__}.parent_path() / "../../../../shared/pcaps"; }

TEST(RealCaptures, HoldWhatTsharkCounts) {
    const auto answers = captures() / "oracle";
    if (!std::filesystem::exists(answers)) return;  // They are not part of the project: nothing to compare with.

    std::size_t equal = 0, refused = 0, other = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator{answers}) {
        if (!entry.is_regular_file() || entry.path().extension() != ".json") continue;
        std::ifstream stream{entry.path()};
        const auto answer = nlohmann::json::parse(stream);
        const auto capture = captures() / std::filesystem::relative(entry.path(), answers).replace_extension();

        FileSource source{{capture.string()}, {}};
        const auto outcome = drain(source);
        if (source.has_refusal()) {
            EXPECT_TRUE(outcome.packets.empty()) << capture;
            EXPECT_EQ(outcome.errors[0].kind, FileError::Kind::link_type) << outcome.errors[0].message();
            ++refused;
            continue;
        }
        std::uint64_t wire_bytes = 0, cut = 0;
        for (const auto& packet : outcome.packets) {
            wire_bytes += packet.view.wire_bytes;
            if (packet.bytes.size() < packet.view.wire_bytes) ++cut;
        }
        EXPECT_EQ(outcome.packets.size(), answer.value("packets", 0U)) << capture;
        if (answer.value("tshark_exit", 0) == 0) {
            EXPECT_TRUE(outcome.errors.empty()) << capture;
        }
        const bool is_equal = wire_bytes == answer.value("bytes_on_wire", std::uint64_t{0}) &&
                              cut == answer.value("frames_cut_by_snaplen", std::uint64_t{0});
        ++(is_equal ? equal : other);
    }
    EXPECT_GT(equal, 500U);
    EXPECT_LE(refused, 40U);
    EXPECT_LE(other, 1U);  // One file claims a wire shorter than what it holds of it; tshark believes it.
}

}  // namespace
}  // namespace wiresage::testing

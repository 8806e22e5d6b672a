// Steering agrees with the key of the decoded packet, for every packet but a later fragment.

#include "packet/steer.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>

#include "packet/flow_key.hpp"
#include "samples.hpp"

namespace wiresage::testing {
namespace {

constexpr std::uint64_t secret = 0x5eed;

/// The words of a disagreement, or nothing.
std::string disagreement(Steering& steering, const PacketView& view) {
    Packet packet;
    decode(view, packet);
    FlowKey key;
    const auto steer = steering.steer(view);
    if (steer.shard >= shard_count) return "no such shard";
    if (!flow_key_of(packet, key)) return steer.flow_hash == 0 ? "" : "a hash without IP";
    if (packet.ip.is_later_fragment()) return "";
    const auto wanted = hash(key, secret);
    if (steer.flow_hash != static_cast<std::uint32_t>(wanted)) return "another hash";
    return steer.shard == wanted >> 58 ? "" : "another shard";
}

TEST(Steering, AgreesWithTheDecoderAtEveryLength) {
    Steering steering{secret};
    auto rows = samples();
    rows.push_back(
        {.name = "tcp", .frame = tcp({.src = client_v4(), .dst = server_v4(), .payload = "x", .mss = 1460})});
    rows.push_back({.name = "tcp6",
                    .frame = tcp({.src = client_v6(), .dst = server_v6(), .payload = "x", .link = {.vlans = {4}}})});
    for (const auto& sample : rows) {
        for (std::size_t bytes = 0; bytes <= sample.frame.size(); ++bytes) {
            EXPECT_EQ(disagreement(steering, cut_view_of(sample.frame, bytes, sample.link)), "")
                << sample.name << " at " << bytes;
        }
    }
}

TEST(Steering, AgreesWithTheDecoderWhateverOneByteSays) {
    Steering steering{secret};
    for (const auto& original :
         {inner_frame(), inner_frame(true), tcp({.src = client_v4(), .dst = server_v4(), .payload = "abc"})}) {
        for (std::size_t at = 12; at < original.size(); ++at) {
            for (unsigned value = 0; value < 256; ++value) {
                auto frame = original;
                frame[at] = static_cast<std::uint8_t>(value);
                EXPECT_EQ(disagreement(steering, view_of(frame)), "") << at << " is " << value;
            }
        }
    }
}

TEST(Steering, LaterFragmentsFollowTheirFirst) {
    for (const bool v6 : {false, true}) {
        Steering steering{secret};
        const auto source = v6 ? client_v6() : client_v4();
        const auto destination = v6 ? server_v6() : server_v4();
        const auto fragment = [&](unsigned id, unsigned offset) {
            return udp({.src = source,
                        .dst = destination,
                        .payload = "12345678",
                        .ip = {.id = id, .more_fragments = true, .fragment_offset = offset}});
        };
        const auto first = fragment(9, 0);
        const auto later = fragment(9, 16);
        const auto stranger = fragment(10, 16);
        const auto to = steering.steer(view_of(first));
        EXPECT_EQ(steering.steer(view_of(later)), to);
        EXPECT_NE(steering.steer(view_of(stranger)), to);  // By the address pair.
    }
}

TEST(Steering, RemembersAThousandFirstFragmentsAndNoMore) {
    Steering steering{secret};
    const auto fragment = [](unsigned id, unsigned offset) {
        return udp({.src = {client_v4().ip, static_cast<std::uint16_t>(id)},
                    .dst = server_v4(),
                    .payload = "12345678",
                    .ip = {.id = id, .more_fragments = true, .fragment_offset = offset}});
    };
    const auto followed = [&](unsigned id, const Steer& first) {
        return steering.steer(view_of(fragment(id, 8))) == first;
    };
    std::vector<Steer> firsts;
    for (unsigned id = 0; id < 20'000; ++id) firsts.push_back(steering.steer(view_of(fragment(id, 0))));
    EXPECT_TRUE(followed(19'999, firsts.back()));
    unsigned remembered = 0;
    for (unsigned id = 0; id < 20'000; ++id) remembered += followed(id, firsts[id]) ? 1 : 0;
    EXPECT_LE(remembered, 1'024U);
    EXPECT_GE(remembered, 900U);  // Sets of four: a few are still filling up with the newest.
}

TEST(Steering, WithoutIpTheSenderDecides) {
    Steering steering{secret};
    const auto request = arp({.sender_ip = ipv4(10, 0, 0, 1), .target_ip = ipv4(10, 0, 0, 2)});
    const auto other = arp({.sender_ip = ipv4(10, 0, 0, 1), .target_ip = ipv4(10, 0, 0, 77)});
    EXPECT_EQ(steering.steer(view_of(request)), steering.steer(view_of(other)));
    std::set<unsigned> shards;
    for (unsigned host = 0; host < 200; ++host) {
        const auto frame =
            arp({.sender_ip = ipv4(10, 0, 0, static_cast<std::uint8_t>(host)), .target_ip = ipv4(10, 0, 1, 1)});
        const auto steer = steering.steer(view_of(frame));
        EXPECT_EQ(steer.flow_hash, 0U);
        shards.insert(steer.shard);
    }
    EXPECT_GT(shards.size(), 50U);
}

TEST(Steering, SecretChangesWhereAFlowGoes) {
    Steering one{1};
    Steering two{2};
    EXPECT_NE(one.steer(view_of(inner_frame())).flow_hash, two.steer(view_of(inner_frame())).flow_hash);
}

/// The records of a classic capture file in the byte order of this machine's kind; others give none.
class CaptureFile {
public:
    explicit CaptureFile(const std::filesystem::path& path) {
        std::ifstream file{path, std::ios::binary};
        bytes_.assign(std::istreambuf_iterator<char>{file}, {});
        const auto magic = bytes_.size() >= 24 ? number(0) : 0;
        if (magic == 0xa1b2c3d4U || magic == 0xa1b23c4dU) at_ = 24;
    }

    bool next(PacketView& view) {
        if (at_ == 0 || at_ + 16 > bytes_.size()) return false;
        const std::size_t captured = number(at_ + 8);
        if (captured > bytes_.size() - at_ - 16) return false;
        view = {};
        view.link = static_cast<LinkType>(number(20));
        view.wire_bytes = std::max(number(at_ + 12), number(at_ + 8));
        view.bytes = Bytes{bytes_}.subspan(at_ + 16, captured);
        at_ += 16 + captured;
        return true;
    }

private:
    std::uint32_t number(std::size_t at) const {
        return static_cast<std::uint32_t>(bytes_[at] | bytes_[at + 1] << 8 | bytes_[at + 2] << 16) |
               static_cast<std::uint32_t>(bytes_[at + 3]) << 24;
    }

    std::vector<std::uint8_t> bytes_;
    std::size_t at_ = 0;  ///< 0: not such a file.
};

TEST(Steering, AgreesWithTheDecoderOnCapturesBesideTheProject) {
    const auto folder = std::filesystem::path{__FILE__}.parent_path() / "../../../../shared/pcaps";
    std::error_code none_there;  // Without them the loop is over at once.
    std::string disagreeing;
    for (const auto& entry : std::filesystem::recursive_directory_iterator{folder, none_there}) {
        if (!entry.is_regular_file()) continue;
        CaptureFile file{entry.path()};
        Steering steering{secret};
        for (PacketView view; file.next(view);) {
            const auto words = disagreement(steering, view);
            if (!words.empty()) disagreeing += words + " in " + entry.path().filename().string() + "\n";
        }
    }
    EXPECT_EQ(disagreeing, "");
}

}  // namespace
}  // namespace wiresage::testing

// Every sample cut at every length: nothing is read beyond the bytes, and the words for it are right.

#include <gtest/gtest.h>

#include <memory>

#include "packet/steer.hpp"
#include "samples.hpp"
#include "support/decode_promises.hpp"

namespace wiresage::testing {
namespace {

/// All samples of a datagram, and one each of what is no UDP.
std::vector<Sample> everything() {
    auto rows = samples();
    const auto add = [&](const char* name, const Frame& frame) { rows.push_back({.name = name, .frame = frame}); };
    add("tcp", tcp({.src = client_v4(),
                    .dst = server_v4(),
                    .payload = "x",
                    .mss = 1460,
                    .timestamps = true,
                    .sack = {{1, 2}}}));
    add("icmp_error", icmp({.src = server_v4().ip, .dst = client_v4().ip, .type = 3, .quoted = inner_ip()}));
    add("icmpv6_error", icmp({.src = server_v6().ip, .dst = client_v6().ip, .type = 1, .quoted = inner_ip(true)}));
    add("sctp", routers_frame(ip_protocol::sctp, Frame(20)));
    add("arp", arp({.sender_ip = ipv4(10, 0, 0, 1), .target_ip = ipv4(10, 0, 0, 2)}));
    add("solicitation",
        neighbor_discovery(
            {.src = client_v6().ip, .dst = server_v6().ip, .target = server_v6().ip, .link_layer = MacAddress{}}));
    return rows;
}

/// A copy of exactly these bytes, so that a sanitizer sees the first byte too many.
std::unique_ptr<std::uint8_t[]> exact_copy(const Frame& frame, std::size_t bytes) {
    std::unique_ptr<std::uint8_t[]> copy{new std::uint8_t[bytes]};
    std::copy_n(frame.begin(), bytes, copy.get());
    return copy;
}

class Cut : public ::testing::TestWithParam<Sample> {};

TEST_P(Cut, ByTheSnaplenIsCalledTruncated) {
    const auto& sample = GetParam();
    Steering steering{1};
    for (std::size_t bytes = 0; bytes < sample.frame.size(); ++bytes) {
        const auto copy = exact_copy(sample.frame, bytes);
        auto view = view_of(sample.frame, sample.link);
        view.bytes = Bytes{copy.get(), bytes};
        Packet packet;
        decode(view, packet);
        EXPECT_TRUE(packet.cut);
        EXPECT_TRUE(lies_within(packet.payload, view.bytes));
        EXPECT_TRUE(lies_within(packet.transport, view.bytes));
        EXPECT_TRUE(packet.anomaly == Anomaly::truncated || packet.anomaly == Anomaly::none)
            << bytes << " bytes: " << name(packet.anomaly);
        EXPECT_LT(steering.steer(view).shard, shard_count);
    }
}

TEST_P(Cut, OnTheWireIsNeverCalledTruncated) {
    const auto& sample = GetParam();
    for (std::size_t bytes = 0; bytes < sample.frame.size(); ++bytes) {
        const auto copy = exact_copy(sample.frame, bytes);
        auto view = view_of(sample.frame, sample.link);
        view.bytes = Bytes{copy.get(), bytes};
        view.wire_bytes = static_cast<std::uint32_t>(bytes);
        Packet packet;
        decode(view, packet);
        EXPECT_FALSE(packet.cut);
        EXPECT_NE(packet.anomaly, Anomaly::truncated) << bytes << " bytes";
        EXPECT_TRUE(lies_within(packet.payload, view.bytes));
    }
}

TEST_P(Cut, LengthsOnTheWireDoNotDependOnTheSnaplen) {
    const auto& sample = GetParam();
    Packet whole;
    decode(view_of(sample.frame, sample.link), whole);
    for (std::size_t bytes = 0; bytes < sample.frame.size(); ++bytes) {
        Packet packet;
        decode(cut_view_of(sample.frame, bytes, sample.link), packet);
        if (packet.tunnel != whole.tunnel || !packet.has_ip || !whole.has_ip) continue;
        if (packet.ip.source != whole.ip.source) continue;  // Cut before the innermost header.
        EXPECT_EQ(packet.ip.payload_bytes, whole.ip.payload_bytes) << bytes;
        if (packet.udp) {
            EXPECT_EQ(packet.udp->payload_bytes, whole.udp.value().payload_bytes) << bytes;
        }
        if (packet.tcp) {
            EXPECT_EQ(packet.tcp->payload_bytes, whole.tcp.value().payload_bytes) << bytes;
        }
    }
}

INSTANTIATE_TEST_SUITE_P(, Cut, ::testing::ValuesIn(everything()), [](const auto& row) { return row.param.name; });

}  // namespace
}  // namespace wiresage::testing

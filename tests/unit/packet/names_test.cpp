// Names of anomalies, tunnels and link types.

#include <gtest/gtest.h>

#include <set>

#include "packet/packet.hpp"

namespace wiresage {
namespace {

TEST(Names, EveryAnomalyHasItsOwn) {
    std::set<std::string_view> seen;
    for (std::size_t i = 0; i < static_cast<std::size_t>(Anomaly::count_); ++i)
        seen.insert(name(static_cast<Anomaly>(i)));
    EXPECT_EQ(seen.size(), static_cast<std::size_t>(Anomaly::count_));
    EXPECT_EQ(seen.count("unknown"), 0U);
    EXPECT_EQ(name(Anomaly::none), "none");
    EXPECT_EQ(name(Anomaly::sctp_truncated), "sctp_truncated");
    EXPECT_EQ(name(Anomaly::count_), "unknown");
}

TEST(Names, EveryTunnelHasItsOwn) {
    std::set<std::string_view> seen;
    for (std::size_t i = 0; i < tunnel_count; ++i) seen.insert(name(static_cast<Tunnel>(i)));
    EXPECT_EQ(seen.size(), tunnel_count);
    EXPECT_EQ(name(Tunnel::pppoe), "pppoe");
}

TEST(Names, LinkTypesThatAreDecodedAreKnown) {
    for (const std::uint32_t number : {0U, 1U, 9U, 12U, 14U, 50U, 101U, 104U, 108U, 113U, 228U, 229U, 276U}) {
        EXPECT_TRUE(is_known_link_type(number)) << number;
    }
    for (const std::uint32_t number : {2U, 105U, 127U, 147U, 65535U, 65537U, 0xffffffffU}) {
        EXPECT_FALSE(is_known_link_type(number)) << number;
    }
}

TEST(Names, LinkTypesThatAreRefusedCanBeNamed) {
    EXPECT_EQ(link_type_name(1), "ETHERNET");
    EXPECT_EQ(link_type_name(105), "IEEE802_11");
    EXPECT_EQ(link_type_name(127), "IEEE802_11_RADIOTAP");
    EXPECT_EQ(link_type_name(290), "ETW");
    EXPECT_EQ(link_type_name(999), "linktype 999");
}

}  // namespace
}  // namespace wiresage

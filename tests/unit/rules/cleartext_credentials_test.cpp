// cleartext_credentials counts, for each service and protocol, secrets sent in the clear.

#include <gtest/gtest.h>

#include "support/rule_bench.hpp"

namespace wiresage::testing {
namespace {

using namespace std::chrono_literals;

const Endpoint server{ipv4(10, 0, 0, 21), 21};

CleartextLogin login(std::uint8_t host, LoginProtocol protocol = LoginProtocol::ftp, std::uint32_t times = 1) {
    return {{ipv4(10, 0, 0, host), 40'000}, server, times, protocol};
}

TEST(CleartextCredentials, IsOneAlertAServiceAndProtocol) {
    RuleBench bench{"cleartext_credentials"};
    bench.sees(0s, login(5));
    bench.sees(1s, login(6));
    bench.tells(11s, login(6, LoginProtocol::ftp, 4));
    bench.sees(12s, login(5, LoginProtocol::telnet));
    EXPECT_EQ(bench.entities(), (std::vector<std::string>{"10.0.0.21:21, ftp", "10.0.0.21:21, telnet"}));
    const auto* const finding = bench.last("10.0.0.21:21, ftp");
    ASSERT_NE(finding, nullptr);
    EXPECT_EQ(bench.severity(*finding), Severity::info);
    EXPECT_EQ(whole(*finding, "count"), 6);
    EXPECT_EQ(whole(*finding, "peers"), 2);
    EXPECT_EQ(text(*finding, "protocol"), "ftp");
    EXPECT_EQ(finding->evidence.find("user"), nullptr);
    EXPECT_EQ(finding->source.ip, std::nullopt);
    EXPECT_EQ(finding->packets.size(), 2U);
}

TEST(CleartextCredentials, AnHourOfQuietEndsTheEpisode) {
    RuleBench bench{"cleartext_credentials"};
    bench.sees(0s, login(5));
    bench.sees(3601s, login(5));
    EXPECT_EQ(whole(*bench.last(), "count"), 1);
    EXPECT_EQ(bench.last()->start, bench_begin + 3601s);
}

}  // namespace
}  // namespace wiresage::testing

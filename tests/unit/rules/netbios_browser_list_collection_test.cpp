// netbios_browser_list_collection joins master announcements with the lists that are then asked for.

#include <gtest/gtest.h>

#include "support/rule_bench.hpp"

namespace wiresage::testing {
namespace {

using namespace std::chrono_literals;

const Address master = ipv4(10, 5, 0, 10);
const Address browser = ipv4(10, 5, 7, 21);

class NetbiosBrowserListCollection : public ::testing::Test {
protected:
    void announced(Duration at) {
        bench.sees(at, BrowserWord{{browser, 138}, {master, 138}, BrowserNews::master_announcement, SmbLogon::unknown});
    }
    void asked(Duration at, const Address& by = master, SmbLogon logon = SmbLogon::ntlm) {
        bench.sees(at, BrowserWord{{by, ++port}, {browser, 139}, BrowserNews::list_asked, logon});
    }

    RuleBench bench{"netbios_browser_list_collection"};
    std::uint16_t port = 3786;
};

TEST_F(NetbiosBrowserListCollection, IsAskedRightAfterAnAnnouncement) {
    for (int i = 0; i < 3; ++i) {
        announced(i * 725s);
        asked(i * 725s + 2s);
    }
    const auto* const finding = bench.last("10.5.0.10>10.5.7.21");
    ASSERT_NE(finding, nullptr);
    EXPECT_EQ(bench.severity(*finding), Severity::info);
    EXPECT_EQ(whole(*finding, "count"), 3);
    EXPECT_DOUBLE_EQ(number(*finding, "period_s"), 725.0);
    EXPECT_EQ(text(*finding, "preceded_by"), "browser_master_announcement");
    EXPECT_EQ(text(*finding, "auth"), "ntlm");
    EXPECT_EQ(finding->destination.port, 139);
    EXPECT_EQ(finding->source.port, std::nullopt);
}

TEST_F(NetbiosBrowserListCollection, OthersWhoAskAreNotMeant) {
    announced(0s);
    asked(2s, ipv4(10, 5, 0, 50));
    EXPECT_TRUE(bench.findings().empty());
}

TEST_F(NetbiosBrowserListCollection, LongAfterwardsItIsNot) {
    announced(0s);
    asked(120s);
    EXPECT_TRUE(bench.findings().empty());
}

TEST_F(NetbiosBrowserListCollection, WithoutTheSessionsBeginningNothingIsSaid) {
    announced(0s);
    asked(2s, master, SmbLogon::unknown);
    EXPECT_TRUE(bench.findings().empty());
}

}  // namespace
}  // namespace wiresage::testing

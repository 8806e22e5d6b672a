// tls_obsolete_version tells of services that speak less than TLS 1.2.

#include <gtest/gtest.h>

#include "support/application_facts.hpp"

namespace wiresage::testing {
namespace {

using namespace std::chrono_literals;
using namespace tls_example;

TEST(TlsObsoleteVersion, OldOnesAreFoundWithWhatTheClientOffered) {
    RuleBench bench{"tls_obsolete_version"};
    for (int i = 0; i < 3; ++i) {
        auto made = tls_handshake(client(1), server, i * 1s);
        made.end = TlsEnd::completed;
        made.version = 0x0301;
        made.cipher = 0x0005;
        bench.sees(i * 1s, made, shown);
    }
    bench.until(5s);
    ASSERT_NE(bench.last("10.0.1.80:443"), nullptr);
    EXPECT_EQ(text(*bench.last(), "tls_version"), "1.0");
    EXPECT_EQ(text(*bench.last(), "cipher"), "RSA_WITH_RC4_128_SHA");
    EXPECT_EQ(text(*bench.last(), "client_offers"), "1.2");
    EXPECT_EQ(whole(*bench.last(), "count"), 3);
}

TEST(TlsObsoleteVersion, NewOnesAndUnknownOnesAreNot) {
    RuleBench bench{"tls_obsolete_version"};
    for (const std::uint16_t version : {std::uint16_t{0x0303}, std::uint16_t{0x0304}, std::uint16_t{0}}) {
        auto made = tls_handshake(client(1), server, 1s);
        made.version = version;
        bench.sees(1s, made, shown);
    }
    bench.until(5s);
    EXPECT_EQ(bench.last(), nullptr);
}

}  // namespace
}  // namespace wiresage::testing

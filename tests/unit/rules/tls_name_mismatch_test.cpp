// tls_name_mismatch compares the name asked for with those of the certificate.

#include <gtest/gtest.h>

#include "support/application_facts.hpp"

namespace wiresage::testing {
namespace {

using namespace std::chrono_literals;
using namespace tls_example;

TEST(TlsNameMismatch, ANameOfNoneIsFoundAndIsAWarningWhereTheClientLeaves) {
    for (const bool failed : {true, false}) {
        RuleBench bench{"tls_name_mismatch"};
        auto made = tls_handshake(client(1), server, 1s);
        made.has_sni = true;
        if (!failed) made.end = TlsEnd::completed;
        bench.sees(1s, made, shown);
        bench.until(2s);
        ASSERT_NE(bench.last("10.0.1.80:443, shop.example.org"), nullptr);
        EXPECT_EQ(bench.severity(*bench.last()), failed ? Severity::warning : Severity::info);
        EXPECT_EQ(says(*bench.last(), "failed"), failed);
        EXPECT_EQ(text(*bench.last(), "sni"), "shop.example.org");
        EXPECT_EQ(text(*bench.last(), "subject_cn"), "www.example.com");
    }
}

TEST(TlsNameMismatch, AMatchAndNoNameAreSilent) {
    RuleBench bench{"tls_name_mismatch"};
    auto made = tls_handshake(client(1), server, 1s);
    bench.sees(1s, made, shown);
    made.has_sni = made.name_matches = true;
    bench.sees(2s, made, shown);
    bench.until(3s);
    EXPECT_EQ(bench.last(), nullptr);
}

}  // namespace
}  // namespace wiresage::testing

// http_content_decode_error tells of bodies that do not decompress.

#include <gtest/gtest.h>

#include "support/application_facts.hpp"

namespace wiresage::testing {
namespace {

using namespace std::chrono_literals;

const Endpoint server{ipv4(10, 1, 1, 1), 80};
const Endpoint client{ipv4(10, 1, 2, 3), 40000};

TEST(HttpContentDecodeError, OneBodyIsToldWithWhereItFails) {
    RuleBench bench{"http_content_decode_error"};
    auto made = http_exchange(HttpNews::bad_body, client, server, 1s, 200, "docs.example.com");
    made.error = BodyError::crc;
    made.body_bytes = 2000;
    made.offset_bytes = 1990;
    bench.sees(1s, made, texts({"GET", "/a.pdf", "docs.example.com", "curl"}));
    auto tally = http_tally(server, "docs.example.com", 0, 0);
    tally.bodies = 3;
    bench.tells(1s + 50ms, tally);
    bench.until(2s);
    ASSERT_NE(bench.last("10.1.1.1:80, docs.example.com"), nullptr);
    EXPECT_EQ(text(*bench.last(), "error"), "crc");
    EXPECT_EQ(text(*bench.last(), "encoding"), "gzip");
    EXPECT_EQ(whole(*bench.last(), "offset_bytes"), 1990);
    EXPECT_EQ(whole(*bench.last(), "judged"), 3);
    EXPECT_EQ(whole(*bench.last(), "count"), 1);
    EXPECT_EQ(bench.last()->destination.port, client.port);
}

TEST(HttpContentDecodeError, BodiesThatDecompressAreOnlyCounted) {
    RuleBench bench{"http_content_decode_error"};
    auto tally = http_tally(server, "docs.example.com", 5, 0);
    tally.bodies = 5;
    bench.tells(1s, tally);
    bench.until(2s);
    EXPECT_EQ(bench.last(), nullptr);
}

}  // namespace
}  // namespace wiresage::testing

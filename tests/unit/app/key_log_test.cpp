// Key logs: lines, pieces of lines, what is none, how much is kept; keys as RFC 8448 has them.

#include "app/key_log.hpp"

#include <gtest/gtest.h>

#include <string>
#include <thread>

#include "app/tls_keys.hpp"
#include "app_bench.hpp"

namespace wiresage::testing {
namespace {

std::string hex(std::size_t number, std::size_t bytes) {
    static constexpr char digits[] = "0123456789abcdef";
    std::string made(2 * bytes, '0');
    for (std::size_t i = made.size(); i-- > 0 && number > 0; number >>= 4) made[i] = digits[number & 15];
    return made;
}
std::string unhex(std::string_view text) {
    std::string made;
    for (std::size_t i = 0; i + 1 < text.size(); i += 2)
        made += static_cast<char>(std::stoi(std::string{text.substr(i, 2)}, nullptr, 16));
    return made;
}
std::string line(std::string_view label, std::size_t random, std::size_t secret, std::size_t secret_bytes = 48) {
    return std::string{label} + " " + hex(random, 32) + " " + hex(secret, secret_bytes) + "\n";
}
/// The secret's last byte; -1: none.
int found(const KeyLog& keys, std::size_t random, TlsSecretKind kind = TlsSecretKind::master) {
    TlsSecrets secrets;
    if (!keys.find(bytes_of(unhex(hex(random, 32))), secrets) || !secrets[kind]) return -1;
    return secrets[kind].view().back();
}

TEST(KeyLog, AnyPieceOfTextMayEndInTheMiddleOfALine) {
    const std::string text = "# a comment\r\n" + line("CLIENT_RANDOM", 7, 70) +
                             line("SERVER_TRAFFIC_SECRET_0", 8, 80, 32) + "CLIENT_TRAFFIC_SECRET_0 " + hex(8, 32) +
                             " " + hex(81, 32) + "\r\n";
    for (std::size_t size = 1; size <= text.size(); size += 13) {
        KeyLog keys;
        for (std::size_t at = 0; at < text.size(); at += size) keys.add(std::string_view{text}.substr(at, size));
        EXPECT_EQ(found(keys, 7), 70);
        EXPECT_EQ(found(keys, 8, TlsSecretKind::server_traffic), 80);
        EXPECT_EQ(found(keys, 8, TlsSecretKind::client_traffic), 81);
        EXPECT_EQ(found(keys, 8), -1);
        EXPECT_EQ(found(keys, 9), -1);
        EXPECT_EQ(keys.changes(), 3U);
    }
}

TEST(KeyLog, WhatIsNoLineIsPassedOver) {
    const std::string good = line("CLIENT_RANDOM", 7, 70);
    for (const auto& bad :
         {std::string{"\n"}, std::string{"CLIENT_RANDOM\n"}, std::string{"CLIENT_RANDOM 12 34\n"},
          line("EXPORTER_SECRET", 7, 71), line("CLIENT_RANDOM", 7, 71, 64), "CLIENT_RANDOM " + hex(7, 32) + " \n",
          "CLIENT_RANDOM " + hex(7, 32) + " xy\n", "CLIENT_RANDOM " + hex(7, 32) + " 123\n",
          "CLIENT_RANDOM " + std::string(5000, '0') + "\n", std::string(70'000, 'A') + "\n"}) {
        KeyLog keys;
        keys.add(bad + good);
        EXPECT_EQ(found(keys, 7), 70) << bad.substr(0, 60);
        EXPECT_EQ(keys.changes(), 1U) << bad.substr(0, 60);
    }
}

TEST(KeyLog, AFileThatBeginsAnewForgetsHalfALine) {
    KeyLog keys;
    keys.add("CLIENT_RANDOM 0011");
    keys.begin_anew();
    keys.add(line("CLIENT_RANDOM", 7, 70));
    EXPECT_EQ(found(keys, 7), 70);
}

TEST(KeyLog, TheOldestAreForgottenFirst) {
    KeyLog keys;
    constexpr std::size_t many = 3 * KeyLog::most_connections;
    for (std::size_t i = 1; i <= many; ++i) keys.add(line("CLIENT_RANDOM", i, 1 + i % 100));
    std::size_t newest = 0;
    std::size_t oldest = 0;
    for (std::size_t i = 1; i <= 1000; ++i) {
        newest += found(keys, many - i) == static_cast<int>(1 + (many - i) % 100) ? 1 : 0;
        oldest += found(keys, i) != -1 ? 1 : 0;
    }
    EXPECT_GE(newest, 999U);
    EXPECT_LE(oldest, 10U);
}

TEST(KeyLog, IsReadWhileItGrows) {
    KeyLog keys{true};
    constexpr std::size_t many = 20'000;
    std::size_t wrong = 0;
    std::thread reader{[&] {
        for (std::size_t i = 1; i <= many; ++i) {
            const auto value = found(keys, 1 + i % 64);
            wrong += value != -1 && value != static_cast<int>(1 + i % 64) ? 1 : 0;
        }
    }};
    for (std::size_t i = 1; i <= many; ++i) keys.add(line("CLIENT_RANDOM", 1 + i % 64, 1 + i % 64));
    reader.join();
    EXPECT_EQ(wrong, 0U);
    EXPECT_EQ(found(keys, 1), 1);
}

/// RFC 8448, 3: the client's first record of application data.
TEST(TlsKeys, OpenARecordOfTheStandardsTrace) {
    TlsSecret secret;
    const auto bytes = unhex("9e40646ce79a7f9dc05af8889bce6552875afa0b06df0087f792ebb7c17504a5");
    std::copy(bytes.begin(), bytes.end(), secret.bytes.begin());
    secret.size = 32;
    const auto record = unhex(
        "1703030043a23f7054b62c94d0affafe8228ba55cbefacea42f914aa66bcab3f2b9819a8a5b46b395bd54a9a20441e2b62974e1f5a6292"
        "a2977014bd1e3deae63aeebb21694915e4");
    const KeyLog keys;
    TlsOpener opener;
    ASSERT_TRUE(start_opener(*find_tls_suite(0x1301), secret, keys.library(), opener));
    std::array<std::uint8_t, 128> out;
    const auto opened = opener.open(bytes_of(record).first(5), bytes_of(record).subspan(5), out.data());
    ASSERT_TRUE(opened);
    ASSERT_EQ(opened->size(), 51U);
    EXPECT_EQ((*opened)[0], 0);
    EXPECT_EQ((*opened)[49], 49);
    EXPECT_EQ((*opened)[50], 23) << "its type";
}

}  // namespace
}  // namespace wiresage::testing

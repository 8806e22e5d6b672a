// HTTP inside TLS: every way to protect records, keys that change, secrets that come late, what cannot be read.

#include <gtest/gtest.h>

#include "app_bench.hpp"
#include "support/tls_talk.hpp"

namespace wiresage::testing {
namespace {

constexpr From client = From::client, server = From::server;
constexpr std::string_view request = "GET /api/orders/1 HTTP/1.1\r\nHost: app.example.net\r\n\r\n";
constexpr std::string_view answer = "HTTP/1.1 500 Oops\r\nContent-Length: 4\r\n\r\nfail";

/// What the application layer makes of a talk.
struct DecryptionBench : AppBench {
    explicit DecryptionBench(const KeyLog& keys) : AppBench{&keys} { talk.server.port = 443; }
    void hears(const std::vector<TlsTalk::Said>& said, std::size_t piece = 1460) {
        for (const auto& one : said) says_in_pieces(one.from, one.bytes, piece);
    }
    /// Exchanges answered with 500, all of them as they were said.
    std::size_t failures() {
        const auto exchanges = of<HttpExchange>();
        for (std::size_t i = 0; i < exchanges.size(); ++i) {
            const auto texts = texts_of<HttpExchange>(i);
            EXPECT_EQ(exchanges[i].status, 500);
            EXPECT_TRUE(exchanges[i].decrypted);
            EXPECT_EQ(texts.at(0) + texts.at(1) + texts.at(2), "GET/api/orders/1app.example.net");
        }
        return exchanges.size();
    }
};

TlsTalk one_exchange(const TlsTalkOptions& options) {
    TlsTalk talk{options};
    talk.connect();
    talk.says(client, request);
    talk.says(server, answer);
    return talk;
}

std::string name_of(const ::testing::TestParamInfo<TlsTalkOptions>& row) {
    const auto& options = row.param;
    std::string name = options.version == TLS1_3_VERSION ? options.suite : options.cipher;
    name += "_" + std::to_string(options.version & 0xff) + (options.encrypt_then_mac ? "" : "_mac_first");
    for (auto& letter : name) letter = letter == '-' ? '_' : letter;
    return name;
}

class EverySuite : public ::testing::TestWithParam<TlsTalkOptions> {};

TEST_P(EverySuite, IsOpenedWithTheKeyLogAndOnlyWithIt) {
    auto talk = one_exchange(GetParam());
    talk.says(client, request);
    talk.says(server, answer);
    for (const std::size_t piece : {11U, 1460U, 65535U}) {
        KeyLog keys;
        keys.add(talk.key_log);
        DecryptionBench bench{keys};
        bench.hears(talk.said, piece);
        EXPECT_EQ(bench.failures(), 2U) << "pieces of " << piece;
        EXPECT_EQ(bench.reader.stats().tls_decrypted, 1U);
        EXPECT_EQ(bench.reader.stats().tls_stopped, 0U);
    }
    const KeyLog empty;
    DecryptionBench without{empty};
    without.hears(talk.said);
    EXPECT_EQ(without.failures(), 0U);
    EXPECT_EQ(without.verdict, AppVerdict::given_up) << "nothing more is looked at";
}

INSTANTIATE_TEST_SUITE_P(
    Tls, EverySuite,
    ::testing::Values(
        TlsTalkOptions{.version = TLS1_VERSION, .cipher = "ECDHE-ECDSA-AES128-SHA"},
        TlsTalkOptions{.version = TLS1_VERSION, .cipher = "ECDHE-ECDSA-AES256-SHA", .encrypt_then_mac = false},
        TlsTalkOptions{.version = TLS1_1_VERSION, .cipher = "ECDHE-ECDSA-AES256-SHA"},
        TlsTalkOptions{.version = TLS1_1_VERSION, .cipher = "ECDHE-ECDSA-AES128-SHA", .encrypt_then_mac = false},
        TlsTalkOptions{.cipher = "ECDHE-ECDSA-AES128-SHA"},
        TlsTalkOptions{.cipher = "ECDHE-ECDSA-AES128-SHA256", .encrypt_then_mac = false},
        TlsTalkOptions{.cipher = "ECDHE-ECDSA-AES256-SHA384"},
        TlsTalkOptions{.cipher = "ECDHE-ECDSA-AES128-GCM-SHA256"},
        TlsTalkOptions{.cipher = "ECDHE-ECDSA-AES256-GCM-SHA384"}, TlsTalkOptions{.cipher = "ECDHE-ECDSA-AES128-CCM"},
        TlsTalkOptions{.cipher = "ECDHE-ECDSA-AES256-CCM8"}, TlsTalkOptions{.cipher = "ECDHE-ECDSA-CHACHA20-POLY1305"},
        TlsTalkOptions{.version = TLS1_3_VERSION, .suite = "TLS_AES_128_GCM_SHA256"},
        TlsTalkOptions{.version = TLS1_3_VERSION, .suite = "TLS_AES_256_GCM_SHA384"},
        TlsTalkOptions{.version = TLS1_3_VERSION, .suite = "TLS_CHACHA20_POLY1305_SHA256"},
        TlsTalkOptions{.version = TLS1_3_VERSION, .suite = "TLS_AES_128_CCM_SHA256"},
        TlsTalkOptions{.version = TLS1_3_VERSION, .suite = "TLS_AES_128_CCM_8_SHA256"}),
    name_of);

constexpr TlsTalkOptions tls12{.cipher = "ECDHE-ECDSA-AES128-GCM-SHA256"};
constexpr TlsTalkOptions tls13{.version = TLS1_3_VERSION};
constexpr TlsTalkOptions chained{.version = TLS1_VERSION, .cipher = "ECDHE-ECDSA-AES128-SHA"};

class EveryVersion : public ::testing::TestWithParam<TlsTalkOptions> {};
INSTANTIATE_TEST_SUITE_P(Tls, EveryVersion, ::testing::Values(tls12, tls13, chained), name_of);

TEST_P(EveryVersion, AResumedSessionIsRead) {
    auto talk = one_exchange(GetParam());
    talk.connect(true);
    ASSERT_TRUE(talk.was_resumed());
    talk.says(client, request);
    talk.says(server, answer);
    KeyLog keys;
    keys.add(talk.key_log);
    DecryptionBench bench{keys};
    bench.hears(talk.said);
    EXPECT_EQ(bench.failures(), 1U);
}

TEST_P(EveryVersion, SecretsThatComeLateAreWaitedFor) {
    auto talk = one_exchange(GetParam());
    const auto before = talk.said;
    talk.says(client, request);
    talk.says(server, answer);
    KeyLog keys{true};
    DecryptionBench bench{keys};
    bench.hears(before);
    EXPECT_EQ(bench.failures(), 0U);
    EXPECT_NE(bench.verdict, AppVerdict::given_up);
    keys.add(talk.key_log);
    bench.hears({talk.said.begin() + static_cast<std::ptrdiff_t>(before.size()), talk.said.end()});
    EXPECT_EQ(bench.failures(), 2U) << "what waited is read too";
    EXPECT_EQ(bench.reader.stats().tls_late, 1U);
}

TEST_P(EveryVersion, SecretsThatComeLateAreLookedForOnceMoreAtTheEnd) {
    const auto talk = one_exchange(GetParam());
    KeyLog keys{true};
    DecryptionBench bench{keys};
    bench.hears(talk.said);
    keys.add(talk.key_log);
    bench.says(client, "", true);
    EXPECT_EQ(bench.failures(), 1U);
    bench.says(server, "", true);
    EXPECT_EQ(bench.reader.buffers_in_use(), 0U);
}

TEST_P(EveryVersion, SecretsThatComeTooLateAreGivenUp) {
    auto talk = one_exchange(GetParam());
    KeyLog keys{true};
    DecryptionBench bench{keys};
    for (int i = 0; i < 40; ++i) talk.says(server, std::string(1024, 'x'));
    bench.hears(talk.said);
    EXPECT_EQ(bench.verdict, AppVerdict::given_up) << "more than waits";
    EXPECT_EQ(bench.reader.stats().tls_stopped, 0U) << "its secrets were never known";
}

TEST_P(EveryVersion, ASegmentThatWasLostEndsIt) {
    auto talk = one_exchange(GetParam());
    const auto before = talk.said;
    talk.says(client, request);
    talk.says(server, answer);
    KeyLog keys;
    keys.add(talk.key_log);
    DecryptionBench bench{keys};
    bench.hears(before);
    bench.loses(client, static_cast<std::uint32_t>(talk.said[before.size()].bytes.size()));
    bench.says(client, talk.said[before.size()].bytes);
    bench.says(client, talk.said[before.size()].bytes);
    bench.says(server, talk.said[before.size() + 1].bytes);
    EXPECT_EQ(bench.failures(), 1U) << "the second answer is nobody's";
    EXPECT_EQ(bench.reader.stats().tls_stopped, 1U);
    EXPECT_EQ(bench.verdict, AppVerdict::given_up);
}

TEST_P(EveryVersion, ARecordThatDoesNotAuthenticateEndsIt) {
    auto talk = one_exchange(GetParam());
    talk.said.back().bytes.back() = static_cast<char>(talk.said.back().bytes.back() ^ 1);
    KeyLog keys;
    keys.add(talk.key_log);
    DecryptionBench bench{keys};
    bench.hears(talk.said);
    EXPECT_EQ(bench.failures(), 0U);
    if (GetParam().version < TLS1_3_VERSION) {
        EXPECT_EQ(bench.reader.stats().tls_stopped, 1U);
    }
}

TEST_P(EveryVersion, AnotherConnectionsSecretsAreOfNoUse) {
    auto talk = one_exchange(GetParam());
    talk.key_log.clear();
    talk.connect();
    KeyLog keys;
    keys.add(talk.key_log);
    DecryptionBench bench{keys};
    bench.hears(one_exchange(GetParam()).said);
    EXPECT_EQ(bench.failures(), 0U);
}

TEST_P(EveryVersion, OneSideAloneIsNotRead) {
    const auto talk = one_exchange(GetParam());
    for (const From seen : {client, server}) {
        KeyLog keys;
        keys.add(talk.key_log);
        DecryptionBench bench{keys};
        for (const auto& one : talk.said) {
            if (one.from == seen) bench.says(one.from, one.bytes);
        }
        EXPECT_EQ(bench.failures(), 0U);
    }
}

TEST_P(EveryVersion, WhatIsInsideAndNotHttpIsGivenUp) {
    TlsTalk talk{GetParam()};
    talk.connect();
    talk.says(server, "220 mail.example.net ESMTP\r\n");
    talk.says(client, "EHLO app.example.net\r\n");
    KeyLog keys;
    keys.add(talk.key_log);
    DecryptionBench bench{keys};
    bench.hears(talk.said);
    EXPECT_EQ(bench.verdict, AppVerdict::given_up);
    EXPECT_EQ(bench.reader.stats().tls_decrypted, 0U);
}

TEST(Tls13Decryption, KeysThatAreUpdatedAreFollowed) {
    auto talk = one_exchange(tls13);
    for (const From from : {client, server, server}) {
        talk.update_keys(from);
        talk.says(client, request);
        talk.says(server, answer);
    }
    KeyLog keys;
    keys.add(talk.key_log);
    DecryptionBench bench{keys};
    bench.hears(talk.said);
    EXPECT_EQ(bench.failures(), 4U);
}

TEST(Tls13Decryption, AHandshakeThatIsAskedForAgainIsRead) {
    const auto talk = one_exchange({.version = TLS1_3_VERSION, .server_groups = "P-521"});
    KeyLog keys;
    keys.add(talk.key_log);
    DecryptionBench bench{keys};
    bench.hears(talk.said);
    EXPECT_EQ(bench.failures(), 1U);
}

TEST(Tls13Decryption, ARequestInTheFirstFlightIsRead) {
    auto talk = one_exchange(tls13);
    talk.connect_early(request);
    ASSERT_EQ(talk.early_data_status(), SSL_EARLY_DATA_ACCEPTED);
    talk.says(server, answer);
    talk.says(client, request);
    talk.says(server, answer);
    KeyLog keys;
    keys.add(talk.key_log);
    DecryptionBench bench{keys};
    bench.hears(talk.said);
    EXPECT_EQ(bench.failures(), 2U);
}

TEST(Tls13Decryption, TheHandshakesSecretsAreNotNeeded) {
    const auto talk = one_exchange(tls13);
    std::string only_traffic;
    for (std::size_t at = 0; at < talk.key_log.size();) {
        const auto end = talk.key_log.find('\n', at) + 1;
        const auto line = talk.key_log.substr(at, end - at);
        if (line.find("_TRAFFIC_SECRET_0") != std::string::npos) only_traffic += line;
        at = end;
    }
    KeyLog keys;
    keys.add(only_traffic);
    DecryptionBench bench{keys};
    bench.hears(talk.said);
    EXPECT_EQ(bench.failures(), 1U);
}

TEST(Tls12Decryption, ARenegotiationEndsIt) {
    auto talk = one_exchange(tls12);
    talk.renegotiate();
    talk.says(client, request);
    talk.says(server, answer);
    KeyLog keys;
    keys.add(talk.key_log);
    DecryptionBench bench{keys};
    bench.hears(talk.said);
    EXPECT_EQ(bench.failures(), 1U);
    EXPECT_EQ(bench.reader.stats().tls_stopped, 1U);
}

TEST(TlsDecryption, OnlySoManyConnectionsWaitAtOnce) {
    const auto talk = one_exchange(tls12);
    KeyLog keys{true};
    DecryptionBench bench{keys};
    bench.hears(talk.said);
    for (std::size_t i = 0; i < TlsWaiting::most_connections; ++i) {
        ++bench.talk.flow;
        bench.begins_anew();
        bench.hears(one_exchange(tls12).said);
    }
    keys.add(talk.key_log);
    bench.talk.flow = 1;
    bench.says(server, "", true);
    EXPECT_EQ(bench.failures(), 0U) << "the oldest lost its place";
}

}  // namespace
}  // namespace wiresage::testing

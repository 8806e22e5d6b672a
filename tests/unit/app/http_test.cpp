// HTTP/1: messages one after the other, however they are cut into segments; trouble told, the rest summed.

#include <gtest/gtest.h>
#include <zlib.h>

#include "app_bench.hpp"

namespace wiresage::testing {
namespace {

constexpr From client = From::client, server = From::server;

std::string get(const std::string& target, const std::string& more = "") {
    return "GET " + target + " HTTP/1.1\r\nHost: Shop.Example.com:80\r\nUser-Agent: curl/8\r\n" + more + "\r\n";
}
std::string answer(int status, const std::string& reason, const std::string& body, const std::string& more = "") {
    return "HTTP/1.1 " + std::to_string(status) + " " + reason + "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" + more + "\r\n" + body;
}
std::string gzip(const std::string& text) {
    std::string out(text.size() + 100, 0);
    z_stream stream{};
    deflateInit2(&stream, 6, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY);
    stream.next_in = const_cast<unsigned char*>(bytes_of(text).data());
    stream.avail_in = static_cast<unsigned>(text.size());
    stream.next_out = static_cast<unsigned char*>(static_cast<void*>(out.data()));
    stream.avail_out = static_cast<unsigned>(out.size());
    deflate(&stream, Z_FINISH);
    out.resize(stream.total_out);
    deflateEnd(&stream);
    return out;
}

class HttpPieces : public ::testing::TestWithParam<std::size_t> {};

TEST_P(HttpPieces, ExchangesAreReadHoweverTheyAreCut) {
    AppBench bench;
    const auto size = GetParam();
    for (int i = 0; i < 3; ++i) {
        bench.says_in_pieces(client, get("/" + std::to_string(i)), size);
        bench.says_in_pieces(server, answer(i == 1 ? 502 : 200, i == 1 ? "Bad Gateway" : "OK", std::string(5000, 'x')), size);
    }
    bench.tick();
    const auto told = bench.of<HttpExchange>();
    ASSERT_EQ(told.size(), 1U);
    EXPECT_EQ(told[0].news, HttpNews::server_error);
    EXPECT_EQ(told[0].status, 502);
    EXPECT_EQ(bench.texts_of<HttpExchange>(), (std::vector<std::string>{"GET", "/1", "shop.example.com", "curl/8", "Bad Gateway", "", "", ""}));
    const auto sums = bench.of<HttpTally>();
    ASSERT_EQ(sums.size(), 1U);
    EXPECT_EQ(sums[0].answers, 3U);
    EXPECT_EQ(sums[0].errors, 1U);
    EXPECT_EQ(sums[0].host_hash, text_hash("shop.example.com"));
}
INSTANTIATE_TEST_SUITE_P(Sizes, HttpPieces, ::testing::Values(1, 7, 100, 1448, 100000));

TEST(Http, PipelinedHeadAndInformationalAnswersKeepInStep) {
    AppBench bench;
    bench.says(client, "HEAD /a HTTP/1.1\r\nHost: h\r\n\r\n" + get("/b") + get("/c"));
    bench.says(server, "HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\nHTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 304 Not Modified\r\nContent-Length: 7\r\n\r\n" +
                           answer(500, "No", "x"));
    ASSERT_EQ(bench.of<HttpExchange>().size(), 1U);
    EXPECT_EQ(bench.texts_of<HttpExchange>()[1], "/c");
}

TEST(Http, ChunkedBodiesAndTrailersArePassedOver) {
    AppBench bench;
    bench.says(client, get("/a") + get("/b"));
    bench.says_in_pieces(server, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;x=1\r\nhello\r\nA\r\n0123456789\r\n0\r\nTrailer: t\r\n\r\n" + answer(503, "No", ""), 3);
    ASSERT_EQ(bench.of<HttpExchange>().size(), 1U);
    EXPECT_EQ(bench.of<HttpExchange>()[0].status, 503);
}

TEST(Http, HolesInBodiesDoNotMatterAndHolesInHeadsEndTheReading) {
    AppBench bench;
    bench.says(client, get("/a"));
    const auto whole = answer(200, "OK", std::string(5000, 'x'));
    bench.says(server, whole.substr(0, 1000));
    bench.loses(server, 2000);
    bench.says(server, whole.substr(3000));
    bench.says(client, get("/b"));
    bench.says(server, answer(500, "No", ""));
    EXPECT_EQ(bench.of<HttpExchange>().size(), 1U);
    bench.says(client, get("/c"));
    bench.loses(server, 20);
    bench.says(server, "ontent-Length: 0\r\n\r\n");
    bench.says(server, "HTTP/1.1 500 No\r\n\r\n");
    bench.says(client, "x");
    EXPECT_EQ(bench.verdict, AppVerdict::given_up);
    EXPECT_EQ(bench.of<HttpExchange>().size(), 1U);
}

TEST(Http, WhatIsNoHttpIsGivenUpAtOnce) {
    for (const char* text : {"\x16\x03\x01", "SSH-2.0-x\r\n", "GETTING", "OPTIONS rtsp://x RTSP/1.0\r\n\r\n", "GET / HTTP/2.0\r\n\r\n"}) {
        AppBench bench;
        bench.talk.server.port = 8080;
        bench.says(client, text);
        bench.says(client, "more of it, and more\r\n\r\n");
        EXPECT_TRUE(bench.of<HttpExchange>().empty()) << text;
    }
    AppBench bench;
    EXPECT_EQ(bench.says(client, "SSH-2.0-x\r\n"), AppVerdict::given_up);
    EXPECT_EQ(bench.reader.stats().sessions_opened, 0U);
}

TEST(Http, AProxysAnswersAreToldWithTarget) {
    AppBench bench;
    bench.says(client, "CONNECT www.example.org:443 HTTP/1.0\r\nHost: www.example.org\r\n\r\n");
    bench.says(server, "HTTP/1.1 502 Denied\r\nX-Squid-Error: ERR_ACCESS_DENIED 0\r\nContent-Length: 0\r\n\r\n");
    ASSERT_EQ(bench.of<HttpExchange>().size(), 1U);
    EXPECT_EQ(bench.of<HttpExchange>()[0].news, HttpNews::denied);
    const auto texts = bench.texts_of<HttpExchange>();
    EXPECT_EQ(texts[5], "www.example.org:443");
    EXPECT_EQ(texts[7], "ERR_ACCESS_DENIED 0");
}

TEST(Http, WhatAProxyPassedOnIsTheTargetsOwnAnswer) {
    struct Row {
        const char* what;
        const char* request;
        const char* fields;
        HttpNews news;
    };
    const char* const page = "GET http://a.example/private HTTP/1.1\r\nHost: a.example\r\n\r\n";
    const char* const tunnel = "CONNECT a.example:443 HTTP/1.1\r\nHost: a.example:443\r\n\r\n";
    const char* const via = "Via: 1.1 proxy.test (squid/5.7)\r\n";
    const char* const squid = "X-Squid-Error: ERR_ACCESS_DENIED 0\r\nVia: 1.1 proxy.test (squid/5.7)\r\n";
    for (const auto& row : {Row{"passed on", page, via, HttpNews::allowed},
                            Row{"the proxy's own page", page, squid, HttpNews::denied},
                            Row{"a proxy without Via", page, "", HttpNews::denied},
                            Row{"Proxy-Status of one passed on", page, "Via: 1.1 p\r\nProxy-Status: p; received-status=403\r\n", HttpNews::allowed},
                            Row{"Proxy-Status of an error", page, "Via: 1.1 p\r\nProxy-Status: p; error=http_request_denied\r\n", HttpNews::denied},
                            Row{"a tunnel is the proxy's", tunnel, via, HttpNews::denied}}) {
        AppBench bench;
        bench.says(client, row.request);
        bench.says(server, std::string{"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n"} + row.fields + "\r\n");
        ASSERT_EQ(bench.of<HttpExchange>().size(), 1U) << row.what;
        EXPECT_EQ(bench.of<HttpExchange>()[0].news, row.news) << row.what;
    }
}

TEST(Http, BasicCredentialsAreALoginWhoseSecretIsNotKept) {
    struct Row {
        const char* fields;
        const char* user;  ///< Null: no login.
    };
    for (const auto& row : {Row{"Authorization: Basic am9lOmdlaGVpbQ==\r\n", "joe"}, Row{"authorization: basic am9lOmE6Yg==\r\n", "joe"},
                            Row{"Proxy-Authorization: Basic am9lOmdlaGVpbQ==\r\n", "joe"},
                            Row{"Authorization: Basic c2VjcmV0\r\n", ""},  // No colon.
                            Row{"Authorization: Basic !!\r\n", ""}, Row{"Authorization: Bearer am9lOmdlaGVpbQ==\r\n", nullptr},
                            Row{"Authorization: Digest username=joe\r\n", nullptr}, Row{"Authorization: Basic\r\n", nullptr}}) {
        AppBench bench;
        bench.says(client, get("/a", row.fields));
        const auto logins = bench.of<CleartextLogin>();
        ASSERT_EQ(logins.size(), row.user != nullptr ? 1U : 0U) << row.fields;
        if (row.user == nullptr) continue;
        EXPECT_EQ(logins[0].protocol, LoginProtocol::http_basic) << row.fields;
        const auto texts = bench.texts_of<CleartextLogin>();
        EXPECT_EQ(texts.empty() ? "" : texts[0], row.user) << row.fields;
    }
}

TEST(Http, AQuestionForCredentialsIsToldWithItsSchemes) {
    AppBench bench;
    bench.says(client, "GET http://a.example/ HTTP/1.1\r\nHost: a.example\r\nUser-Agent: Java/1.6\r\n\r\n");
    bench.says(server, "HTTP/1.1 407 Auth\r\nProxy-Authenticate: Negotiate\r\nProxy-Authenticate: Basic realm=x\r\nContent-Length: 0\r\n\r\n");
    ASSERT_EQ(bench.of<HttpExchange>().size(), 1U);
    EXPECT_EQ(bench.of<HttpExchange>()[0].news, HttpNews::auth_asked);
    EXPECT_EQ(bench.texts_of<HttpExchange>()[6], "Negotiate,Basic");
}

TEST(Http, AddressesInQueriesAndFormsAreNamed) {
    AppBench bench;
    bench.says(client, get("/s?host=192.168.1.105&port=3074&ip=2001%3Adb8%3A%3A7&v=1.2"));
    bench.says(client, "POST /f HTTP/1.1\r\nHost: h\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 18\r\n\r\na=b&t=192.0.2.9:80");
    const auto told = bench.of<HttpExchange>();
    ASSERT_EQ(told.size(), 3U);
    EXPECT_EQ(told[0].named, ipv4(192, 168, 1, 105));
    EXPECT_EQ(told[1].named.text(), "2001:db8::7");
    EXPECT_EQ(told[2].named, ipv4(192, 0, 2, 9));
}

struct BodyCase {
    const char* name;
    int damage;  ///< Byte to change; -1 none, -2 cut short.
    bool bad;
};
class HttpBodies : public ::testing::TestWithParam<BodyCase> {};

TEST_P(HttpBodies, ThatDoNotDecompressAreTold) {
    std::string text;
    for (int i = 0; i < 20000; ++i) text += static_cast<char>('a' + i * i % 23);
    auto body = gzip(text);
    if (GetParam().damage >= 0) body[static_cast<std::size_t>(GetParam().damage)] = static_cast<char>(body[static_cast<std::size_t>(GetParam().damage)] ^ 0x5a);
    if (GetParam().damage == -2) body.resize(body.size() - 20);
    AppBench bench;
    bench.says(client, get("/a"));
    bench.says_in_pieces(server, answer(200, "OK", body, "Content-Encoding: gzip\r\n"), 100);
    bench.tick();
    ASSERT_EQ(bench.of<HttpExchange>().size(), GetParam().bad ? 1U : 0U);
    if (GetParam().bad) {
        EXPECT_EQ(bench.of<HttpExchange>()[0].news, HttpNews::bad_body);
    }
    ASSERT_EQ(bench.of<HttpTally>().size(), 1U);
    EXPECT_EQ(bench.of<HttpTally>()[0].bodies, 1U);
}
const BodyCase bodies[] = {{"whole", -1, false}, {"first_byte", 0, true}, {"middle", 60, true}, {"cut_short", -2, true}};
INSTANTIATE_TEST_SUITE_P(Table, HttpBodies, ::testing::ValuesIn(bodies), [](const auto& row) { return std::string{row.param.name}; });

TEST(Http, ABodyWithAHoleIsNotJudged) {
    AppBench bench;
    const auto whole = answer(200, "OK", gzip(std::string(90000, 'x') + "end"), "Content-Encoding: gzip\r\n");
    bench.says(client, get("/a"));
    bench.says(server, whole.substr(0, 150));
    bench.loses(server, 20);
    bench.says(server, whole.substr(170, 10));
    bench.says(server, whole.substr(180));
    bench.says(client, get("/b"));
    bench.tick();
    EXPECT_TRUE(bench.of<HttpExchange>().empty());
}

}  // namespace
}  // namespace wiresage::testing

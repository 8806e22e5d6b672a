// The server over real sockets on loopback: what it answers, whom it refuses, what it endures.

#include "serve/http_server.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "base/error.hpp"
#include "support/running_server.hpp"

namespace wiresage::testing {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

HttpOptions with_token() {
    HttpOptions options;
    options.access.token = "s3cret";
    return options;
}

struct AnswerRow {
    const char* name;
    const char* request;
    int status;
    const char* content_type;
};

class Answers : public ::testing::TestWithParam<AnswerRow> {};

TEST_P(Answers, HaveTheirStatusAndContentType) {
    RunningServer server;
    server.raise("b7c1e0a4d95f2c33", R"({"event":{"id":"b7c1e0a4d95f2c33"}})");
    const auto answer = server.ask(GetParam().request);
    EXPECT_EQ(answer.status, GetParam().status);
    EXPECT_EQ(answer.field("Content-Type"), GetParam().content_type);
    EXPECT_EQ(answer.field("X-Content-Type-Options"), "nosniff");
    EXPECT_EQ(answer.field("Cache-Control"), "no-store");
    if (std::string_view{GetParam().content_type} != "application/problem+json") return;
    const auto problem = json::parse(answer.body);
    EXPECT_EQ(problem["status"], GetParam().status);
    EXPECT_FALSE(problem["title"].get<std::string>().empty());
    EXPECT_FALSE(problem["detail"].get<std::string>().empty());
}

constexpr const char* html = "text/html; charset=utf-8";
constexpr const char* text = "text/plain; charset=utf-8";
constexpr const char* json_type = "application/json";
constexpr const char* problem_type = "application/problem+json";

const AnswerRow answers[] = {
    {"page", "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", 200, html},
    {"metrics", "GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n", 200, "text/plain; version=0.0.4; charset=utf-8"},
    {"healthy", "GET /-/healthy HTTP/1.1\r\nHost: localhost\r\n\r\n", 200, text},
    {"ready", "GET /-/ready HTTP/1.1\r\nHost: localhost\r\n\r\n", 200, text},
    {"reload", "POST /-/reload HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n", 200, text},
    {"alerts", "GET /api/v1/alerts HTTP/1.1\r\nHost: localhost\r\n\r\n", 200, json_type},
    {"one_alert", "GET /api/v1/alerts/b7c1e0a4d95f2c33 HTTP/1.1\r\nHost: localhost\r\n\r\n", 200, json_type},
    {"no_such_alert", "GET /api/v1/alerts/0000000000000000 HTTP/1.1\r\nHost: localhost\r\n\r\n", 404, problem_type},
    {"bad_filter", "GET /api/v1/alerts?state=open HTTP/1.1\r\nHost: localhost\r\n\r\n", 400, problem_type},
    {"rules", "GET /api/v1/rules HTTP/1.1\r\nHost: localhost\r\n\r\n", 200, json_type},
    {"flows", "GET /api/v1/flows?limit=3 HTTP/1.1\r\nHost: localhost\r\n\r\n", 200, json_type},
    {"bad_address", "GET /api/v1/flows?address=x HTTP/1.1\r\nHost: localhost\r\n\r\n", 400, problem_type},
    {"hosts", "GET /api/v1/hosts?address=10.0.0.1 HTTP/1.1\r\nHost: localhost\r\n\r\n", 200, json_type},
    {"status", "GET /api/v1/status HTTP/1.1\r\nHost: localhost\r\n\r\n", 200, json_type},
    {"unknown_path", "GET /admin HTTP/1.1\r\nHost: localhost\r\n\r\n", 404, problem_type},
    {"parent_folder", "GET /../etc/passwd HTTP/1.1\r\nHost: localhost\r\n\r\n", 404, problem_type},
    {"wrong_method", "POST /metrics HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n", 405, problem_type},
    {"get_of_reload", "GET /-/reload HTTP/1.1\r\nHost: localhost\r\n\r\n", 405, problem_type},
    {"unknown_method", "BREW / HTTP/1.1\r\nHost: localhost\r\n\r\n", 405, problem_type},
    {"absolute_target", "GET http://elsewhere/ HTTP/1.1\r\nHost: localhost\r\n\r\n", 400, problem_type},
    {"bad_escape", "GET /%zz HTTP/1.1\r\nHost: localhost\r\n\r\n", 400, problem_type},
    {"rebinding", "GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n", 421, problem_type},
    {"health_is_no_way_around_it", "GET /-/healthy HTTP/1.1\r\nHost: evil.example\r\n\r\n", 421, problem_type},
    {"no_host", "GET / HTTP/1.1\r\n\r\n", 400, problem_type},
    {"two_hosts", "GET / HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n", 400, problem_type},
    {"old_client_without_host", "GET /-/healthy HTTP/1.0\r\n\r\n", 200, text},
    {"not_http", "\x16\x03\x01\x02\r\n\r\n", 400, problem_type},
    {"version_9", "GET / HTTP/9.9\r\nHost: localhost\r\n\r\n", 505, problem_type},
    {"reload_by_another_site",
     "POST /-/reload HTTP/1.1\r\nHost: localhost\r\nOrigin: https://evil.example\r\nContent-Length: 0\r\n\r\n", 403,
     problem_type},
    {"both_lengths",
     "POST /-/reload HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
     400, problem_type},
    {"chunked_body",
     "POST /-/reload HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n", 200,
     text},
};

INSTANTIATE_TEST_SUITE_P(, Answers, ::testing::ValuesIn(answers), [](const auto& row) { return row.param.name; });

TEST(HttpServer, SaysWhichMethodsFit) {
    RunningServer server;
    EXPECT_EQ(server.get("/-/reload").field("Allow"), "POST");
    EXPECT_EQ(server.ask("DELETE /api/v1/rules HTTP/1.1\r\nHost: localhost\r\n\r\n").field("Allow"), "GET, HEAD");
}

TEST(HttpServer, AnswersHeadWithTheLengthAndNothingElse) {
    RunningServer server;
    TcpClient client{server.port};
    client.send("HEAD /-/healthy HTTP/1.1\r\nHost: localhost\r\n\r\nGET /-/ready HTTP/1.1\r\nHost: localhost\r\n\r\n");
    const auto head = read_answer(client, true);
    EXPECT_EQ(head.status, 200);
    EXPECT_EQ(head.field("Content-Length"), "8");
    EXPECT_EQ(read_answer(client).body, "ready\n");
}

TEST(HttpServer, AnswersPipelinedRequestsInTheirOrder) {
    RunningServer server;
    TcpClient client{server.port};
    client.send(
        "GET /-/healthy HTTP/1.1\r\nHost: localhost\r\n\r\nGET /-/ready HTTP/1.1\r\nHost: localhost\r\n\r\n"
        "GET /none HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    EXPECT_EQ(read_answer(client).body, "healthy\n");
    EXPECT_EQ(read_answer(client).body, "ready\n");
    const auto last = read_answer(client);
    EXPECT_EQ(last.status, 404);
    EXPECT_EQ(last.field("Connection"), "close");
    EXPECT_EQ(client.read_all(), "");
}

TEST(HttpServer, TakesARequestThatComesByteByByte) {
    RunningServer server;
    TcpClient client{server.port};
    for (const char c : std::string{"GET /-/healthy HTTP/1.1\r\nHost: localhost\r\n\r\n"}) client.send({&c, 1});
    EXPECT_EQ(read_answer(client).status, 200);
}

TEST(HttpServer, SaysWhyItIsNotReadyAndWhyAReloadWasRefused) {
    RunningServer server;
    server.view.why_not_ready = "no interface is up";
    server.view.wrong_configuration = "a.yaml:3:5: unknown key";
    const auto ready = server.get("/-/ready");
    EXPECT_EQ(ready.status, 503);
    EXPECT_EQ(ready.body, "no interface is up\n");
    const auto reload = server.ask("POST /-/reload HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n");
    EXPECT_EQ(reload.status, 422);
    EXPECT_EQ(json::parse(reload.body)["detail"], "a.yaml:3:5: unknown key");
}

TEST(HttpServer, ListsAlertsWithACursor) {
    RunningServer server;
    for (const char* id : {"a", "b", "c"}) server.raise(id, json{{"event", {{"id", id}}}}.dump());
    const auto first = json::parse(server.get("/api/v1/alerts?limit=2").body);
    ASSERT_EQ(first["alerts"].size(), 2U);
    EXPECT_EQ(first["alerts"][0]["event"]["id"], "c");
    const auto second =
        json::parse(server.get("/api/v1/alerts?limit=2&cursor=" + first["next"].get<std::string>()).body);
    ASSERT_EQ(second["alerts"].size(), 1U);
    EXPECT_EQ(second["alerts"][0]["event"]["id"], "a");
    EXPECT_TRUE(second["next"].is_null());
}

TEST(HttpServer, GivesUpOnADaemonThatDoesNotAnswer) {
    HttpOptions options;
    options.limits.answer_time = std::chrono::milliseconds{20};
    RunningServer server{options};
    server.view.answers = false;
    EXPECT_EQ(server.get("/api/v1/flows").status, 504);
}

TEST(HttpServer, SurvivesADaemonThatThrows) {
    RunningServer server;
    server.view.breaks = true;
    EXPECT_EQ(server.get("/api/v1/rules").status, 500);
    EXPECT_EQ(server.get("/-/healthy").status, 200);
}

TEST(HttpServer, PageLetsOnlyItsOwnScriptAndStyleWork) {
    RunningServer server;
    const auto page = server.get("/");
    const auto policy = page.field("Content-Security-Policy");
    EXPECT_THAT(policy, StartsWith("default-src 'none'; script-src 'sha256-"));
    EXPECT_THAT(policy, Not(HasSubstr("unsafe")));
    EXPECT_THAT(policy, HasSubstr("frame-ancestors 'none'"));
    EXPECT_THAT(page.body, Not(HasSubstr("/*script*/")));
    EXPECT_THAT(page.body, Not(HasSubstr("innerHTML")));
    EXPECT_THAT(page.body, Not(HasSubstr("style=\"")));
}

struct TokenRow {
    const char* name;
    const char* target;
    const char* fields;
    int status;
};

class Token : public ::testing::TestWithParam<TokenRow> {};

TEST_P(Token, IsAskedForByEverythingButHealth) {
    RunningServer server{with_token()};
    const auto answer = server.get(GetParam().target, GetParam().fields);
    EXPECT_EQ(answer.status, GetParam().status);
    EXPECT_EQ(answer.field("WWW-Authenticate").empty(), GetParam().status != 401);
    EXPECT_THAT(answer.head + answer.body, Not(HasSubstr("s3cret")));
}

const TokenRow tokens[] = {
    {"healthy", "/-/healthy", "", 200},
    {"ready", "/-/ready", "", 200},
    {"metrics", "/metrics", "", 401},
    {"alerts", "/api/v1/alerts", "", 401},
    {"stream", "/api/v1/stream", "", 401},
    {"page", "/", "", 401},
    {"unknown_path", "/none", "", 401},
    {"right_token", "/metrics", "Authorization: Bearer s3cret\r\n", 200},
    {"wrong_token", "/metrics", "Authorization: Bearer other\r\n", 401},
    {"token_in_the_query", "/metrics?token=s3cret", "", 401},
};

INSTANTIATE_TEST_SUITE_P(, Token, ::testing::ValuesIn(tokens), [](const auto& row) { return row.param.name; });

TEST(HttpServer, GivesABrowserThePageThatAsksForTheToken) {
    RunningServer server{with_token()};
    const auto page = server.get("/", "Accept: text/html,application/xhtml+xml\r\n");
    EXPECT_EQ(page.status, 401);
    EXPECT_EQ(page.field("Content-Type"), "text/html; charset=utf-8");
    EXPECT_EQ(server.get("/api/v1/alerts", "Accept: text/html\r\n").field("Content-Type"), "application/problem+json");
}

TEST(HttpServer, TakesANewTokenWhileItRuns) {
    RunningServer server{with_token()};
    server.on_thread([&] { server.server->set_access({"changed", {}}); });
    EXPECT_EQ(server.get("/metrics", "Authorization: Bearer s3cret\r\n").status, 401);
    EXPECT_EQ(server.get("/metrics", "Authorization: Bearer changed\r\n").status, 200);
}

std::string startup_error(HttpOptions options) {
    boost::asio::io_context io;
    FixedView view;
    AlertStore alerts;
    Log log;
    try {
        const HttpServer server{io, std::move(options), view, alerts, log};
    } catch (const StartupError& error) {
        return error.what();
    }
    return {};
}

TEST(HttpServerStart, RefusesAnOpenAddressWithoutAToken) {
    HttpOptions options;
    options.listen = {ipv4(0, 0, 0, 0), 0};
    EXPECT_THAT(startup_error(options), HasSubstr("http.token_file"));
    options.access.token = "s3cret";
    EXPECT_EQ(startup_error(options), "");
}

TEST(HttpServerStart, NamesWhoHasThePort) {
    RunningServer first;
    HttpOptions options;
    options.listen.port = first.port;
    const auto error = startup_error(options);
    EXPECT_THAT(error, HasSubstr("127.0.0.1:" + std::to_string(first.port)));
    EXPECT_THAT(error, HasSubstr("already in use by test_serve (pid "));
}

TEST(HttpServerStart, NamesTheCertificateItCannotUse) {
    HttpOptions options;
    options.tls_cert_file = "/nonexistent/cert.pem";
    EXPECT_THAT(startup_error(options), HasSubstr("go together"));
    options.tls_key_file = "/nonexistent/key.pem";
    EXPECT_THAT(startup_error(options), HasSubstr("/nonexistent/cert.pem"));
}

}  // namespace
}  // namespace wiresage::testing

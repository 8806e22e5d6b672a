// What strangers may cost: limits of size, time and number; readers of the stream; the end.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "support/running_server.hpp"

namespace wiresage::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr std::chrono::milliseconds soon{30};

TEST(HttpLimits, RefusesAHeaderBeyondItsLimit) {
    RunningServer server;
    const auto answer = server.get("/-/healthy", "X-Long: " + std::string(9 * 1024, 'x') + "\r\n");
    EXPECT_EQ(answer.status, 431);
    EXPECT_EQ(server.get("/-/healthy", "X-Long: " + std::string(7 * 1024, 'x') + "\r\n").status, 200);
}

TEST(HttpLimits, RefusesAHeaderThatNeverEnds) {
    RunningServer server;
    TcpClient client{server.port};
    client.send("GET / HTTP/1.1\r\n" + std::string(64 * 1024, 'x'));
    EXPECT_EQ(read_answer(client).status, 431);
}

TEST(HttpLimits, RefusesABodyBeyondItsLimit) {
    RunningServer server;
    const auto post = [&](std::size_t bytes) {
        return server.ask("POST /-/reload HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + std::to_string(bytes) +
                          "\r\n\r\n" + std::string(bytes, 'x'));
    };
    EXPECT_EQ(post(64 * 1024).status, 200);
    EXPECT_EQ(post(64 * 1024 + 1).status, 413);
}

struct SlowRow {
    const char* name;
    const char* sends;
};

class SlowClient : public ::testing::TestWithParam<SlowRow> {};

TEST_P(SlowClient, IsEndedWithinTheTimeOfItsStage) {
    HttpOptions options;
    options.limits.header_time = options.limits.body_time = options.limits.idle_time = soon;
    RunningServer server{options};
    TcpClient client{server.port};
    client.send(GetParam().sends);
    client.read_all();  // Ends because the server closes.
    EXPECT_EQ(server.figures().connections, 0U);
}

const SlowRow slow[] = {
    {"says_nothing", ""},
    {"half_a_header", "GET / HTTP/1.1\r\nHost: local"},
    {"half_a_body", "POST /-/reload HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\nabc"},
    {"idle_after_an_answer", "GET /-/healthy HTTP/1.1\r\nHost: localhost\r\n\r\n"},
};

INSTANTIATE_TEST_SUITE_P(, SlowClient, ::testing::ValuesIn(slow), [](const auto& row) { return row.param.name; });

TEST(HttpLimits, ADribblingClientGetsNoMoreTimeForEachByte) {
    HttpOptions options;
    options.limits.header_time = std::chrono::milliseconds{100};
    RunningServer server{options};
    TcpClient client{server.port};
    client.send("GET / HTTP/1.1\r\n");
    std::size_t sent = 0;
    while (client.send("x") && sent < 100'000'000) {
        ++sent;
        if (sent % 8000 == 0) break;  // Never reached before the header's limit in bytes.
    }
    client.read_all();
    EXPECT_EQ(server.figures().connections, 0U);
}

TEST(HttpLimits, AConnectionBeyondTheLimitIsRefusedWhileAllOthersAreAnswered) {
    HttpOptions options;
    options.limits.connections = 2;
    RunningServer server{options};
    server.view.answers = false;  // They wait for the daemon.
    TcpClient first{server.port}, second{server.port};
    for (auto* client : {&first, &second}) client->send("GET /api/v1/flows HTTP/1.1\r\nHost: localhost\r\n\r\n");
    while (server.figures().requests < 2) {
    }
    TcpClient third{server.port};
    EXPECT_EQ(read_answer(third).status, 503);
    EXPECT_EQ(server.figures().rejected_full, 1U);
}

TEST(HttpLimits, ClientsThatDribbleGiveWayToOneThatAsks) {
    HttpOptions options;
    options.limits.connections = 2;
    RunningServer server{options};
    TcpClient oldest{server.port};
    oldest.send("GET / HT");
    while (server.figures().connections < 1) {
    }
    TcpClient second{server.port};
    second.send("GET / HT");
    while (server.figures().connections < 2) {
    }
    EXPECT_EQ(server.get("/-/healthy").status, 200);
    EXPECT_EQ(oldest.read_all(), "");
    EXPECT_EQ(server.figures().displaced, 1U);
    second.send("TP/1.1\r\nHost: localhost\r\n\r\n");
    EXPECT_EQ(read_answer(second).status, 200);
}

TEST(HttpLimits, AnIdleConnectionMakesRoomForANewOne) {
    HttpOptions options;
    options.limits.connections = 1;
    RunningServer server{options};
    TcpClient idle{server.port};
    idle.send("GET /-/healthy HTTP/1.1\r\nHost: localhost\r\n\r\n");
    EXPECT_EQ(read_answer(idle).status, 200);
    EXPECT_EQ(server.get("/-/healthy").status, 200);
    EXPECT_EQ(idle.read_all(), "");
}

TEST(HttpLimits, ManyClientsAtOnceAreAllAnsweredOrRefused) {
    RunningServer server;
    std::vector<std::unique_ptr<TcpClient>> clients;
    for (int i = 0; i < 400; ++i) clients.push_back(std::make_unique<TcpClient>(server.port));
    int answered = 0;
    for (const auto& client : clients) {
        client->send("GET /-/healthy HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        const auto status = read_answer(*client).status;
        answered += status == 200 ? 1 : 0;
        EXPECT_TRUE(status == 200 || status == 503 || status == 0) << status;
    }
    EXPECT_GE(answered, 256);
    EXPECT_EQ(server.get("/-/healthy").status, 200);
}

/// A reader whose stream is open.
std::unique_ptr<TcpClient> reader(RunningServer& server, const std::string& fields = "", int receive_buffer_bytes = 0) {
    auto client = std::make_unique<TcpClient>(server.port, receive_buffer_bytes);
    client->send("GET /api/v1/stream HTTP/1.1\r\nHost: localhost\r\n" + fields + "\r\n");
    EXPECT_THAT(client->read_to("\r\n\r\n"), HasSubstr("Content-Type: text/event-stream"));
    EXPECT_EQ(client->read_to("\n\n"), "retry: 3000\n\n");
    return client;
}

TEST(HttpStream, GivesEachDocumentAsAnEventToEveryReader) {
    RunningServer server;
    const auto one = reader(server), two = reader(server);
    server.raise("a", R"({"message":"first"})");
    server.raise("b", "{\"message\":\n\"second\"}");
    for (const auto& client : {one.get(), two.get()}) {
        EXPECT_EQ(client->read_to("\n\n"), "id: 1\nevent: alert\ndata: {\"message\":\"first\"}\n\n");
        EXPECT_EQ(client->read_to("\n\n"), "id: 2\nevent: alert\ndata: {\"message\":\ndata: \"second\"}\n\n");
    }
    EXPECT_EQ(server.figures().streams, 2U);
}

TEST(HttpStream, BeginsWithWhatTheReaderMissed) {
    RunningServer server;
    server.raise("a", "{}");
    server.raise("b", "{}");
    server.raise("c", "{}");
    const auto client = reader(server, "Last-Event-ID: 1\r\n");
    EXPECT_THAT(client->read_to("\n\n"), StartsWith("id: 2\n"));
    EXPECT_THAT(client->read_to("\n\n"), StartsWith("id: 3\n"));
}

TEST(HttpStream, SaysThatItLivesWhenNothingHappens) {
    HttpOptions options;
    options.limits.keep_alive = soon;
    RunningServer server{options};
    const auto client = reader(server);
    EXPECT_EQ(client->read_to("\n\n"), ": keep-alive\n\n");
}

TEST(HttpStream, DropsAReaderThatIsTooFarBehind) {
    HttpOptions options;
    options.limits.stream_queue_bytes = 64 * 1024;
    RunningServer server{options};
    const auto slow_reader = reader(server, "", 4096);
    const auto good = reader(server);
    const std::string document = "\"" + std::string(16 * 1024, 'x') + "\"";
    std::size_t raised = 0;
    while (server.figures().streams_dropped == 0 && raised < 5000) {
        server.raise("a", document);
        ++raised;
        good->read_to("\n\n");
    }
    EXPECT_EQ(server.figures().streams_dropped, 1U);
    EXPECT_EQ(server.figures().streams, 1U);
    server.raise("b", "{}");
    EXPECT_THAT(good->read_to("\n\n"), HasSubstr("data: {}"));
}

TEST(HttpStream, HasABoundedNumberOfReaders) {
    HttpOptions options;
    options.limits.streams = 1;
    RunningServer server{options};
    auto first = reader(server);
    EXPECT_EQ(server.get("/api/v1/stream").status, 503);
    first.reset();
    while (server.figures().streams > 0) {
    }  // Its end is noticed.
    const auto next = reader(server);
    EXPECT_EQ(server.figures().streams, 1U);
}

TEST(HttpStream, AnswersHeadWithoutBecomingOne) {
    RunningServer server;
    EXPECT_EQ(server.ask("HEAD /api/v1/stream HTTP/1.1\r\nHost: localhost\r\n\r\n").field("Content-Type"),
              "text/event-stream");
    EXPECT_EQ(server.figures().streams, 0U);
}

TEST(HttpServerStop, EndsReadersAndIdleConnectionsAtOnce) {
    RunningServer server;
    auto client = reader(server);
    auto idle = std::make_unique<TcpClient>(server.port);
    idle->send("GET /-/healthy HTTP/1.1\r\nHost: localhost\r\n\r\n");
    EXPECT_EQ(read_answer(*idle).status, 200);
    server.on_thread([&] { server.server->stop(); });
    EXPECT_EQ(client->read_all(), "");
    EXPECT_EQ(idle->read_all(), "");
    client.reset();
    idle.reset();
    while (server.figures().connections > 0) {
    }
    EXPECT_EQ(server.figures().streams, 0U);
}

}  // namespace
}  // namespace wiresage::testing

// The same API over TLS.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "base/error.hpp"
#include "support/running_server.hpp"
#include "support/tls_client.hpp"

namespace wiresage::testing {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr const char* request = "GET /-/healthy HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";

class Https : public ::testing::Test {
protected:
    Https() {
        options.tls_cert_file = folder + "cert.pem";
        options.tls_key_file = folder + "key.pem";
        write_certificate(options.tls_cert_file, options.tls_key_file);
    }
    ~Https() override {
        std::filesystem::remove(options.tls_cert_file);
        std::filesystem::remove(options.tls_key_file);
    }

    std::string folder = ::testing::TempDir() + "wiresage_https_" + std::to_string(getpid()) + "_";
    HttpOptions options;
};

TEST_F(Https, AnswersOverTls) {
    RunningServer server{options};
    EXPECT_THAT(server.server->url(), StartsWith("https://127.0.0.1:"));
    const auto answer = ask_by_tls(server.port, request);
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 OK\r\n"));
    EXPECT_THAT(answer, EndsWith("\r\n\r\nhealthy\n"));
}

TEST_F(Https, RefusesVersionsBefore12) {
    RunningServer server{options};
    EXPECT_EQ(ask_by_tls(server.port, request, TLS1_1_VERSION), "");
    EXPECT_THAT(ask_by_tls(server.port, request, TLS1_2_VERSION), HasSubstr("healthy"));
}

TEST_F(Https, EndsAClientThatDoesNotSpeakTls) {
    RunningServer server{options};
    TcpClient client{server.port};
    client.send(request);
    client.read_all();
    EXPECT_THAT(ask_by_tls(server.port, request), HasSubstr("healthy"));
}

TEST_F(Https, EndsAClientThatNeverFinishesItsHandshake) {
    options.limits.header_time = std::chrono::milliseconds{30};
    RunningServer server{options};
    TcpClient client{server.port};
    client.read_all();
    EXPECT_EQ(server.figures().timed_out, 1U);
}

TEST_F(Https, RefusesToStartWithAnotherKey) {
    const auto other_cert = folder + "other_cert.pem", other_key = folder + "other_key.pem";
    write_certificate(other_cert, other_key);
    options.tls_key_file = other_key;
    boost::asio::io_context io;
    FixedView view;
    AlertStore alerts;
    Log log;
    const auto start = [&] { const HttpServer server{io, options, view, alerts, log}; };
    EXPECT_THROW(start(), StartupError);
    std::filesystem::remove(other_cert);
}

}  // namespace
}  // namespace wiresage::testing

// http_proxy_auth_unanswered counts 407 answers that no credentials follow, for each program.

#include <gtest/gtest.h>

#include "support/application_facts.hpp"

namespace wiresage::testing {
namespace {

using namespace std::chrono_literals;

const Endpoint proxy{ipv4(10, 20, 0, 5), 8080};
const Endpoint client{ipv4(10, 20, 0, 15), 40000};

void asks(RuleBench& bench, Duration at, const char* agent, const char* host, bool credentials = false) {
    auto made = http_exchange(HttpNews::auth_asked, client, proxy, at, 407, host);
    made.credentials = credentials;
    bench.sees(at, made, texts({"GET", "http://x/", host, agent, "Required", "x:80", "NTLM,Basic"}));
}

TEST(HttpProxyAuthUnanswered, AProgramThatNeverAnswersIsFoundWithAllItsHosts) {
    RuleBench bench{"http_proxy_auth_unanswered"};
    asks(bench, 1s, "Java/1.6", "a.example.org");
    asks(bench, 2s, "Java/1.6", "b.example.org");
    asks(bench, 3s, "Java/1.6", "a.example.org");
    bench.until(12s);
    EXPECT_EQ(bench.last(), nullptr) << "credentials may still come";
    bench.until(14s);
    ASSERT_NE(bench.last(), nullptr);
    EXPECT_EQ(whole(*bench.last(), "count"), 3);
    EXPECT_EQ(std::get<std::vector<std::string>>(*bench.last()->evidence.find("hosts")),
              (std::vector<std::string>{"a.example.org", "b.example.org"}));
    EXPECT_EQ(std::get<std::vector<std::string>>(*bench.last()->evidence.find("schemes")),
              (std::vector<std::string>{"NTLM", "Basic"}));
    EXPECT_EQ(bench.last()->source.port, std::nullopt);
    EXPECT_EQ(bench.last()->destination.port, proxy.port);
}

TEST(HttpProxyAuthUnanswered, AHandshakeIsAnswered) {
    RuleBench bench{"http_proxy_auth_unanswered"};
    for (int i = 0; i < 9; ++i) {
        asks(bench, i * 1s, "Browser", "a.example.org");
        asks(bench, i * 1s + 5ms, "Browser", "a.example.org", true);
    }
    bench.until(60s);
    EXPECT_EQ(bench.last(), nullptr);
}

TEST(HttpProxyAuthUnanswered, AnAnswerWhoseRequestWasNotSeenSaysNothing) {
    RuleBench bench{"http_proxy_auth_unanswered"};
    for (int i = 0; i < 9; ++i) {
        auto made = http_exchange(HttpNews::auth_asked, client, proxy, i * 1s, 407, "");
        made.asked_frame = 0;
        bench.sees(i * 1s, made, texts({"", "", "", "", "Required", "", "NTLM"}));
    }
    bench.until(60s);
    EXPECT_EQ(bench.last(), nullptr);
}

TEST(HttpProxyAuthUnanswered, AnotherProgramOnTheSameHostIsJudgedByItself) {
    RuleBench bench{"http_proxy_auth_unanswered"};
    for (int i = 0; i < 4; ++i) {
        asks(bench, i * 1s, "Java/1.6", "a.example.org");
        asks(bench, i * 1s + 5ms, "Browser", "a.example.org", true);
    }
    bench.until(60s);
    ASSERT_EQ(bench.entities().size(), 1U);
    EXPECT_EQ(text(*bench.last(), "user_agent"), "Java/1.6");
}

}  // namespace
}  // namespace wiresage::testing

// Delivery over real sockets on loopback, to receivers that behave and to receivers that do not.

#include "deliver/receivers.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <condition_variable>
#include <filesystem>
#include <fstream>
#include <mutex>

#include "base/error.hpp"
#include "deliver/signature.hpp"
#include "support/hostile_receiver.hpp"

namespace wiresage::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr std::int64_t wall = 1'700'000'000;
constexpr const char* ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

ReceiverOptions receiver(const std::string& name, const std::string& url) {
    ReceiverOptions options;
    options.settings.name = name;
    options.settings.urls = {url};
    options.settings.timeout = 5s;
    options.secret = "whsec_aGVsbG8=";
    return options;
}

Delivery delivery(const std::string& id, Urgency urgency = Urgency::page) {
    Delivery made;
    made.alert_id = id;
    made.webhook_id = id + "-firing-1";
    made.urgency = urgency;
    made.document = R"({"id":")" + id + "\"}";
    return made;
}

/// Waits are short, so that retries come at once; the monotonic clock is the machine's.
DeliverOptions quick() {
    DeliverOptions options;
    options.clocks.unix_seconds = [] { return wall; };
    options.clocks.monotonic = [] {
        return std::chrono::duration_cast<std::chrono::milliseconds>(
            std::chrono::steady_clock::now().time_since_epoch());
    };
    options.retry.first = 1ms;
    options.retry.longest = 5ms;
    return options;
}

/// Takes notes of what on_receiver_state says.
class Changes {
public:
    std::function<void(const ReceiverChange&)> writer() {
        return [this](const ReceiverChange& change) {
            const std::lock_guard lock{mutex_};
            changes_.push_back(change);
            changed_.notify_all();
        };
    }
    std::vector<ReceiverChange> wait_for(std::size_t count) {
        std::unique_lock lock{mutex_};
        changed_.wait_for(lock, 20s, [&] { return changes_.size() >= count; });
        return changes_;
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<ReceiverChange> changes_;
};

class ReceiversTest : public ::testing::Test {
protected:
    Log log{LogLevel::error};
};

TEST_F(ReceiversTest, PostsTheDocumentSignedAsStandardWebhooksWants) {
    HostileReceiver server{[](const auto&, std::size_t) { return ok; }};
    Receivers receivers{quick(), {receiver("ops", server.url())}, log};
    receivers.submit(delivery("a"));
    const auto requests = server.wait_for(1);
    ASSERT_EQ(requests.size(), 1U);
    EXPECT_THAT(requests[0].head, StartsWith("POST /hook HTTP/1.1\r\n"));
    EXPECT_EQ(requests[0].body, R"({"id":"a"})");
    EXPECT_EQ(requests[0].field("content-type"), "application/json");
    EXPECT_THAT(requests[0].field("user-agent"), StartsWith("wiresage/"));
    EXPECT_EQ(requests[0].field("webhook-id"), "a-firing-1");
    EXPECT_EQ(requests[0].field("webhook-timestamp"), std::to_string(wall));
    EXPECT_EQ(requests[0].field("webhook-signature"), webhook_signature("hello", "a-firing-1", wall, R"({"id":"a"})"));
    EXPECT_EQ(receivers.stop(5s), 0U);
    EXPECT_EQ(receivers.states()[0].delivered, 1U);
}

TEST_F(ReceiversTest, GivesNotesOnlyToThoseWhoAsk) {
    HostileReceiver usual{[](const auto&, std::size_t) { return ok; }},
        curious{[](const auto&, std::size_t) { return ok; }};
    auto all = receiver("all", curious.url());
    all.settings.match.urgencies.clear();
    Receivers receivers{quick(), {receiver("usual", usual.url()), all}, log};
    receivers.submit(delivery("note", Urgency::note));
    receivers.submit(delivery("page"));
    EXPECT_EQ(receivers.stop(5s), 0U);
    EXPECT_EQ(usual.wait_for(1).size(), 1U);
    EXPECT_EQ(curious.wait_for(2).size(), 2U);
}

struct FaultRow {
    const char* name;
    const char* answer;  ///< Of the first try; "" is silence.
    bool endless;
    std::uint64_t ReceiverState::*counter;
};

class Fault : public ReceiversTest, public ::testing::WithParamInterface<FaultRow> {};

TEST_P(Fault, IsAFailureThatIsTriedAgainUnderTheSameId) {
    const auto& row = GetParam();
    HostileReceiver bad{[&](const auto&, std::size_t number) { return number == 0 ? row.answer : ok; }, row.endless};
    auto options = receiver("ops", bad.url());
    options.settings.timeout = 500ms;
    Receivers receivers{quick(), {options}, log};
    receivers.submit(delivery("a"));
    const auto requests = bad.wait_for(2);
    ASSERT_GE(requests.size(), 2U);
    EXPECT_EQ(requests[0].field("webhook-id"), requests[1].field("webhook-id"));
    EXPECT_EQ(requests[0].body, requests[1].body);
    receivers.stop(5s);
    EXPECT_GE(receivers.states()[0].*row.counter, 1U);
}

const std::string endless_headers =
    "HTTP/1.1 200 OK\r\nX-Long: " + std::string(80 * 1024, 'x') + "\r\nContent-Length: 0\r\n\r\n";

const FaultRow faults[] = {
    {"silent", "", false, &ReceiverState::failed_timeout},
    {"server_error", "HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n", false, &ReceiverState::failed_status},
    {"not_found", "HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n", false, &ReceiverState::failed_status},
    {"redirect", "HTTP/1.1 302 There\r\nLocation: http://127.0.0.1:9/\r\nContent-Length: 0\r\n\r\n", false,
     &ReceiverState::failed_status},
    {"moved_for_good", "HTTP/1.1 308 There\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n", false,
     &ReceiverState::failed_status},
    {"endless_body", "HTTP/1.1 200 OK\r\n\r\n", true, &ReceiverState::failed_answer},
    {"endless_header", endless_headers.c_str(), false, &ReceiverState::failed_answer},
    {"cut_body", "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort", false, &ReceiverState::failed_answer},
    {"garbage", "220 smtp.example ESMTP\r\n", false, &ReceiverState::failed_answer},
    {"only_interim", "HTTP/1.1 100 Continue\r\n\r\n", false, &ReceiverState::failed_answer},
};

INSTANTIATE_TEST_SUITE_P(, Fault, ::testing::ValuesIn(faults), [](const auto& row) { return row.param.name; });

TEST_F(ReceiversTest, NoReceiverDelaysAnother) {
    HostileReceiver silent{[](const auto&, std::size_t) { return ""; }};
    HostileReceiver good{[](const auto&, std::size_t) { return ok; }};
    Receivers receivers{quick(), {receiver("silent", silent.url()), receiver("good", good.url())}, log};
    for (int i = 0; i < 50; ++i) receivers.submit(delivery(std::to_string(i)));
    EXPECT_EQ(good.wait_for(50).size(), 50U);
    const auto states = receivers.states();
    EXPECT_EQ(states[0].delivered, 0U);
    EXPECT_EQ(states[0].queued, 50U);
}

TEST_F(ReceiversTest, SaysOnceThatAReceiverIsDeadAndOnceThatItIsBack) {
    HostileReceiver flaky{[](const auto&, std::size_t number) {
        return number < 12 ? "HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n" : ok;
    }};
    Changes changes;
    auto options = quick();
    options.on_receiver_state = changes.writer();
    Receivers receivers{options, {receiver("ops", flaky.url())}, log};
    receivers.submit(delivery("a"));
    const auto seen = changes.wait_for(2);
    ASSERT_EQ(seen.size(), 2U);
    EXPECT_TRUE(seen[0].failing);
    EXPECT_EQ(seen[0].error, "answered 503");
    EXPECT_FALSE(seen[1].failing);
    EXPECT_EQ(receivers.states()[0].failed_status, 12U);
}

TEST_F(ReceiversTest, AReloadKeepsTheQueueOfWhatStaysAndCountsTheRest) {
    HostileReceiver silent{[](const auto&, std::size_t) { return ""; }},
        other{[](const auto&, std::size_t) { return ok; }};
    Receivers receivers{quick(), {receiver("stays", silent.url()), receiver("goes", silent.url("/b"))}, log};
    receivers.submit(delivery("a"));
    receivers.submit(delivery("b"));
    silent.wait_for(1);
    receivers.replace({receiver("new", other.url()), receiver("stays", silent.url())});
    const auto states = receivers.states();
    ASSERT_EQ(states.size(), 2U);
    EXPECT_EQ(states[0].name, "new");
    EXPECT_EQ(states[0].queued, 0U);
    EXPECT_EQ(states[1].name, "stays");
    EXPECT_EQ(states[1].queued, 2U);
    receivers.submit(delivery("c"));
    EXPECT_EQ(other.wait_for(1).size(), 1U);
}

TEST_F(ReceiversTest, StopEndsInTimeAndSaysWhatIsLeft) {
    HostileReceiver silent{[](const auto&, std::size_t) { return ""; }};
    Receivers receivers{quick(), {receiver("ops", silent.url())}, log};
    for (int i = 0; i < 6; ++i) receivers.submit(delivery(std::to_string(i)));
    silent.wait_for(1);
    EXPECT_EQ(receivers.stop(100ms), 6U);
    EXPECT_EQ(receivers.stop(100ms), 0U);
    EXPECT_EQ(receivers.states()[0].dead_removed, 0U) << "the journal still has them";
}

TEST_F(ReceiversTest, StopSendsWhatStillWaits) {
    HostileReceiver good{[](const auto&, std::size_t) { return ok; }};
    Receivers receivers{quick(), {receiver("ops", good.url())}, log};
    for (int i = 0; i < 40; ++i) receivers.submit(delivery(std::to_string(i)));
    EXPECT_EQ(receivers.stop(5s), 0U);
    EXPECT_EQ(good.wait_for(40).size(), 40U);
}

TEST_F(ReceiversTest, ATestAlertSaysWhatCameBack) {
    HostileReceiver server{
        [](const auto&, std::size_t) { return "HTTP/1.1 201 Created\r\nX-Id: 7\r\nContent-Length: 5\r\n\r\nhello"; }};
    const auto answer = test_receiver(receiver("ops", server.url()), quick().clocks, "cap01");
    EXPECT_TRUE(answer.delivered);
    EXPECT_THAT(answer.head, HasSubstr("201 Created"));
    EXPECT_THAT(answer.head, HasSubstr("X-Id: 7"));
    EXPECT_EQ(answer.body, "hello");
    const auto requests = server.wait_for(1);
    ASSERT_EQ(requests.size(), 1U);
    EXPECT_THAT(requests[0].body, HasSubstr(R"("tags":["test"])"));
    EXPECT_THAT(requests[0].body, HasSubstr(R"("id":"test")"));
}

TEST_F(ReceiversTest, ATestAlertSaysWhyNothingCameBack) {
    auto closed = receiver("ops", "http://127.0.0.1:1/");
    const auto answer = test_receiver(closed, quick().clocks, "cap01");
    EXPECT_FALSE(answer.delivered);
    EXPECT_NE(answer.error, "");
}

std::string refused(const ReceiverSettings& settings) {
    try {
        receivers_of({settings});
    } catch (const StartupError& error) {
        return error.what();
    }
    return {};
}

TEST(ReceiversOf, NamesASecretThatCannotBeRead) {
    ReceiverSettings settings;
    settings.name = "ops";
    settings.urls = {"http://127.0.0.1/"};
    EXPECT_EQ(refused(settings), "");
    settings.secret_file = "/nonexistent/secret";
    EXPECT_THAT(refused(settings), HasSubstr("/nonexistent/secret"));
    const auto file = ::testing::TempDir() + "wiresage_secret_" + std::to_string(getpid());
    std::ofstream{file} << "whsec_!!!\n";
    settings.secret_file = file;
    EXPECT_THAT(refused(settings), HasSubstr("no base64"));
    std::ofstream{file} << "whsec_aGVsbG8=\n";
    EXPECT_EQ(receivers_of({settings})[0].secret, "whsec_aGVsbG8=");
    std::filesystem::remove(file);
}

TEST(ReceiversOf, MakesOneOfEachMemberOfAnAlertmanagersCluster) {
    ReceiverSettings settings;
    settings.name = "am";
    settings.type = ReceiverType::alertmanager;
    settings.urls = {"http://10.0.0.1:9093", "http://10.0.0.2:9093"};
    const auto made = receivers_of({settings});
    ASSERT_EQ(made.size(), 2U);
    EXPECT_EQ(made[1].settings.urls.size(), 1U);
    EXPECT_NE(progress_key(made[0]), progress_key(made[1]));
}

TEST_F(ReceiversTest, WritesLinesToAFileAndBeginsItAnewWhenAsked) {
    const auto path = ::testing::TempDir() + "wiresage_lines_" + std::to_string(getpid());
    ReceiverOptions file;
    file.settings.name = "lines";
    file.settings.type = ReceiverType::file;
    file.settings.path = path;
    const auto lines = [&](const std::string& of) {
        std::ifstream in{of};
        return std::count(std::istreambuf_iterator<char>{in}, {}, '\n');
    };
    {
        Receivers receivers{quick(), {file}, log};
        receivers.submit(delivery("a"));
        EXPECT_EQ(receivers.stop(5s), 0U);
        EXPECT_EQ(receivers.states()[0].delivered, 1U);
    }
    std::filesystem::rename(path, path + ".1");
    Receivers receivers{quick(), {file}, log};
    receivers.reopen_files();
    receivers.submit(delivery("b"));
    receivers.submit(delivery("c"));
    EXPECT_EQ(receivers.stop(5s), 0U);
    EXPECT_EQ(lines(path), 2);
    EXPECT_EQ(lines(path + ".1"), 1);
    for (const auto& each : {path, path + ".1"}) std::filesystem::remove(each);
}

TEST_F(ReceiversTest, GoesOnWhereTheLastRunEnded) {
    HostileReceiver good{[](const auto&, std::size_t) { return ok; }};
    auto options = quick();
    std::mutex mutex;
    std::map<std::string, std::uint64_t> positions;
    options.on_progress = [&](const ReceiverProgress& progress) {
        const std::lock_guard lock{mutex};
        positions[progress.key] = progress.position;
    };
    Receivers receivers{options, {receiver("ops", good.url()), receiver("new", good.url("/b"))}, log};
    const auto waiting = [&](const ReceiverProgress& progress) {
        auto left = delivery("left");
        left.number = progress.position + 1;
        return std::vector{left};
    };
    receivers.restore({{"ops", 41, {}}}, 42, waiting, {});
    EXPECT_EQ(good.wait_for(1).size(), 1U);
    EXPECT_EQ(receivers.stop(5s), 0U);
    EXPECT_EQ(positions["ops"], 42U);
    EXPECT_EQ(positions["new"], 42U) << "a new receiver is not given the past";
}

}  // namespace
}  // namespace wiresage::testing

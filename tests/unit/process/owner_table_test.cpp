// Sockets that are gone: whose they were, and never whose they were not.

#include "process/owner_table.hpp"

#include <gtest/gtest.h>

#include <cstdio>
#include <cstring>

#include "process/owner_file.hpp"

namespace wiresage::testing {
namespace {

constexpr Address here = ipv4(10, 0, 0, 1), there = ipv4(10, 0, 0, 2), elsewhere = ipv4(10, 0, 0, 3);
constexpr EventTime start = event_time(1'700'000'000'000'000'000);

EventTime at(std::int64_t milliseconds_after) { return start + std::chrono::milliseconds{milliseconds_after}; }

/// One event; ends as "who from where to where".
socket_event event_of(socket_event_kind kind, std::uint64_t cookie, std::int64_t milliseconds_after, const char* name,
                      Endpoint local = {}, Endpoint remote = {}, bool is_tcp = true) {
    socket_event event{};
    event.kind = kind;
    event.cookie = cookie;
    event.time_ns = static_cast<std::uint64_t>(milliseconds_after) * 1'000'000U;
    event.is_tcp = is_tcp;
    event.local_port = local.port;
    event.remote_port = remote.port;
    std::memcpy(event.local_ip, local.ip.bytes.data(), 16);
    std::memcpy(event.remote_ip, remote.ip.bytes.data(), 16);
    if (name) {
        event.pid = static_cast<unsigned>(100 + name[0]);
        event.uid = 1000;
        std::strncpy(event.comm, name, sizeof event.comm - 1);
        std::strncpy(event.group, (std::string{name} + ".service").c_str(), sizeof event.group - 1);
    }
    return event;
}

class OwnerTableTest : public ::testing::Test {
protected:
    void tell(const socket_event& event) { table.take(event, start.time_since_epoch()); }
    /// Name of the owner of what went on between these moments.
    std::string owner(Endpoint local, Endpoint remote, std::int64_t from, std::int64_t until, bool is_tcp = true) {
        return table.find({is_tcp, local.ip, local.port, remote.ip, remote.port, at(from), at(until)}, is_service).name;
    }
    /// A connection from `port`, as curl makes it.
    void connection(std::uint64_t cookie, const char* name, std::uint16_t port, std::int64_t from, std::int64_t until) {
        tell(event_of(socket_connecting, cookie, from, name, {here, 0}, {there, 80}));
        tell(event_of(socket_ends, cookie, from + 1, nullptr, {here, port}, {there, 80}));
        tell(event_of(socket_closed, cookie, until, name, {Address{}, 0}, {}));
    }

    OwnerTable table{8};
    bool is_service = false;
};

TEST_F(OwnerTableTest, KnowsWhoseAConnectionWasAfterItsEnd) {
    connection(1, "curl", 50'000, 0, 10);
    const auto found = table.find({true, here, 50'000, there, 80, at(1), at(9)}, is_service);
    EXPECT_EQ(found.pid, 100 + 'c');
    EXPECT_EQ(found.name, "curl");
    EXPECT_EQ(found.uid, 1000U);
    EXPECT_EQ(found.unit, "curl.service");
    EXPECT_FALSE(is_service);
    EXPECT_EQ(owner({here, 50'000}, {there, 80}, 60'000, 60'000), "curl") << "its peer may still send";
    EXPECT_EQ(owner({here, 50'000}, {there, 80}, 300'000, 300'000), "");
    EXPECT_EQ(owner({here, 50'000}, {elsewhere, 80}, 1, 9), "") << "another connection";
    EXPECT_EQ(owner({here, 50'001}, {there, 80}, 1, 9), "");
}

TEST_F(OwnerTableTest, GivesAPortsFormerOwnerToNobodyElse) {
    connection(1, "curl", 50'000, 0, 10);
    connection(2, "wget", 50'000, 20, 30);
    EXPECT_EQ(owner({here, 50'000}, {there, 80}, 1, 9), "curl");
    EXPECT_EQ(owner({here, 50'000}, {there, 80}, 21, 29), "wget");
    EXPECT_EQ(owner({here, 50'000}, {there, 80}, 1, 29), "") << "both";
    EXPECT_EQ(owner({here, 0}, {there, 80}, 1, 9), "curl") << "the only one then";
    EXPECT_EQ(owner({here, 0}, {there, 80}, 1, 29), "");
}

TEST_F(OwnerTableTest, KnowsWhoSentDatagrams) {
    const bool udp = false;
    tell(event_of(socket_sending, 1, 0, "python3", {Address{}, 40'000}, {there, 53}, udp));
    tell(event_of(socket_sending, 2, 0, "dig", {Address{}, 40'001}, {there, 5353}, udp));
    tell(event_of(socket_closed, 1, 10, "python3", {Address{}, 40'000}, {}, udp));
    EXPECT_EQ(owner({here, 40'000}, {elsewhere, 53}, 0, 10, udp), "python3") << "one socket, many addresses";
    EXPECT_EQ(owner({here, 40'000}, {there, 99}, 0, 10, udp), "") << "it sent to port 53 only";
    EXPECT_EQ(owner({here, 0}, {elsewhere, 53}, 0, 10, udp), "python3");
    EXPECT_EQ(owner({here, 40'000}, {there, 53}, 20'000, 20'000, udp), "");
    EXPECT_EQ(owner({here, 40'001}, {there, 5353}, 20'000, 20'000, udp), "dig") << "open still";
    EXPECT_EQ(owner({here, 40'000}, {there, 53}, 0, 10), "") << "not over TCP";
}

TEST_F(OwnerTableTest, TakesAnyPortOfWhoSendsToMany) {
    for (std::uint16_t port = 1; port <= 4; ++port)
        tell(event_of(socket_sending, 1, 0, "nmap", {Address{}, 40'000}, {there, port}, false));
    EXPECT_EQ(owner({here, 40'000}, {there, 9}, 0, 10, false), "");
    tell(event_of(socket_sending, 1, 0, "nmap", {Address{}, 40'000}, {}, false));
    EXPECT_EQ(owner({here, 40'000}, {there, 9}, 0, 10, false), "nmap");
}

TEST_F(OwnerTableTest, TellsWhoListened) {
    const Endpoint service{Address{}, 8080};
    tell(event_of(socket_listening, 1, 0, "nc", service));
    tell(event_of(socket_ends, 2, 5, nullptr, {here, 8080}, {there, 50'000}));
    tell(event_of(socket_closed, 1, 6, "nc", service));
    EXPECT_EQ(owner({here, 8080}, {there, 50'000}, 4, 8), "nc") << "its connection, accepted by nobody else";
    EXPECT_FALSE(is_service);
    EXPECT_EQ(owner({here, 8080}, {}, 1, 5), "nc");
    EXPECT_TRUE(is_service);
    EXPECT_EQ(owner({here, 8080}, {}, 60'000, 60'000), "");
    tell(event_of(socket_listening, 3, 60'000, "socat", service));
    EXPECT_EQ(owner({here, 8080}, {}, 61'000, 61'000), "socat");
    EXPECT_EQ(owner({here, 8080}, {there, 50'000}, 4, 8), "nc");
}

TEST_F(OwnerTableTest, DoesNotChooseAmongChildrenOfWhoListens) {
    tell(event_of(socket_listening, 1, 0, "httpd", {Address{}, 8080}));
    auto forked = event_of(listener_forked, 0, 1, nullptr);
    forked.pid = 100 + 'h';
    tell(forked);
    tell(event_of(socket_ends, 2, 5, nullptr, {here, 8080}, {there, 50'000}));
    const SocketQuestion connection{true, here, 8080, there, 50'000, at(5), at(6)};
    EXPECT_EQ(table.find(connection, is_service).name, "");
    EXPECT_EQ(table.find(connection, is_service).unit, "httpd.service");
    EXPECT_FALSE(table.find({true, here, 8080, {}, 0, at(5), at(6)}, is_service).pid);
    EXPECT_EQ(owner({here, 8080}, {}, 5, 6), "httpd") << "of the service it still is";
    tell(event_of(socket_closed, 2, 9, "worker"));
    EXPECT_EQ(table.find(connection, is_service).name, "worker") << "it had it in its hands";
}

TEST_F(OwnerTableTest, SaysOnlyWhatAllWhoUsedASocketShare) {
    tell(event_of(socket_listening, 1, 0, "sshd", {Address{}, 22}));
    connection(2, "curl", 50'000, 0, 10);
    auto closed = event_of(socket_closed, 3, 10, "cat");
    tell(event_of(socket_connecting, 3, 0, "bash", {}, {there, 99}));
    tell(event_of(socket_ends, 3, 1, nullptr, {here, 50'001}, {there, 99}));
    tell(closed);
    EXPECT_TRUE(table.find({true, here, 50'001, there, 99, at(0), at(10)}, is_service).name.empty());
    EXPECT_EQ(table.find({true, here, 50'001, there, 99, at(0), at(10)}, is_service).uid, 1000U);
}

TEST_F(OwnerTableTest, DoubtsWhatIsOpenWhenEventsWereLost) {
    tell(event_of(socket_sending, 1, 0, "python3", {Address{}, 40'000}, {there, 53}, false));
    table.doubt_open();
    EXPECT_EQ(owner({here, 40'000}, {there, 53}, 0, 0, false), "python3");
    EXPECT_EQ(owner({here, 40'000}, {there, 53}, 10'000, 10'000, false), "") << "it may be another's by now";
}

TEST_F(OwnerTableTest, ForgetsTheOldestThatIsClosed) {
    tell(event_of(socket_sending, 100, 0, "dnsmasq", {Address{}, 53}, {there, 53}, false));
    for (std::uint16_t i = 0; i < 20; ++i)
        connection(i + 1U, "curl", static_cast<std::uint16_t>(50'000 + i), i * 10, i * 10 + 5);
    EXPECT_EQ(table.size(), 8U);
    EXPECT_EQ(owner({here, 50'000}, {there, 80}, 0, 5), "");
    EXPECT_EQ(owner({here, 50'019}, {there, 80}, 190, 195), "curl");
    EXPECT_EQ(owner({here, 53}, {there, 53}, 0, 195, false), "dnsmasq") << "open";
}

TEST_F(OwnerTableTest, IsTheSameFromAFile) {
    const std::string path = ::testing::TempDir() + "owners.jsonl";
    std::remove(path.c_str());
    std::vector<SocketLife> closed;
    table.on_closed = [&](const SocketLife& life) { closed.push_back(life); };
    connection(1, "curl", 50'000, 0, 10);
    tell(event_of(socket_sending, 2, 0, "python3", {Address{}, 40'000}, {there, 53}, false));
    auto lives = table.open_lives();
    lives.insert(lives.end(), closed.begin(), closed.end());
    ASSERT_EQ(lives.size(), 2U);
    {
        OwnerFile file{path, 1 << 20, {here}};
        ASSERT_EQ(file.write(lives), "");
    }
    if (auto* const added = std::fopen(path.c_str(), "a")) {
        std::fputs("{\"transport\": 7}\n{\"trans", added);
        std::fclose(added);
    }
    std::string error;
    const auto known = read_owner_file(path, error);
    ASSERT_EQ(error, "");
    EXPECT_EQ(known->local, std::vector<Address>{here});
    const auto found = known->table.find({true, here, 50'000, there, 80, at(1), at(9)}, is_service);
    EXPECT_EQ(found.pid, 100 + 'c');
    EXPECT_EQ(found.unit, "curl.service");
    EXPECT_EQ(known->table.find({false, here, 40'000, elsewhere, 53, at(1), at(9)}, is_service).name, "python3");
    read_owner_file("/nonexistent/owners", error);
    EXPECT_NE(error, "");
}

}  // namespace
}  // namespace wiresage::testing

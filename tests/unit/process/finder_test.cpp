// Who owns a socket: found where it is certain, absent where it is not, never somebody else.

#include "process/finder.hpp"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>

namespace wiresage::testing {
namespace {

using namespace std::chrono_literals;

constexpr Address loopback = ipv4(127, 0, 0, 1);

struct CgroupRow {
    const char* name;
    const char* path;
    const char* unit;
    const char* container;
};

#define ID64 "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

class Cgroup : public ::testing::TestWithParam<CgroupRow> {};

TEST_P(Cgroup, NamesItsUnitAndContainer) {
    EXPECT_EQ(unit_of_cgroup(GetParam().path), GetParam().unit);
    EXPECT_EQ(container_of_cgroup(GetParam().path), GetParam().container);
}

constexpr CgroupRow cgroups[] = {
    {"service", "/system.slice/nginx.service", "nginx.service", ""},
    {"template", "/system.slice/system-postgresql.slice/postgresql@15-main.service", "postgresql@15-main.service", ""},
    {"docker", "/system.slice/docker-" ID64 ".scope", "docker-" ID64 ".scope", ID64},
    {"old_docker", "/docker/" ID64, "", ID64},
    {"kubernetes", "/kubepods.slice/kubepods-pod1.slice/cri-containerd-" ID64 ".scope", "cri-containerd-" ID64 ".scope",
     ID64},
    {"longer_run", "/docker/a" ID64, "", ""},
    {"user_service", "/user.slice/user-1000.slice/user@1000.service/app.slice/syncthing.service", "syncthing.service",
     ""},
    {"session", "/user.slice/user-0.slice/session-3.scope", "", ""},
    {"systemd_itself", "/init.scope", "", ""},
    {"root", "/", "", ""},
    {"unknown", "", "", ""},
};

INSTANTIATE_TEST_SUITE_P(, Cgroup, ::testing::ValuesIn(cgroups), [](const auto& row) { return row.param.name; });

HostSocket socket_of(Endpoint local, Endpoint remote, std::uint32_t inode, bool listens = false, bool is_tcp = true) {
    return {is_tcp, listens, local, remote, inode, 0, 0};
}

TEST(Fitting, PrefersTheConnectionToWhoeverListens) {
    const Address here = ipv4(10, 0, 0, 1), there = ipv4(10, 0, 0, 2);
    const std::vector<HostSocket> sockets{
        socket_of({Address{}, 443}, {}, 1, true), socket_of({here, 443}, {there, 5000}, 2),
        socket_of({here, 443}, {there, 5001}, 3), socket_of({here, 443}, {}, 4, true, false),
        socket_of({here, 6000}, {there, 80}, 0)};
    const auto inodes = [&](const SocketQuestion& question) {
        std::vector<std::uint32_t> found;
        for (const auto* socket : fitting(sockets, question)) found.push_back(socket->inode);
        return found;
    };
    using Inodes = std::vector<std::uint32_t>;
    EXPECT_EQ(inodes({true, here, 443, there, 5001}), Inodes{3});
    EXPECT_EQ(inodes({true, here, 443, there, 5002}), Inodes{1}) << "the connection is gone: who listens";
    EXPECT_EQ(inodes({true, here, 443, there, 0}), (Inodes{2, 3}));
    EXPECT_EQ(inodes({true, here, 0, there, 0}), (Inodes{2, 3}));
    EXPECT_EQ(inodes({true, here, 0, {}, 0}), Inodes{}) << "any socket could be meant";
    EXPECT_EQ(inodes({false, here, 443, there, 9}), Inodes{4});
    EXPECT_EQ(inodes({true, here, 6000, there, 80}), Inodes{}) << "no process holds it any more";
    EXPECT_EQ(inodes({true, there, 443, here, 0}), Inodes{1});
}

TEST(Agreed, KeepsOnlyWhatAllHaveInCommon) {
    SocketOwner a{10, "nginx", 33, "www-data", "nginx.service", ""}, b = a;
    b.pid = 11;
    const auto common = agreed({a, b});
    EXPECT_FALSE(common.pid);
    EXPECT_EQ(common.name, "nginx");
    EXPECT_EQ(common.unit, "nginx.service");
    b.name = "php";
    EXPECT_EQ(agreed({a, b}).name, "");
    EXPECT_TRUE(agreed({}).empty());
}

class Listener {
public:
    explicit Listener(int type) : socket_{::socket(AF_INET, type | SOCK_CLOEXEC, 0)} {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        bind(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address);
        if (type == SOCK_STREAM) listen(socket_, 4);
        socklen_t length = sizeof address;
        getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &length);
        port = ntohs(address.sin_port);
    }
    ~Listener() { ::close(socket_); }
    std::uint16_t port = 0;

private:
    int socket_;
};

TEST(ProcessFinder, FindsThisVeryProcess) {
    for (const int type : {SOCK_STREAM, SOCK_DGRAM}) {
        const Listener listener{type};
        ProcessFinder finder;
        const auto owner = finder.find({type == SOCK_STREAM, loopback, listener.port, {}, 0}, 0ms);
        ASSERT_EQ(finder.error(), "");
        ASSERT_TRUE(owner.pid);
        EXPECT_EQ(*owner.pid, getpid());
        EXPECT_EQ(owner.uid, getuid());
        EXPECT_NE(owner.name, "");
    }
}

TEST(ProcessFinder, KnowsNothingOfWhatIsGone) {
    std::uint16_t port = 0;
    {
        const Listener listener{SOCK_STREAM};
        port = listener.port;
    }
    ProcessFinder finder;
    EXPECT_TRUE(finder.find({true, loopback, port, {}, 0}, 0ms).empty());
}

TEST(ProcessFinder, DoesNotChooseBetweenTwoHolders) {
    const Listener listener{SOCK_STREAM};
    int hold[2];
    ASSERT_EQ(pipe(hold), 0);
    const auto child = fork();  // Holds the same socket until the pipe closes.
    if (child == 0) {
        ::close(hold[1]);
        char byte = 0;
        _exit(read(hold[0], &byte, 1) == 0 ? 0 : 1);
    }
    ProcessFinder finder;
    const auto owner = finder.find({true, loopback, listener.port, {}, 0}, 0ms);
    ::close(hold[1]);
    ::close(hold[0]);
    ASSERT_EQ(waitpid(child, nullptr, 0), child);
    EXPECT_FALSE(owner.pid);
    EXPECT_NE(owner.name, "") << "both are of one name";
}

TEST(ProcessFinder, LooksAgainAfterAMomentOnly) {
    ProcessFinder finder;
    EXPECT_TRUE(finder.find({true, loopback, 1, {}, 0}, 0ms).empty());
    const Listener listener{SOCK_STREAM};
    EXPECT_TRUE(finder.find({true, loopback, listener.port, {}, 0}, 999ms).empty());
    EXPECT_FALSE(finder.find({true, loopback, listener.port, {}, 0}, 1000ms).empty());
}

}  // namespace
}  // namespace wiresage::testing

// What the host says of its own network: see host.hpp.

#include "capture/host.hpp"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <libmnl/libmnl.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <memory>
#include <system_error>
#include <tuple>

namespace wiresage {

namespace {

/// The best default route met so far.
struct DefaultRoute {
    int index = 0;
    std::uint32_t metric = UINT32_MAX;
};

int read_route(const nlmsghdr* message, void* data) {
    const auto* const route = static_cast<const rtmsg*>(::mnl_nlmsg_get_payload(message));
    if (route->rtm_dst_len != 0 || route->rtm_type != RTN_UNICAST || route->rtm_table != RT_TABLE_MAIN)
        return MNL_CB_OK;
    struct Seen {
        int index = 0;
        std::uint32_t metric = 0;
    } seen;
    ::mnl_attr_parse(
        message, sizeof *route,
        [](const nlattr* attribute, void* to) {
            auto& one = *static_cast<Seen*>(to);
            const auto type = ::mnl_attr_get_type(attribute);
            if (type == RTA_MULTIPATH && ::mnl_attr_get_payload_len(attribute) >= sizeof(rtnexthop)) {
                rtnexthop first{};  // Several ways out: the first one.
                std::memcpy(&first, ::mnl_attr_get_payload(attribute), sizeof first);
                one.index = first.rtnh_ifindex;
            }
            if (::mnl_attr_get_payload_len(attribute) < sizeof(std::uint32_t)) return MNL_CB_OK;
            if (type == RTA_OIF) one.index = static_cast<int>(::mnl_attr_get_u32(attribute));
            if (type == RTA_PRIORITY) one.metric = ::mnl_attr_get_u32(attribute);
            return MNL_CB_OK;
        },
        &seen);
    auto& best = *static_cast<DefaultRoute*>(data);
    if (seen.index != 0 && (best.index == 0 || seen.metric < best.metric)) best = {seen.index, seen.metric};
    return MNL_CB_OK;
}

int default_route_index(int family) {
    const std::unique_ptr<mnl_socket, decltype(&::mnl_socket_close)> socket{
        ::mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC), &::mnl_socket_close};
    if (!socket || ::mnl_socket_bind(socket.get(), 0, MNL_SOCKET_AUTOPID) != 0) return 0;
    alignas(nlmsghdr) std::array<char, 32'768> buffer{};
    auto* const request = ::mnl_nlmsg_put_header(buffer.data());
    request->nlmsg_type = RTM_GETROUTE;
    request->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
    request->nlmsg_seq = 1;
    static_cast<rtmsg*>(::mnl_nlmsg_put_extra_header(request, sizeof(rtmsg)))->rtm_family =
        static_cast<unsigned char>(family);
    if (::mnl_socket_sendto(socket.get(), request, request->nlmsg_len) < 0) return 0;

    DefaultRoute best;
    const auto port = ::mnl_socket_get_portid(socket.get());
    for (;;) {
        const auto got = ::mnl_socket_recvfrom(socket.get(), buffer.data(), buffer.size());
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) break;
        if (::mnl_cb_run(buffer.data(), static_cast<std::size_t>(got), 1, port, read_route, &best) <= 0) break;
    }
    return best.index;
}

}  // namespace

std::string default_route_interface() {
    for (const int family : {AF_INET, AF_INET6}) {
        const int index = default_route_index(family);
        char name[IF_NAMESIZE] = "";
        if (index > 0 && ::if_indextoname(static_cast<unsigned>(index), name)) return name;
    }
    return "lo";
}

std::vector<Address> local_addresses() {
    ifaddrs* list = nullptr;
    if (::getifaddrs(&list) != 0) return {};
    const std::unique_ptr<ifaddrs, decltype(&::freeifaddrs)> owner{list, &::freeifaddrs};
    std::vector<Address> found;
    for (const auto* entry = list; entry; entry = entry->ifa_next) {
        if (!entry->ifa_addr) continue;
        if (entry->ifa_addr->sa_family == AF_INET) {
            sockaddr_in four{};
            std::memcpy(&four, entry->ifa_addr, sizeof four);
            found.push_back(Address::v4(ntohl(four.sin_addr.s_addr)));
        } else if (entry->ifa_addr->sa_family == AF_INET6) {
            sockaddr_in6 six{};
            std::memcpy(&six, entry->ifa_addr, sizeof six);
            found.push_back(Address::v6(Bytes{six.sin6_addr.s6_addr, 16}));
        }
    }
    std::sort(found.begin(), found.end());
    found.erase(std::unique(found.begin(), found.end()), found.end());
    return found;
}

std::vector<std::string> interface_names() {
    const std::unique_ptr<struct if_nameindex[], decltype(&::if_freenameindex)> list{::if_nameindex(),
                                                                                     &::if_freenameindex};
    std::vector<std::string> names;
    for (std::size_t i = 0; list && list[i].if_index != 0; ++i) names.emplace_back(list[i].if_name);
    std::sort(names.begin(), names.end());
    return names;
}

std::optional<std::string> capture_permission_problem() {
    const int probe = ::socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);  // Protocol 0: receives nothing.
    if (probe >= 0) {
        ::close(probe);
        return {};
    }
    if (errno == EPERM || errno == EACCES) return capture_permission_help();
    return "no packet socket: " + std::generic_category().message(errno);
}

std::string capture_permission_help() {
    return "capturing needs the capability CAP_NET_RAW: start as root (sudo), or give it to the program "
           "(setcap cap_net_raw+ep wiresage), or to its systemd unit (AmbientCapabilities=CAP_NET_RAW)";
}

}  // namespace wiresage

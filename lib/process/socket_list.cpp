// The host's sockets, asked of the kernel over sock_diag(7).

#include "process/socket_list.hpp"

#include <arpa/inet.h>
#include <libmnl/libmnl.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <memory>
#include <system_error>

namespace wiresage {

namespace {

constexpr std::uint32_t all_states = 0xffffffff;
constexpr unsigned char state_listen = 10;  ///< TCP_LISTEN of the kernel's tcp_states.h.
constexpr unsigned char state_close = 7;    ///< UDP: not connected.
constexpr int inet_diag_cgroup_id = 21;     ///< INET_DIAG_CGROUP_ID, since 5.9; newer than some headers.

struct Reading {
    std::vector<HostSocket>& into;
    std::size_t most;
    bool is_tcp;
};

Address address_of(unsigned family, const __be32 (&words)[4]) {
    Address made;
    if (family == AF_INET) return Address::v4(ntohl(words[0]));
    std::memcpy(made.bytes.data(), words, made.bytes.size());
    return made;
}

int read_attribute(const nlattr* attribute, void* data) {
    auto& socket = *static_cast<HostSocket*>(data);
    if (mnl_attr_get_type(attribute) == inet_diag_cgroup_id &&
        mnl_attr_get_payload_len(attribute) >= sizeof(std::uint64_t)) {
        socket.cgroup = mnl_attr_get_u64(attribute);
    }
    return MNL_CB_OK;
}

int read_message(const nlmsghdr* message, void* data) {
    auto& reading = *static_cast<Reading*>(data);
    if (mnl_nlmsg_get_payload_len(message) < sizeof(inet_diag_msg)) return MNL_CB_OK;
    if (reading.into.size() >= reading.most) return MNL_CB_OK;
    const auto* const found = static_cast<const inet_diag_msg*>(mnl_nlmsg_get_payload(message));
    HostSocket socket;
    socket.is_tcp = reading.is_tcp;
    socket.listens = found->idiag_state == (reading.is_tcp ? state_listen : state_close);
    socket.local = {address_of(found->idiag_family, found->id.idiag_src), ntohs(found->id.idiag_sport)};
    socket.remote = {address_of(found->idiag_family, found->id.idiag_dst), ntohs(found->id.idiag_dport)};
    socket.inode = found->idiag_inode;
    socket.uid = found->idiag_uid;
    socket.cookie = found->id.idiag_cookie[0] | std::uint64_t{found->id.idiag_cookie[1]} << 32;
    mnl_attr_parse(message, sizeof(inet_diag_msg), read_attribute, &socket);
    reading.into.push_back(socket);
    return MNL_CB_OK;
}

int ask(mnl_socket* kernel, std::uint8_t family, std::uint32_t states, Reading& reading) {
    std::array<char, 32'768> buffer{};
    auto* const request = mnl_nlmsg_put_header(buffer.data());
    request->nlmsg_type = SOCK_DIAG_BY_FAMILY;
    request->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
    auto* const what = static_cast<inet_diag_req_v2*>(mnl_nlmsg_put_extra_header(request, sizeof(inet_diag_req_v2)));
    what->sdiag_family = family;
    what->sdiag_protocol = reading.is_tcp ? IPPROTO_TCP : IPPROTO_UDP;
    what->idiag_states = states;
    if (mnl_socket_sendto(kernel, request, request->nlmsg_len) < 0) return errno;
    const auto port = mnl_socket_get_portid(kernel);
    for (;;) {
        const auto bytes = mnl_socket_recvfrom(kernel, buffer.data(), buffer.size());
        if (bytes < 0) return errno;
        const int more = mnl_cb_run(buffer.data(), static_cast<std::size_t>(bytes), 0, port, read_message, &reading);
        if (more < 0) return errno;
        if (more == MNL_CB_STOP) return 0;
    }
}

}  // namespace

std::vector<HostSocket> list_sockets(std::size_t most, std::string& error, SocketChoice choice) {
    std::vector<HostSocket> sockets;
    const std::unique_ptr<mnl_socket, int (*)(mnl_socket*)> kernel{mnl_socket_open2(NETLINK_SOCK_DIAG, SOCK_CLOEXEC),
                                                                   mnl_socket_close};
    const timeval patience{1, 0};  // The kernel answers at once, or never.
    int wrong = kernel && mnl_socket_bind(kernel.get(), 0, MNL_SOCKET_AUTOPID) == 0 ? 0 : errno;
    if (wrong == 0) setsockopt(mnl_socket_get_fd(kernel.get()), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    for (const bool is_tcp : {true, false}) {
        Reading reading{sockets, most, is_tcp};
        const auto states = choice == SocketChoice::all ? all_states : 1U << (is_tcp ? state_listen : state_close);
        for (const int family : {AF_INET, AF_INET6}) {
            if (wrong != 0) break;
            wrong = ask(kernel.get(), static_cast<std::uint8_t>(family), states, reading);
        }
    }
    error = wrong == 0 ? std::string{} : std::generic_category().message(wrong);
    return sockets;
}

}  // namespace wiresage

// Links over rtnetlink(7): see link_watch.hpp.

#include "capture/link_watch.hpp"

#include <libmnl/libmnl.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <net/if.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <system_error>

#include "base/error.hpp"

namespace wiresage {

namespace {

constexpr std::size_t reply_bytes =
    32'768;  // netlink(7) advises 8 KiB at least; a link with many attributes needs more.

mnl_socket* open_socket(unsigned groups, int flags) {
    auto* const made = ::mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC | flags);
    if (made && ::mnl_socket_bind(made, groups, MNL_SOCKET_AUTOPID) == 0) return made;
    const auto words = std::generic_category().message(errno);
    if (made) ::mnl_socket_close(made);
    throw StartupError{StartupError::Kind::system, "netlink: no socket to watch network links with: " + words +
                                                       " (a systemd unit needs RestrictAddressFamilies=AF_NETLINK)"};
}

void read_counters(const nlattr* attribute, LossCounters& counters) {
    rtnl_link_stats64 stats{};  // Older kernels have fewer members, newer ones more.
    std::memcpy(&stats, ::mnl_attr_get_payload(attribute),
                std::min<std::size_t>(sizeof stats, ::mnl_attr_get_payload_len(attribute)));
    counters.link_packets = stats.rx_packets;
    counters.link_dropped = stats.rx_dropped;
    counters.link_errors = stats.rx_errors;
    counters.link_missed = stats.rx_missed_errors;
}

int read_attribute(const nlattr* attribute, void* data) {
    auto& link = *static_cast<Link*>(data);
    switch (::mnl_attr_get_type(attribute)) {
        case IFLA_IFNAME:
            if (::mnl_attr_validate(attribute, MNL_TYPE_NUL_STRING) == 0) link.name = ::mnl_attr_get_str(attribute);
            break;
        case IFLA_ADDRESS:
            if (::mnl_attr_get_payload_len(attribute) == link.mac.bytes.size()) {
                std::memcpy(link.mac.bytes.data(), ::mnl_attr_get_payload(attribute), link.mac.bytes.size());
            }
            break;
        case IFLA_STATS64:
            read_counters(attribute, link.counters);
            break;
        default:
            break;
    }
    return MNL_CB_OK;
}

int read_link(const nlmsghdr* message, void* data) {
    if (message->nlmsg_type != RTM_NEWLINK) return MNL_CB_OK;
    auto& found = *static_cast<std::optional<Link>*>(data);
    const auto* const info = static_cast<const ifinfomsg*>(::mnl_nlmsg_get_payload(message));
    Link link;
    link.index = info->ifi_index;
    link.is_up = (info->ifi_flags & IFF_UP) != 0;
    link.is_loopback = (info->ifi_flags & IFF_LOOPBACK) != 0;
    ::mnl_attr_parse(message, sizeof *info, read_attribute, &link);
    found = std::move(link);
    return MNL_CB_OK;
}

}  // namespace

LinkWatch::LinkWatch() : news_{open_socket(RTMGRP_LINK, SOCK_NONBLOCK)} {
    try {
        questions_ = open_socket(0, 0);
    } catch (...) {
        ::mnl_socket_close(news_);
        throw;
    }
}

LinkWatch::~LinkWatch() {
    ::mnl_socket_close(news_);
    ::mnl_socket_close(questions_);
}

int LinkWatch::descriptor() const noexcept { return ::mnl_socket_get_fd(news_); }

bool LinkWatch::has_news() {
    std::array<char, reply_bytes> buffer;
    bool any = false;
    for (int i = 0; i < 64; ++i) {  // A storm of links does not keep packets waiting: the rest comes next time.
        const auto got = ::mnl_socket_recvfrom(news_, buffer.data(), buffer.size());
        if (got < 0 && errno == EINTR) continue;
        if (got < 0 && errno != ENOBUFS && errno != ENOSPC) break;
        any = true;  // What is new does not matter: every interface is looked at anew.
    }
    return any;
}

std::optional<Link> LinkWatch::ask(int index, const std::string& name) {
    if (name.size() >= IFNAMSIZ) return {};
    alignas(nlmsghdr) std::array<char, reply_bytes> buffer{};
    auto* const request = ::mnl_nlmsg_put_header(buffer.data());
    request->nlmsg_type = RTM_GETLINK;
    request->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
    request->nlmsg_seq = ++sequence_;
    auto* const info = static_cast<ifinfomsg*>(::mnl_nlmsg_put_extra_header(request, sizeof(ifinfomsg)));
    info->ifi_family = AF_UNSPEC;
    info->ifi_index = index;
    if (!name.empty()) ::mnl_attr_put_strz(request, IFLA_IFNAME, name.c_str());
    if (::mnl_socket_sendto(questions_, request, request->nlmsg_len) < 0) return {};

    std::optional<Link> found;
    const auto port = ::mnl_socket_get_portid(questions_);
    for (;;) {
        const auto got = ::mnl_socket_recvfrom(questions_, buffer.data(), buffer.size());
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) break;
        // The acknowledgement ends it (MNL_CB_STOP), or an error: no such link.
        if (::mnl_cb_run(buffer.data(), static_cast<std::size_t>(got), sequence_, port, read_link, &found) <= 0) break;
    }
    return found;
}

}  // namespace wiresage

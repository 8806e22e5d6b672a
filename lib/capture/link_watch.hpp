// Network links as the kernel tells of them over rtnetlink(7).
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/address.hpp"
#include "capture/live_status.hpp"

struct mnl_socket;
struct nlmsghdr;

namespace wiresage {

/// One link as it is now.
struct Link {
    int index = 0;
    std::string name;
    bool is_up = false;  ///< IFF_UP: what an administrator wants.  A cable is another matter.
    bool is_loopback = false;
    MacAddress mac;         ///< Zero where it has none.
    LossCounters counters;  ///< link_* only; since the link was made.
};

/// Asks for links and hears of their changes.  Used by one thread.
class LinkWatch {
public:
    /// Throws StartupError where there is no netlink.
    LinkWatch();
    ~LinkWatch();
    LinkWatch(const LinkWatch&) = delete;
    LinkWatch& operator=(const LinkWatch&) = delete;

    /// Readable when links have changed.
    int descriptor() const noexcept;

    /// Reads what has been told; true when something may have changed (also when the kernel had to leave some out).
    bool has_news();

    /// Nothing where there is none.
    std::optional<Link> by_name(const std::string& name) { return ask(0, name); }
    std::optional<Link> by_index(int index) { return ask(index, {}); }

private:
    std::optional<Link> ask(int index, const std::string& name);

    mnl_socket* news_ = nullptr;
    mnl_socket* questions_ = nullptr;
    std::uint32_t sequence_ = 0;
};

}  // namespace wiresage

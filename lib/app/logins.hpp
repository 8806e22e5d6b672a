// Secrets sent in the clear, told once and then summed.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "app/context.hpp"

namespace wiresage {

/// One for each shard.  Remembers the clients and services whose first time was told lately; beyond `most` of them the
/// oldest makes room, and is told at once when it comes again.
class Logins {
public:
    static constexpr std::size_t most = 128;
    static constexpr Duration sum_over = std::chrono::seconds{10};

    /// A secret was sent.  `user` may be empty.
    void tell(LoginProtocol protocol, std::string_view user, AppContext& context) noexcept;
    /// What was summed for long enough leaves.  True while something is left to tell.
    bool tick(AppContext& context) noexcept;

private:
    struct Entry {
        CleartextLogin login;
        EventTime told;
        std::uint16_t vlan = 0;
    };

    std::array<Entry, most> entries_{};
    std::size_t used_ = 0;  ///< Entries below this one.
    std::size_t next_ = 0;  ///< The next to make room.
};

}  // namespace wiresage

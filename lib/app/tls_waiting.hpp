// Records of connections whose secrets are not known yet.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <memory>

#include "app/context.hpp"

namespace wiresage {

/// Keeps the protected records of a few connections until the key log knows them.  One for each shard; each place is
/// made when it is first used.  A place is taken from whoever has had it longest.
class TlsWaiting {
public:
    static constexpr std::size_t most_connections = 8, most_bytes = 32768;

    /// A ticket for a place, which holds until the place is taken by another.
    std::uint64_t take() noexcept;
    /// False where the place is lost or full.
    bool add(std::uint64_t ticket, From from, const Moment& at, Bytes record) noexcept;
    void give_back(std::uint64_t ticket) noexcept;
    /// Shows what was kept, in the order it came, until `show(from, at, record)` says no.
    template <typename Show>
    bool each(std::uint64_t ticket, Show show) const noexcept;

private:
    struct Head {
        Moment at;
        std::uint32_t size;
        From from;
    };
    struct Place {
        std::unique_ptr<std::uint8_t[]> bytes;
        std::size_t used = 0;
        std::uint64_t ticket = 0;  ///< 0: free.
    };

    Place* place(std::uint64_t ticket) noexcept;

    std::array<Place, most_connections> places_;
    std::uint64_t last_ticket_ = 0;
};

template <typename Show>
bool TlsWaiting::each(std::uint64_t ticket, Show show) const noexcept {
    for (const auto& one : places_) {
        if (one.ticket != ticket) continue;
        for (std::size_t at = 0; at < one.used;) {
            Head head;
            std::memcpy(&head, one.bytes.get() + at, sizeof head);
            at += sizeof head;
            if (!show(head.from, head.at, Bytes{one.bytes.get() + at, head.size})) return false;
            at += head.size;
        }
        return true;
    }
    return false;
}

}  // namespace wiresage

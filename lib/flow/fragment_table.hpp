// Which flow the later fragments of a datagram belong to.
#pragma once

#include <cstdint>

#include "flow/flow.hpp"
#include "flow/lazy_array.hpp"

namespace wiresage {

/// Remembers the first fragments of a shard.  A later fragment that came before its first one finds nothing.
class FragmentTable {
public:
    FragmentTable() : entries_{entry_count} {}

    /// The datagram's first fragment belongs to this flow.  True when another datagram that was still being watched
    /// had to give way.
    bool remember(const IpHeader& first, FlowIndex flow, std::uint32_t generation, EventTime now) noexcept;

    struct Found {
        FlowIndex flow = no_flow;
        std::uint32_t generation = 0;
    };
    Found find(const IpHeader& later, EventTime now) const noexcept;

private:
    struct Entry {
        Address source;
        Address destination;
        EventTime at;
        std::uint32_t identification = 0;
        FlowIndex flow = no_flow;
        std::uint32_t generation = 0;
        std::uint8_t protocol = 0;

        bool is_of(const IpHeader& ip) const noexcept {
            return identification == ip.identification && protocol == ip.protocol && source == ip.source &&
                   destination == ip.destination;
        }
    };

    static std::size_t place(const IpHeader& ip) noexcept;

    static constexpr std::size_t entry_count = 256;

    LazyArray<Entry> entries_;
};

}  // namespace wiresage

// Later fragments follow their first one.
#include "flow/fragment_table.hpp"

#include "base/hash.hpp"

namespace wiresage {

namespace {
/// RFC 8200, 4.5: reassembly is given up 60 s after the first fragment; RFC 1122, 3.3.2, asks for 60 to 120 s.  After
/// 30 s the IDs of a busy IPv4 sender have come round, as in Linux (ipfrag_time).
constexpr Duration lifetime = std::chrono::seconds{30};
}  // namespace

std::size_t FragmentTable::place(const IpHeader& ip) noexcept {
    return spread(ip.identification ^ spread(ip.source.low() ^ spread(ip.destination.low() + ip.protocol))) &
           (entry_count - 1);
}

bool FragmentTable::remember(const IpHeader& first, FlowIndex flow, std::uint32_t generation, EventTime now) noexcept {
    Entry& entry = entries_[place(first)];
    const bool evicts = entry.flow != no_flow && !entry.is_of(first) && now - entry.at <= lifetime;
    entry = {first.source, first.destination, now, first.identification, flow, generation, first.protocol};
    return evicts;
}

FragmentTable::Found FragmentTable::find(const IpHeader& later, EventTime now) const noexcept {
    const Entry& entry = entries_[place(later)];
    if (entry.flow == no_flow || !entry.is_of(later) || now - entry.at > lifetime) return {};
    return {entry.flow, entry.generation};
}

}  // namespace wiresage

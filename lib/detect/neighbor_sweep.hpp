// Addresses that one station asked for, and who of them answered.
#pragma once

#include <cstdint>
#include <vector>

#include "alert/finding.hpp"
#include "detect/episode.hpp"
#include "detect/judge.hpp"
#include "detect/windows.hpp"
#include "fact/fact.hpp"

namespace wiresage {

/// Totals since the station began to ask.
struct NeighborSweep {
    explicit NeighborSweep(Duration window = std::chrono::minutes{1}) : news{window} {}

    static std::uint32_t hash(const Address& address) noexcept {
        return static_cast<std::uint32_t>(AddressHash{}(address));
    }

    /// A request; true where its target had not been asked for.
    bool asks(const Fact& fact, const Neighbor& what, const MacAddress& mac) {
        if (!episode.is_open()) episode.touch(fact, Duration{});
        ++requests;
        last = fact.at.time;
        ends.see({what.sender_ip, 0}, mac);
        many_senders = many_senders || !ends.without_port().ip;
        keep_packet(packets, fact.at.input, fact.at.frame);
        const auto before = asked.count();
        asked.add(hash(what.target_ip));
        if (asked.count() == before) return false;
        news.add(fact.at.time);
        if (before > 0) {
            ++steps;
            small_steps += is_small_step(newest, what.target_ip) ? 1 : 0;
        }
        newest = what.target_ip;
        return true;
    }

    /// Three quarters of the steps lead to a next address.
    bool is_sequential() const noexcept { return steps > 0 && small_steps * 4 >= steps * 3; }

    Episode episode;
    RateWindow news;  ///< Addresses not asked for before.
    DistinctCount asked;
    DistinctCount answered;
    std::uint64_t requests = 0;
    std::uint64_t steps = 0;        ///< From one new address to the next ...
    std::uint64_t small_steps = 0;  ///< ... up or down by one or two.
    Address newest;
    EventTime last;
    AgreedEnd ends;
    bool many_senders = false;  ///< Several addresses of its own: a router.
    Agreed<Address> behind;     ///< Who sent to the asked addresses just before.
    std::vector<PacketRef> packets;
    EventTime waits_since;
    bool waits = false;
    bool told = false;

private:
    static bool is_small_step(const Address& from, const Address& to) noexcept {
        const auto up = to.low() - from.low();
        return from.high() == to.high() && (up + 2 <= 4) && up != 0;  // From -2 to 2, by unsigned arithmetic.
    }
};

}  // namespace wiresage

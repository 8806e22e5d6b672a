// Troubles with the same unhappy end, counted for one entity and episode.
#pragma once

#include <cstdint>
#include <vector>

#include "alert/finding.hpp"
#include "detect/episode.hpp"
#include "detect/judge.hpp"
#include "detect/windows.hpp"
#include "fact/fact.hpp"

namespace wiresage {

/// What rules about attempts and about messages count alike.  Rules keep further totals beside it and set them to zero
/// when adding says that a new episode begins.
class Tally {
public:
    /// The episode is open and not over.
    bool lasts(EventTime now, Duration quiet) const noexcept {
        return episode_.is_open() && !episode_.over(now, quiet);
    }

    /// Start, place, packets and impact; `all`: how many the entity had meanwhile, 0 where that is not known.
    void describe(Finding& finding, Transport transport, std::uint64_t all = 0) const {
        episode_.describe(finding);
        finding.transport = transport;
        finding.packets = in_order(packets_);
        finding.impact = {static_cast<std::int64_t>(count_), static_cast<std::int64_t>(peers()), {}};
        if (all > 0) finding.impact.share_of_service = share_of(count_, all);
    }

    const Episode& episode() const noexcept { return episode_; }
    EventTime start() const noexcept { return episode_.start(); }
    std::uint64_t count() const noexcept { return count_; }
    std::uint64_t peers() const { return peers_.count(); }  ///< Client addresses.
    /// The ends, each part while all agree on it.
    const AgreedEnd& clients() const noexcept { return clients_; }
    const AgreedEnd& servers() const noexcept { return servers_; }

protected:
    struct One {
        const Endpoint& client;
        const MacAddress& client_mac;
        const Endpoint& server;
        const MacAddress& server_mac;
        EventTime began;
        EventTime began_stamp;
        std::uint64_t frame = 0;  ///< 0: none to show.
    };

    /// One more.  True where it begins a new episode: all totals then start with it.
    bool add(const Fact& fact, const One& what, Duration quiet) {
        const bool begins = episode_.touch(fact, what.began, what.began_stamp, quiet);
        if (begins) {
            const auto begun = episode_;
            *this = Tally{};
            episode_ = begun;
        }
        episode_.begin_no_later(what.began, what.began_stamp);
        ++count_;
        peers_.add(static_cast<std::uint32_t>(AddressHash{}(what.client.ip)));
        clients_.see(what.client, what.client_mac);
        servers_.see(what.server, what.server_mac);
        keep_packet(packets_, fact.at.input, what.frame);
        return begins;
    }

    /// The trouble goes on: the episode lasts, nothing is counted.
    void touch(const Fact& fact, Duration quiet) { episode_.touch(fact, quiet); }

    /// One of them came out well after all.
    void take_back() noexcept { count_ -= count_ > 0 ? 1 : 0; }

private:
    Episode episode_;
    std::uint64_t count_ = 0;
    DistinctCount peers_;
    AgreedEnd clients_;
    AgreedEnd servers_;
    std::vector<PacketRef> packets_;
};

}  // namespace wiresage

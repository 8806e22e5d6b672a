// Messages of an application with the same unhappy end, counted for one entity and episode.
#pragma once

#include <cstdint>
#include <vector>

#include "alert/finding.hpp"
#include "detect/episode.hpp"
#include "detect/judge.hpp"
#include "detect/windows.hpp"
#include "fact/fact.hpp"

namespace wiresage {

/// What rules about messages count alike.  Rules keep further totals beside it and set them to zero when `add` says
/// that a new episode begins.
class MessageTally {
public:
    /// One more: its first packet, 0 where that was not seen (the fact's own then).
    bool add(const Fact& fact, const Endpoint& client, const Endpoint& server, EventTime began, EventTime began_stamp,
             std::uint64_t frame, Duration quiet) {
        const bool begins = episode_.touch(fact, began, began_stamp, quiet);
        if (begins) {
            const auto begun = episode_;
            *this = MessageTally{};
            episode_ = begun;
        }
        episode_.begin_no_later(began, began_stamp);
        ++count_;
        peers_.add(static_cast<std::uint32_t>(AddressHash{}(client.ip)));
        clients_.see(client, {});
        servers_.see(server, {});
        const std::uint64_t packet = frame != 0 ? frame : fact.at.frame;
        if (packet != 0) keep_packet(packets_, fact.at.input, packet);
        return begins;
    }

    bool lasts(EventTime now, Duration quiet) const noexcept {
        return episode_.is_open() && !episode_.over(now, quiet);
    }

    /// Start, place, packets and impact; `all`: messages of the entity meanwhile, 0 where that is not known.
    void describe(Finding& finding, Transport transport, std::uint64_t all = 0) const {
        episode_.describe(finding);
        finding.transport = transport;
        finding.packets = in_order(packets_);
        finding.impact = {static_cast<std::int64_t>(count_), static_cast<std::int64_t>(peers()), {}};
        if (all > 0) finding.impact.share_of_service = share_of(count_, all);
    }

    const Episode& episode() const noexcept { return episode_; }
    std::uint64_t count() const noexcept { return count_; }
    std::uint64_t peers() const { return peers_.count(); }  ///< Client addresses.
    const AgreedEnd& clients() const noexcept { return clients_; }
    const AgreedEnd& servers() const noexcept { return servers_; }

private:
    Episode episode_;
    std::uint64_t count_ = 0;
    DistinctCount peers_;
    AgreedEnd clients_;
    AgreedEnd servers_;
    std::vector<PacketRef> packets_;
};

}  // namespace wiresage

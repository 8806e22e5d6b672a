// Attempts with the same unhappy end, counted for one entity and episode.
#pragma once

#include <cstdint>
#include <vector>

#include "alert/finding.hpp"
#include "detect/episode.hpp"
#include "detect/judge.hpp"
#include "detect/rule.hpp"
#include "detect/windows.hpp"
#include "fact/fact.hpp"

namespace wiresage {

/// What rules about connections count alike.  Rules keep further totals beside it and set them to zero when `add`
/// says that a new episode begins.
class AttemptTally {
public:
    /// One more.  True where it begins a new episode: all totals then start with it.
    bool add(const Fact& fact, const Outcome& what, Duration quiet, const Site& site) {
        const bool begins = episode_.touch(fact, what.began, what.began_stamp, quiet);
        if (begins) {
            const auto begun = episode_;
            *this = AttemptTally{};
            episode_ = begun;
        }
        episode_.begin_no_later(what.began, what.began_stamp);
        ++count_;
        peers_.add(static_cast<std::uint32_t>(AddressHash{}(what.client.ip)));
        clients_.see(what.client, what.client_mac);
        servers_.see(what.server, what.server_mac);
        asked_inside_ = asked_inside_ || site.is_internal(what.client.ip);
        asked_here_ = asked_here_ || site.is_local(what.client.ip);
        keep_packet(packets_, fact.at.input, what.began_frame);
        return begins;
    }

    /// The trouble goes on: the episode lasts, nothing is counted.
    void touch(const Fact& fact, Duration quiet) { episode_.touch(fact, quiet); }

    /// One of them came out well after all.
    void take_back() noexcept { count_ -= count_ > 0 ? 1 : 0; }

    /// The episode is open and not over.
    bool lasts(EventTime now, Duration quiet) const noexcept {
        return episode_.is_open() && !episode_.over(now, quiet);
    }

    /// Start, place, packets and impact; `all`: attempts of the entity meanwhile, 0 where that is not known.
    void describe(Finding& finding, std::uint64_t all = 0) const {
        episode_.describe(finding);
        finding.transport = Transport::tcp;
        finding.packets = in_order(packets_);
        finding.impact = {static_cast<std::int64_t>(count_), static_cast<std::int64_t>(peers()), {}};
        if (all > 0) finding.impact.share_of_service = share_of(count_, all);
    }

    EventTime start() const noexcept { return episode_.start(); }
    std::uint64_t count() const noexcept { return count_; }
    std::uint64_t peers() const { return peers_.count(); }  ///< Client addresses.
    /// The ends, each part while all attempts agree on it.
    const AgreedEnd& clients() const noexcept { return clients_; }
    const AgreedEnd& servers() const noexcept { return servers_; }
    bool asked_inside() const noexcept { return asked_inside_; }  ///< Some client is internal.
    bool asked_here() const noexcept { return asked_here_; }      ///< Some client is the capturing host.

private:
    Episode episode_;
    std::uint64_t count_ = 0;
    DistinctCount peers_;
    AgreedEnd clients_;
    AgreedEnd servers_;
    std::vector<PacketRef> packets_;
    bool asked_inside_ = false;
    bool asked_here_ = false;
};

/// Which entities have news since the last tick: masses are reported once a tick.
template <typename Key>
class News {
public:
    void mark(const Key& key, bool& is_marked) {
        if (!is_marked) keys_.push_back(key);
        is_marked = true;
    }

    /// `tell(key, entry)` for every marked key that `entries` still has; `Entry::is_news` is cleared before.
    template <typename Map, typename Tell>
    void tell(Map& entries, Tell tell) {
        for (const auto& key : keys_) {
            auto* const entry = entries.find(key);
            if (entry == nullptr || !entry->is_news) continue;
            entry->is_news = false;
            tell(key, *entry);
        }
        keys_.clear();
    }

private:
    std::vector<Key> keys_;
};

}  // namespace wiresage

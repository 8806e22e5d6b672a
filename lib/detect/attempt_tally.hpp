// Attempts with the same unhappy end, counted for one entity and episode.
#pragma once

#include <cstdint>

#include "detect/news.hpp"
#include "detect/rule.hpp"
#include "detect/tally.hpp"

namespace wiresage {

/// What rules about connections count alike.
class AttemptTally : public Tally {
public:
    /// One more.  True where it begins a new episode: all totals then start with it.
    bool add(const Fact& fact, const Outcome& what, Duration quiet, const Site& site) {
        const bool begins = Tally::add(fact,
                                       {what.client, what.client_mac, what.server, what.server_mac, what.began,
                                        what.began_stamp, what.began_frame},
                                       quiet);
        if (begins) asked_inside_ = asked_here_ = false;
        asked_inside_ = asked_inside_ || site.is_internal(what.client.ip);
        asked_here_ = asked_here_ || site.is_local(what.client.ip);
        return begins;
    }

    using Tally::take_back;
    using Tally::touch;

    void describe(Finding& finding, std::uint64_t all = 0) const { Tally::describe(finding, Transport::tcp, all); }

    bool asked_inside() const noexcept { return asked_inside_; }  ///< Some client is internal.
    bool asked_here() const noexcept { return asked_here_; }      ///< Some client is the capturing host.

private:
    bool asked_inside_ = false;
    bool asked_here_ = false;
};

}  // namespace wiresage

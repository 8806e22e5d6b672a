// Messages of an application with the same unhappy end, counted for one entity and episode.
#pragma once

#include <cstdint>

#include "detect/tally.hpp"

namespace wiresage {

/// What rules about messages count alike.
class MessageTally : public Tally {
public:
    /// One more: its first packet, 0 where that was not seen (the fact's own then).
    bool add(const Fact& fact, const Endpoint& client, const Endpoint& server, EventTime began, EventTime began_stamp,
             std::uint64_t frame, Duration quiet) {
        const MacAddress no_mac;
        return Tally::add(
            fact, {client, no_mac, server, no_mac, began, began_stamp, frame != 0 ? frame : fact.at.frame}, quiet);
    }
};

}  // namespace wiresage

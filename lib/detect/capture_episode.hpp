// Rules about the capture itself: one alert an interface.
#pragma once

#include <cstdint>
#include <string>

#include "detect/bounded_map.hpp"
#include "detect/episode.hpp"
#include "detect/judge.hpp"
#include "fact/fact.hpp"

namespace wiresage {

/// What an alert about an input starts from: its first packet of the trouble.
struct CaptureEpisode {
    Episode episode;
    std::vector<PacketRef> packets;

    /// True where a new episode begins: the rule's totals start anew.  `began`: the first packet, by event time.
    bool touch(const Fact& fact, EventTime began, std::uint64_t frame, Duration quiet) {
        const EventTime stamp = began + (fact.at.stamp - fact.at.time);
        const bool begins = episode.touch(fact, began, stamp, quiet);
        if (begins) packets.clear();
        episode.begin_no_later(began, stamp);
        keep_packet(packets, fact.at.input, frame);
        return begins;
    }

    void describe(Finding& finding, std::uint16_t input) const {
        episode.describe(finding);
        finding.vlan = 0;  // An interface carries many.
        finding.input = input;
        finding.packets = in_order(packets);
    }
};

struct InputHash {
    std::size_t operator()(std::uint16_t input) const noexcept { return static_cast<std::size_t>(spread(input)); }
};

/// More inputs than anybody captures from; a merge of more files shares the rest.
inline constexpr std::size_t most_inputs_judged = 256;

template <typename Entry>
using ByInput = BoundedMap<std::uint16_t, Entry, InputHash>;

/// Which way a packet of `source` to `destination` went, by what the capture said, else by whose addresses they are.
inline Way way_of(Way said, const Address& source, const Address& destination, const Site& site) {
    if (said != Way::unknown) return said;
    if (site.is_local(source)) return Way::sent;
    return site.is_local(destination) ? Way::received : Way::unknown;
}

}  // namespace wiresage

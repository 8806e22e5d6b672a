// UDP sockets that ask at many ports: peers rather than clients.
#pragma once

#include <cstdint>

#include "base/address.hpp"
#include "detect/bounded_map.hpp"
#include "detect/knowledge.hpp"
#include "detect/windows.hpp"
#include "fact/fact.hpp"

namespace wiresage {

/// Which ports each UDP socket asked at: those without an answer are kept here, the others are in Knowledge.
class AskingSockets {
public:
    /// More ports than this, and the socket has peers, not targets (distributed hash tables).
    static constexpr std::size_t most_ports = 16;

    explicit AskingSockets(Duration window) : window_{window} {}

    void see(const Outcome& what) {
        const bool failed = what.answer == Answer::silent || what.answer == Answer::refused_by_icmp;
        if (failed) failed_ports_.at(what.client).add(what.server.port);
    }

    bool has_peers(const Fact& fact, const Endpoint& socket, const Knowledge& knowledge) const {
        FirstDistinct<std::uint16_t> ports;
        if (const auto* const failed = failed_ports_.find(socket)) ports = *failed;
        for (const auto* const one : knowledge.answered(socket.ip, fact.at.time - window_)) {
            if (one->transport == Transport::udp && one->client == socket) ports.add(one->server.port);
        }
        return ports.values().size() > most_ports;
    }

private:
    Duration window_;
    BoundedMap<Endpoint, FirstDistinct<std::uint16_t>, AddressHash> failed_ports_{4096};
};

}  // namespace wiresage

// Who reads what flows carry: the shard's way up to a layer that it does not know.
#pragma once

#include <cstdint>

#include "flow/flow.hpp"
#include "flow/teller.hpp"
#include "packet/packet.hpp"

namespace wiresage {

/// Called by a shard, in its worker's thread; one for each shard.
class FlowReader {
public:
    virtual ~FlowReader() = default;

    /// A packet of a flow that is not given up: with payload, or FIN or RST; of a flow in `Reading::all` every one.
    /// Gives how the flow is to be read from now on.
    virtual Reading packet(FlowIndex at, const Flow& flow, const TcpFlow* tcp, Side from, const Packet& packet,
                           Teller& teller) noexcept = 0;

    /// A flow that is being read goes: its time is over, its place is needed, or its ports begin anew (`none`).
    virtual void gone(FlowIndex at, const Flow& flow, EndedBy by, Teller& teller) noexcept = 0;

    /// After all else of a tick: sums leave.  False where nothing is left to tell on later ticks.
    virtual bool tick(EventTime capture_end, Teller& teller) noexcept = 0;
};

}  // namespace wiresage

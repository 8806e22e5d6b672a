// The registry of protocols.
#include "app/protocols.hpp"

#include "app/shared.hpp"

namespace wiresage {

std::span<const StreamProtocol> stream_protocols() noexcept { return {}; }

std::span<const DatagramProtocol> datagram_protocols() noexcept { return {}; }

bool AppShared::tick(AppContext&, EventTime) noexcept { return false; }

}  // namespace wiresage

// Every protocol that is read, and what a shard remembers for each.
#pragma once

#include <span>

#include "app/parser.hpp"

namespace wiresage {

/// In the order in which they are asked; the first `yes` has the flow.
std::span<const StreamProtocol> stream_protocols() noexcept;
std::span<const DatagramProtocol> datagram_protocols() noexcept;

}  // namespace wiresage

// The browser service over NetBIOS datagrams ([MS-BRWS], RFC 1002, 4.4): masters that announce themselves.
#pragma once

#include "app/parser.hpp"

namespace wiresage {

bool recognise_netbios_datagram(From from, Bytes payload, const Conversation& talk) noexcept;
bool read_netbios_datagram(From from, Bytes payload, std::size_t wire_bytes, AppContext& context) noexcept;

/// The name that a datagram of the browser service announces a master browser by; empty: it does not.
Bytes announced_master(Bytes payload) noexcept;

}  // namespace wiresage

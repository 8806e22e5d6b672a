// The little that is read of what datagrams carry: what tells one exchange from another.
#pragma once

#include <cstdint>

#include "packet/packet.hpp"

namespace wiresage {

/// A digest of what the application tells its exchanges by, equal in a request and its answer: the id of DNS and
/// NetBIOS names (RFC 1035, 4.1.1; RFC 1002, 4.2.1), NTP's timestamp (RFC 5905, 7.3), SNMP's request-id (RFC 3416, 3),
/// RADIUS' identifier (RFC 2865, 3), the instance's name of SQL Server's resolution protocol ([MC-SQLR], 2.2).  By the
/// ports; 0 where there is none.
std::uint16_t message_id_of(const UdpHeader& udp, Bytes payload) noexcept;

/// A small payload as one number that is not 0; equal ones give the same.
std::uint16_t small_digest(Bytes payload) noexcept;

}  // namespace wiresage

// What is sent in the clear for everybody to read.
#pragma once

#include <cstdint>

#include "base/address.hpp"

namespace wiresage {

enum class LoginProtocol : std::uint8_t { ftp, http_basic, pop3, imap, smtp, telnet, snmp, ldap };

/// A secret was sent in the clear; which one is never told.  The first time of a client and service at once, further
/// ones summed over ten seconds.  Made by: app/.  Text: user, where there is one.
struct CleartextLogin {
    Endpoint client;
    Endpoint server;
    std::uint32_t times = 1;
    LoginProtocol protocol = LoginProtocol::ftp;
};

}  // namespace wiresage

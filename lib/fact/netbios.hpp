// What the NetBIOS browser service has to say ([MS-BRWS]).
#pragma once

#include <cstdint>

#include "base/address.hpp"

namespace wiresage {

enum class BrowserNews : std::uint8_t {
    master_announcement,  ///< `from` tells `to`, the domain master browser, that it is a master browser (2.2.7).
    list_asked,           ///< `from` asked `to` for its list of servers over SMB (NetServerEnum2, [MS-RAP] 2.5.5).
};

enum class SmbLogon : std::uint8_t { unknown, anonymous, ntlm, kerberos };

/// Made by: app/.  At most 128 of each kind a shard and tick.
/// Texts: the announcer's name; or the share and the call ("NetServerEnum2").
struct BrowserWord {
    Endpoint from;
    Endpoint to;
    BrowserNews news = BrowserNews::master_announcement;
    SmbLogon logon = SmbLogon::unknown;  ///< list_asked: how the session was opened.
};

}  // namespace wiresage

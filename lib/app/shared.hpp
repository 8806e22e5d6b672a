// What a shard remembers for each protocol beyond one connection.
#pragma once

#include "app/context.hpp"
#include "app/dhcp.hpp"
#include "app/dns.hpp"
#include "app/http.hpp"
#include "app/logins.hpp"
#include "app/smb_reads.hpp"
#include "app/tls.hpp"

namespace wiresage {

/// One for each shard.  Every member has its own bound, and reserves its memory at construction.
struct AppShared {
    DnsShared dns;
    HttpShared http;
    TlsShared tls;

    /// The sums of a tick leave, waits end.  True while something is left for later ticks.
    bool tick(AppContext& context, EventTime capture_end) noexcept;

    DhcpAsked dhcp;
    Logins logins;
    SmbReadPool smb_reads;
};

}  // namespace wiresage

// The registry of protocols.
#include "app/protocols.hpp"

#include "app/browser.hpp"
#include "app/dns.hpp"
#include "app/ftp.hpp"
#include "app/http.hpp"
#include "app/ldap.hpp"
#include "app/mail.hpp"
#include "app/rpc.hpp"
#include "app/shared.hpp"
#include "app/smb.hpp"
#include "app/telnet.hpp"
#include "app/tls.hpp"

namespace wiresage {

namespace {

constexpr StreamProtocol streams[] = {
    stream_protocol<HttpParser>("http", &recognise_http),
    stream_protocol<TlsParser>("tls", &recognise_tls),
    stream_protocol<DnsOverTcp>("dns", &recognise_dns_over_tcp),
    stream_protocol<FtpParser>("ftp", recognise_ftp),
    stream_protocol<SmbParser>("smb", recognise_smb),
    stream_protocol<RpcParser>("dcerpc", recognise_rpc),
    stream_protocol<Pop3Parser>("pop3", recognise_pop3),
    stream_protocol<ImapParser>("imap", recognise_imap),
    stream_protocol<SmtpParser>("smtp", recognise_smtp),
    stream_protocol<LdapParser>("ldap", recognise_ldap),
    stream_protocol<TelnetParser>("telnet", recognise_telnet),
};

constexpr DatagramProtocol datagrams[] = {
    {"dns", &recognise_dns, &read_dns_datagram},
    {"dhcp", recognise_dhcp, read_dhcp},
    {"netbios", recognise_netbios_datagram, read_netbios_datagram},
    {"snmp", recognise_snmp, read_snmp},
};

}  // namespace

std::span<const StreamProtocol> stream_protocols() noexcept { return streams; }

std::span<const DatagramProtocol> datagram_protocols() noexcept { return datagrams; }

bool AppShared::tick(AppContext& context, EventTime capture_end) noexcept {
    bool waits = dns.tick(context, capture_end);
    http.tick(context);
    tls.tick(context);
    dhcp.tick(context);
    waits = logins.tick(context) || waits;
    return smb_reads.tick(context) || waits;
}

}  // namespace wiresage

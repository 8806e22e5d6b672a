// The registry of protocols.
#include "app/protocols.hpp"

#include "app/browser.hpp"
#include "app/ftp.hpp"
#include "app/ldap.hpp"
#include "app/mail.hpp"
#include "app/rpc.hpp"
#include "app/shared.hpp"
#include "app/smb.hpp"
#include "app/telnet.hpp"

namespace wiresage {

namespace {

constexpr StreamProtocol streams[] = {
    stream_protocol<FtpParser>("ftp", recognise_ftp),    stream_protocol<SmbParser>("smb", recognise_smb),
    stream_protocol<RpcParser>("dcerpc", recognise_rpc), stream_protocol<Pop3Parser>("pop3", recognise_pop3),
    stream_protocol<ImapParser>("imap", recognise_imap), stream_protocol<SmtpParser>("smtp", recognise_smtp),
    stream_protocol<LdapParser>("ldap", recognise_ldap), stream_protocol<TelnetParser>("telnet", recognise_telnet),
};

constexpr DatagramProtocol datagrams[] = {
    {"dhcp", recognise_dhcp, read_dhcp},
    {"netbios", recognise_netbios_datagram, read_netbios_datagram},
    {"snmp", recognise_snmp, read_snmp},
};

}  // namespace

std::span<const StreamProtocol> stream_protocols() noexcept { return streams; }

std::span<const DatagramProtocol> datagram_protocols() noexcept { return datagrams; }

bool AppShared::tick(AppContext& context, EventTime) noexcept {
    dhcp.tick(context);
    bool more = logins.tick(context);
    more = smb_reads.tick(context) || more;
    return more;
}

}  // namespace wiresage

// cleartext_credentials: secrets go over the wire for everybody to read.
// Page: cleartext_credentials.md.

#include <algorithm>
#include <string>
#include <vector>

#include "detect/bounded_map.hpp"
#include "detect/episode.hpp"
#include "detect/judge.hpp"
#include "detect/keys.hpp"
#include "detect/rule.hpp"
#include "detect/windows.hpp"
#include "fact/texts.hpp"

namespace wiresage::rules {

namespace {

/// One alert a service lasts while secrets are sent at least so often.
constexpr Duration longest_quiet = std::chrono::hours{1};

constexpr Setting settings[] = {
    {"times", SettingKind::count, 1, 1, 1'000'000, "secrets sent to the service from here on"},
};

constexpr EvidenceKey evidence[] = {
    {"protocol", EvidenceType::text},
    {"count", EvidenceType::integer},
    {"peers", EvidenceType::integer},
    {"user", EvidenceType::text, true},
};

constexpr std::string_view next_steps[] = {
    "Let the service offer TLS and take logins only inside it (FTPS, STARTTLS, LDAPS, SSH instead of Telnet, SNMPv3).",
    "Whoever could capture here has the secrets: change them once the traffic is encrypted.",
};

constexpr About about{
    .id = "cleartext_credentials",
    .name = "Credentials in the clear",
    .category = "auth",
    .kind = RuleKind::site,
    .severity = Severity::info,
    .settings = settings,
    .evidence = evidence,
    .source = "client ip",
    .destination = "server ip:port",
    .entity = "service, protocol",
    .cause = "The protocol carries its secrets without encryption, and the session was not put inside TLS.",
    .unknowable = "Whether the login succeeded, and whether the path is protected otherwise (a VPN further on).",
    .next_steps = next_steps,
};

const char* name_of(LoginProtocol protocol) noexcept {
    constexpr const char* names[] = {"ftp", "http_basic", "pop3", "imap", "smtp", "telnet", "snmp", "ldap"};
    return names[static_cast<std::size_t>(protocol)];
}

class CleartextCredentials {
public:
    explicit CleartextCredentials(const RuleContext& context)
        : times_{context.settings.count("times")},
          quiet_{std::max(context.settings.resolve_after, longest_quiet)},
          services_{std::max<std::size_t>(context.most_hosts / 8, 64)} {}

    void on(const Fact& fact, const CleartextLogin& what, Findings& findings) {
        const Key key{what.server, what.protocol, fact.vlan};
        auto& entry = services_.at(key);
        if (entry.episode.touch(fact, quiet_)) {
            const auto episode = entry.episode;
            entry = Entry{};
            entry.episode = episode;
        }
        entry.count += what.times;
        entry.peers.add(static_cast<std::uint32_t>(AddressHash{}(what.client.ip)));
        entry.clients.see(what.client, {});
        if (const auto user = TextReader{fact.texts()}.next(); !user.empty()) entry.users.see(std::string{user});
        if (!fact.at.is_tick()) keep_packet(entry.packets, fact.at.input, fact.at.frame);
        if (entry.count >= times_) report(fact, key, entry, findings);
    }

private:
    struct Key {
        Endpoint service;
        LoginProtocol protocol = LoginProtocol::ftp;
        std::uint16_t vlan = 0;
        friend bool operator==(const Key&, const Key&) = default;
    };
    struct KeyHash : AddressHash {
        std::size_t operator()(const Key& of) const noexcept {
            const auto extra = static_cast<std::size_t>(of.protocol) << 16 | of.vlan;
            return spread(AddressHash::operator()(of.service) + extra);
        }
    };
    struct Entry {
        Episode episode;
        AgreedEnd clients;
        Agreed<std::string> users;
        DistinctCount peers;
        std::vector<PacketRef> packets;
        std::uint64_t count = 0;
    };

    void report(const Fact& fact, const Key& key, const Entry& entry, Findings& findings) const {
        const std::string protocol = name_of(key.protocol);
        Finding finding;
        entry.episode.describe(finding);
        finding.resolve_after = quiet_;
        finding.entity = key.service.text() + ", " + protocol;
        finding.source = entry.clients.without_port();
        finding.destination = End::of(key.service);
        finding.transport = key.protocol == LoginProtocol::snmp ? Transport::udp : Transport::tcp;
        finding.evidence.set("protocol", protocol);
        finding.evidence.set("count", entry.count);
        finding.evidence.set("peers", entry.peers.count());
        if (entry.users.get()) finding.evidence.set("user", *entry.users.get());
        finding.packets = in_order(entry.packets);
        finding.impact = {static_cast<std::int64_t>(entry.count), static_cast<std::int64_t>(entry.peers.count()), {}};
        finding.confidence = limited_by_capture(findings, fact, Confidence::high);
        finding.message = counted(entry.peers.count(), "client", "clients") + " sent credentials in the clear to " +
                          key.service.text() + " (" + protocol + "), " + counted(entry.count, "time", "times") +
                          (entry.users.get() ? ", user " + *entry.users.get() : std::string{});
        finding.threshold = {{"times", static_cast<std::int64_t>(times_)}};
        finding.window_seconds = seconds(quiet_);
        finding.wireshark_filter = filter_end("dst", finding.transport == Transport::udp ? "udp" : "tcp", key.service);
        findings.report(std::move(finding));
    }

    std::uint64_t times_;
    Duration quiet_;
    BoundedMap<Key, Entry, KeyHash> services_;
};

}  // namespace

extern constinit const RuleEntry cleartext_credentials = entry<CleartextCredentials>(about);

}  // namespace wiresage::rules

// smb_session_refused: a server turns a client's SMB sessions away, again and again.
// Page: smb_session_refused.md.

#include <algorithm>
#include <string>
#include <vector>

#include "detect/bounded_map.hpp"
#include "detect/episode.hpp"
#include "detect/judge.hpp"
#include "detect/keys.hpp"
#include "detect/rule.hpp"
#include "detect/smb_status.hpp"
#include "fact/texts.hpp"

namespace wiresage::rules {

namespace {

constexpr Setting settings[] = {
    {"refusals", SettingKind::count, 3, 1, 1'000'000, "refusals without a success in between, from here on"},
    {"window", SettingKind::duration, in_seconds(600), in_seconds(1), in_seconds(7200),
     "refusals no further apart than this are counted together"},
};

constexpr EvidenceKey evidence[] = {
    {"status", EvidenceType::text},
    {"status_name", EvidenceType::text, true},
    {"stage", EvidenceType::text},
    {"count", EvidenceType::integer},
    {"dialect", EvidenceType::text},
    {"user", EvidenceType::text, true},
    {"share_name", EvidenceType::text, true},
};

constexpr std::string_view next_steps[] = {
    "At session_setup: is the account locked, expired, or its password old in a service or a mapped drive? The "
    "server's security log (event 4625) names the reason.",
    "At tree_connect: does the share exist, and may the account use it (`smbclient -L`, share and file permissions)?",
    "At negotiate: do both allow a common dialect (SMB1 is off on servers of today), and the same signing?",
};

constexpr About about{
    .id = "smb_session_refused",
    .name = "SMB sessions refused",
    .category = "smb",
    .kind = RuleKind::site,
    .severity = Severity::warning,
    .settings = settings,
    .evidence = evidence,
    .source = "server ip:port",
    .destination = "client ip",
    .entity = "service > client ip",
    .cause = "The server answers, and says no: wrong or locked account, missing right or share, no common dialect.",
    .unknowable = "Why the account is not accepted, where the server says no more than that.",
    .next_steps = next_steps,
};

const char* name_of(SmbStage stage) noexcept {
    switch (stage) {
        case SmbStage::negotiate:
            return "negotiate";
        case SmbStage::session_setup:
            return "session_setup";
        case SmbStage::tree_connect:
            return "tree_connect";
    }
    return "";
}

class SmbSessionRefused {
public:
    explicit SmbSessionRefused(const RuleContext& context)
        : refusals_{context.settings.count("refusals")},
          window_{context.settings.duration("window")},
          quiet_{std::max(context.settings.resolve_after, window_)},
          pairs_{std::max<std::size_t>(context.most_hosts / 8, 64)} {}

    void on(const Fact& fact, const SmbSession& what, Findings& findings) {
        const ClientOfService key{what.client.ip, what.server, fact.vlan};
        TextReader texts{fact.texts()};
        const std::string user{texts.next()};
        const std::string share{texts.next()};
        if (what.status == 0) {
            auto* const entry = pairs_.find(key);
            // Another share that opens says nothing of the one refused.
            const bool absolves =
                entry != nullptr && (entry->first.stage != SmbStage::tree_connect || entry->share == share);
            if (absolves) pairs_.erase(key);
            return;
        }
        if (is_ordinary(what)) return;
        auto& entry = pairs_.at(key);
        const bool begins = entry.episode.touch(fact, what.asked, what.asked_stamp, quiet_);
        // Another reason is another story.
        if (begins || entry.first.stage != what.stage || entry.first.status != what.status) {
            const auto episode = entry.episode;
            entry = Entry{};
            entry.episode = episode;
            entry.first = what;
            entry.user = user;
            entry.share = share;
        }
        ++entry.count;
        keep_packet(entry.packets, fact.at.input, fact.at.frame);
        if (entry.count >= refusals_) report(fact, key, entry, findings);
    }

private:
    struct Entry {
        Episode episode;
        SmbSession first;
        std::string user;
        std::string share;
        std::vector<PacketRef> packets;
        std::uint64_t count = 0;
    };

    /// Sessions that ended and are opened anew; probing for what a server can do.
    static bool is_ordinary(const SmbSession& what) { return !what.netbios && smb_status_is_ordinary(what.status); }

    void report(const Fact& fact, const ClientOfService& key, const Entry& entry, Findings& findings) const {
        const auto& first = entry.first;
        Finding finding;
        entry.episode.describe(finding);
        const auto name = smb_status_name(first.status, first.netbios);
        const auto status = smb_status_text(first.status, first.netbios);
        finding.entity = key.service.text() + ">" + key.client.text();
        finding.source = End::of(key.service);
        finding.destination = End::of(key.client);
        finding.transport = Transport::tcp;
        finding.evidence.set("status", status);
        if (!name.empty()) finding.evidence.set("status_name", std::string{name});
        finding.evidence.set("stage", name_of(first.stage));
        finding.evidence.set("count", entry.count);
        finding.evidence.set("dialect", first.dialect == SmbDialect::smb2 ? "smb2" : "smb1");
        if (!entry.user.empty()) finding.evidence.set("user", entry.user);
        if (!entry.share.empty()) finding.evidence.set("share_name", entry.share);
        finding.packets = in_order(entry.packets);
        finding.impact = {static_cast<std::int64_t>(entry.count), 1, {}};
        finding.confidence = limited_by_capture(findings, fact, confidence_of({entry.count < 10}));
        finding.urgency = urgency_of(about.severity, finding.confidence, {});
        finding.message = key.service.text() + " refused " + key.client.text() + " at " + name_of(first.stage) + " " +
                          counted(entry.count, "time", "times") + ": " + (name.empty() ? status : std::string{name}) +
                          (entry.user.empty() ? std::string{} : ", user " + entry.user) +
                          (entry.share.empty() ? std::string{} : ", share " + entry.share);
        finding.threshold = {{"refusals", static_cast<std::int64_t>(refusals_)}};
        finding.window_seconds = seconds(window_);
        finding.wireshark_filter = filter_ip("addr", key.client) + " && " + filter_ip("addr", key.service.ip) +
                                   (first.netbios                       ? " && nbss.type==0x83"
                                    : first.dialect == SmbDialect::smb2 ? " && smb2.nt_status!=0"
                                                                        : " && smb.nt_status!=0");
        findings.report(std::move(finding));
    }

    std::uint64_t refusals_;
    Duration window_;
    Duration quiet_;
    BoundedMap<ClientOfService, Entry, ServiceHash> pairs_;
};

}  // namespace

extern constinit const RuleEntry smb_session_refused = entry<SmbSessionRefused>(about);

}  // namespace wiresage::rules

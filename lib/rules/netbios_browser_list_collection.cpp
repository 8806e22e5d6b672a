// netbios_browser_list_collection: a domain master browser fetches the lists of the master browsers.
// Page: netbios_browser_list_collection.md.

#include <algorithm>
#include <string>
#include <vector>

#include "detect/bounded_map.hpp"
#include "detect/episode.hpp"
#include "detect/judge.hpp"
#include "detect/keys.hpp"
#include "detect/rule.hpp"
#include "fact/texts.hpp"

namespace wiresage::rules {

namespace {

/// Domain master browsers fetch lists every 12 minutes ([MS-BRWS] 3.1.4): 2.5 of these end an episode.
constexpr Duration longest_quiet = std::chrono::minutes{35};
constexpr std::size_t most_periods = 32;

constexpr Setting settings[] = {
    {"lists", SettingKind::count, 1, 1, 1'000, "lists asked after an announcement, from here on"},
    {"after_announcement", SettingKind::duration, in_seconds(30), in_seconds(1), in_seconds(900),
     "a list asked of a master browser so soon after it announced itself is this"},
};

constexpr EvidenceKey evidence[] = {
    {"share_name", EvidenceType::text},        {"rap_call", EvidenceType::text},
    {"count", EvidenceType::integer},          {"period_s", EvidenceType::number, true},
    {"preceded_by", EvidenceType::text, true}, {"auth", EvidenceType::text},
    {"classification", EvidenceType::text},
};

constexpr std::string_view next_steps[] = {
    "Nothing has to be done: this explains why a domain controller contacts clients every twelve minutes.",
    "Where it is not wanted, turn the Computer Browser service off on clients, so that they do not become masters.",
};

constexpr About about{
    .id = "netbios_browser_list_collection",
    .name = "Domain master browser collects lists",
    .category = "netbios",
    .kind = RuleKind::site,
    .severity = Severity::info,
    .settings = settings,
    .evidence = evidence,
    .source = "ip",
    .destination = "ip:port",
    .entity = "source ip > destination ip",
    .cause =
        "The destination announced itself as a master browser; the domain master browser then fetches its list of "
        "servers and merges it into the domain's. Harmless.",
    .unknowable = "What the list is used for.",
    .next_steps = next_steps,
};

const char* name_of(SmbLogon logon) noexcept {
    switch (logon) {
        case SmbLogon::ntlm:
            return "ntlm";
        case SmbLogon::kerberos:
            return "kerberos";
        case SmbLogon::anonymous:
            return "anonymous";
        case SmbLogon::unknown:
            break;
    }
    return "";
}

class NetbiosBrowserListCollection {
public:
    explicit NetbiosBrowserListCollection(const RuleContext& context)
        : lists_{context.settings.count("lists")},
          after_{context.settings.duration("after_announcement")},
          quiet_{std::max(context.settings.resolve_after, longest_quiet)},
          announced_{std::max<std::size_t>(context.most_hosts / 8, 64)},
          pairs_{std::max<std::size_t>(context.most_hosts / 8, 64)} {}

    void on(const Fact& fact, const BrowserWord& what, Findings& findings) {
        if (what.news == BrowserNews::master_announcement) {
            announced_.at({what.to.ip, {what.from.ip, 0}, 0}) = fact.at.time;
            return;
        }
        // Any client asks a browser for its list; only the domain's master asks those who announced themselves to it.
        const auto* const announced = announced_.find({what.from.ip, {what.to.ip, 0}, 0});
        if (announced == nullptr || fact.at.time - *announced > after_) return;
        if (what.logon == SmbLogon::unknown) return;  // Its beginning was not seen.
        const ClientOfService key{what.from.ip, {what.to.ip, 0}, fact.vlan};
        auto& entry = pairs_.at(key);
        if (entry.episode.touch(fact, quiet_)) {
            const auto episode = entry.episode;
            entry = Entry{};
            entry.episode = episode;
        } else if (entry.periods.size() < most_periods) {
            entry.periods.push_back(fact.at.time - entry.last);
        }
        entry.last = fact.at.time;
        ++entry.count;
        entry.to.see(what.to, {});
        keep_packet(entry.packets, fact.at.input, fact.at.frame);
        if (entry.count >= lists_) report(fact, key, entry, what, findings);
    }

private:
    struct Entry {
        Episode episode;
        AgreedEnd to;
        std::vector<Duration> periods;
        std::vector<PacketRef> packets;
        EventTime last;
        std::uint64_t count = 0;
    };

    void report(const Fact& fact, const ClientOfService& key, const Entry& entry, const BrowserWord& what,
                Findings& findings) const {
        TextReader texts{fact.texts()};
        const std::string share{texts.next()};
        const std::string call{texts.next()};
        Finding finding;
        entry.episode.describe(finding);
        finding.resolve_after = quiet_;
        finding.entity = key.client.text() + ">" + key.service.ip.text();
        finding.source = End::of(key.client);
        finding.destination = entry.to.with_port();
        finding.transport = Transport::tcp;
        finding.evidence.set("share_name", share);
        finding.evidence.set("rap_call", call);
        finding.evidence.set("count", entry.count);
        if (!entry.periods.empty()) {
            auto periods = entry.periods;
            const auto middle = periods.begin() + static_cast<std::ptrdiff_t>(periods.size() / 2);
            std::nth_element(periods.begin(), middle, periods.end());
            finding.evidence.set("period_s", seconds(*middle));
        }
        finding.evidence.set("preceded_by", "browser_master_announcement");
        finding.evidence.set("auth", name_of(what.logon));
        finding.evidence.set("classification", "domain_master_browser");
        finding.packets = entry.packets;
        finding.impact = {static_cast<std::int64_t>(entry.count), 1, {}};
        finding.confidence = limited_by_capture(findings, fact, Confidence::high);
        finding.message = key.client.text() + " asked " + key.service.ip.text() + " for its list of servers (" + call +
                          ") after that announced itself as a master browser, " +
                          counted(entry.count, "time", "times") + ": the domain master browser at work";
        finding.threshold = {{"lists", static_cast<std::int64_t>(lists_)}};
        finding.window_seconds = seconds(after_);
        finding.wireshark_filter =
            filter_ip("addr", key.client) + " && " + filter_ip("addr", key.service.ip) + " && (lanman || browser)";
        findings.report(std::move(finding));
    }

    std::uint64_t lists_;
    Duration after_;
    Duration quiet_;
    BoundedMap<ClientOfService, EventTime, ServiceHash> announced_;
    BoundedMap<ClientOfService, Entry, ServiceHash> pairs_;
};

}  // namespace

extern constinit const RuleEntry netbios_browser_list_collection = entry<NetbiosBrowserListCollection>(about);

}  // namespace wiresage::rules

// icmp_constant_payload_ping: pings with the same tiny payload again and again: a program's probe, not a person's.
// Page: icmp_constant_payload_ping.md.

#include <algorithm>

#include "detect/bounded_map.hpp"
#include "detect/episode.hpp"
#include "detect/judge.hpp"
#include "detect/keys.hpp"
#include "detect/median.hpp"
#include "detect/rule.hpp"
#include "detect/windows.hpp"

namespace wiresage::rules {

namespace {

constexpr std::size_t most_intervals = 64, most_flows = 64;
/// The directory access of a mail server asks its domain controllers so whether they can be reached.
constexpr std::uint8_t directory_access_byte = 0x3f;

constexpr Setting settings[] = {
    {"requests", SettingKind::count, 20, 2, 1'000'000, "echo requests with the one payload from here on"},
    {"window", SettingKind::duration, in_seconds(600), in_seconds(10), in_seconds(7200),
     "requests no further apart than this are counted together"},
};

constexpr EvidenceKey evidence[] = {
    {"destinations", EvidenceType::texts},  {"destination_count", EvidenceType::integer},
    {"payload_len", EvidenceType::integer}, {"payload_hex", EvidenceType::text},
    {"count", EvidenceType::integer},       {"replies", EvidenceType::integer},
    {"interval_s", EvidenceType::number},   {"classification", EvidenceType::text, true},
};

constexpr std::string_view next_steps[] = {
    "Find the program: on the host, `bpftrace -e 'tracepoint:syscalls:sys_enter_sendto { @[comm] = count(); }'` while "
    "the pings go out.",
    "Do not block these pings: programs that probe so take a silent host for a dead one.",
};

constexpr About about{
    .id = "icmp_constant_payload_ping",
    .name = "Pings with a constant tiny payload",
    .category = "icmp",
    .kind = RuleKind::site,
    .severity = Severity::info,
    .settings = settings,
    .evidence = evidence,
    .source = "ip",
    .destination = "ip",
    .entity = "source ip",
    .cause = "A program tests whether hosts can be reached; ping itself sends 32 or 56 bytes in a pattern.",
    .unknowable = "Which program it is, unless its payload is known.",
    .next_steps = next_steps,
};

class IcmpConstantPayloadPing {
public:
    explicit IcmpConstantPayloadPing(const RuleContext& context)
        : requests_{context.settings.count("requests")},
          quiet_{std::max(context.settings.resolve_after, context.settings.duration("window"))},
          sources_{std::max<std::size_t>(context.most_hosts / 8, 64)} {}

    void on(const Fact& fact, const TinyEcho& what, Findings& findings) {
        const ServiceAt key{{what.client, 0}, fact.vlan};
        auto& source = sources_.at(key);
        if (what.ended) {
            if (count(source, what)) report(fact.at.time, key, source, findings);
            return;
        }
        if (is_a_pattern(what)) return;
        const bool same = source.payload_bytes == what.payload_bytes && source.payload == what.payload;
        if (source.episode.touch(fact, what.began, what.began_stamp, quiet_) || !same) {
            source = Source{};
            source.episode.touch(fact, what.began, what.began_stamp, quiet_);
            source.payload_bytes = what.payload_bytes;
            source.payload = what.payload;
        }
        keep_packet(source.packets, fact.at.input, fact.at.frame);
        count(source, what);
        source.macs.see({what.server, 0}, what.client_mac);
        source.listed.add(what.server);
        source.destinations.add(static_cast<std::uint32_t>(AddressHash{}(what.server)));
        if (source.requests >= requests_) report(fact.at.time, key, source, findings);
    }

private:
    /// The counts of a flow that were added already.
    struct Counted {
        Address server;
        std::uint16_t identifier = 0;
        EventTime began;
        EventTime last;
        std::uint32_t requests = 0;
        std::uint32_t replies = 0;
    };

    struct Source {
        Episode episode;
        std::uint8_t payload_bytes = 0;
        std::array<std::uint8_t, TinyEcho::most_bytes> payload{};
        std::uint64_t requests = 0;
        std::uint64_t replies = 0;
        FirstDistinct<Address> listed;
        DistinctCount destinations;
        std::vector<Counted> flows;
        std::vector<Duration> intervals;
        std::vector<PacketRef> packets;
        AgreedEnd macs;  ///< Where all went to; the source's MAC.
    };

    /// Bytes that count up: what ping fills any length with.
    static bool is_a_pattern(const TinyEcho& what) {
        for (std::size_t i = 1; i < what.payload_bytes; ++i) {
            if (what.payload[i] != what.payload[i - 1] + 1) return false;
        }
        return what.payload_bytes > 1;
    }

    static Counted* find(Source& source, const TinyEcho& what) {
        const auto found = std::find_if(source.flows.begin(), source.flows.end(), [&](const Counted& flow) {
            return flow.server == what.server && flow.identifier == what.identifier;
        });
        return found == source.flows.end() ? nullptr : &*found;
    }

    /// True where something was added to an alert that may have been told.
    bool count(Source& source, const TinyEcho& what) const {
        auto* flow = find(source, what);
        if (flow != nullptr && !what.ended && source.intervals.size() < most_intervals) {
            const auto more = what.requests - (what.began == flow->began ? flow->requests : 0);
            if (more > 0) source.intervals.push_back((source.episode.last() - flow->last) / more);
        }
        if (flow == nullptr || flow->began != what.began) {
            if (what.ended) return false;
            if (flow == nullptr) {
                if (source.flows.size() == most_flows) source.flows.erase(source.flows.begin());
                source.flows.push_back({});
                flow = &source.flows.back();
            }
            *flow = Counted{what.server, what.identifier, what.began, {}, 0, 0};
        }
        const bool grows = what.requests > flow->requests || what.replies > flow->replies;
        source.requests += what.requests - flow->requests;
        source.replies += what.replies - flow->replies;
        if (!what.ended) flow->last = source.episode.last();
        flow->requests = what.requests;
        flow->replies = what.replies;
        return grows && source.requests >= requests_;
    }

    void report(EventTime now, const ServiceAt& key, const Source& source, Findings& findings) const {
        Finding finding;
        source.episode.describe(finding);
        const auto hosts = source.destinations.count();
        finding.entity = key.service.ip.text();
        finding.source = End{key.service.ip, {}, source.macs.mac()};
        if (hosts == 1) finding.destination.ip = source.macs.without_port().ip;
        finding.transport = Transport::icmp;
        finding.resolve_after = quiet_;
        std::vector<std::string> listed;
        for (const auto& address : source.listed.values()) listed.push_back(address.text());
        std::string hex;
        for (std::size_t i = 0; i < source.payload_bytes; ++i) {
            for (const auto nibble : {source.payload[i] >> 4, source.payload[i] & 0xf})
                hex += "0123456789abcdef"[nibble];
        }
        finding.evidence.set("destinations", std::move(listed), hosts);
        finding.evidence.set("destination_count", hosts);
        finding.evidence.set("payload_len", std::int64_t{source.payload_bytes});
        finding.evidence.set("payload_hex", hex);
        finding.evidence.set("count", source.requests);
        finding.evidence.set("replies", source.replies);
        finding.evidence.set("interval_s", seconds(median_of(source.intervals)));
        const bool directory = source.payload_bytes == 1 && source.payload[0] == directory_access_byte;
        if (directory) finding.evidence.set("classification", "directory_access_probe_suspected");
        const auto place = Place::of(finding, now);
        finding.confidence = limited_by_capture(findings, place, confidence_of({!directory}));
        finding.packets = in_order(source.packets);
        finding.impact = {static_cast<std::int64_t>(source.requests), static_cast<std::int64_t>(hosts), {}};
        finding.message = key.service.ip.text() + " pings " + counted(hosts, "host", "hosts") + " with the payload " +
                          hex + ", " + counted(source.requests, "time", "times") + " so far; " +
                          counted(source.replies, "reply", "replies") + " came";
        finding.threshold = {{"requests", static_cast<std::int64_t>(requests_)}};
        finding.window_seconds = seconds(quiet_);
        finding.wireshark_filter =
            filter_ip("src", key.service.ip) + (key.service.ip.is_v4() ? " && icmp.type==8" : " && icmpv6.type==128");
        findings.report(std::move(finding));
    }

    std::uint64_t requests_;
    Duration quiet_;
    BoundedMap<ServiceAt, Source, ServiceHash> sources_;
};

}  // namespace

extern constinit const RuleEntry icmp_constant_payload_ping = entry<IcmpConstantPayloadPing>(about);

}  // namespace wiresage::rules

// capture_one_sided: of many connections only one direction is seen here.
// Page: capture_one_sided.md.

#include <algorithm>

#include "detect/capture_episode.hpp"
#include "detect/news.hpp"
#include "detect/rule.hpp"
#include "detect/windows.hpp"

namespace wiresage::rules {

namespace {

constexpr Setting settings[] = {
    {"flows", SettingKind::count, 10, 1, 1'000'000, "connections within the window from here on"},
    {"share", SettingKind::share, 300'000, 0, whole_share, "of them must be seen from one side only"},
    {"window", SettingKind::duration, in_seconds(600), in_seconds(10), in_seconds(7200),
     "connections are counted over this long"},
};

constexpr EvidenceKey evidence[] = {
    {"flows", EvidenceType::integer},
    {"one_sided", EvidenceType::integer},
    {"one_sided_share", EvidenceType::number},
    {"seen", EvidenceType::text},
};

constexpr std::string_view next_steps[] = {
    "Check the mirror or tap: both directions of the port, and both links of a bond.",
    "On a router or a host with several interfaces capture on all of them: several entries of `interfaces`, or `any`.",
};

constexpr About about{
    .id = "capture_one_sided",
    .name = "Only one direction captured",
    .category = "capture",
    .kind = RuleKind::site,
    .severity = Severity::info,
    .settings = settings,
    .evidence = evidence,
    .source = "absent",
    .destination = "absent",
    .entity = "interface",
    .cause =
        "The other direction takes another way (asymmetric routing, a bond, a second interface), or the mirror port "
        "copies one direction only.",
    .unknowable = "What the side that is not seen sends: rules about silence hold back for it.",
    .next_steps = next_steps,
};

class CaptureOneSided {
public:
    explicit CaptureOneSided(const RuleContext& context)
        : flows_{context.settings.count("flows")},
          share_{context.settings.count("share")},
          window_{context.settings.duration("window")},
          quiet_{std::max(context.settings.resolve_after, window_)} {}

    void on(const Fact& fact, const Sidedness& what, Findings& findings) {
        auto& entry = inputs_.at_or(fact.at.input, [&] { return Entry{window_}; });
        entry.flows.add(fact.at.time, what.flows);
        entry.late_one_sided.add(fact.at.time, what.one_sided);
        if (what.one_sided == 0) return;
        if (entry.at.touch(fact, what.first, what.first_frame, quiet_)) {
            entry.one_sided = entry.sent = entry.received = 0;
        }
        entry.one_sided += what.one_sided;
        const bool first_is_local = findings.site().is_local(what.first_source);
        const bool told = what.sent_only + what.received_only > 0;
        entry.sent += told ? what.sent_only : first_is_local ? what.one_sided : 0;
        entry.received += told                                                ? what.received_only
                          : findings.site().locals_known() && !first_is_local ? what.one_sided
                                                                              : 0;
        news_.mark(fact.at.input, entry.is_news);
    }

    void on(const Fact& fact, const Tick&, Findings& findings) {
        news_.tell(inputs_, [&](std::uint16_t input, Entry& entry) {
            const auto all = entry.flows.total(fact.at.time);
            const auto one_sided = entry.late_one_sided.total(fact.at.time);
            if (all < flows_ || one_sided * whole_share < all * share_) return;
            report(input, entry, all, one_sided, findings);
        });
    }

private:
    struct Entry {
        explicit Entry(Duration window = {}) : flows{window}, late_one_sided{window} {}
        CaptureEpisode at;
        RateWindow flows;
        RateWindow late_one_sided;
        std::uint64_t one_sided = 0;
        std::uint64_t sent = 0;
        std::uint64_t received = 0;
        bool is_news = false;
    };

    void report(std::uint16_t input, const Entry& entry, std::uint64_t all, std::uint64_t one_sided,
                Findings& findings) const {
        Finding finding;
        entry.at.describe(finding, input);
        finding.transport = Transport::tcp;
        const char* const seen = entry.sent * 10 >= entry.one_sided * 9       ? "sent"
                                 : entry.received * 10 >= entry.one_sided * 9 ? "received"
                                                                              : "mixed";
        finding.evidence.set("flows", all);
        finding.evidence.set("one_sided", one_sided);
        finding.evidence.set("one_sided_share", share_of(one_sided, all));
        finding.evidence.set("seen", seen);
        finding.message = "Of " + counted(all, "connection", "connections") + " " + std::to_string(one_sided) +
                          " show one direction only (" + seen + "): rules about silence hold back for them";
        finding.threshold = {{"flows", static_cast<std::int64_t>(flows_)}, {"share", share_of(share_, whole_share)}};
        finding.window_seconds = seconds(window_);
        finding.resolve_after = quiet_;
        finding.wireshark_filter = "tcp.analysis.ack_lost_segment";
        findings.report(std::move(finding));
    }

    std::uint64_t flows_;
    std::uint64_t share_;
    Duration window_;
    Duration quiet_;
    ByInput<Entry> inputs_{most_inputs_judged};
    News<std::uint16_t> news_;
};

}  // namespace

extern constinit const RuleEntry capture_one_sided = entry<CaptureOneSided>(about);

}  // namespace wiresage::rules

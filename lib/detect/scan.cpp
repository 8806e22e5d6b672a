// Attempts by the verdict about each.

#include "detect/scan.hpp"

#include <algorithm>

#include "detect/judge.hpp"
#include "detect/protocols.hpp"

namespace wiresage {

namespace {

/// Ports below are given to services (RFC 6335, 6: system ports); clients do not send from them.
constexpr std::uint16_t first_user_port = 1024;

constexpr Duration early_span = silence_wait + std::chrono::seconds{1};
constexpr std::size_t most_early = 64;

}  // namespace

std::string_view name(Technique technique) noexcept {
    constexpr std::array<std::string_view, 7> names{"syn", "fin", "null", "xmas", "ack", "udp", "echo"};
    return names[static_cast<std::size_t>(technique)];
}

Verdict ScanJudge::weigh(const Outcome& what, Duration least_wait) const {
    switch (what.answer) {
        case Answer::accepted:
            return Verdict::accepted;
        case Answer::refused:
        case Answer::refused_by_icmp:
            return Verdict::failed;
        case Answer::silent:
            return what.unproven && end_ - what.began < least_wait ? Verdict::none : Verdict::failed;
        case Answer::completed:
        case Answer::still_silent:
        case Answer::unfinished:
            return Verdict::none;
    }
    return Verdict::none;
}

bool ScanJudge::is_reply(const Outcome& what, const Knowledge& knowledge) {
    const bool may_be =
        what.technique == Technique::ack || what.technique == Technique::fin || what.technique == Technique::udp;
    if (!may_be) return false;
    if (what.client.port < first_user_port || knowledge.service(what.transport, what.client) != nullptr) return true;
    if (what.transport != Transport::udp) return false;
    return !answering_udp_name(what.client.port).empty() || what.client.port == what.server.port;
}

bool ScanJudge::is_known(const Outcome& what, const Knowledge& knowledge) {
    const auto* const past = knowledge.service(what.transport, what.server);
    return past != nullptr && past->accepted > 0;
}

void ScanTotals::remember(const AnsweredAttempt& what, EventTime now) {
    if (now - what.began > early_span || early.size() == most_early) return;
    early.push_back({what.server, what.began, what.began_stamp, what.completed});
}

void ScanTotals::count(const EarlyAttempt& what) {
    ++attempts;
    ++accepted;
    completed += what.completed ? 1 : 0;
    last = std::max(last, what.began);
    begins(what.began, what.began_stamp);
}

void ScanTotals::begins(EventTime began, EventTime began_stamp) {
    if (told || began >= start) return;
    start = began;
    start_stamp = began_stamp;
}

void ScanTotals::count(const Outcome& what, Verdict verdict, std::uint16_t of_input) {
    input = of_input;
    source_port.see(what.client.port);
    if (verdict == Verdict::accepted) {
        ++accepted;
    } else {
        ++(what.answer == Answer::silent ? silent : refused);
    }
    if (what.after_silent && silent > 0) {
        --silent;  // It was counted as silent, and came late.
    } else {
        ++attempts;
        ++techniques[static_cast<std::size_t>(what.technique)];
    }
    what.client_mac.is_zero() ? source_mac.differ() : source_mac.see(what.client_mac);
    what.server_mac.is_zero() ? destination_mac.differ() : destination_mac.see(what.server_mac);
    last = std::max(last, what.began);
    begins(what.began, what.began_stamp);
    if (verdict == Verdict::failed) keep_packet(packets, of_input, what.began_frame);
}

Technique ScanTotals::commonest() const noexcept {
    const auto most = std::max_element(techniques.begin(), techniques.end());
    return static_cast<Technique>(most - techniques.begin());
}

std::string_view ScanTotals::technique() const noexcept {
    const auto most = commonest();
    return most == Technique::syn && completed > 0 ? "connect" : name(most);
}

void ScanTotals::describe(Finding& finding, const Fact& fact, const Address& source, const Address& target, bool proven,
                          const Findings& findings) const {
    episode.describe(finding);
    finding.start = start;
    finding.start_stamp = start_stamp;
    finding.packets = packets;
    finding.impact.flows = static_cast<std::int64_t>(attempts);
    const auto& site = findings.site();
    // Field notes: one scanner is never above info; one inside is another matter.
    if (!site.is_internal(source) && site.is_internal(target)) finding.severity = Severity::info;
    finding.confidence = limited_by_capture(findings, fact, confidence_of({!proven}));
    finding.urgency = urgency_of(finding.severity.value_or(Severity::warning), finding.confidence, {});
}

std::string ScanTotals::verdicts() const {
    return std::to_string(accepted) + " accepted, " + std::to_string(refused) + " refused, " + std::to_string(silent) +
           " silent";
}

}  // namespace wiresage

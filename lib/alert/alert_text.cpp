// An alert as a block for people: what, who, numbers, why, what next.

#include <fmt/format.h>

#include "alert/alert.hpp"
#include "base/log.hpp"

namespace wiresage {

namespace {

std::string value_text(const EvidenceValue& value) {
    return std::visit(
        [](const auto& held) -> std::string {
            using T = std::decay_t<decltype(held)>;
            if constexpr (std::is_same_v<T, bool>) return held ? "yes" : "no";
            if constexpr (std::is_same_v<T, double>) return fmt::format("{:.6g}", held);
            if constexpr (std::is_same_v<T, std::string>) return printable(held);
            if constexpr (std::is_same_v<T, std::int64_t>) return fmt::format("{}", held);
            if constexpr (std::is_same_v<T, std::vector<std::int64_t>>) return fmt::format("{}", fmt::join(held, " "));
            if constexpr (std::is_same_v<T, std::vector<std::string>>) return printable(fmt::format("{}", fmt::join(held, " ")), 512);
        },
        value);
}

std::string end_text(const End& end) {
    std::string made;
    if (end.ip && end.port) made = Endpoint{*end.ip, *end.port}.text();
    else if (end.ip) made = end.ip->text();
    else if (end.port) made = fmt::format("port {}", *end.port);
    if (end.mac && !end.mac->is_zero()) made += fmt::format("{}({})", made.empty() ? "" : " ", end.mac->text());
    return made.empty() ? "several" : made;
}

std::string_view colour_of(Severity severity) {
    switch (severity) {
        case Severity::info: return "\x1b[36m";
        case Severity::warning: return "\x1b[33m";
        case Severity::error: return "\x1b[31m";
        case Severity::critical: return "\x1b[1;31m";
    }
    return "";
}

}  // namespace

std::string alert_text(const Alert& alert, const ObserverView& observer, bool colour) {
    const auto& finding = alert.finding;
    const auto paint = [&](std::string_view with, std::string_view what) {
        return colour ? fmt::format("{}{}\x1b[0m", with, what) : std::string{what};
    };
    const auto head = fmt::format("{} {} {}", name(alert.severity), name(alert.state), alert.rule_id);
    auto out = fmt::format("{}  {}\n", paint(colour_of(alert.severity), head), rfc3339(alert.stamp));
    out += fmt::format("  what     {}\n", printable(finding.message, 1024));
    out += fmt::format("  who      {} -> {}", end_text(finding.source), end_text(finding.destination));
    if (finding.vlan != 0) out += fmt::format(", VLAN {}", finding.vlan);
    if (finding.input < observer.inputs.size()) {
        const auto& input = observer.inputs[finding.input];
        if (!input.interface.empty()) out += fmt::format(", on {}", printable(input.interface));
        if (!input.file.empty()) out += fmt::format(", in {}", printable(input.file));
    }
    out += fmt::format("\n  since    {}\n  numbers ", rfc3339(finding.start_stamp));
    for (const auto& item : finding.evidence.items()) out += fmt::format(" {}={}", item.key, value_text(item.value));
    out += "\n  limits  ";
    for (const auto& [key, value] : finding.threshold) out += std::visit([&, k = key](auto v) { return fmt::format(" {}={}", k, v); }, value);
    out += fmt::format(" window={:g}s confidence={} urgency={}\n", finding.window_seconds, name(finding.confidence), name(finding.urgency));
    out += fmt::format("  why      {}\n", printable(finding.cause, 1024));
    if (!finding.unknowable.empty()) out += fmt::format("  unknown  {}\n", printable(finding.unknowable, 1024));
    for (std::size_t i = 0; i < finding.next_steps.size(); ++i) {
        out += fmt::format("  {}  {}. {}\n", i == 0 ? "next   " : "       ", i + 1, printable(finding.next_steps[i], 1024));
    }
    if (!finding.wireshark_filter.empty()) out += fmt::format("  filter   {}\n", printable(finding.wireshark_filter, 1024));
    out += fmt::format("  id       {}\n", alert.id);
    return out;
}

}  // namespace wiresage

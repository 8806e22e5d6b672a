// The compare subcommand: two captures of the same traffic from two points.

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <memory>

#include "base/error.hpp"
#include "compare/comparison.hpp"
#include "compare/path_teller.hpp"
#include "compare/report.hpp"
#include "compare/session_json.hpp"
#include "compare/verdicts.hpp"
#include "daemon/commands.hpp"
#include "daemon/read_output.hpp"
#include "daemon/setup.hpp"
#include "rules/registry.hpp"

namespace wiresage {

namespace {

/// The key of all hashes, as in `read`: the same files give the same bytes.
constexpr std::uint64_t fixed_secret = 0x7769726573616765;

std::atomic<bool> stop_asked{false};  // Set by a signal handler, the one thing that must be reachable from there.

void ask_to_stop(int) { stop_asked = true; }

std::vector<ConfiguredRule> pair_rules(const Configuration& configuration) {
    std::vector<ConfiguredRule> rules;
    for (const auto* const entry : all_rules()) {
        if (entry->about->kind == RuleKind::pair) rules.push_back({entry, configuration.rule(entry->about->id)});
    }
    return rules;
}

std::string name_of(const std::string& path) { return std::filesystem::path{path}.filename().string(); }

/// Sessions as they end: to the rules, and to the report or the output.
class SessionWriter final : public SessionSink {
public:
    SessionWriter(const Comparison*& comparison, Verdicts& verdicts, Report& report, Output* lines,
                  std::size_t most_hosts)
        : comparison_{comparison}, verdicts_{verdicts}, report_{report}, lines_{lines}, most_hosts_{most_hosts} {}

    void write(const SessionSummary& session) override {
        if (!teller_) teller_ = std::make_unique<PathTeller>(comparison_->clock(), coverage(), most_hosts_);
        std::vector<Fact> facts;
        teller_->see(session, facts);
        verdicts_.see(facts);
        report_.add(session);
        if (lines_ != nullptr) lines_->write(session_json(session) + "\n");
    }

    void finish() {
        if (!teller_) return;
        std::vector<Fact> facts;
        teller_->finish(facts);
        verdicts_.see(facts);
    }

private:
    std::array<Coverage, 2> coverage() const {
        const auto& points = comparison_->stats().points;
        return {points[0].coverage, points[1].coverage};
    }

    const Comparison*& comparison_;
    Verdicts& verdicts_;
    Report& report_;
    Output* lines_;
    std::size_t most_hosts_;
    std::unique_ptr<PathTeller> teller_;  // Made with the first session: the clocks are known then.
};

int report_errors(const Comparison& comparison) {
    int status = 0;
    for (const auto& error : comparison.errors()) {
        std::fprintf(stderr, "wiresage: %s\n", error.message().c_str());
        if (error.kind != FileError::Kind::foreign_interface) status = 1;
    }
    return status;
}

/// The pair's alerts as JSON lines.
class Documents final : public AlertSink {
public:
    Documents(Output& to, ObserverView observer_of, const Comparison*& inputs_of)
        : output_{to}, view_{std::move(observer_of)}, comparison_{inputs_of} {}
    void write(const Alert& alert) override {
        refresh(view_, comparison_->inputs());
        output_.write(alert_json(alert, view_) + "\n");
    }

private:
    Output& output_;
    ObserverView view_;
    const Comparison*& comparison_;
};

}  // namespace

int compare_command(const CompareCommandOptions& options) {
    using Kind = CompareCommandOptions::Output;
    if (options.near == "-" || options.far == "-") {
        throw StartupError{StartupError::Kind::configuration,
                           "compare reads each capture twice, which standard input does not allow; give two files"};
    }
    auto configuration = load_configuration(options.config_path);
    configuration.site.local_addresses.reset();  // The contract: not used; each point has its own.
    const auto observer = configuration.sensor.name.value_or("offline");

    Output output;
    auto view = observer_view(configuration, observer);
    CompareOptions compare;
    compare.files = {options.near, options.far};
    compare.secret = fixed_secret;
    // Half of the memory for sessions, a quarter for segments that wait for their counterpart: what one of them takes.
    const auto memory = static_cast<std::size_t>(configuration.limits.memory_bytes);
    compare.most_sessions = std::min<std::size_t>(configuration.limits.flows, memory / 2 / 4096);
    compare.most_pieces = memory / 4 / 192;
    const auto points = std::vector{name_of(options.near), name_of(options.far)};

    std::unique_ptr<Comparison> comparison;
    const Comparison* known = nullptr;
    Documents documents{output, view, known};

    GateOptions gate = correlator_options(configuration, observer).gate;
    Verdicts verdicts{pair_rules(configuration),
                      configuration.site,
                      gate,
                      configuration.limits.hosts,
                      points,
                      options.output == Kind::json ? &documents : nullptr};
    Report report;
    SessionWriter writer{known, verdicts, report, options.output == Kind::sessions ? &output : nullptr,
                         configuration.limits.hosts};
    comparison = std::make_unique<Comparison>(compare, writer);
    known = comparison.get();
    std::signal(SIGINT, ask_to_stop);
    std::signal(SIGTERM, ask_to_stop);
    comparison->run(stop_asked);
    if (comparison->is_refused()) return report_errors(*comparison);
    writer.finish();
    const auto& seen = comparison->stats().points;
    verdicts.finish(std::max(seen[0].coverage.last, seen[1].coverage.last));
    if (options.output == Kind::text) {
        output.write(report.text({comparison->clock(), comparison->stats(), points, verdicts.alerts()}));
    }
    output.flush();
    return std::max(report_errors(*comparison), output.broken() ? 1 : 0);
}

}  // namespace wiresage

// What `read` writes on standard output.
#pragma once

#include <atomic>
#include <cstdio>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "capture/input.hpp"
#include "detect/gate.hpp"
#include "engine/engine.hpp"
#include "daemon/setup.hpp"
#include "flow/flow_record.hpp"
#include "process/owner_file.hpp"

namespace wiresage {

/// Writes text to standard output and notices when nobody reads any more.
class Output {
public:
    Output();
    ~Output();

    void write(const std::string& text);
    void flush();
    /// Nobody reads: the command may stop.
    const std::atomic<bool>& broken() const noexcept { return broken_; }
    bool is_terminal() const noexcept { return terminal_; }

private:
    std::atomic<bool> broken_{false};
    bool terminal_ = false;
    std::string pending_;
};

/// Alerts as they change state.  Called in the correlator's thread.
class AlertPrinter final : public AlertSink {
public:
    AlertPrinter(Output& output, ObserverView observer, const InputList& inputs, bool json, bool silent)
        : output_{output}, observer_{std::move(observer)}, inputs_{inputs}, json_{json}, silent_{silent} {}

    void write(const Alert& alert) override;
    /// How many alerts fired, by severity.
    const std::map<Severity, std::uint64_t>& fired() const noexcept { return fired_; }

private:
    Output& output_;
    ObserverView observer_;
    const InputList& inputs_;
    bool json_;
    bool silent_;
    std::map<Severity, std::uint64_t> fired_;
};

/// Flows as they end, one JSON line each.  Called in the correlator's thread.
class FlowPrinter final : public FlowRecordSink {
public:
    /// `owners`: whose the sockets were, or null.
    FlowPrinter(Output& output, const InputList& inputs, const KnownOwners* owners = nullptr)
        : output_{output}, inputs_{inputs}, owners_{owners} {}
    void write(const FlowRecord& record) noexcept override;

private:
    Output& output_;
    const InputList& inputs_;
    const KnownOwners* owners_;
};

/// Whose the flow's local end is, asked of its client first: `local` are the host's own addresses.
std::optional<SocketQuestion> owner_question(const FlowRecord& record, const std::vector<Address>& local);

/// One flow as `read --flows` and /api/v1/flows show it, without a line feed.
std::string flow_json(const FlowRecord& record, const InputList& inputs, const SocketOwner& owner = {});

/// The object of `read --stats`, under the names of the counts' conventions.
std::string stats_json(const EngineStats& stats, const AppCounts& said);

}  // namespace wiresage

// The daemon: owns and wires everything, in one visible order.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/log.hpp"
#include "capture/live_source.hpp"
#include "daemon/capture_thread.hpp"
#include "daemon/commands.hpp"
#include "daemon/key_file.hpp"
#include "deliver/receivers.hpp"
#include "engine/engine.hpp"
#include "journal/journal.hpp"
#include "metrics/exposition.hpp"
#include "process/finder.hpp"
#include "process/owner_file.hpp"
#include "process/recent_owners.hpp"
#include "serve/alert_store.hpp"
#include "serve/http_server.hpp"
#include "serve/http_view.hpp"
#include "settings/configuration.hpp"

namespace wiresage {

/// One host as /api/v1/hosts shows it.
std::string host_json(const HostView& host);

/// Everything but the capture thread, the pipeline and the receivers' thread happens on the thread that calls run().
class App final : public HttpView, public AlertSink {
public:
    /// Opens interfaces and the HTTP port, drops privileges, starts the threads.  StartupError where that fails.
    App(const RunOptions& options, Configuration configuration);
    ~App() override;

    /// Until SIGTERM or SIGINT; returns the exit status.
    int run();

    std::string metrics() override;
    std::string open_metrics() override;
    std::optional<std::string> not_ready() override;
    std::optional<std::string> reload() override;
    Status status() override;
    std::string rules_json() override;
    void flows_json(const TableQuery& query, JsonReply reply) override;
    void hosts_json(const TableQuery& query, JsonReply reply) override;
    bool older_alerts(const AlertQuery& query, AlertsReply reply) override;
    void one_alert(const std::string& id, const StoredAlert* known, AnswerReply reply) override;
    std::string suppressions_json() override;
    void suppress(const std::string& body, bool dry_run, AnswerReply reply) override;
    void unsuppress(const std::string& id, AnswerReply reply) override;

    /// In the correlator's thread.
    void write(const Alert& alert) override;

private:
    /// What the daemon itself has to say, in the words of an alert.
    struct OwnAlert {
        const char* rule;
        const char* name;
        std::string entity;
        std::string message;
        const char* next_step;
    };

    static OwnAlert journal_alert(const std::string& path, const std::string& what);
    /// Who owns the alert's local end.  The correlator's thread only.
    ProcessView process_of(const Alert& alert);
    /// The same, or what an earlier document of the alert had: sockets go.
    ProcessView remembered_process(const Alert& alert);
    SocketOwner flow_owner(const FlowRecord& flow);
    /// Before the flows of one answer are asked for their owners: one look for all of them.
    void look_at_sockets();
    void begin_processes();
    void look_at_processes();
    void write_owners(bool is_last);
    void make_journal();
    std::vector<RestoredAlert> restore();
    void accept(const std::vector<JournalEntry>& batch);
    void tell_own(const OwnAlert& own, AlertState state);
    void on_journal_trouble(bool durable, const std::string& what);
    void resolve_own();
    CorrelatorOptions wanted_correlator() const;
    DeliverOptions deliver_options();
    void restore_suppressions();
    void expire_suppressions();
    void show_around(const std::string& known, const std::vector<JournalEntry>& history, const AnswerReply& reply);
    void wait_for_signal();
    void wait_for_second();
    void wait_for_keys();
    void feed_watchdog();
    void stop(const std::string& reason);
    std::optional<std::string> take(Configuration fresh);
    MetricsSnapshot snapshot();
    std::vector<std::string> degraded(const EngineStats& stats) const;

    RunOptions options_;
    Configuration configuration_;
    Log log_;
    std::string observer_name_;
    std::int64_t started_unix_;
    boost::asio::io_context io_;
    boost::asio::signal_set signals_;
    boost::asio::steady_timer second_;
    std::optional<boost::asio::posix::stream_descriptor> key_changes_;  ///< With a key log only.
    std::optional<std::string> journal_found_;  ///< Wrong with its file, seen while we still were root.
    AlertStore store_;
    std::unique_ptr<HttpServer> server_;
    std::unique_ptr<LiveSource> source_;
    std::unique_ptr<CaptureThread> capture_;
    std::unique_ptr<Journal> journal_;      ///< Goes after the receivers, which tell it how far they have come.
    std::unique_ptr<Receivers> receivers_;
    std::unique_ptr<KeyFile> key_file_;
    std::unique_ptr<Engine> engine_;

    RecentOwners recent_owners_;
    std::optional<OwnerFile> owner_file_;
    std::string owner_file_error_;
    ProcessFinder alert_processes_{&recent_owners_};  ///< The correlator's thread only ...
    std::map<std::string, ProcessView> processes_;  ///< Of open alerts; the correlator's thread only.
    ProcessFinder flow_processes_{&recent_owners_};   ///< ... and the main thread's.
    std::vector<Address> local_addresses_;  ///< As at the start.
    ObserverView observer_;                                                        ///< The correlator's thread only.
    std::map<std::pair<std::string, std::string>, std::uint64_t> alerts_fired_;    ///< By rule and severity.
    std::map<std::string, std::pair<std::string, std::string>> alerts_firing_;     ///< By id: rule and severity.
    std::map<std::pair<std::string, std::string>, Exemplar> last_fired_;  ///< By rule and severity.
    std::uint64_t reloads_ = 0;
    std::int64_t reloaded_unix_ = 0;
    std::string reload_error_;
    std::vector<std::uint64_t> beats_;
    std::vector<std::chrono::steady_clock::time_point> beat_at_;
    std::chrono::steady_clock::time_point fed_at_;
    std::vector<std::uint64_t> interface_changes_;
    std::map<std::string, std::pair<OwnAlert, std::chrono::steady_clock::time_point>> own_alerts_;  ///< By rule; the second: when it resolves.
    std::vector<Suppression> suppressions_;  ///< Set through the API.
    std::deque<DeadLetter> dead_letters_;    ///< The newest, newest first.
};

}  // namespace wiresage

// The daemon: owns and wires everything, in one visible order.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/log.hpp"
#include "capture/live_source.hpp"
#include "daemon/capture_thread.hpp"
#include "daemon/commands.hpp"
#include "deliver/receivers.hpp"
#include "engine/engine.hpp"
#include "serve/alert_store.hpp"
#include "serve/http_server.hpp"
#include "serve/http_view.hpp"
#include "settings/configuration.hpp"

namespace wiresage {

/// Everything but the capture thread, the pipeline and the receivers' thread happens on the thread that calls run().
class App final : public HttpView, public AlertSink {
public:
    /// Opens interfaces and the HTTP port, drops privileges, starts the threads.  StartupError where that fails.
    App(const RunOptions& options, Configuration configuration);
    ~App() override;

    /// Until SIGTERM or SIGINT; returns the exit status.
    int run();

    std::string metrics() override;
    std::optional<std::string> not_ready() override;
    std::optional<std::string> reload() override;
    Status status() override;
    std::string rules_json() override;
    void flows_json(const TableQuery& query, JsonReply reply) override;
    void hosts_json(const TableQuery& query, JsonReply reply) override;

    /// In the correlator's thread.
    void write(const Alert& alert) override;

private:
    void accept(Alert alert, std::string document);
    void wait_for_signal();
    void wait_for_second();
    void feed_watchdog();
    void stop(const std::string& reason);
    std::optional<std::string> take(Configuration fresh);
    std::vector<std::string> degraded(const EngineStats& stats) const;

    RunOptions options_;
    Configuration configuration_;
    Log log_;
    std::string observer_name_;
    std::int64_t started_unix_;
    boost::asio::io_context io_;
    boost::asio::signal_set signals_;
    boost::asio::steady_timer second_;
    AlertStore store_;
    std::unique_ptr<HttpServer> server_;
    std::unique_ptr<LiveSource> source_;
    std::unique_ptr<CaptureThread> capture_;
    std::unique_ptr<Receivers> receivers_;
    std::unique_ptr<Engine> engine_;

    ObserverView observer_;                                                        ///< The correlator's thread only.
    std::map<std::pair<std::string, std::string>, std::uint64_t> alerts_fired_;    ///< By rule and severity.
    std::map<std::string, std::pair<std::string, std::string>> alerts_firing_;     ///< By id: rule and severity.
    std::uint64_t reloads_ = 0;
    std::int64_t reloaded_unix_ = 0;
    std::string reload_error_;
    std::vector<std::uint64_t> beats_;
    std::vector<std::chrono::steady_clock::time_point> beat_at_;
    std::chrono::steady_clock::time_point fed_at_;
    std::vector<std::uint64_t> interface_changes_;
};

}  // namespace wiresage

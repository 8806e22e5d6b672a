// The daemon's life: start, signals, reload, stop.

#include "daemon/app.hpp"

#include <boost/asio/post.hpp>
#include <fmt/format.h>
#include <sys/random.h>
#include <unistd.h>

#include <csignal>
#include <ctime>

#include "base/error.hpp"
#include "base/secret.hpp"
#include "capture/host.hpp"
#include "daemon/notify.hpp"
#include "daemon/privileges.hpp"
#include "daemon/setup.hpp"

namespace wiresage {

namespace {

/// A thread that has not moved for this long is stuck: the watchdog is then not fed.
constexpr std::chrono::seconds stuck_after{10};

std::int64_t unix_now() { return std::time(nullptr); }

std::uint64_t random_number() {
    std::uint64_t number = 0;
    if (getrandom(&number, sizeof number, 0) != sizeof number) {
        throw StartupError{StartupError::Kind::system, "the kernel gives no random numbers (getrandom)"};
    }
    return number;
}

std::string host_name_of_machine() {
    char buffer[256] = {};
    return gethostname(buffer, sizeof buffer - 1) == 0 && buffer[0] != '\0' ? buffer : "localhost";
}

LiveSource::Options source_options(const Configuration& configuration) {
    LiveSource::Options options;
    for (const auto& interface : configuration.interfaces) {
        options.interfaces.push_back({interface.name, interface.filter, interface.snaplen, interface.buffer_bytes,
                                      interface.promiscuous, interface.required});
    }
    options.poll_timeout = std::chrono::milliseconds{50};  // An alert in silence waits for this and for idle_lag.
    options.raise_privilege = raise_capture_capability;
    return options;
}

/// What must work at the start and does not: StartupError.  The rest is followed while running.
void require_interfaces(const LiveSource& source) {
    for (const auto& interface : source.status()) {
        if (interface.lacks_permission) {
            throw StartupError{StartupError::Kind::system, fmt::format("{}: {}", interface.name, interface.error)};
        }
        if (interface.required && interface.state != InterfaceStatus::State::up) {
            throw StartupError{StartupError::Kind::system,
                               fmt::format("{}: {} ({}), and the configuration says `required: true`", interface.name,
                                           interface.error, state_name(interface.state))};
        }
    }
}

HttpAccess access_of(const Configuration& configuration) {
    return {configuration.http.token_file.empty() ? "" : read_secret(configuration.http.token_file), configuration.http.allowed_hosts};
}

}  // namespace

App::App(const RunOptions& options, Configuration configuration)
    : options_{options},
      configuration_{std::move(configuration)},
      log_{configuration_.log.level, configuration_.log.format},
      observer_name_{configuration_.sensor.name.value_or(host_name_of_machine())},
      started_unix_{unix_now()},
      signals_{io_, SIGTERM, SIGINT, SIGHUP},
      second_{io_},
      reloaded_unix_{started_unix_},
      fed_at_{std::chrono::steady_clock::now()} {
    HttpOptions http;
    http.listen = configuration_.http.listen;
    http.access = access_of(configuration_);
    http.tls_cert_file = configuration_.http.cert_file;
    http.tls_key_file = configuration_.http.key_file;
    if (configuration_.process.tracepoints) recent_owners_.trace();  // Needs more privilege than anything after it.
    server_ = std::make_unique<HttpServer>(io_, http, *this, store_, log_);
    journal_found_ = prepare_journal(configuration_);  // Folder and file become the daemon's user's.
    source_ = std::make_unique<LiveSource>(source_options(configuration_));
    source_->open();
    require_interfaces(*source_);
    observer_ = observer_view(configuration_, observer_name_);
    if (const auto& local = configuration_.site.local_addresses) local_addresses_.assign(local->begin(), local->end());

    key_file_ = KeyFile::open(configuration_.tls_keylog, true);
    auto receivers = receivers_of(configuration_.alerting.receivers);  // Secrets are read while we still may.
    const auto dropped = drop_privileges(configuration_.user);
    capture_ = std::make_unique<CaptureThread>(*source_);  // The one thread that may open capture sockets again.
    drop_thread_capabilities();
    log_.info("privileges dropped", {{"detail", dropped}});
    begin_processes();

    auto pipeline = engine_options(configuration_, observer_name_);
    pipeline.live = true;
    if (key_file_) pipeline.keys = &key_file_->keys();
    pipeline.secret = random_number();
    make_journal();
    receivers_ = std::make_unique<Receivers>(deliver_options(), std::move(receivers), log_);
    auto restored = restore();
    pipeline.correlator = wanted_correlator();
    pipeline.correlator.restored = std::move(restored);
    engine_ = std::make_unique<Engine>(std::move(pipeline), *this, nullptr);
    journal_->start();
    engine_->start();
    capture_->go(*engine_);
}

App::~App() {
    if (capture_) capture_->stop();
    engine_.reset();
    receivers_.reset();
    if (journal_) journal_->stop();
}

int App::run() {
    std::string names;
    for (const auto& interface : source_->status()) {
        names += fmt::format("{}{} ({})", names.empty() ? "" : ", ", interface.name, state_name(interface.state));
    }
    log_.info("capturing", {{"interfaces", names}, {"sensor", observer_name_}, {"version", WIRESAGE_VERSION}});
    log_.info("page and API are ready", {{"url", server_->url()}});
    notify_ready(fmt::format("capturing from {}", names));
    wait_for_signal();
    wait_for_second();
    if (key_file_ && key_file_->changes() >= 0) {
        // A descriptor of its own: the key file closes the other.
        key_changes_.emplace(io_, ::dup(key_file_->changes()));
        wait_for_keys();
    }
    io_.run();
    return 0;
}

void App::wait_for_signal() {
    signals_.async_wait([this](const boost::system::error_code& error, int signal) {
        if (error) return;
        if (signal == SIGHUP) {
            receivers_->reopen_files();
            if (const auto wrong = reload()) log_.error("reload refused, the old configuration stays", {{"error", *wrong}});
            wait_for_signal();
            return;
        }
        stop(signal == SIGTERM ? "SIGTERM" : "SIGINT");
    });
}

void App::wait_for_second() {
    second_.expires_after(std::chrono::seconds{1});
    second_.async_wait([this](const boost::system::error_code& error) {
        if (error) return;
        feed_watchdog();
        resolve_own();
        expire_suppressions();
        look_at_processes();
        const auto interfaces = source_->status();
        interface_changes_.resize(interfaces.size());
        for (std::size_t i = 0; i < interfaces.size(); ++i) {
            const auto& interface = interfaces[i];
            if (interface.changes == interface_changes_[i]) continue;
            interface_changes_[i] = interface.changes;
            log_.info("interface", {{"interface", interface.name}, {"state", state_name(interface.state)}, {"error", interface.error}});
        }
        if (key_file_) key_file_->poll();
        wait_for_second();
    });
}

void App::wait_for_keys() {
    key_changes_->async_wait(boost::asio::posix::descriptor_base::wait_read,
                             [this](const boost::system::error_code& error) {
                                 if (error) return;
                                 key_file_->poll();
                                 wait_for_keys();
                             });
}

void App::feed_watchdog() {
    const auto now = std::chrono::steady_clock::now();
    auto beats = engine_->beats();
    beats.push_back(capture_->beats());
    beats_.resize(beats.size());
    beat_at_.resize(beats.size(), now);
    bool all_move = true;
    for (std::size_t i = 0; i < beats.size(); ++i) {
        if (beats[i] != beats_[i]) beat_at_[i] = now;
        beats_[i] = beats[i];
        all_move = all_move && now - beat_at_[i] < stuck_after;
    }
    const auto interval = watchdog_interval();
    if (interval.count() == 0 || now - fed_at_ < interval) return;
    if (!all_move) {
        log_.error("a thread of the pipeline does not move; the watchdog is not fed");
        return;
    }
    fed_at_ = now;
    notify_watchdog();
}

void App::stop(const std::string& reason) {
    log_.info("stopping", {{"reason", reason}});
    notify_stopping();
    write_owners(true);
    second_.cancel();
    key_changes_.reset();
    capture_->stop();  // Everything captured is judged ...
    journal_->flush();  // ... and committed; what follows waits in `io_`.
    boost::asio::post(io_, [this] {
        const auto left = receivers_->stop(std::chrono::seconds{3});
        journal_->stop();  // With how far each receiver has come.
        if (left != 0) log_.warning("documents wait in the journal for the next start", {{"count", std::to_string(left)}});
        server_->stop();
    });
}

std::optional<std::string> App::reload() {
    notify_reloading();
    ++reloads_;
    auto wrong = [&]() -> std::optional<std::string> {
        try {
            return take(load_configuration(options_.config_path));
        } catch (const StartupError& error) {
            return error.what();
        }
    }();
    reload_error_ = wrong.value_or("");
    if (!wrong) reloaded_unix_ = unix_now();
    notify_ready(wrong ? "the last reload was refused; the old configuration goes on" : "reloaded");
    return wrong;
}

std::optional<std::string> App::take(Configuration fresh) {
    resolve_host_values(fresh, options_.interfaces);
    const auto change = describe_change(configuration_, fresh);
    auto old = std::move(configuration_);
    configuration_ = reloaded(old, std::move(fresh));
    try {
        auto receivers = receivers_of(configuration_.alerting.receivers);
        server_->set_access(access_of(configuration_));
        receivers_->replace(std::move(receivers));
    } catch (const StartupError& error) {
        configuration_ = std::move(old);
        return error.what();
    }
    engine_->reconfigure(wanted_correlator());
    journal_->keep(std::chrono::duration_cast<std::chrono::seconds>(configuration_.journal.keep).count());
    log_.set(configuration_.log.level, configuration_.log.format);
    for (const auto& key : change.needs_restart) log_.warning("this change needs a restart; the old value stays", {{"key", key}});
    log_.info("configuration reloaded", {{"changed", std::to_string(change.taken.size())}});
    return {};
}

}  // namespace wiresage

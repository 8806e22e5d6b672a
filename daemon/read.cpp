// The read subcommand: the same pipeline over capture files.

#include <fmt/format.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <memory>

#include "base/error.hpp"
#include "capture/file_source.hpp"
#include "daemon/commands.hpp"
#include "daemon/read_output.hpp"
#include "daemon/key_file.hpp"
#include "daemon/setup.hpp"

namespace wiresage {

namespace {

/// The key of all hashes in `read`: fixed, so that the same file gives the same bytes.
constexpr std::uint64_t fixed_secret = 0x7769726573616765;

/// A file waits for its workers, so a ring need not hold bursts; one that fits a core's cache is faster.
constexpr std::size_t most_ring_bytes = std::size_t{4} << 20;

std::atomic<bool> stop_asked{false};  // Set by a signal handler, the one thing that must be reachable from there.

void ask_to_stop(int) { stop_asked = true; }

/// A progress bar on a terminal, redrawn at most ten times a second.
class Progress {
public:
    explicit Progress(const FileSource& source) : source_{source}, shown_{isatty(STDERR_FILENO) == 1} {}
    ~Progress() {
        if (drawn_) std::fputs("\r\x1b[K", stderr);
    }
    void step() {
        if (!shown_ || source_.bytes_total() == 0 || ++calls_ % 1024 != 0) return;
        const auto now = std::chrono::steady_clock::now();
        if (drawn_ && now - last_ < std::chrono::milliseconds{100}) return;
        last_ = now;
        drawn_ = true;
        const auto done = static_cast<double>(source_.bytes_read()) / static_cast<double>(source_.bytes_total());
        const auto full = static_cast<std::size_t>(40 * std::min(done, 1.0));
        std::fputs(fmt::format("\r[{}{}] {:3.0f} %", std::string(full, '#'), std::string(40 - full, ' '), 100 * done).c_str(), stderr);
    }

private:
    const FileSource& source_;
    bool shown_;
    bool drawn_ = false;
    std::uint64_t calls_ = 0;
    std::chrono::steady_clock::time_point last_;
};

std::string summary(const EngineStats& stats, const std::map<Severity, std::uint64_t>& fired) {
    std::string alerts;
    std::uint64_t sum = 0;
    for (auto it = fired.rbegin(); it != fired.rend(); ++it) {
        alerts += fmt::format("{}{} {}", alerts.empty() ? "" : ", ", it->second, name(it->first));
        sum += it->second;
    }
    return fmt::format("{} packets, {} bytes on the wire, {} flows, {} alerts{}", stats.workers.packets.packets,
                       stats.workers.packets.bytes_on_wire, stats.workers.shards.flows_opened, sum,
                       alerts.empty() ? "" : fmt::format(" ({})", alerts));
}

/// Errors of the files on standard error; 1 where one of them cost packets.
int report_errors(const FileSource& source) {
    int status = 0;
    for (const auto& error : source.errors()) {
        std::fprintf(stderr, "wiresage: %s\n", error.message().c_str());
        if (error.kind != FileError::Kind::foreign_interface) status = 1;
    }
    return status;
}

/// What the files say of packets that they lack; a statement about the whole capture, so it comes last.
void tell_losses(const InputList& inputs, Dispatcher& dispatcher) {
    for (std::size_t i = 0; i < inputs.size(); ++i) {
        const auto told = inputs.loss(i);
        const CaptureLoss loss{.kernel = told.kernel_dropped, .interface = told.interface_dropped, .captured = told.received};
        if (loss.kernel + loss.interface > 0) dispatcher.tell(loss, static_cast<std::uint16_t>(i));
    }
}

std::unique_ptr<KnownOwners> known_owners(const std::string& path) {
    if (path.empty()) return {};
    std::string error;
    auto owners = read_owner_file(path, error);
    if (!error.empty()) throw StartupError{StartupError::Kind::system, error};
    return owners;
}

}  // namespace

int read_command(const ReadOptions& options) {
    using Kind = ReadOptions::Output;
    const auto configuration = load_configuration(options.config_path);
    const auto observer = configuration.sensor.name.value_or("offline");
    FileSource source{options.files, {}};
    if (source.has_refusal() && source.errors().size() == options.files.size()) return report_errors(source);

    Output output;
    AlertPrinter alerts{output, observer_view(configuration, observer), source.inputs(), options.output == Kind::json,
                        options.output == Kind::stats || options.output == Kind::flows};
    const auto owners = known_owners(options.processes_path);
    FlowPrinter flows{output, source.inputs(), owners.get()};
    auto engine_settings = engine_options(configuration, observer);
    const auto key_file = KeyFile::open(configuration.tls_keylog, false);
    if (key_file) engine_settings.keys = &key_file->keys();
    engine_settings.secret = fixed_secret;
    engine_settings.correlator.gate.input_name = [&](std::uint16_t input) { return input_name(source.inputs(), input); };
    engine_settings.ring_bytes = std::min(engine_settings.ring_bytes, most_ring_bytes * engine_settings.workers);
    engine_settings.write_flow_records = options.output == Kind::flows;
    engine_settings.read_applications = options.applications;
    engine_settings.count_messages = options.output == Kind::stats;
    engine_settings.drop_duplicates = options.output != Kind::stats;  // Its counts are Wireshark's, which sees every packet.
    if (options.output == Kind::stats || options.output == Kind::flows) engine_settings.correlator.rules.clear();

    std::signal(SIGINT, ask_to_stop);
    std::signal(SIGTERM, ask_to_stop);
    Engine engine{std::move(engine_settings), alerts, &flows};
    engine.start();
    {
        Progress progress{source};
        while (!stop_asked && !output.broken()) {
            const auto batch = source.next_batch();
            if (batch.state == Batch::State::end) break;
            engine.dispatcher().dispatch(batch.packets);
            progress.step();
        }
    }
    tell_losses(source.inputs(), engine.dispatcher());
    engine.finish();
    if (options.output == Kind::stats) output.write(stats_json(engine.stats(), engine.app_counts()) + "\n");
    output.flush();
    int status = report_errors(source);
    if (output.broken()) status = 1;
    if (options.output == Kind::text || options.output == Kind::json) {
        std::fprintf(stderr, "wiresage: %s\n", summary(engine.stats(), alerts.fired()).c_str());
    }
    return status;
}

}  // namespace wiresage

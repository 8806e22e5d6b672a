// The configuration (contract, "Configuration (YAML)"): plain values, every one with a default that works.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/address.hpp"
#include "base/log.hpp"
#include "base/time.hpp"
#include "detect/rule.hpp"
#include "detect/settings.hpp"
#include "detect/site.hpp"
#include "detect/suppression.hpp"

namespace wiresage {

inline constexpr std::uint64_t kibibyte = 1024;
inline constexpr std::uint64_t mebibyte = 1024 * kibibyte;
inline constexpr std::uint64_t gibibyte = 1024 * mebibyte;

/// Who observes.
struct SensorSettings {
    std::optional<std::string> name;  ///< Absent: the host's name in `run`, "offline" in `read` and `compare`.
    std::map<std::string, std::string> labels;
    friend bool operator==(const SensorSettings&, const SensorSettings&) = default;
};

/// One interface to capture from.
struct InterfaceSettings {
    std::string name;    ///< As the kernel has it, or "any".
    std::string filter;  ///< BPF text; libpcap compiles it.  Empty: everything.
    std::uint32_t snaplen = 262'144;
    std::uint64_t buffer_bytes = 64 * mebibyte;  ///< The kernel's ring.
    bool promiscuous = true;
    bool required = false;  ///< No start without it.
    friend bool operator==(const InterfaceSettings&, const InterfaceSettings&) = default;
};

struct PipelineSettings {
    unsigned workers = 0;                      ///< 0: auto, cores less one and at least 1.
    std::uint64_t ring_bytes = 64 * mebibyte;  ///< The sum over workers.
    friend bool operator==(const PipelineSettings&, const PipelineSettings&) = default;
};

struct LimitSettings {
    std::uint64_t flows = 262'144;
    std::uint64_t hosts = 65'536;
    std::uint64_t memory_bytes = 512 * mebibyte;
    friend bool operator==(const LimitSettings&, const LimitSettings&) = default;
};

enum class ReceiverType : std::uint8_t { webhook, alertmanager, pagerduty, slack, msteams, file, syslog };

std::string_view name(ReceiverType type) noexcept;

/// People are told less than programs.
constexpr std::uint32_t default_most_per_minute(ReceiverType type) noexcept {
    const bool is_read_by_people =
        type == ReceiverType::pagerduty || type == ReceiverType::slack || type == ReceiverType::msteams;
    return is_read_by_people ? 60 : 6'000;
}

/// What a receiver wants to hear.  An empty list means everything.
struct ReceiverMatch {
    std::vector<std::string> rules;
    std::vector<Severity> severities;
    std::vector<Urgency> urgencies{Urgency::page, Urgency::ticket};  ///< Notes only where asked for.
    std::map<std::string, std::string> labels{};  ///< The sensor's: all of these, so that a fleet can share one file.
    friend bool operator==(const ReceiverMatch&, const ReceiverMatch&) = default;
};

/// The body that a webhook posts.
enum class WebhookBody : std::uint8_t {
    document,      ///< The alert document as it is.
    alertmanager,  ///< As Alertmanager's webhook (version 4), for bridges that exist.
};

struct ReceiverSettings {
    std::string name;
    ReceiverType type = ReceiverType::webhook;
    /// http or https.  Several only for alertmanager (every member of the cluster); none for file and syslog.
    std::vector<std::string> urls;
    std::string secret_file;  ///< Empty: none.  The signing secret (webhook), the bearer token (alertmanager), the key
                              ///< (pagerduty).
    std::string ca_file;      ///< Certificates to trust instead of the system's; empty: the system's.
    std::string path;         ///< file only.
    WebhookBody body = WebhookBody::document;         ///< webhook only.
    Duration timeout = std::chrono::seconds{10};      ///< For one whole transfer.
    Duration give_up_after = std::chrono::hours{72};  ///< Then the alert is a dead letter.
    std::uint32_t most_per_minute = default_most_per_minute(ReceiverType::webhook);  ///< More is rolled up.
    ReceiverMatch match;
    friend bool operator==(const ReceiverSettings&, const ReceiverSettings&) = default;
};

struct AlertingSettings {
    Duration resolve_after = std::chrono::seconds{60};
    Duration repeat_every = std::chrono::hours{1};
    std::vector<Suppression> suppress;
    std::vector<ReceiverSettings> receivers;
    friend bool operator==(const AlertingSettings&, const AlertingSettings&) = default;
};

struct JournalSettings {
    std::string path = "/var/lib/wiresage/journal.db";
    std::uint64_t size_bytes = 256 * mebibyte;
    Duration keep = std::chrono::hours{24 * 30};
    friend bool operator==(const JournalSettings&, const JournalSettings&) = default;
};

/// The flight recorder and what is kept of it on disk.
struct RecorderSettings {
    std::uint64_t memory_bytes = 64 * mebibyte;  ///< 0: no recorder.
    std::uint32_t bytes_per_packet = 256;
    std::uint32_t before = 50;  ///< Packets ahead of an alert ...
    std::uint32_t after = 200;  ///< ... and behind it.
    std::string path = "/var/lib/wiresage/evidence";
    std::uint64_t size_bytes = gibibyte;
    friend bool operator==(const RecorderSettings&, const RecorderSettings&) = default;
};

/// Who owns the sockets of this host.
struct ProcessSettings {
    bool tracepoints = true;  ///< Where the kernel and the privilege allow it.
    std::string file;         ///< Whose each socket was, a JSON line each, for `read --flows`; empty: none.
    std::uint64_t size_bytes = 64 * mebibyte;  ///< Of that file; then it becomes FILE.1 and a new one is begun.
    friend bool operator==(const ProcessSettings&, const ProcessSettings&) = default;
};

struct HttpSettings {
    Endpoint listen{ipv4(127, 0, 0, 1), 10'470};  ///< Port 0: the kernel picks one.
    std::string token_file;                       ///< Empty: no token.  Never empty where `listen` is not loopback.
    std::vector<std::string> allowed_hosts;       ///< Beside loopback names and addresses, lower case.
    std::string cert_file;                        ///< Both or neither: TLS.
    std::string key_file;
    friend bool operator==(const HttpSettings&, const HttpSettings&) = default;
};

struct LogSettings {
    LogLevel level = LogLevel::info;
    LogFormat format = LogFormat::logfmt;
    friend bool operator==(const LogSettings&, const LogSettings&) = default;
};

/// Everything an operator can say.
struct Configuration {
    SensorSettings sensor;
    std::vector<InterfaceSettings> interfaces;  ///< Empty: the interface of the default route, else lo.
    PipelineSettings pipeline;
    LimitSettings limits;
    Site site = Site::standard();      ///< `local_addresses` is set where the configuration lists them.
    bool local_addresses_auto = true;  ///< `run` then fills `site.local_addresses` in; elsewhere they stay unknown.
    std::string tls_keylog;            ///< Empty: none.
    std::map<std::string, RuleSettings, std::less<>> rules;  ///< By id; every rule of the registry is there.
    AlertingSettings alerting;
    JournalSettings journal;
    RecorderSettings recorder;
    ProcessSettings process;
    HttpSettings http;
    LogSettings log;
    std::string user = "wiresage";  ///< Dropped to when started as root; nobody where it does not exist.

    /// Asserts that the registry, with which the configuration was read, has the rule.
    const RuleSettings& rule(std::string_view id) const;
};

/// The registry as the configuration sees it; the daemon hands over all_rules().
using RuleList = std::span<const RuleEntry* const>;

/// What runs without any configuration file.
Configuration default_configuration(RuleList rules);

/// A place in the configuration's text, both counted from 1; 0: no place.
struct TextPlace {
    std::size_t line = 0;
    std::size_t column = 0;
    friend bool operator==(const TextPlace&, const TextPlace&) = default;
};

/// One thing that is wrong.
struct ConfigurationError {
    std::string file;
    std::size_t line = 0;  ///< From 1; 0: the file as a whole.
    std::size_t column = 0;
    std::string key;      ///< "pipeline.ring", "interfaces[0].snaplen"; empty where the text is no YAML.
    std::string message;  ///< What was expected and what was found; printable and bounded.

    /// "wiresage.yaml:3:9: pipeline.ring: ...", one line.
    std::string text() const;
};

/// What reading gave: where `errors` is empty, `configuration` is what the operator asked for.
struct ReadResult {
    Configuration configuration;
    std::vector<ConfigurationError> errors;   ///< All of them, in the order of the text; at most 100.
    std::map<std::string, TextPlace> places;  ///< Where each key that was given has its value.

    bool ok() const noexcept { return errors.empty(); }
};

/// Reads a file.  Never throws: a file that cannot be read is an error too.  At most 1 MiB.  Any thread.
ReadResult read_configuration(const std::string& path, RuleList rules);

/// Reads text; `file` is for messages only.
ReadResult read_configuration_text(const std::string& text, const std::string& file, RuleList rules);

/// What a reload would do.
struct ConfigurationChange {
    std::vector<std::string> taken;          ///< Changed keys that take effect at once.
    std::vector<std::string> needs_restart;  ///< Changed keys that keep their old value until a restart.

    bool empty() const noexcept { return taken.empty() && needs_restart.empty(); }
};

/// Compares key by key ("alerting.receivers", "rules.tcp_syn_flood").
ConfigurationChange describe_change(const Configuration& old, const Configuration& fresh);

/// `fresh`, but with `old`'s value of every key that needs a restart.
Configuration reloaded(const Configuration& old, Configuration fresh);

}  // namespace wiresage

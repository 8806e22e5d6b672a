// Reads what concerns keeping and showing: journal, recorder, process, http, log.

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "settings/reading.hpp"

namespace wiresage {

namespace {

constexpr std::pair<std::string_view, LogLevel> level_choices[] = {
    {"debug", LogLevel::debug}, {"info", LogLevel::info}, {"warning", LogLevel::warning}, {"error", LogLevel::error}};
constexpr std::pair<std::string_view, LogFormat> format_choices[] = {{"logfmt", LogFormat::logfmt},
                                                                     {"json", LogFormat::json}};

constexpr std::pair<std::string_view, bool> tracepoint_choices[] = {{"auto", true}, {"off", false}};

void read_allowed_hosts(SettingsReading& reading, const Value& value, std::vector<std::string>& hosts) {
    constexpr std::string_view expected = "a host's name or address without a port";
    reading.list(value, "a list of host names", [&](const Value& entry) {
        std::string host;
        if (!reading.text(entry, host, expected, 253)) return;
        const bool is_name = host.find_first_of(" /:@[]") == std::string::npos;
        if (!is_name && !Address::parse(host)) return reading.mismatch(entry, expected);
        std::transform(host.begin(), host.end(), host.begin(),
                       [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
        hosts.push_back(host);
    });
}

void read_http_tls(SettingsReading& reading, const Value& value, HttpSettings& http) {
    reading.map(value,
                {
                    {"cert_file",
                     [&](const Value& v) { reading.text_or_null(v, http.cert_file, "the path of a file, or null"); }},
                    {"key_file",
                     [&](const Value& v) { reading.text_or_null(v, http.key_file, "the path of a file, or null"); }},
                });
    if (http.cert_file.empty() != http.key_file.empty())
        reading.error(value, "cert_file and key_file go together; give both or neither");
}

}  // namespace

void read_journal(SettingsReading& reading, const Value& value, JournalSettings& journal) {
    using std::chrono::hours;
    reading.map(value,
                {
                    {"path", [&](const Value& v) { reading.text(v, journal.path, "the path of a file"); }},
                    {"size", [&](const Value& v) { reading.size(v, journal.size_bytes, mebibyte, 1024 * gibibyte); }},
                    {"keep", [&](const Value& v) { reading.duration(v, journal.keep, hours{1}, hours{24 * 3650}); }},
                });
}

void read_recorder(SettingsReading& reading, const Value& value, RecorderSettings& recorder) {
    reading.map(
        value,
        {
            {"memory", [&](const Value& v) { reading.size(v, recorder.memory_bytes, 0, 64 * gibibyte); }},
            {"bytes_per_packet", [&](const Value& v) { reading.whole(v, recorder.bytes_per_packet, 64, 262'144); }},
            {"before", [&](const Value& v) { reading.whole(v, recorder.before, 0, 100'000); }},
            {"after", [&](const Value& v) { reading.whole(v, recorder.after, 0, 100'000); }},
            {"path", [&](const Value& v) { reading.text(v, recorder.path, "the path of a folder"); }},
            {"size", [&](const Value& v) { reading.size(v, recorder.size_bytes, mebibyte, 64 * 1024 * gibibyte); }},
        });
}

void read_process(SettingsReading& reading, const Value& value, ProcessSettings& process) {
    reading.map(
        value,
        {
            {"tracepoints", [&](const Value& v) { reading.choice(v, process.tracepoints, tracepoint_choices); }},
            {"file", [&](const Value& v) { reading.text_or_null(v, process.file, "the path of a file, or null"); }},
            {"size", [&](const Value& v) { reading.size(v, process.size_bytes, mebibyte, 64 * gibibyte); }},
        });
}

void read_http(SettingsReading& reading, const Value& value, HttpSettings& http) {
    Value listen = value;
    reading.map(value,
                {
                    {"listen",
                     [&](const Value& v) {
                         listen = v;
                         reading.parsed(v, http.listen, &parse_listen);
                     }},
                    {"token_file",
                     [&](const Value& v) { reading.text_or_null(v, http.token_file, "the path of a file, or null"); }},
                    {"allowed_hosts", [&](const Value& v) { read_allowed_hosts(reading, v, http.allowed_hosts); }},
                    {"tls", [&](const Value& v) { read_http_tls(reading, v, http); }},
                });
    // Alerts say a lot about a network: nobody beyond this host reads them without a token (promises, "Privilege").
    if (!http.listen.ip.is_loopback() && http.token_file.empty()) {
        reading.error(
            listen, fmt::format("{} can be reached from elsewhere, so http.token_file is needed", http.listen.text()));
    }
}

void read_log(SettingsReading& reading, const Value& value, LogSettings& log) {
    reading.map(value, {
                           {"level", [&](const Value& v) { reading.choice(v, log.level, level_choices); }},
                           {"format", [&](const Value& v) { reading.choice(v, log.format, format_choices); }},
                       });
}

}  // namespace wiresage

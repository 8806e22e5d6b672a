// Log lines on standard error, in logfmt or JSON.
#pragma once

#include <atomic>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

namespace wiresage {

enum class LogLevel : std::uint8_t { debug, info, warning, error };
enum class LogFormat : std::uint8_t { logfmt, json };

/// One key and its value; the value is escaped, whatever it holds.
struct LogField {
    std::string_view key;
    std::string value;
};

/// Writes whole lines with one write(2) each; safe from any thread.  Never used in the packet path.
/// A closed standard error is no error.  The line's own time is the wall clock: it is about the daemon, not the traffic.
class Log {
public:
    explicit Log(LogLevel level = LogLevel::info, LogFormat format = LogFormat::logfmt) : level_{level}, format_{format} {}

    void set(LogLevel level, LogFormat format) noexcept {
        level_ = level;
        format_ = format;
    }

    void debug(std::string_view message, std::initializer_list<LogField> fields = {}) { write(LogLevel::debug, message, fields); }
    void info(std::string_view message, std::initializer_list<LogField> fields = {}) { write(LogLevel::info, message, fields); }
    void warning(std::string_view message, std::initializer_list<LogField> fields = {}) { write(LogLevel::warning, message, fields); }
    void error(std::string_view message, std::initializer_list<LogField> fields = {}) { write(LogLevel::error, message, fields); }

private:
    void write(LogLevel level, std::string_view message, std::initializer_list<LogField> fields);

    std::atomic<LogLevel> level_;
    std::atomic<LogFormat> format_;
};

/// One line without its line feed, `time` as RFC 3339; for tests and for Log.
std::string log_line(LogFormat format, std::string_view time, LogLevel level, std::string_view message,
                     std::initializer_list<LogField> fields);

/// Valid UTF-8 without control characters, at most `most_bytes` long: what came from a packet may be shown so.
/// Bad bytes become U+FFFD; control characters become \xNN.
std::string printable(std::string_view text, std::size_t most_bytes = 256);

}  // namespace wiresage

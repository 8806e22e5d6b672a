// Log lines: escaping, and one write(2) each.

#include "base/log.hpp"

#include <fmt/chrono.h>
#include <unistd.h>

#include <chrono>
#include <ctime>

namespace wiresage {

namespace {

constexpr std::string_view names[] = {"debug", "info", "warning", "error"};

/// Length of the well-formed UTF-8 sequence at the front (RFC 3629), 0 where there is none.
std::size_t utf8_length(std::string_view text) noexcept {
    const auto byte = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U; };
    const auto tail = [&](std::size_t i) { return (byte(i) & 0xc0U) == 0x80U; };
    const unsigned first = byte(0);
    if (first < 0x80) return 1;
    if (first >= 0xc2 && first <= 0xdf) return tail(1) ? 2 : 0;
    if (first >= 0xe0 && first <= 0xef) {
        if (!tail(1) || !tail(2) || (first == 0xe0 && byte(1) < 0xa0) || (first == 0xed && byte(1) > 0x9f)) return 0;
        return 3;
    }
    if (first >= 0xf0 && first <= 0xf4) {
        if (!tail(1) || !tail(2) || !tail(3) || (first == 0xf0 && byte(1) < 0x90) || (first == 0xf4 && byte(1) > 0x8f)) return 0;
        return 4;
    }
    return 0;
}

std::string quoted(std::string_view text) {
    std::string out = "\"";
    for (const char c : printable(text, 4096)) {
        if (c == '"' || c == '\\') out += '\\';
        out += c;
    }
    return out + '"';
}

bool needs_quotes(std::string_view text) {
    if (text.empty()) return true;
    for (const char c : text) {
        if (c <= ' ' || c == '"' || c == '=' || c == '\\' || static_cast<unsigned char>(c) >= 0x7f) return true;
    }
    return false;
}

}  // namespace

std::string printable(std::string_view text, std::size_t most_bytes) {
    std::string out;
    while (!text.empty()) {
        const auto length = utf8_length(text);
        std::string piece;
        if (length == 0) {
            piece = "\xef\xbf\xbd";
        } else if (length == 1 && (static_cast<unsigned char>(text[0]) < 0x20 || text[0] == 0x7f)) {
            piece = fmt::format("\\x{:02x}", static_cast<unsigned char>(text[0]));
        } else if (length == 2 && static_cast<unsigned char>(text[0]) == 0xc2 && static_cast<unsigned char>(text[1]) < 0xa0) {
            piece = fmt::format("\\x{:02x}", static_cast<unsigned char>(text[1]));  // C1 controls
        } else {
            piece = std::string{text.substr(0, length)};
        }
        if (out.size() + piece.size() > most_bytes) break;
        out += piece;
        text.remove_prefix(length == 0 ? 1 : length);
    }
    return out;
}

std::string log_line(LogFormat format, std::string_view time, LogLevel level, std::string_view message,
                     std::initializer_list<LogField> fields) {
    const auto name = names[static_cast<std::size_t>(level)];
    if (format == LogFormat::json) {
        auto line = fmt::format("{{\"time\":{},\"level\":{},\"msg\":{}", quoted(time), quoted(name), quoted(message));
        for (const auto& field : fields) line += fmt::format(",{}:{}", quoted(field.key), quoted(field.value));
        return line + "}";
    }
    auto line = fmt::format("time={} level={} msg={}", time, name, quoted(message));
    for (const auto& field : fields) {
        line += fmt::format(" {}={}", field.key, needs_quotes(field.value) ? quoted(field.value) : field.value);
    }
    return line;
}

void Log::write(LogLevel level, std::string_view message, std::initializer_list<LogField> fields) {
    if (level < level_.load(std::memory_order_relaxed)) return;
    std::timespec now{};
    std::timespec_get(&now, TIME_UTC);
    const auto time = fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z", fmt::gmtime(now.tv_sec), now.tv_nsec / 1'000'000);
    const auto line = log_line(format_.load(std::memory_order_relaxed), time, level, message, fields) + "\n";
    [[maybe_unused]] const auto written = ::write(STDERR_FILENO, line.data(), line.size());
}

}  // namespace wiresage

// FTP control connections, line by line.
#include "app/ftp.hpp"

#include <arpa/inet.h>

#include <algorithm>

#include "app/app_counts.hpp"
#include "app/logins.hpp"
#include "app/shared.hpp"
#include "app/text_lines.hpp"

namespace wiresage {

namespace {

constexpr std::string_view commands[] = {"USER", "PORT", "EPRT", "EPSV", "PASV", "FEAT", "SYST",
                                         "AUTH", "TYPE", "CWD",  "PWD",  "LIST", "RETR", "STOR"};

/// Where the client of mid-stream conversations is recognised without the greeting: nobody else says these.
constexpr std::string_view own_commands[] = {"PORT", "EPRT", "EPSV", "PASV"};

/// What uses the data connection (RFC 959, 4.1.3; RFC 3659, 7).
constexpr std::string_view transfers[] = {"RETR", "STOR", "STOU", "APPE", "LIST", "NLST", "MLSD"};

constexpr std::uint16_t ftp_port = 21;

template <std::size_t Count>
bool is_one_of(std::string_view word, const std::string_view (&words)[Count]) noexcept {
    return std::any_of(std::begin(words), std::end(words), [&](auto each) { return same_word(word, each); });
}

/// Text to address without a string on the heap.
std::optional<Address> parse_address(std::string_view text) noexcept {
    std::array<char, INET6_ADDRSTRLEN> copy{};
    if (text.size() >= copy.size()) return {};
    std::copy(text.begin(), text.end(), copy.begin());
    std::array<std::uint8_t, 16> raw{};
    if (inet_pton(AF_INET6, copy.data(), raw.data()) == 1) return Address::v6(raw);
    if (inet_pton(AF_INET, copy.data(), raw.data()) != 1) return {};
    return ipv4(raw[0], raw[1], raw[2], raw[3]);
}

bool is_reply(std::string_view said) noexcept {
    return said.size() >= 4 && number_of(said.substr(0, 3), 699).value_or(0) >= 100 &&
           (said[3] == ' ' || said[3] == '-');
}

}  // namespace

std::optional<Endpoint> ftp_port_argument(std::string_view argument) noexcept {
    std::array<std::uint32_t, 6> numbers{};
    for (std::size_t i = 0; i < numbers.size(); ++i) {
        const auto comma = i + 1 < numbers.size() ? argument.find(',') : argument.size();
        if (comma == std::string_view::npos) return {};
        const auto number = number_of(argument.substr(0, comma), 255);
        if (!number) return {};
        numbers[i] = *number;
        argument.remove_prefix(std::min(comma + 1, argument.size()));
    }
    return Endpoint{Address::v4(numbers[0] << 24 | numbers[1] << 16 | numbers[2] << 8 | numbers[3]),
                    static_cast<std::uint16_t>(numbers[4] << 8 | numbers[5])};
}

std::optional<Endpoint> ftp_eprt_argument(std::string_view argument) noexcept {
    if (argument.empty()) return {};
    const char mark = argument.front();
    std::array<std::string_view, 3> fields;
    argument.remove_prefix(1);
    for (auto& field : fields) {
        const auto end = argument.find(mark);
        if (end == std::string_view::npos) return {};
        field = argument.substr(0, end);
        argument.remove_prefix(end + 1);
    }
    const auto port = number_of(fields[2], 65'535);
    if (!port) return {};
    const auto address = parse_address(fields[1]);
    const bool family_fits = address && fields[0] == (address->is_v4() ? "1" : "2");
    if (!family_fits) return {};
    return Endpoint{*address, static_cast<std::uint16_t>(*port)};
}

Match recognise_ftp(const FirstBytes& said) noexcept {
    const auto server = as_text(said.server);
    auto client = as_text(said.client);
    const bool greets = begins_with_word(server, "220");
    if (greets && said.server_port == ftp_port) return Match::yes;
    if (!server.empty() && !is_reply(server)) return server.size() < 4 ? Match::maybe : Match::no;
    const bool may_be = greets || said.server_port == ftp_port;
    if (client.empty()) return may_be ? Match::maybe : Match::no;
    if (client.size() < 5 && client.find('\n') == std::string_view::npos) return may_be ? Match::maybe : Match::no;
    const auto line_end = std::min(client.find_first_of("\r\n"), client.size());
    auto line = client.substr(0, line_end);
    const auto word = take_word(line);
    if (is_one_of(word, own_commands)) return Match::yes;
    return may_be && is_one_of(word, commands) ? Match::yes : Match::no;
}

Consumed FtpParser::bytes(From from, Bytes shown, AppContext& context) noexcept {
    const auto side = static_cast<std::size_t>(from);
    const std::size_t used = use_lines(shown, [&](std::string_view line) {
        if (lost_[side]) {
            lost_[side] = false;
        } else if (from == From::client) {
            command(line, context);
        } else {
            reply(line, context);
        }
        return !secured_;
    });
    if (context.counts != nullptr && shown.size() - used > most_line_bytes) {
        lost_[side] = true;
        return {.used = shown.size()};
    }
    return {.used = used, .stop = secured_ || shown.size() - used > most_line_bytes};
}

Consumed FtpParser::gap(From from, Bytes, std::uint64_t, AppContext&) noexcept {
    lost_[static_cast<std::size_t>(from)] = true;  // Up to the next end of a line.
    waits_ = false;
    user_bytes_ = 0;
    return {};
}

void FtpParser::command(std::string_view line, AppContext& context) noexcept {
    const auto word = take_word(line);
    if (context.counts != nullptr) context.counts->ftp_command(word);
    if (same_word(word, "PORT")) {
        announce(ftp_port_argument(line), false, context);
    } else if (same_word(word, "EPRT")) {
        announce(ftp_eprt_argument(line), true, context);
    } else if (same_word(word, "PASV") || same_word(word, "EPSV")) {
        waits_ = false;
    } else if (same_word(word, "USER")) {
        user_bytes_ = std::min(line.size(), user_.size());
        std::copy_n(line.begin(), user_bytes_, user_.begin());
    } else if (same_word(word, "PASS")) {
        const std::string_view user{user_.data(), user_bytes_};
        // By convention everybody may log in so, and the word given is no secret (RFC 1635).
        if (same_word(user, "anonymous") || same_word(user, "ftp") || line.empty()) return;
        context.shared.logins.tell(LoginProtocol::ftp, user, context);
    } else if (same_word(word, "AUTH")) {
        asked_secure_ = true;
    } else if (waits_ && is_one_of(word, transfers)) {
        transferring_ = true;
    }
}

void FtpParser::announce(const std::optional<Endpoint>& data, bool extended, AppContext& context) noexcept {
    waits_ = false;
    if (!data || data->port == 0) return;
    active_ = FtpData{};
    active_.client = context.talk.client;
    active_.server = context.talk.server;
    active_.data = *data;
    active_.asked = context.at.time;
    active_.asked_stamp = context.at.stamp;
    active_.asked_frame = context.at.frame;
    active_.extended = extended;
    waits_ = true;
    transferring_ = false;
    context.teller.tell(context.talk, active_, {}, static_cast<std::size_t>(FtpNews::announced));
}

void FtpParser::reply(std::string_view line, AppContext& context) noexcept {
    const auto code = reply_code(line);
    if (code == 234 && asked_secure_) secured_ = true;  // RFC 4217, 4.1.
    if (!waits_) return;
    const bool failed = code == 425 || code == 426;
    if (failed) {
        active_.news = FtpNews::failed;
        active_.reply = code;
        context.teller.tell(context.talk, active_, {}, static_cast<std::size_t>(FtpNews::failed));
    }
    // Between PORT and the transfer clients ask for type, size and time; their answers end nothing.
    const bool over = transferring_ && (code == 226 || code == 250 || code >= 400);
    if (failed || over) waits_ = false;
}

}  // namespace wiresage

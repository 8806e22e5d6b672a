// Telnet, letter by letter.
#include "app/telnet.hpp"

#include <algorithm>
#include <string_view>

#include "app/logins.hpp"
#include "app/shared.hpp"
#include "app/text_lines.hpp"

namespace wiresage {

namespace {

constexpr std::uint16_t telnet_port = 23;
// RFC 854, "Telnet command structure".
constexpr std::uint8_t interpret_as_command = 255, subnegotiation = 250, subnegotiation_end = 240, will = 251,
                       do_not = 254;

}  // namespace

Match recognise_telnet(const FirstBytes& said) noexcept {
    const Bytes first = said.server.empty() ? said.client : said.server;
    if (first.empty()) return Match::maybe;
    const bool negotiates = first.size() >= 2 && first[0] == interpret_as_command && first[1] >= subnegotiation;
    if (negotiates) return Match::yes;
    return said.server_port == telnet_port ? Match::yes : Match::no;
}

Consumed TelnetParser::bytes(From from, Bytes shown, AppContext& context) noexcept {
    auto& command = commands_[static_cast<std::size_t>(from)];
    for (const std::uint8_t byte : shown) {
        switch (command) {
            case Command::none:
                if (byte == interpret_as_command) {
                    command = Command::began;
                } else if (from == From::server) {
                    said_by_server(lower(static_cast<char>(byte)));
                } else {
                    typed(static_cast<char>(byte), context);
                }
                break;
            case Command::began:
                command = byte == subnegotiation           ? Command::within
                          : byte >= will && byte <= do_not ? Command::option
                                                           : Command::none;
                break;
            case Command::option:
                command = Command::none;
                break;
            case Command::within:
                if (byte == interpret_as_command) command = Command::within_iac;
                break;
            case Command::within_iac:
                command = byte == subnegotiation_end ? Command::none : Command::within;
                break;
        }
    }
    read_ += static_cast<std::uint32_t>(std::min<std::size_t>(shown.size(), most_read));
    return {.used = shown.size(), .stop = over_ || read_ > most_read};
}

Consumed TelnetParser::gap(From, Bytes, std::uint64_t, AppContext&) noexcept { return {.stop = true}; }

void TelnetParser::said_by_server(char letter) noexcept {
    std::rotate(tail_.begin(), tail_.begin() + 1, tail_.end());
    tail_.back() = letter;
    const std::string_view tail{tail_.data(), tail_.size()};
    const auto ends_with = [&](std::string_view word) { return tail.substr(tail.size() - word.size()) == word; };
    if (ends_with("login:") || ends_with("username:")) {
        asked_ = Asked::name;
        user_bytes_ = 0;
    } else if (ends_with("password:")) {
        asked_ = Asked::password;
        password_bytes_ = 0;
    }
}

void TelnetParser::typed(char letter, AppContext& context) noexcept {
    const bool ends = letter == '\r' || letter == '\n';
    if (asked_ == Asked::name) {
        if (ends) {
            asked_ = Asked::nothing;
        } else if (letter > ' ' && user_bytes_ < user_.size()) {
            user_[user_bytes_++] = letter;
        }
    } else if (asked_ == Asked::password) {
        if (!ends) {
            if (password_bytes_ < 255) ++password_bytes_;  // How long it is decides; it is not kept.
            return;
        }
        if (password_bytes_ == 0) return;
        asked_ = Asked::nothing;
        over_ = true;
        context.shared.logins.tell(LoginProtocol::telnet, {user_.data(), user_bytes_}, context);
    }
}

}  // namespace wiresage

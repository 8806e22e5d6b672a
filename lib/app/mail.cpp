// Logins of POP3, IMAP and SMTP.
#include "app/mail.hpp"

#include <algorithm>

#include "app/base64.hpp"
#include "app/logins.hpp"
#include "app/shared.hpp"
#include "app/text_lines.hpp"

namespace wiresage {

namespace {

/// A word of IMAP may stand in quotes (RFC 9051, 4.3).
std::string_view unquoted(std::string_view& text) noexcept {
    if (text.empty() || text.front() != '"') return take_word(text);
    const auto end = std::min(text.find('"', 1), text.size());
    const auto inside = text.substr(1, end - 1);
    text.remove_prefix(std::min(end + 1, text.size()));
    text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
    return inside;
}

Match greets(Bytes server, std::string_view words) noexcept {
    const auto said = as_text(server);
    if (said.size() < words.size())
        return said.empty() || words.substr(0, said.size()) == said ? Match::maybe : Match::no;
    return begins_with_word(said, words) ? Match::yes : Match::no;
}

}  // namespace

Match recognise_pop3(const FirstBytes& said) noexcept {
    if (said.server.empty()) return said.client.empty() || said.server_port == 110 ? Match::maybe : Match::no;
    return greets(said.server, "+OK");
}

Match recognise_imap(const FirstBytes& said) noexcept {
    if (said.server.empty()) return said.client.empty() || said.server_port == 143 ? Match::maybe : Match::no;
    return greets(said.server, "* OK");
}

Match recognise_smtp(const FirstBytes& said) noexcept {
    const auto client = as_text(said.client);
    if (said.server.empty()) return client.empty() ? Match::maybe : Match::no;
    if (const Match greeted = greets(said.server, "220"); greeted != Match::yes) return greeted;
    if (client.size() < 4) return Match::maybe;
    return begins_with_word(client, "EHLO") || begins_with_word(client, "HELO") ? Match::yes : Match::no;
}

Consumed MailParser::bytes(From from, Bytes shown, AppContext& context) noexcept {
    if (over_) return {.stop = true};
    if (from == From::server) return {.used = shown.size()};  // Whether it agrees does not matter: it was sent.
    const std::size_t used = use_lines(shown, [&](std::string_view line) {
        command(line, context);
        return !over_;
    });
    return {.used = used, .stop = over_ || shown.size() - used > most_line_bytes};
}

Consumed MailParser::gap(From from, Bytes, std::uint64_t, AppContext&) noexcept {
    return {.stop = from == From::client};
}

void MailParser::command(std::string_view line, AppContext& context) noexcept {
    switch (next_) {
        case Next::plain:
            return plain(line, context);
        case Next::user: {
            std::array<char, 64> user{};
            keep_user({user.data(), decode_base64(line, user.data(), user.size())});
            next_ = Next::secret;
            return;
        }
        case Next::secret:
            if (line != "*") tell(context);  // RFC 4954, 4: the client may cancel.
            return;
        case Next::command:
            break;
    }
    if (protocol_ == LoginProtocol::imap) take_word(line);  // The tag.
    const auto word = take_word(line);
    if (same_word(word, "STARTTLS") || same_word(word, "STLS") || same_word(word, "DATA") || same_word(word, "MAIL") ||
        same_word(word, "SELECT") || same_word(word, "STAT") || same_word(word, "APOP")) {
        over_ = true;
    } else if (same_word(word, "USER")) {
        keep_user(line);
    } else if (same_word(word, "PASS")) {
        tell(context);
    } else if (same_word(word, "LOGIN")) {
        keep_user(unquoted(line));
        if (!line.empty()) tell(context);
    } else if (same_word(word, "AUTH") || same_word(word, "AUTHENTICATE")) {
        authenticate(line, context);
    }
}

void MailParser::authenticate(std::string_view arguments, AppContext& context) noexcept {
    const auto mechanism = take_word(arguments);
    if (same_word(mechanism, "PLAIN")) {
        if (arguments.empty()) {
            next_ = Next::plain;
        } else {
            plain(arguments, context);
        }
    } else if (same_word(mechanism, "LOGIN")) {
        if (!arguments.empty()) {
            std::array<char, 64> user{};
            keep_user({user.data(), decode_base64(arguments, user.data(), user.size())});
        }
        next_ = arguments.empty() ? Next::user : Next::secret;
    } else if (!mechanism.empty()) {
        over_ = true;  // The others do not send the secret itself.
    }
}

/// RFC 4616, 2: [authorization] NUL user NUL secret.
void MailParser::plain(std::string_view encoded, AppContext& context) noexcept {
    std::array<char, 192> decoded{};
    const std::string_view text{decoded.data(), decode_base64(encoded, decoded.data(), decoded.size())};
    const auto user = text.find('\0');
    if (user != std::string_view::npos) {
        keep_user(text.substr(user + 1, text.find('\0', user + 1) - user - 1));
        tell(context);
    }
    over_ = true;
}

void MailParser::keep_user(std::string_view user) noexcept {
    user_bytes_ = static_cast<std::uint8_t>(std::min(user.size(), user_.size()));
    std::copy_n(user.begin(), user_bytes_, user_.begin());
}

void MailParser::tell(AppContext& context) noexcept {
    over_ = true;
    context.shared.logins.tell(protocol_, {user_.data(), user_bytes_}, context);
}

}  // namespace wiresage

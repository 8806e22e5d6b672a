// Logins of POP3 (RFC 1939, RFC 5034), IMAP (RFC 9051) and SMTP (RFC 4954) that are not inside TLS.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

#include "app/parser.hpp"

namespace wiresage {

/// Reads until the client has logged in, TLS begins, or mail is sent: then nothing more is of interest.
class MailParser : public StreamParser {
public:
    explicit MailParser(LoginProtocol protocol) noexcept : protocol_{protocol} {}

    Consumed bytes(From from, Bytes shown, AppContext& context) noexcept override;
    Consumed gap(From from, Bytes unused, std::uint64_t missing, AppContext& context) noexcept override;
    void ended(From, EndedBy, AppContext&) noexcept override {}

private:
    void command(std::string_view line, AppContext& context) noexcept;
    void authenticate(std::string_view arguments, AppContext& context) noexcept;
    void plain(std::string_view encoded, AppContext& context) noexcept;
    void keep_user(std::string_view user) noexcept;
    void tell(AppContext& context) noexcept;

    LoginProtocol protocol_;
    /// What the client's next line is, where it is no command.
    enum class Next : std::uint8_t { command, plain, user, secret } next_ = Next::command;
    bool over_ = false;
    std::uint8_t user_bytes_ = 0;
    std::array<char, 64> user_{};
};

struct Pop3Parser final : MailParser {
    Pop3Parser() noexcept : MailParser{LoginProtocol::pop3} {}
};
struct ImapParser final : MailParser {
    ImapParser() noexcept : MailParser{LoginProtocol::imap} {}
};
struct SmtpParser final : MailParser {
    SmtpParser() noexcept : MailParser{LoginProtocol::smtp} {}
};

Match recognise_pop3(const FirstBytes& said) noexcept;
Match recognise_imap(const FirstBytes& said) noexcept;
Match recognise_smtp(const FirstBytes& said) noexcept;

}  // namespace wiresage

// FTP control connections (RFC 959, RFC 2428): which data connections they arrange, and who logs in.
#pragma once

#include <array>
#include <optional>
#include <string_view>

#include "app/parser.hpp"

namespace wiresage {

/// The argument of PORT, "h1,h2,h3,h4,p1,p2" (RFC 959, 3.2).
std::optional<Endpoint> ftp_port_argument(std::string_view argument) noexcept;

/// The argument of EPRT, "|1|132.235.1.2|6275|" or "|2|1080::8:800:200C:417A|5282|" (RFC 2428, 2).
std::optional<Endpoint> ftp_eprt_argument(std::string_view argument) noexcept;

class FtpParser final : public StreamParser {
public:
    Consumed bytes(From from, Bytes shown, AppContext& context) noexcept override;
    Consumed gap(From from, Bytes unused, std::uint64_t missing, AppContext& context) noexcept override;
    void ended(From, EndedBy, AppContext&) noexcept override {}

private:
    void command(std::string_view line, AppContext& context) noexcept;
    void reply(std::string_view line, AppContext& context) noexcept;
    void announce(const std::optional<Endpoint>& data, bool extended, AppContext& context) noexcept;

    std::array<char, 64> user_{};
    std::size_t user_bytes_ = 0;
    FtpData active_;             ///< The last PORT or EPRT, while `waits_`.
    bool waits_ = false;         ///< No transfer has used it yet.
    bool transferring_ = false;  ///< ... and a transfer was asked for since.
    bool secured_ = false;       ///< AUTH TLS was accepted: what follows is not for us.
    bool asked_secure_ = false;
    std::array<bool, 2> lost_{};  ///< By From: in the middle of a line after a gap.
};

Match recognise_ftp(const FirstBytes& said) noexcept;

}  // namespace wiresage

// Telnet (RFC 854): a name and a password typed in the clear.
#pragma once

#include <array>
#include <cstdint>

#include "app/parser.hpp"

namespace wiresage {

/// Reads until the first password, or until so much was said without one.
class TelnetParser final : public StreamParser {
public:
    static constexpr std::uint32_t most_read = 16'384;

    Consumed bytes(From from, Bytes shown, AppContext& context) noexcept override;
    Consumed gap(From from, Bytes unused, std::uint64_t missing, AppContext& context) noexcept override;
    void ended(From, EndedBy, AppContext&) noexcept override {}

private:
    void said_by_server(char letter) noexcept;
    void typed(char letter, AppContext& context) noexcept;

    enum class Asked : std::uint8_t { nothing, name, password };
    /// Of Telnet's own commands: how many bytes of one are still to come.
    enum class Command : std::uint8_t { none, began, option, within, within_iac };

    std::array<char, 16> tail_{};  ///< The server's last letters, lower case, the newest last.
    std::array<char, 64> user_{};
    std::array<Command, 2> commands_{};
    std::uint32_t read_ = 0;
    std::uint8_t user_bytes_ = 0;
    std::uint8_t password_bytes_ = 0;
    Asked asked_ = Asked::nothing;
    bool over_ = false;
};

Match recognise_telnet(const FirstBytes& said) noexcept;

}  // namespace wiresage

// TLS handshakes: what was asked for, what was shown, how and by whom it ended.
#pragma once

#include <array>
#include <cstdint>
#include <memory>

#include "app/certificate.hpp"
#include "app/parser.hpp"
#include "app/tick_table.hpp"
#include "app/tls_decryption.hpp"
#include "app/tls_hello.hpp"

namespace wiresage {

/// What a shard remembers of TLS: the sums of a tick, certificates seen lately.
class TlsShared {
public:
    /// Null where it is none.  Valid until the next call.
    const Certificate* certificate(Bytes der) noexcept;
    void ended(const AppContext& context, bool completed) noexcept;
    void tick(AppContext& context) noexcept;

    LatelyTold told;
    std::unique_ptr<TlsDecryptionShared> decryption;  ///< Null where there is no key log: nothing is decrypted.

private:
    struct Key {
        Endpoint server;
        std::uint16_t vlan = 0;
        friend bool operator==(const Key&, const Key&) = default;
    };
    struct Seen {
        std::uint64_t hash = 0;
        bool is_one = false;
        Certificate certificate;
    };
    static constexpr std::size_t most_seen = 8;

    std::unique_ptr<Seen[]> seen_;  ///< By hash; made for the first certificate.
    TickTable<Key, TlsTally, 64> tallies_;
};

/// RFC 8446 and RFC 5246, 4346, 2246: records over segments, handshake messages over records.  Stops once the handshake
/// has ended, and what follows costs nothing, unless the key log has the connection's secrets or may come to have them.
class TlsParser final : public StreamParser {
public:
    Consumed bytes(From from, Bytes shown, AppContext& context) noexcept override;
    Consumed gap(From from, Bytes unused, std::uint64_t missing, AppContext& context) noexcept override;
    void ended(From from, EndedBy how, AppContext& context) noexcept override;
    void release(AppContext& context) noexcept override;

private:
    static constexpr std::size_t most_message = 49152;
    static constexpr std::size_t most_name = 128;

    struct Way {
        BufferId message;  ///< A handshake message that spans records.
        std::uint32_t message_bytes = 0;
        bool cipher_changed = false;
        std::uint16_t protected_records = 0;
        bool gap = false;
    };

    void record(From from, std::uint8_t type, Bytes body, AppContext& context) noexcept;
    void handshake(From from, Bytes body, AppContext& context) noexcept;
    void message(From from, std::uint8_t type, Bytes body, AppContext& context) noexcept;
    void alert(From from, Bytes body, AppContext& context) noexcept;
    void protected_record(From from, std::uint8_t type, std::size_t size, AppContext& context) noexcept;
    void certificate(Bytes body, AppContext& context) noexcept;
    void finish(TlsEnd end, From by, AppContext& context) noexcept;
    bool is_worth_telling(const Certificate* shown, AppContext& context) noexcept;
    void reach(TlsStage stage) noexcept;
    void begin_decryption(const ServerHello& hello, AppContext& context) noexcept;
    void decrypt(From from, std::uint8_t type, Bytes record, AppContext& context) noexcept;
    void lose_decryption(AppContext& context) noexcept;
    void drop_decryption(AppContext& context) noexcept;
    Way& way(From from) noexcept { return ways_[static_cast<std::size_t>(from)]; }

    TlsHandshake told_;
    std::array<Way, 2> ways_{};
    BufferId certificate_;  ///< The server's own, as it came.
    std::uint32_t certificate_bytes_ = 0;
    std::uint8_t name_bytes_ = 0;
    std::array<char, most_name> name_;
    std::array<std::uint8_t, 32> client_random_{};
    std::unique_ptr<TlsDecryption> decryption_;
    bool judged_ = false;            ///< The handshake has ended.
    bool retried_ = false;           ///< HelloRetryRequest: it is TLS 1.3.
    bool early_data_waits_ = false;  ///< 0-RTT may be read once the ServerHello tells the cipher.
    bool hello_seen_ = false;
    bool over_ = false;
    bool fatal_encrypted_ = false;
};

Match recognise_tls(const FirstBytes& said) noexcept;

}  // namespace wiresage

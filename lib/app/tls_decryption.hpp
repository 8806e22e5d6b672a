// What TLS carries, where a key log has its secrets: HTTP is read as if it were in the clear.
#pragma once

#include <array>
#include <memory>

#include "app/http.hpp"
#include "app/tls_keys.hpp"
#include "app/tls_waiting.hpp"
#include "stream/in_order.hpp"

namespace wiresage {

/// What a shard needs to decrypt; made only where there is a key log.
struct TlsDecryptionShared {
    explicit TlsDecryptionShared(const KeyLog& known) : keys{known} {}

    static constexpr std::size_t most_record = 16384 + 2048;  ///< RFC 5246, 6.2.3.
    /// Connections at once; some 8 KiB each.
    static constexpr std::uint32_t most_connections = 256;

    const KeyLog& keys;
    TlsWaiting waiting;
    std::uint32_t connections = 0;
    std::array<std::uint8_t, most_record + TlsOpener::slack> opened;  ///< The record in hand.
};

/// One connection from its ServerHello on.  Allocates: it is made only where the key log knows the connection, or may
/// come to know it while it lasts.  Stops where a record does not open, or what is inside is not HTTP.
class TlsDecryption {
public:
    enum class Outcome : std::uint8_t {
        read,
        early,    ///< The same, and it was 0-RTT (RFC 8446, 2.3): the handshake goes on.
        stopped,  ///< Nothing more is wanted, or can be read.
    };

    /// Null where the connection cannot be read.
    static std::unique_ptr<TlsDecryption> make(TlsDecryptionShared& shared, const TlsParameters& of,
                                               AppStats& stats) noexcept;
    ~TlsDecryption();
    TlsDecryption(const TlsDecryption&) = delete;
    TlsDecryption& operator=(const TlsDecryption&) = delete;

    /// Its secrets are there.
    bool is_known() const noexcept { return known_; }
    /// A protected record, with its head.
    Outcome record(From from, Bytes record, AppContext& context) noexcept;
    void ended(From from, EndedBy how, AppContext& context) noexcept;
    /// Buffers go back.
    void release(AppContext& context) noexcept;

private:
    struct Reader;
    /// Whose keys a direction's records have.
    enum class Phase : std::uint8_t { early, handshake, traffic };
    struct Side {
        TlsOpener opener;
        TlsSecret secret;  ///< TLS 1.3: of `opener`.
        Phase phase = Phase::early;
        std::uint16_t unopened = 0;         ///< Records in a row.
        std::uint32_t left_of_message = 0;  ///< Of a handshake message that spans records.
        InOrder plain;
    };

    TlsDecryption(TlsDecryptionShared& shared, const TlsParameters& of) noexcept;

    bool is_13() const noexcept;
    bool look() noexcept;
    bool catch_up(AppContext& context) noexcept;
    Outcome read(From from, Bytes record, AppContext& context) noexcept;
    std::optional<Bytes> open(From from, Bytes record) noexcept;
    const TlsSecret& secret_of(From from, Phase phase) const noexcept;
    bool inner_handshake(Side& side, Bytes messages) noexcept;
    bool carry(From from, Bytes plain, AppContext& context) noexcept;

    TlsDecryptionShared& shared_;
    TlsParameters of_;
    std::array<std::uint8_t, 32> client_random_;
    std::array<std::uint8_t, 32> server_random_;
    TlsSecrets secrets_;
    std::array<Side, 2> sides_;
    std::uint64_t ticket_ = 0;     ///< While it waits for its secrets.
    std::uint64_t looked_at_ = 0;  ///< The key log's number of changes then.
    HttpParser http_{true};
    bool known_ = false;
    bool recognised_ = false;
    bool stopped_ = false;
};

}  // namespace wiresage

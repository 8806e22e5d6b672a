// TLS secrets out of a key log, as browsers and curl write it (SSLKEYLOGFILE).
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/bytes.hpp"

struct ossl_lib_ctx_st;
struct ossl_provider_st;

namespace wiresage {

/// One secret: 48 bytes of a master secret, 32 or 48 of TLS 1.3.  Wiped when it goes.
struct TlsSecret {
    TlsSecret() = default;
    TlsSecret(const TlsSecret&) = default;
    TlsSecret& operator=(const TlsSecret&) = default;
    ~TlsSecret();

    explicit operator bool() const noexcept { return size > 0; }
    Bytes view() const noexcept { return {bytes.data(), size}; }

    static constexpr std::size_t most_bytes = 48;
    std::array<std::uint8_t, most_bytes> bytes{};
    std::uint8_t size = 0;
};

/// What a key log says of connections, by the line's label.
enum class TlsSecretKind : std::uint8_t {
    master,            ///< CLIENT_RANDOM: up to TLS 1.2.
    client_early,      ///< 0-RTT.
    client_handshake,  ///< TLS 1.3 from here on: up to Finished ...
    server_handshake,
    client_traffic,  ///< ... and after it.
    server_traffic,
};
inline constexpr std::size_t tls_secret_kinds = 6;

/// The secrets of one connection, by TlsSecretKind.
struct TlsSecrets {
    const TlsSecret& operator[](TlsSecretKind kind) const noexcept { return of[static_cast<std::size_t>(kind)]; }
    TlsSecret& operator[](TlsSecretKind kind) noexcept { return of[static_cast<std::size_t>(kind)]; }
    std::array<TlsSecret, tls_secret_kinds> of;
};

/// Format: draft-ietf-tls-keylogfile (NSS key log).  Secrets stay in here and in the connections that are read with
/// them: they are never logged, shown or counted, and their memory is wiped.  20 MiB, resident as it fills.
class KeyLog {
public:
    /// Beyond, the oldest connections are forgotten first (of those that fall into the same set).
    static constexpr std::size_t most_connections = 65536;

    /// `grows`: the file is watched, so that a connection's secrets may come after its packets.
    explicit KeyLog(bool grows = false);
    ~KeyLog();
    KeyLog(const KeyLog&) = delete;
    KeyLog& operator=(const KeyLog&) = delete;

    /// More of the file's text; a line may end in a later call.  One thread.  What is no line of a key log is passed
    /// over.
    void add(std::string_view text);
    /// The file began anew: half a line is forgotten.
    void begin_anew();

    /// Any thread, while another adds; neither locks nor allocates.  False where the connection is not known.
    bool find(Bytes client_random, TlsSecrets& out) const noexcept;

    /// Another number after each line that was understood.
    std::uint64_t changes() const noexcept { return changes_.load(std::memory_order_acquire); }
    bool grows() const noexcept { return grows_; }

    /// OpenSSL's own context with its legacy provider, for RC4.
    ossl_lib_ctx_st* library() const noexcept { return library_; }

private:
    static constexpr std::size_t random_words = 4, secret_words = TlsSecret::most_bytes / 8, ways = 8;
    static constexpr std::size_t sets = most_connections / ways;
    using Random = std::array<std::uint64_t, random_words>;

    /// A connection.  `turn` is odd while it is written (a sequence lock); everything is atomic, so that a reader who
    /// comes in between reads nonsense and notices it.
    struct Entry {
        std::atomic<std::uint64_t> turn;
        std::atomic<std::uint64_t> age;    ///< Which line made it; 0: free.
        std::atomic<std::uint64_t> sizes;  ///< A byte a secret.
        std::array<std::atomic<std::uint64_t>, random_words> random;
        std::array<std::array<std::atomic<std::uint64_t>, secret_words>, tls_secret_kinds> secrets;
    };
    struct FreeEntries {
        void operator()(Entry* entries) const noexcept;
    };

    void line(std::string_view text) noexcept;
    void keep(const Random& random, TlsSecretKind kind, const TlsSecret& secret) noexcept;
    static bool read(const Entry& entry, const Random& wanted, TlsSecrets& out) noexcept;
    Entry* set_of(const Random& random) const noexcept;

    std::string rest_;  ///< A line without its end yet.
    bool too_long_ = false;
    bool grows_;
    std::unique_ptr<Entry[], FreeEntries> entries_;
    std::atomic<std::uint64_t> changes_{0};
    ossl_lib_ctx_st* library_;
    std::array<ossl_provider_st*, 2> providers_{};
};

}  // namespace wiresage

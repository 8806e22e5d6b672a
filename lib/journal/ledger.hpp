// The journal's file: what is written in one transaction, what is read back, what is let go of.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/address.hpp"
#include "journal/database.hpp"
#include "journal/entry.hpp"

namespace wiresage {

struct LedgerOptions {
    std::string path;
    std::uint64_t size_bytes = 256ULL << 20;  ///< Of the file and its write-ahead log together.
    std::int64_t keep_seconds = 30 * 24 * 3600;
};

/// One transaction.
struct LedgerBatch {
    std::span<const JournalEntry> entries;  ///< With rising numbers beyond last_number().
    std::span<const JournalCursor> cursors;
    std::span<const DeadLetter> dead_letters;
    std::span<const JournalNote> notes;
};

/// What GET /api/v1/alerts asks for beyond what is in memory.  Empty lists let everything pass.
struct LedgerQuery {
    std::vector<std::string> rules;
    std::vector<Severity> severities;
    std::vector<AlertState> states;
    std::optional<Network> source;
    std::optional<EventTime> since;
    std::uint64_t before = 0;  ///< Only documents with a smaller number; 0: from the newest.
    std::size_t limit = 100;
};

/// An SQLite file (write-ahead log, synchronous=FULL) that has its full size from the start.  One thread at a time.
class Ledger {
public:
    explicit Ledger(LedgerOptions options) : options_{std::move(options)} {}

    /// Opens or makes the file.  A broken, foreign or read-only one is renamed to "<path>.broken-<unix_now>" and a new
    /// one is begun.  What was wrong, a sentence; nothing: all is well.  is_open() says whether it can be used.
    std::optional<std::string> open(std::int64_t unix_now);
    bool is_open() const noexcept { return database_.is_open(); }
    void close() noexcept;

    /// All of it or nothing.  Lets go of the oldest entries where the file is full.
    DatabaseError write(const LedgerBatch& batch);

    /// Entries older than `keep`, and the oldest where less than a tenth of the file is left; how many went.
    /// Documents of alerts that still fire stay.
    std::uint64_t tidy(std::int64_t unix_now);
    void keep(std::int64_t seconds) noexcept { options_.keep_seconds = seconds; }

    std::uint64_t last_number() const noexcept { return last_number_; }
    std::uint64_t entries() noexcept;
    std::uint64_t used_bytes() noexcept;

    /// The latest document of each alert, newest first.
    std::vector<JournalEntry> latest(std::size_t limit);
    std::vector<JournalEntry> find(const LedgerQuery& query);
    /// All documents of one alert, newest first.
    std::vector<JournalEntry> history(const std::string& alert_id, std::size_t limit);
    /// What a receiver has not settled, oldest first, at most `limit`.
    std::vector<JournalEntry> waiting(const JournalCursor& cursor, std::size_t limit);
    std::vector<JournalCursor> cursors();
    std::vector<DeadLetter> dead_letters(std::size_t limit);
    std::vector<JournalNote> notes(const std::string& kind);
    /// Everything since then, whether shown or not, oldest first, until `each` says false.
    void scan_since(EventTime since, const std::function<bool(const JournalEntry&)>& each);

private:
    DatabaseError begin();
    DatabaseError prepare_tables();
    DatabaseError write_rows(const LedgerBatch& batch);
    std::uint64_t make_way();
    void reserve_log();
    std::uint64_t file_cap() const noexcept;
    std::uint64_t log_cap() const noexcept;
    std::uint64_t let_go(std::int64_t taken_before, std::uint64_t most);

    LedgerOptions options_;
    Database database_;
    std::uint64_t last_number_ = 0;
    std::string reserve_problem_;
};

}  // namespace wiresage

// The journal's file: opening, writing, letting go.

#include "journal/ledger.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <limits>

namespace wiresage {

namespace {

constexpr std::int64_t our_version = 1;
constexpr std::uint64_t page_bytes = 4096;
constexpr std::uint64_t let_go_at_once = 2'000;  ///< Entries; a transaction's pages must fit the reserved log.

constexpr const char* tables = R"(
    CREATE TABLE IF NOT EXISTS entries (number INTEGER PRIMARY KEY, taken INTEGER NOT NULL, alert TEXT NOT NULL,
        webhook TEXT NOT NULL, rule TEXT NOT NULL, severity INTEGER NOT NULL, urgency INTEGER NOT NULL,
        state INTEGER NOT NULL, source TEXT NOT NULL, stamp INTEGER NOT NULL, about TEXT NOT NULL, document TEXT NOT NULL);
    CREATE INDEX IF NOT EXISTS entries_by_alert ON entries (alert, number);
    CREATE TABLE IF NOT EXISTS alerts (id TEXT PRIMARY KEY, number INTEGER NOT NULL, state INTEGER NOT NULL) WITHOUT ROWID;
    CREATE INDEX IF NOT EXISTS alerts_by_number ON alerts (number);
    CREATE TABLE IF NOT EXISTS cursors (receiver TEXT PRIMARY KEY, position INTEGER NOT NULL, stragglers TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS dead_letters (number INTEGER NOT NULL, receiver TEXT NOT NULL, alert TEXT NOT NULL,
        why TEXT NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (receiver, number)) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS notes (kind TEXT NOT NULL, name TEXT NOT NULL, text TEXT NOT NULL, PRIMARY KEY (kind, name)) WITHOUT ROWID;
    PRAGMA user_version = 1;)";

std::string joined(const std::vector<std::uint64_t>& numbers) {
    std::string text;
    for (const auto number : numbers) text += fmt::format("{}{}", text.empty() ? "" : ",", number);
    return text;
}

/// Moves the file and what SQLite keeps beside it out of the way; false where the folder does not allow that.
bool move_aside(const std::string& path, const std::string& to) {
    for (const char* beside : {"-wal", "-shm", "-journal"}) std::rename((path + beside).c_str(), (to + beside).c_str());
    return std::rename(path.c_str(), to.c_str()) == 0;
}

}  // namespace

// The log is beside the file, so both together stay within the cap.
std::uint64_t Ledger::log_cap() const noexcept { return std::min<std::uint64_t>(options_.size_bytes / 4, 16ULL << 20); }
std::uint64_t Ledger::file_cap() const noexcept {
    return std::max<std::uint64_t>((options_.size_bytes - log_cap()) / page_bytes, 64) * page_bytes;
}

void Ledger::close() noexcept { database_.close(); }

std::optional<std::string> Ledger::open(std::int64_t unix_now) {
    auto wrong = begin();
    for (int tries = 0; wrong.may_pass() && !wrong.is_busy() && tries < 2; ++tries) wrong = begin();
    if (!wrong) {
        if (reserve_problem_.empty()) return {};
        return fmt::format("{}: the disk has no room for journal.size: {}; a full disk can stop the journal",
                           options_.path, reserve_problem_);
    }
    database_.close();
    std::error_code ignored;
    const bool is_there = std::filesystem::is_regular_file(options_.path, ignored) && !wrong.may_pass();
    if (wrong.is_busy()) {
        return fmt::format("{}: another process holds it; alerts are kept in memory only", options_.path);
    }
    const auto aside = fmt::format("{}.broken-{}", options_.path, unix_now);
    if (!is_there || !move_aside(options_.path, aside)) {
        return fmt::format("{}: {}; alerts are kept in memory only", options_.path, wrong.text);
    }
    if (const auto again = begin()) {
        database_.close();
        return fmt::format("{}: {}, renamed to {}; a new one cannot be begun: {}; alerts are kept in memory only",
                           options_.path, wrong.text, aside, again.text);
    }
    return fmt::format("{}: {}; renamed to {} and begun afresh", options_.path, wrong.text, aside);
}

DatabaseError Ledger::begin() {
    if (auto wrong = database_.open(options_.path)) return wrong;
    // For this process alone: no shared memory file, whose growth a full disk could stop.
    const auto pragmas = fmt::format(
        "PRAGMA page_size={}; PRAGMA locking_mode=EXCLUSIVE; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
        "PRAGMA temp_store=MEMORY; PRAGMA wal_autocheckpoint={}; PRAGMA max_page_count={};",
        page_bytes, std::max<std::uint64_t>(log_cap() / page_bytes / 4, 16), file_cap() / page_bytes);
    if (auto wrong = database_.run(pragmas.c_str())) return wrong;
    if (auto wrong = database_.run("BEGIN IMMEDIATE; COMMIT;"))
        return wrong;  // Whether it is ours to write, now and not later.
    reserve_problem_.clear();
    if (const auto wrong = database_.reserve(file_cap())) reserve_problem_ = wrong.text;
    if (auto wrong = prepare_tables()) return wrong;
    reserve_log();
    last_number_ =
        static_cast<std::uint64_t>(database_.number("SELECT max(coalesce((SELECT max(number) FROM entries), 0), "
                                                    "coalesce((SELECT max(position) FROM cursors), 0))"));
    return {};
}

DatabaseError Ledger::prepare_tables() {
    const auto version = database_.number("PRAGMA user_version", -1);
    if (version < 0) return database_.error();
    if (version != 0 && version != our_version) {
        return {1, fmt::format("it is of version {}, and this wiresage writes version {}", version, our_version)};
    }
    if (version == our_version) return {};
    auto wrong = database_.run("BEGIN IMMEDIATE");
    if (!wrong) wrong = database_.run(tables);
    if (!wrong) wrong = database_.run("COMMIT");
    if (wrong) database_.run("ROLLBACK");
    return wrong;
}

void Ledger::reserve_log() {
    const auto path = options_.path + "-wal";
    const int file = ::open(path.c_str(), O_RDWR | O_CLOEXEC);
    if (file < 0) return;
    // Beyond its end only: SQLite's own frames stay what they are.
    if (const int code = ::posix_fallocate(file, 0, static_cast<off_t>(log_cap()));
        code != 0 && reserve_problem_.empty()) {
        reserve_problem_ = "its write-ahead log cannot be given its size";
    }
    ::close(file);
}

DatabaseError Ledger::write(const LedgerBatch& batch) {
    for (int tries = 0;; ++tries) {
        auto wrong = database_.run("BEGIN IMMEDIATE");
        if (!wrong) wrong = write_rows(batch);
        if (!wrong) wrong = database_.run("COMMIT");
        if (!wrong) break;
        database_.run("ROLLBACK");
        if (tries == 2 || wrong.needs_new_file()) return wrong;
        if (wrong.is_full() && make_way() == 0) return wrong;
    }
    if (!batch.entries.empty()) last_number_ = std::max(last_number_, batch.entries.back().number);
    return {};
}

DatabaseError Ledger::write_rows(const LedgerBatch& batch) {
    const auto failed = [&] {
        return database_.error() ? database_.error() : DatabaseError{1, "a statement does not run"};
    };
    auto insert = database_.prepare("INSERT OR REPLACE INTO entries VALUES (?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12)");
    auto latest = database_.prepare(
        "INSERT INTO alerts VALUES (?1,?2,?3) ON CONFLICT (id) DO UPDATE SET number=excluded.number, "
        "state=excluded.state");
    for (const auto& entry : batch.entries) {
        insert.bind(1, entry.number);
        insert.bind(2, entry.taken_unix);
        insert.bind(3, entry.alert_id);
        insert.bind(4, entry.webhook_id);
        insert.bind(5, entry.rule);
        insert.bind(6, static_cast<int>(entry.severity));
        insert.bind(7, static_cast<int>(entry.urgency));
        insert.bind(8, static_cast<int>(entry.state));
        insert.bind(9, entry.source);
        insert.bind(10, unix_nanoseconds(entry.stamp));
        insert.bind(11, entry.about_receiver);
        insert.bind(12, entry.document);
        if (insert.finish() != 0) return failed();
        latest.bind(1, entry.alert_id);
        latest.bind(2, entry.number);
        latest.bind(3, static_cast<int>(entry.state));
        if (latest.finish() != 0) return failed();
    }
    auto cursor = database_.prepare("INSERT OR REPLACE INTO cursors VALUES (?1,?2,?3)");
    for (const auto& each : batch.cursors) {
        cursor.bind(1, each.receiver);
        cursor.bind(2, each.position);
        cursor.bind(3, joined(each.stragglers));
        if (cursor.finish() != 0) return failed();
    }
    auto letter = database_.prepare("INSERT OR REPLACE INTO dead_letters VALUES (?1,?2,?3,?4,?5)");
    for (const auto& each : batch.dead_letters) {
        letter.bind(1, each.number);
        letter.bind(2, each.receiver);
        letter.bind(3, each.alert_id);
        letter.bind(4, each.why);
        letter.bind(5, each.at_unix);
        if (letter.finish() != 0) return failed();
    }
    auto note = database_.prepare("INSERT OR REPLACE INTO notes VALUES (?1,?2,?3)");
    auto forget = database_.prepare("DELETE FROM notes WHERE kind=?1 AND name=?2");
    for (const auto& each : batch.notes) {
        auto& statement = each.text.empty() ? forget : note;
        statement.bind(1, each.kind);
        statement.bind(2, each.name);
        if (!each.text.empty()) statement.bind(3, each.text);
        if (statement.finish() != 0) return failed();
    }
    return {};
}

std::uint64_t Ledger::let_go(std::int64_t taken_before, std::uint64_t most) {
    // What fires stays whatever its age: after a restart it must go on firing, and resolve.
    if (database_.run("BEGIN IMMEDIATE")) return 0;
    auto statement = database_.prepare(
        "DELETE FROM entries WHERE number IN (SELECT e.number FROM entries e WHERE e.taken < ?1 AND NOT EXISTS"
        " (SELECT 1 FROM alerts a WHERE a.number = e.number AND a.state != 2) ORDER BY e.number LIMIT ?2)");
    statement.bind(1, taken_before);
    statement.bind(2, std::min(most, let_go_at_once));
    const bool done = statement.finish() == 0;
    const auto gone = database_.number("SELECT changes()");
    const bool clean = done &&
                       !database_.run(
                           "DELETE FROM alerts WHERE state = 2 AND NOT EXISTS"
                           " (SELECT 1 FROM entries e WHERE e.number = alerts.number)") &&
                       !database_.run("DELETE FROM dead_letters WHERE number < (SELECT min(number) FROM entries)") &&
                       !database_.run("COMMIT");
    if (clean) return static_cast<std::uint64_t>(gone);
    database_.run("ROLLBACK");
    return 0;
}

std::uint64_t Ledger::make_way() {
    return let_go(std::numeric_limits<std::int64_t>::max(), std::max<std::uint64_t>(entries() / 10, 1));
}

std::uint64_t Ledger::tidy(std::int64_t unix_now) {
    std::uint64_t gone = 0;
    while (const auto now = let_go(unix_now - options_.keep_seconds, let_go_at_once)) gone += now;
    while (used_bytes() > file_cap() / 10 * 9) {
        const auto now = make_way();
        if (now == 0) break;
        gone += now;
    }
    return gone;
}

std::uint64_t Ledger::entries() noexcept {
    return static_cast<std::uint64_t>(database_.number("SELECT count(*) FROM entries"));
}

std::uint64_t Ledger::used_bytes() noexcept {
    const auto pages = database_.number("PRAGMA page_count") - database_.number("PRAGMA freelist_count");
    return static_cast<std::uint64_t>(std::max<std::int64_t>(pages, 0)) * page_bytes;
}

}  // namespace wiresage

// A thin hold on SQLite.

#include "journal/database.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <limits>
#include <utility>

namespace wiresage {

bool DatabaseError::needs_new_file() const noexcept {
    switch (code & 0xff) {
        case SQLITE_CORRUPT:
        case SQLITE_NOTADB:
        case SQLITE_READONLY:
            return true;
        default:
            return false;
    }
}

bool DatabaseError::may_pass() const noexcept {
    const int kind = code & 0xff;
    return is_busy() || is_full() || kind == SQLITE_IOERR || kind == SQLITE_NOMEM || kind == SQLITE_INTERRUPT;
}

bool DatabaseError::is_busy() const noexcept { return (code & 0xff) == SQLITE_BUSY || (code & 0xff) == SQLITE_LOCKED; }
bool DatabaseError::is_full() const noexcept { return (code & 0xff) == SQLITE_FULL; }

Statement::~Statement() { sqlite3_finalize(statement_); }

Statement::Statement(Statement&& other) noexcept
    : statement_{std::exchange(other.statement_, nullptr)}, last_{other.last_} {}

Statement& Statement::operator=(Statement&& other) noexcept {
    std::swap(statement_, other.statement_);
    std::swap(last_, other.last_);
    return *this;
}

void Statement::bind(int at, std::int64_t value) noexcept { sqlite3_bind_int64(statement_, at, value); }

void Statement::bind(int at, std::string_view text) noexcept {
    const auto bytes = std::min<std::size_t>(text.size(), std::numeric_limits<int>::max());
    // A null pointer would bind NULL.
    sqlite3_bind_text(statement_, at, text.empty() ? "" : text.data(), static_cast<int>(bytes), SQLITE_TRANSIENT);
}

bool Statement::step() noexcept {
    last_ = statement_ == nullptr ? SQLITE_MISUSE : sqlite3_step(statement_);
    return last_ == SQLITE_ROW;
}

int Statement::finish() noexcept {
    while (step()) {
    }
    const int code = last_ == SQLITE_DONE ? SQLITE_OK : last_;
    reset();
    return code;
}

void Statement::reset() noexcept {
    if (statement_ != nullptr) sqlite3_reset(statement_);
}

std::int64_t Statement::integer(int column) const noexcept { return sqlite3_column_int64(statement_, column); }

std::string Statement::text(int column) const {
    const auto* const begin = sqlite3_column_text(statement_, column);
    const auto bytes = static_cast<std::size_t>(std::max(sqlite3_column_bytes(statement_, column), 0));
    return begin == nullptr ? std::string{} : std::string{begin, begin + bytes};
}

Database::~Database() { close(); }

void Database::close() noexcept { sqlite3_close_v2(std::exchange(handle_, nullptr)); }

DatabaseError Database::open(const std::string& path) {
    close();
    const int code = sqlite3_open_v2(path.c_str(), &handle_,
                                     SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, nullptr);
    if (code != SQLITE_OK) {
        auto failed = error();
        if (failed.code == 0) failed = {code, sqlite3_errstr(code)};
        close();
        return failed;
    }
    sqlite3_extended_result_codes(handle_, 1);
    int keep = 1;  // The write-ahead log keeps its place on disk when the file is closed.
    sqlite3_file_control(handle_, "main", SQLITE_FCNTL_PERSIST_WAL, &keep);
    if (sqlite3_db_readonly(handle_, "main") == 1) return {SQLITE_READONLY, "the file cannot be written"};
    return {};
}

DatabaseError Database::run(const char* sql) noexcept {
    if (handle_ == nullptr) return {SQLITE_CANTOPEN, "not open"};
    return sqlite3_exec(handle_, sql, nullptr, nullptr, nullptr) == SQLITE_OK ? DatabaseError{} : error();
}

Statement Database::prepare(const char* sql) noexcept {
    Statement made;
    if (handle_ != nullptr) sqlite3_prepare_v3(handle_, sql, -1, SQLITE_PREPARE_PERSISTENT, &made.statement_, nullptr);
    return made;
}

std::int64_t Database::number(const char* sql, std::int64_t otherwise) noexcept {
    auto statement = prepare(sql);
    return statement.step() ? statement.integer(0) : otherwise;
}

DatabaseError Database::reserve(std::uint64_t bytes) noexcept {
    // A chunk as large as the cap: the file grows to it at once, and no checkpoint cuts it.
    int chunk = static_cast<int>(std::min<std::uint64_t>(bytes, std::uint64_t{1} << 30));
    sqlite3_file_control(handle_, "main", SQLITE_FCNTL_CHUNK_SIZE, &chunk);
    auto wanted = static_cast<sqlite3_int64>(bytes);
    const int code = sqlite3_file_control(handle_, "main", SQLITE_FCNTL_SIZE_HINT, &wanted);
    return code == SQLITE_OK ? DatabaseError{} : DatabaseError{code, sqlite3_errstr(code)};
}

DatabaseError Database::error() const {
    if (handle_ == nullptr) return {SQLITE_CANTOPEN, "not open"};
    const int code = sqlite3_extended_errcode(handle_);
    return code == SQLITE_OK ? DatabaseError{} : DatabaseError{code, sqlite3_errmsg(handle_)};
}

}  // namespace wiresage

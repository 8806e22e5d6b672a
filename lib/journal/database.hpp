// A thin hold on SQLite: one connection, its statements, its result codes as values.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

struct sqlite3;
struct sqlite3_stmt;

namespace wiresage {

/// What SQLite said.  Decide on kind(); text is for people.
struct DatabaseError {
    int code = 0;  ///< SQLite's extended result code; 0: all is well.
    std::string text;

    explicit operator bool() const noexcept { return code != 0; }
    /// The file is no database, or is broken, or cannot be written: only another file helps.
    bool needs_new_file() const noexcept;
    bool may_pass() const noexcept;  ///< A disk that is full or stutters, another process: the file itself is fine.
    bool is_busy() const noexcept;   ///< Another process holds it.
    bool is_full() const noexcept;   ///< The cap of the file, or the disk.
};

/// A prepared statement; reset when it goes out of its step loop.
class Statement {
public:
    Statement() = default;
    ~Statement();
    Statement(Statement&& other) noexcept;
    Statement& operator=(Statement&& other) noexcept;

    void bind(int at, std::int64_t value) noexcept;
    void bind(int at, std::uint64_t value) noexcept { bind(at, static_cast<std::int64_t>(value)); }
    void bind(int at, int value) noexcept { bind(at, std::int64_t{value}); }
    void bind(int at, std::string_view text) noexcept;

    /// True: there is a row.
    bool step() noexcept;
    /// Runs to its end and makes it ready again; the code of the last step.
    int finish() noexcept;
    void reset() noexcept;

    std::int64_t integer(int column) const noexcept;
    std::string text(int column) const;

private:
    friend class Database;
    sqlite3_stmt* statement_ = nullptr;
    int last_ = 0;
};

/// One connection.  One thread at a time.
class Database {
public:
    Database() = default;
    ~Database();
    Database(const Database&) = delete;
    Database& operator=(const Database&) = delete;

    /// Opens or makes the file, for this process alone.
    DatabaseError open(const std::string& path);
    void close() noexcept;
    bool is_open() const noexcept { return handle_ != nullptr; }

    /// Runs statements without rows.
    DatabaseError run(const char* sql) noexcept;
    /// Null statement where it cannot be prepared; see error().
    Statement prepare(const char* sql) noexcept;
    /// The one number that a statement gives; `otherwise` where it gives none.
    std::int64_t number(const char* sql, std::int64_t otherwise = 0) noexcept;

    /// Lets the file take up `bytes` on disk at once, now and after each checkpoint, so that nobody else can take them.
    DatabaseError reserve(std::uint64_t bytes) noexcept;

    DatabaseError error() const;

private:
    sqlite3* handle_ = nullptr;
};

}  // namespace wiresage

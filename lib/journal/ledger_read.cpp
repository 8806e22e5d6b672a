// The journal's file: what is read back.

#include <algorithm>
#include <charconv>

#include "journal/ledger.hpp"

namespace wiresage {

namespace {

#define WIRESAGE_COLUMNS \
    "e.number,e.taken,e.alert,e.webhook,e.rule,e.severity,e.urgency,e.state,e.source,e.stamp,e.about,e.document"

/// At most so many rows are looked at for one question: a filter that fits nothing must not hold up commits.
constexpr std::size_t most_rows_looked_at = 20'000;

template <typename T>
T clamped(std::int64_t value, T highest) {
    return static_cast<T>(std::clamp<std::int64_t>(value, 0, static_cast<std::int64_t>(highest)));
}

JournalEntry entry_of(const Statement& row) {
    JournalEntry entry;
    entry.number = static_cast<std::uint64_t>(row.integer(0));
    entry.taken_unix = row.integer(1);
    entry.alert_id = row.text(2);
    entry.webhook_id = row.text(3);
    entry.rule = row.text(4);
    entry.severity = clamped(row.integer(5), Severity::critical);
    entry.urgency = clamped(row.integer(6), Urgency::page);
    entry.state = clamped(row.integer(7), AlertState::resolved);
    entry.source = row.text(8);
    entry.stamp = event_time(row.integer(9));
    entry.about_receiver = row.text(10);
    entry.document = row.text(11);
    return entry;
}

std::vector<std::uint64_t> numbers_of(const std::string& text) {
    std::vector<std::uint64_t> numbers;
    for (std::size_t begin = 0; begin < text.size();) {
        const auto end = std::min(text.find(',', begin), text.size());
        std::uint64_t number = 0;
        if (std::from_chars(text.data() + begin, text.data() + end, number).ec == std::errc{})
            numbers.push_back(number);
        begin = end + 1;
    }
    return numbers;
}

template <typename T>
bool among(const std::vector<T>& wanted, const T& value) {
    return wanted.empty() || std::ranges::find(wanted, value) != wanted.end();
}

bool passes(const LedgerQuery& query, const JournalEntry& entry) {
    const bool fires =
        entry.state == AlertState::update && std::ranges::find(query.states, AlertState::firing) != query.states.end();
    if (!fires && !among(query.states, entry.state)) return false;
    if (!among(query.rules, entry.rule) || !among(query.severities, entry.severity)) return false;
    if (query.since && entry.stamp < *query.since) return false;
    if (!query.source) return true;
    const auto source = Address::parse(entry.source);
    return source && query.source->contains(*source);
}

}  // namespace

std::vector<JournalEntry> Ledger::latest(std::size_t limit) {
    LedgerQuery all;
    all.limit = limit;
    return find(all);
}

std::vector<JournalEntry> Ledger::find(const LedgerQuery& query) {
    std::vector<JournalEntry> found;
    auto rows = database_.prepare(
        "SELECT " WIRESAGE_COLUMNS
        " FROM alerts a JOIN entries e ON e.number = a.number WHERE a.number < ?1 ORDER BY a.number DESC");
    rows.bind(1,
              query.before == 0 ? std::numeric_limits<std::int64_t>::max() : static_cast<std::int64_t>(query.before));
    for (std::size_t looked = 0;
         found.size() < query.limit && looked < std::max(most_rows_looked_at, query.limit) && rows.step(); ++looked) {
        auto entry = entry_of(rows);
        if (passes(query, entry)) found.push_back(std::move(entry));
    }
    return found;
}

std::vector<JournalEntry> Ledger::history(const std::string& alert_id, std::size_t limit) {
    std::vector<JournalEntry> found;
    auto rows =
        database_.prepare("SELECT " WIRESAGE_COLUMNS " FROM entries e WHERE e.alert = ?1 ORDER BY e.number DESC");
    rows.bind(1, alert_id);
    while (found.size() < limit && rows.step()) found.push_back(entry_of(rows));
    return found;
}

std::vector<JournalEntry> Ledger::waiting(const JournalCursor& cursor, std::size_t limit) {
    std::vector<JournalEntry> found;
    auto one = database_.prepare("SELECT " WIRESAGE_COLUMNS " FROM entries e WHERE e.number = ?1");
    for (const auto number : cursor.stragglers) {
        one.bind(1, number);
        if (found.size() < limit && one.step()) found.push_back(entry_of(one));
        one.reset();
    }
    auto rows = database_.prepare("SELECT " WIRESAGE_COLUMNS " FROM entries e WHERE e.number > ?1 ORDER BY e.number");
    rows.bind(1, cursor.position);
    while (found.size() < limit && rows.step()) found.push_back(entry_of(rows));
    return found;
}

std::vector<JournalCursor> Ledger::cursors() {
    std::vector<JournalCursor> found;
    auto rows = database_.prepare("SELECT receiver, position, stragglers FROM cursors ORDER BY receiver");
    while (rows.step())
        found.push_back({rows.text(0), static_cast<std::uint64_t>(rows.integer(1)), numbers_of(rows.text(2))});
    return found;
}

std::vector<DeadLetter> Ledger::dead_letters(std::size_t limit) {
    std::vector<DeadLetter> found;
    auto rows =
        database_.prepare("SELECT number, receiver, alert, why, at FROM dead_letters ORDER BY at DESC, number DESC");
    while (found.size() < limit && rows.step()) {
        found.push_back(
            {static_cast<std::uint64_t>(rows.integer(0)), rows.text(1), rows.text(2), rows.text(3), rows.integer(4)});
    }
    return found;
}

std::vector<JournalNote> Ledger::notes(const std::string& kind) {
    std::vector<JournalNote> found;
    auto rows = database_.prepare("SELECT name, text FROM notes WHERE kind = ?1 ORDER BY name");
    rows.bind(1, kind);
    while (rows.step()) found.push_back({kind, rows.text(0), rows.text(1)});
    return found;
}

void Ledger::scan_since(EventTime since, const std::function<bool(const JournalEntry&)>& each) {
    auto rows = database_.prepare("SELECT " WIRESAGE_COLUMNS " FROM entries e WHERE e.stamp >= ?1 ORDER BY e.number");
    rows.bind(1, unix_nanoseconds(since));
    while (rows.step() && each(entry_of(rows))) {
    }
}

}  // namespace wiresage

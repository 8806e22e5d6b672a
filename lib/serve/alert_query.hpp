// The filters of the lists, from a query string.
#pragma once

#include <optional>
#include <string>

#include "serve/alert_store.hpp"
#include "serve/http_view.hpp"
#include "serve/target.hpp"

namespace wiresage {

/// A query that was understood, or what is wrong with it, one sentence.
template <typename Query>
struct ParsedQuery {
    Query query;
    std::string error;  ///< Empty: none.
};

/// rule, severity, state (lists by comma), source (address or network), since (RFC 3339 or Unix seconds), limit,
/// cursor.
ParsedQuery<AlertQuery> parse_alert_query(const Target& target);

/// address, limit.
ParsedQuery<TableQuery> parse_table_query(const Target& target);

/// RFC 3339, with any offset and up to nine digits of the second, or whole Unix seconds.
std::optional<EventTime> parse_time(const std::string& text);

}  // namespace wiresage

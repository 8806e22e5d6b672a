// What the HTTP side may ask the daemon.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "serve/status.hpp"

namespace wiresage {

/// Takes an answer, JSON, once.  May be called at once or later, on the server's thread only; no answer within 5 s
/// becomes a 504, and one that comes later is ignored.
using JsonReply = std::function<void(std::string json)>;

/// The filters of /api/v1/flows and /api/v1/hosts.
struct TableQuery {
    std::optional<std::string> address;  ///< Only rows with this address, as text; checked to be an address.
    std::size_t limit = 100;             ///< At most 1,000.
};

/// The daemon's side of the API.  Every function is called on the server's thread and must not block.
class HttpView {
public:
    virtual ~HttpView() = default;

    /// The text of /metrics.
    virtual std::string metrics() = 0;
    /// Nothing when traffic can be judged; else why not, one line.
    virtual std::optional<std::string> not_ready() = 0;
    /// Reads the configuration again.  Nothing when it was taken; else what is wrong, with all lines.
    virtual std::optional<std::string> reload() = 0;
    /// For /api/v1/status and the page.
    virtual Status status() = 0;
    /// An array of objects with id, name, severity, kind, settings, evidence.
    virtual std::string rules_json() = 0;
    /// {"flows": [...], "total": n}.
    virtual void flows_json(const TableQuery& query, JsonReply reply) = 0;
    /// {"hosts": [...], "total": n}.
    virtual void hosts_json(const TableQuery& query, JsonReply reply) = 0;
};

}  // namespace wiresage

// What the HTTP side may ask the daemon.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "serve/alert_store.hpp"
#include "serve/status.hpp"

namespace wiresage {

/// Takes an answer, JSON, once.  May be called at once or later, on the server's thread only; no answer within 5 s
/// becomes a 504, and one that comes later is ignored.
using JsonReply = std::function<void(std::string json)>;

/// The same with an HTTP status: JSON where it is 2xx, else what is wrong, one sentence.
using AnswerReply = std::function<void(unsigned status, std::string text)>;

/// A page of alerts: documents, newest first, and the cursor of the next page where there is one.
using AlertsReply = std::function<void(std::vector<std::string> documents, std::optional<std::uint64_t> next)>;

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

    /// Alerts beyond those in memory.  False: there is no journal to ask.
    virtual bool older_alerts(const AlertQuery&, AlertsReply) { return false; }
    /// One alert with its history and what is around it; `known` is its latest document, or null.
    virtual void one_alert(const std::string& id, const StoredAlert* known, AnswerReply reply) {
        if (known) return reply(200, known->document);
        reply(404, "No alert " + id.substr(0, 64) + " is known (any more).");
    }

    /// {"suppressions": [...]}: of the configuration, and those set here.
    virtual std::string suppressions_json() { return R"({"suppressions":[]})"; }
    /// A new one, JSON.  `dry_run`: only what it would have hidden in the last 24 hours.
    virtual void suppress(const std::string&, bool dry_run, AnswerReply reply) {
        reply(501, dry_run ? "There is no journal to look into." : "Suppressions cannot be set here.");
    }
    virtual void unsuppress(const std::string&, AnswerReply reply) {
        reply(404, "There is no suppression of this id.");
    }
    /// The text of /metrics in OpenMetrics' form, with exemplars.
    virtual std::string open_metrics() { return metrics(); }
};

}  // namespace wiresage

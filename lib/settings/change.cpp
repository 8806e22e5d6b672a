// What a reload changes, and what has to wait for a restart.

#include <fmt/format.h>

#include <utility>

#include "settings/configuration.hpp"

namespace wiresage {

namespace {

/// A part of the configuration under the name it has in the file.
struct Part {
    std::string_view key;
    bool needs_restart;
    bool (*same)(const Configuration&, const Configuration&);
    void (*copy)(Configuration& to, const Configuration& from);
};

template <auto Member>
constexpr Part part(std::string_view key, bool needs_restart) {
    return {key, needs_restart, [](const Configuration& a, const Configuration& b) { return a.*Member == b.*Member; },
            [](Configuration& to, const Configuration& from) { to.*Member = from.*Member; }};
}

template <auto Group, auto Member>
constexpr Part part(std::string_view key, bool needs_restart) {
    return {key, needs_restart,
            [](const Configuration& a, const Configuration& b) { return a.*Group.*Member == b.*Group.*Member; },
            [](Configuration& to, const Configuration& from) { to.*Group.*Member = from.*Group.*Member; }};
}

bool same_servers(const Site& a, const Site& b) {
    if (a.servers.size() != b.servers.size()) return false;
    for (const auto& [address, server] : a.servers) {
        const auto other = b.servers.find(address);
        if (other == b.servers.end() || other->second.allowed_outbound_tcp != server.allowed_outbound_tcp) return false;
    }
    return true;
}

/// What is learnt of the site's hosts rests on it from the first packet, so it waits for a restart.
constexpr Part site_part{
    "site",
    true,
    [](const Configuration& a, const Configuration& b) {
        // With `auto`, the daemon fills the addresses in after reading: they are no wish of the operator.
        const bool same_local = a.local_addresses_auto == b.local_addresses_auto &&
                                (a.local_addresses_auto || a.site.local_addresses == b.site.local_addresses);
        return same_local && a.site.internal_networks == b.site.internal_networks &&
               a.site.no_internet_hosts == b.site.no_internet_hosts && same_servers(a.site, b.site);
    },
    [](Configuration& to, const Configuration& from) {
        to.site = from.site;
        to.local_addresses_auto = from.local_addresses_auto;
    },
};

// The one table of what a reload can do.  `sensor` is in every alert's identity; sockets, rings and files are open.
constexpr Part parts[] = {
    part<&Configuration::sensor>("sensor", true),
    part<&Configuration::interfaces>("interfaces", true),
    part<&Configuration::pipeline>("pipeline", true),
    part<&Configuration::limits>("limits", true),
    site_part,
    part<&Configuration::tls_keylog>("tls.keylog", true),
    part<&Configuration::alerting, &AlertingSettings::resolve_after>("alerting.resolve_after", false),
    part<&Configuration::alerting, &AlertingSettings::repeat_every>("alerting.repeat_every", false),
    part<&Configuration::alerting, &AlertingSettings::suppress>("alerting.suppress", false),
    part<&Configuration::alerting, &AlertingSettings::receivers>("alerting.receivers", false),
    part<&Configuration::journal, &JournalSettings::path>("journal.path", true),
    part<&Configuration::journal, &JournalSettings::size_bytes>("journal.size", true),
    part<&Configuration::journal, &JournalSettings::keep>("journal.keep", false),
    part<&Configuration::recorder>("recorder", true),
    part<&Configuration::process>("process", true),
    part<&Configuration::http, &HttpSettings::listen>("http.listen", true),
    part<&Configuration::http, &HttpSettings::token_file>("http.token_file", false),
    part<&Configuration::http, &HttpSettings::allowed_hosts>("http.allowed_hosts", false),
    part<&Configuration::http, &HttpSettings::cert_file>("http.tls.cert_file", true),
    part<&Configuration::http, &HttpSettings::key_file>("http.tls.key_file", true),
    part<&Configuration::log>("log", false),
    part<&Configuration::user>("user", true),
};

}  // namespace

ConfigurationChange describe_change(const Configuration& old, const Configuration& fresh) {
    ConfigurationChange change;
    for (const auto& each : parts) {
        if (each.same(old, fresh)) continue;
        (each.needs_restart ? change.needs_restart : change.taken).emplace_back(each.key);
    }
    for (const auto& [id, settings] : fresh.rules) {
        const auto before = old.rules.find(id);
        if (before == old.rules.end() || !(before->second == settings))
            change.taken.push_back(fmt::format("rules.{}", id));
    }
    return change;
}

Configuration reloaded(const Configuration& old, Configuration fresh) {
    for (const auto& each : parts) {
        if (each.needs_restart) each.copy(fresh, old);
    }
    return fresh;
}

}  // namespace wiresage

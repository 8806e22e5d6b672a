// What somebody wants outside, as far as names, URIs and agents tell.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "alert/finding.hpp"
#include "detect/windows.hpp"

namespace wiresage {

/// Collects what was seen of one host's talk to the outside, and guesses what it is for.
class EgressPurpose {
public:
    /// An attempt at an address that the host had asked a name for, so long before.
    void name(const std::string& name, Duration age, bool first) {
        names_.add(name);
        if (!first) return;
        first_name_ = name;
        age_ = age;
    }
    void no_name() noexcept { nameless_ = true; }

    /// A request over HTTP; parts may be empty.
    void request(std::string_view uri, std::string_view agent) {
        if (!uri.empty() && uris_.add(std::string{uri})) ++uri_count_;
        if (agent_.empty()) agent_ = agent;
        fetches_lists_ = fetches_lists_ || is_revocation_list(uri) || agent.find("CryptoAPI") != std::string_view::npos;
    }

    /// Keys from dns_name to classification, in that order.
    void describe(Evidence& evidence, bool answered) const {
        if (!first_name_.empty()) evidence.set("dns_name", first_name_);
        if (!names_.values().empty()) evidence.set("dns_names", names_.values(), names_.values().size());
        if (!first_name_.empty()) evidence.set("dns_age_s", seconds(age_));
        if (!uris_.values().empty()) evidence.set("uris", uris_.values(), uri_count_);
        if (!agent_.empty()) evidence.set("user_agent", agent_);
        const auto& names = names_.values();
        const bool by_name = !nameless_ && !names.empty() && std::all_of(names.begin(), names.end(), serves_lists);
        evidence.set("classification", fetches_lists_         ? "crl_fetch"
                                       : !answered && by_name ? "crl_fetch_suspected"
                                                              : "unknown");
    }

private:
    /// A path that ends as those of revocation lists do (RFC 5280, 4.2.1.13 and RFC 2585, 3).
    static bool is_revocation_list(std::string_view uri) noexcept {
        return uri.substr(0, uri.find('?')).ends_with(".crl");
    }

    /// A label that begins as those of revocation servers do: crl, crl3, ocsp.
    static bool serves_lists(std::string_view name) noexcept {
        while (!name.empty()) {
            if (name.starts_with("crl") || name.starts_with("ocsp")) return true;
            const auto dot = name.find('.');
            name = dot == std::string_view::npos ? std::string_view{} : name.substr(dot + 1);
        }
        return false;
    }

    FirstDistinct<std::string> names_;
    FirstDistinct<std::string> uris_;
    std::uint64_t uri_count_ = 0;
    std::string first_name_;
    std::string agent_;
    Duration age_{};
    bool nameless_ = false;  ///< Some address was not asked a name for.
    bool fetches_lists_ = false;
};

}  // namespace wiresage

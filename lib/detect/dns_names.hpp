// What kinds of names are asked for: searches, block lists, reverse lookups.
#pragma once

#include <string_view>

namespace wiresage {

/// A name whose absence is bad news for somebody: a host's name of two labels or more.  Not: reverse names, names with
/// an underscore (services, policies), and questions to block lists, where "no such name" is the good answer.
bool is_host_name(std::string_view name) noexcept;

/// A question to a block or allow list (RFC 5782): a reversed address or a domain in front of the list's zone.
bool is_list_lookup(std::string_view name) noexcept;

/// Both are one search (RFC 1034, 3.1; resolv.conf "search"): one is the other with a suffix, or both have the same
/// first label under zones that end in the same two labels.
bool is_same_search(std::string_view a, std::string_view b) noexcept;

std::string_view first_label(std::string_view name) noexcept;

}  // namespace wiresage

// Reads what concerns capturing: sensor, interfaces, pipeline, limits, site.

#include <fmt/format.h>

#include <algorithm>

#include "settings/reading.hpp"

namespace wiresage {

namespace {

/// Prometheus takes these as label names, so a sensor's labels stay usable there.
bool is_label_name(const std::string& name) {
    const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
    return !name.empty() && name.size() <= 64 && is_letter(name.front()) &&
           std::all_of(name.begin(), name.end(), [&](char c) { return is_letter(c) || (c >= '0' && c <= '9'); });
}

void read_interface_name(SettingsReading& reading, const Value& value, std::string& name) {
    constexpr std::string_view expected = "an interface's name such as eth0, or any";
    constexpr std::size_t most_bytes = 15;  // IFNAMSIZ of Linux, less the closing zero.
    std::string given;
    if (!reading.text(value, given, expected, most_bytes)) return;
    if (given.find_first_of("/ :") != std::string::npos) return reading.mismatch(value, expected);
    name = given;
}

InterfaceSettings read_interface(SettingsReading& reading, const Value& value) {
    InterfaceSettings made;
    reading.map(
        value,
        {
            {"name", [&](const Value& v) { read_interface_name(reading, v, made.name); }, true},
            {"filter",
             [&](const Value& v) {
                 if (v.node.IsScalar() && v.node.Scalar().empty()) return;
                 reading.text_or_null(v, made.filter, "a BPF filter such as \"tcp port 443\"");
             }},
            {"snaplen", [&](const Value& v) { reading.whole(v, made.snaplen, 64, 262'144); }},
            // libpcap takes the size as an int.
            {"buffer", [&](const Value& v) { reading.size(v, made.buffer_bytes, 64 * kibibyte, 2047 * mebibyte); }},
            {"promiscuous", [&](const Value& v) { reading.boolean(v, made.promiscuous); }},
            {"required", [&](const Value& v) { reading.boolean(v, made.required); }},
        });
    return made;
}

void read_networks(SettingsReading& reading, const Value& value, std::vector<Network>& networks) {
    std::vector<Network> made;
    const bool is_list = reading.list(value, "a list of networks", [&](const Value& entry) {
        Network network;
        if (reading.parsed(entry, network, &parse_network)) made.push_back(network);
    });
    if (is_list) networks = std::move(made);
}

void read_local_addresses(SettingsReading& reading, const Value& value, Configuration& configuration) {
    if (value.node.IsScalar() && value.node.Scalar() == "auto") return;
    std::set<Address> made;
    if (!value.node.IsSequence()) return reading.mismatch(value, "auto or a list of addresses");
    reading.list(value, "a list of addresses", [&](const Value& entry) {
        const auto address = entry.node.IsScalar() ? Address::parse(entry.node.Scalar()) : std::optional<Address>{};
        if (!address) return reading.mismatch(entry, "an address such as 192.0.2.1 or 2001:db8::1");
        made.insert(*address);
    });
    configuration.local_addresses_auto = false;
    configuration.site.local_addresses = std::move(made);
}

void read_server(SettingsReading& reading, const Value& value, Site::Server& server) {
    const auto read_ports = [&](const Value& ports) {
        reading.list(ports, "a list of ports", [&](const Value& entry) {
            std::uint16_t port = 0;
            if (reading.whole(entry, port, 1, 65'535)) server.allowed_outbound_tcp.push_back(port);
        });
    };
    reading.map(value, {{"allowed_outbound_tcp", read_ports}});
}

void read_servers(SettingsReading& reading, const Value& value, Site& site) {
    reading.entries(value, "a map of addresses", [&](const std::string& text, const Value& key, const Value& held) {
        const auto address = Address::parse(text);
        if (!address) return reading.mismatch(key, "an address such as 10.9.0.15 as key");
        if (site.servers.contains(*address)) return reading.error(key, "the same address is given twice");
        read_server(reading, held, site.servers[*address]);
    });
}

}  // namespace

void read_sensor(SettingsReading& reading, const Value& value, SensorSettings& sensor) {
    const auto read_label = [&](const std::string& name, const Value& key, const Value& held) {
        if (!is_label_name(name))
            return reading.mismatch(key, "a label's name of letters, digits and _, at most 64 of them");
        std::string text;
        if (reading.text(held, text, "a label's text", 256)) sensor.labels[name] = text;
    };
    reading.map(value, {
                           {"name",
                            [&](const Value& v) {
                                std::string name;
                                if (reading.text_or_null(v, name, "the sensor's name") && !name.empty())
                                    sensor.name = name;
                            }},
                           {"labels", [&](const Value& v) { reading.entries(v, "a map of labels", read_label); }},
                       });
}

void read_interfaces(SettingsReading& reading, const Value& value, std::vector<InterfaceSettings>& interfaces) {
    reading.list(value, "a list of interfaces, each a map with a name", [&](const Value& entry) {
        auto made = read_interface(reading, entry);
        const bool is_twice = std::any_of(interfaces.begin(), interfaces.end(), [&](const InterfaceSettings& other) {
            return !made.name.empty() && other.name == made.name;
        });
        if (is_twice) reading.error(entry, fmt::format("interface {} is given twice", made.name));
        interfaces.push_back(std::move(made));
    });
}

void read_pipeline(SettingsReading& reading, const Value& value, PipelineSettings& pipeline) {
    constexpr std::int64_t most_workers = 64;  // One for each shard.
    const auto read_workers = [&](const Value& v) {
        if (v.node.IsScalar() && v.node.Scalar() == "auto") {
            pipeline.workers = 0;
        } else if (parse_whole(v.node.IsScalar() ? v.node.Scalar() : "")) {
            reading.whole(v, pipeline.workers, 1, most_workers);
        } else {
            reading.mismatch(v, fmt::format("auto or a whole number from 1 to {}", most_workers));
        }
    };
    reading.map(value,
                {
                    {"workers", read_workers},
                    {"ring", [&](const Value& v) { reading.size(v, pipeline.ring_bytes, mebibyte, 64 * gibibyte); }},
                });
}

void read_limits(SettingsReading& reading, const Value& value, LimitSettings& limits) {
    // The least is some for each of the 64 shards; the most is what memory of today can hold.
    reading.map(
        value,
        {
            {"flows", [&](const Value& v) { reading.whole(v, limits.flows, 1'024, 134'217'728); }},
            {"hosts", [&](const Value& v) { reading.whole(v, limits.hosts, 1'024, 16'777'216); }},
            {"memory", [&](const Value& v) { reading.size(v, limits.memory_bytes, 64 * mebibyte, 1024 * gibibyte); }},
        });
}

void read_site(SettingsReading& reading, const Value& value, Configuration& configuration) {
    auto& site = configuration.site;
    reading.map(value,
                {
                    {"local_addresses", [&](const Value& v) { read_local_addresses(reading, v, configuration); }},
                    {"internal_networks", [&](const Value& v) { read_networks(reading, v, site.internal_networks); }},
                    {"no_internet_hosts", [&](const Value& v) { read_networks(reading, v, site.no_internet_hosts); }},
                    {"servers", [&](const Value& v) { read_servers(reading, v, site); }},
                });
}

}  // namespace wiresage

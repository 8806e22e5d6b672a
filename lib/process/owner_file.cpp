// Whose the sockets were, on disk.

#include "process/owner_file.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <nlohmann/json.hpp>
#include <system_error>

#include "base/log.hpp"
#include "base/time.hpp"

namespace wiresage {

namespace {

using Json = nlohmann::ordered_json;

std::string line_of(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n"; }

std::string header_line(const std::vector<Address>& local) {
    Json header{{"wiresage_processes", 1}, {"local_addresses", Json::array()}};
    for (const auto& address : local) header["local_addresses"].push_back(address.text());
    return line_of(header);
}

std::string life_line(const SocketLife& life) {
    Json line{{"transport", life.is_tcp ? "tcp" : "udp"}, {"ip", life.local.ip.text()}, {"port", life.local.port}};
    if (life.remote.port != 0) line.update({{"remote_ip", life.remote.ip.text()}, {"remote_port", life.remote.port}});
    if (life.listens) line["listens"] = true;
    if (life.sent_to_count != 0 && !life.to_many) {
        line["sent_to"] = std::vector<std::uint16_t>(life.sent_to.begin(), life.sent_to.begin() + life.sent_to_count);
    }
    line["start_ns"] = unix_nanoseconds(life.opened);
    if (life.closed != EventTime::max()) line["end_ns"] = unix_nanoseconds(life.closed);
    const auto& owner = *life.owner;
    if (owner.pid) line["pid"] = *owner.pid;
    if (!owner.name.empty()) line["name"] = printable(owner.name);
    if (owner.uid) line["uid"] = *owner.uid;
    if (!owner.unit.empty()) line["unit"] = printable(owner.unit);
    if (!owner.container.empty()) line["container"] = owner.container;
    return line_of(line);
}

Endpoint endpoint_of(const Json& line, const char* ip, const char* port) {
    return {Address::parse(line.value(ip, std::string{})).value_or(Address{}), line.value(port, std::uint16_t{0})};
}

SocketLife life_of(const Json& line) {
    SocketLife life;
    life.is_tcp = line.value("transport", std::string{}) == "tcp";
    life.listens = line.value("listens", false);
    life.local = endpoint_of(line, "ip", "port");
    life.remote = endpoint_of(line, "remote_ip", "remote_port");
    for (const auto& port : line.value("sent_to", std::vector<std::uint16_t>{})) {
        if (life.sent_to_count < life.sent_to.size()) life.sent_to[life.sent_to_count++] = port;
    }
    life.to_many = life.sent_to_count == 0;
    life.opened = event_time(line.value("start_ns", std::int64_t{0}));
    if (line.contains("end_ns")) life.closed = event_time(line.value("end_ns", std::int64_t{0}));
    SocketOwner owner;
    if (line.contains("pid")) owner.pid = line.value("pid", std::int32_t{0});
    if (line.contains("uid")) owner.uid = line.value("uid", std::uint32_t{0});
    owner.name = line.value("name", std::string{});
    owner.unit = line.value("unit", std::string{});
    owner.container = line.value("container", std::string{});
    life.owner = std::move(owner);
    return life;
}

bool read_lines(const std::string& path, KnownOwners& known) {
    std::ifstream file{path};
    if (!file) return false;
    for (std::string text; std::getline(file, text);) {
        const auto line = Json::parse(text, nullptr, false);
        if (!line.is_object()) continue;  // Cut short by a crash.
        try {
            if (line.contains("local_addresses")) {
                for (const auto& address : line.value("local_addresses", std::vector<std::string>{})) {
                    if (const auto parsed = Address::parse(address)) known.local.push_back(*parsed);
                }
            } else {
                known.table.add(life_of(line));
            }
        } catch (const Json::exception&) {
            continue;  // A value of another type: not ours.
        }
    }
    return true;
}

}  // namespace

OwnerFile::OwnerFile(std::string path, std::uint64_t most_bytes, std::vector<Address> local)
    : path_{std::move(path)}, most_bytes_{most_bytes}, local_{std::move(local)} {}

std::string OwnerFile::open() {
    file_.reset(std::fopen(path_.c_str(), "ae"));
    if (!file_) return path_ + ": " + std::generic_category().message(errno);
    struct stat facts {};
    fstat(fileno(file_.get()), &facts);
    bytes_ = static_cast<std::uint64_t>(std::max<off_t>(facts.st_size, 0));
    const auto header = header_line(local_);
    std::fputs(header.c_str(), file_.get());
    bytes_ += header.size();
    return {};
}

std::string OwnerFile::write(const std::vector<SocketLife>& lives) {
    if (lives.empty()) return {};
    if (file_ && bytes_ > most_bytes_) {
        file_.reset();
        std::rename(path_.c_str(), (path_ + ".1").c_str());
    }
    if (!file_) {
        if (auto wrong = open(); !wrong.empty()) return wrong;
    }
    for (const auto& life : lives) {
        const auto line = life_line(life);
        std::fputs(line.c_str(), file_.get());
        bytes_ += line.size();
    }
    const bool is_written = std::fflush(file_.get()) == 0;
    std::string wrong = is_written ? std::string{} : path_ + ": " + std::generic_category().message(errno);
    if (!is_written) file_.reset();  // Tried anew with the next lines.
    return wrong;
}

std::unique_ptr<KnownOwners> read_owner_file(const std::string& path, std::string& error) {
    auto known = std::make_unique<KnownOwners>();
    read_lines(path + ".1", *known);
    if (!read_lines(path, *known)) error = path + ": " + std::generic_category().message(errno);
    return known;
}

}  // namespace wiresage

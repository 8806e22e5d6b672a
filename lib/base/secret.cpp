// Secrets come from files.

#include "base/secret.hpp"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <string_view>

#include "base/error.hpp"

namespace wiresage {

namespace {
constexpr std::streamsize most_bytes = 64 * 1024;  // A secret is a line; a device file never ends.
}

std::string read_secret(const std::string& given) {
    constexpr std::string_view credential = "credential:";
    auto path = given;
    if (given.starts_with(credential)) {  // systemd.exec(5), LoadCredential=
        const auto* const folder = std::getenv("CREDENTIALS_DIRECTORY");
        if (folder == nullptr) {
            throw StartupError{StartupError::Kind::configuration,
                               given + ": systemd gave no credentials; put LoadCredential= into the unit"};
        }
        path = std::string{folder} + "/" + given.substr(credential.size());
    }
    const auto refuse = [&](const std::string& why) {
        return StartupError{StartupError::Kind::configuration, path + ": " + why};
    };
    errno = 0;
    std::ifstream file{path, std::ios::binary};
    if (!file) throw refuse(std::string{"cannot read this secret file: "} + std::strerror(errno));

    std::string content(static_cast<std::size_t>(most_bytes) + 1, '\0');
    file.read(content.data(), most_bytes + 1);
    if (file.bad()) throw refuse("cannot read this secret file");
    if (file.gcount() > most_bytes) throw refuse("this secret file holds more than 64 KiB");
    content.resize(static_cast<std::size_t>(file.gcount()));
    content.erase(content.find_last_not_of(" \t\r\n") + 1);
    if (content.empty()) throw refuse("this secret file is empty");
    if (content.find_first_of(std::string{"\r\n\0", 3}) != std::string::npos) {
        throw refuse("this secret file holds more than one line");
    }
    return content;
}

}  // namespace wiresage

// One try of one document: an HTTP POST by libcurl.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "deliver/outbox.hpp"
#include "deliver/receiver.hpp"
#include "deliver/request.hpp"

typedef void CURL;  // As curl/curl.h has it.

namespace wiresage {

/// libcurl's global state, for as long as this lives; several may.
class CurlLibrary {
public:
    CurlLibrary();
    ~CurlLibrary();
    CurlLibrary(const CurlLibrary&) = delete;
    CurlLibrary& operator=(const CurlLibrary&) = delete;
};

/// A prepared POST.  The answer is read up to 64 KiB; more is a failure.  One thread.
class Transfer {
public:
    Transfer(const ReceiverOptions& receiver, DeliveryRequest request);
    ~Transfer();

    CURL* handle() const noexcept;
    /// After it ended with this CURLcode.
    TryResult result(int code) const;
    /// Where it went; nothing where nothing was reached.
    std::optional<Endpoint> peer() const;
    /// As received, at most 16 KiB and 2 KiB.
    const std::string& head() const noexcept;
    const std::string& body() const noexcept;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace wiresage

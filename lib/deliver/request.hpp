// One document as the HTTP request that a type of receiver wants.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "deliver/receiver.hpp"

namespace wiresage {

struct DeliveryRequest {
    std::string url;
    std::vector<std::string> headers;  ///< "Name: value"
    std::string body;
};

/// For the types that speak HTTP, but for alertmanager, whose body its feed makes: give it as `body` then.
DeliveryRequest request_of(const ReceiverOptions& receiver, const Delivery& delivery, std::int64_t unix_now,
                           std::string body = {});

/// "critical  tcp_syn_flood  <message>": one line for a log.
std::string line_of(const std::string& document);

}  // namespace wiresage

// Names of DCE/RPC interfaces: data, so that alerts can say "mapi" for a UUID.
#pragma once

#include <string>

#include "fact/rpc.hpp"

namespace wiresage {

/// The short name where it is known, else the UUID as text; empty for all zero.
std::string rpc_interface_name(const RpcInterface& interface);

/// "e1af8308-5d1f-11c9-91a4-08002b14a0fa".
std::string uuid_text(const RpcInterface& interface);

}  // namespace wiresage

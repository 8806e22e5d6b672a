// Names of DCE/RPC interfaces.
#include "detect/rpc_interfaces.hpp"

#include <string_view>

namespace wiresage {

namespace {

struct Known {
    std::string_view uuid;
    std::string_view name;  ///< As the protocol's own specification or its wire tools call it.
};

// From the "Standards Assignments" of the specifications named ([MS-*], section 1.9) and C706, appendix O.
constexpr Known known[] = {
    {"a4f1db00-ca47-1067-b31f-00dd010662da", "mapi"},                 // [MS-OXCRPC]
    {"1544f5e0-613c-11d1-93df-00c04fd7bd09", "rfr"},                  // [MS-OXABREF]
    {"f5cc5a18-4264-101a-8c59-08002b2f8426", "nspi"},                 // [MS-NSPI]
    {"e3514235-4b06-11d1-ab04-00c04fc2dcd2", "drsuapi"},              // [MS-DRSR]
    {"12345678-1234-abcd-ef00-01234567cffb", "netlogon"},             // [MS-NRPC]
    {"12345778-1234-abcd-ef00-0123456789ab", "lsarpc"},               // [MS-LSAD]
    {"12345778-1234-abcd-ef00-0123456789ac", "samr"},                 // [MS-SAMR]
    {"f5cc59b4-4264-101a-8c59-08002b2f8426", "frsrpc"},               // [MS-FRS1]
    {"897e2e5f-93f3-4376-9c9c-fd2277495c27", "frstransport"},         // [MS-FRS2]
    {"50abc2a4-574d-40b3-9d66-ee4fd5fba076", "dnsserver"},            // [MS-DNSP]
    {"367abb81-9844-35f1-ad32-98f038001003", "svcctl"},               // [MS-SCMR]
    {"338cd001-2244-31f1-aaaa-900038001003", "winreg"},               // [MS-RRP]
    {"4b324fc8-1670-01d3-1278-5a47bf6ee188", "srvsvc"},               // [MS-SRVS]
    {"6bffd098-a112-3610-9833-46c3f87e345a", "wkssvc"},               // [MS-WKST]
    {"12345678-1234-abcd-ef00-0123456789ab", "spoolss"},              // [MS-RPRN]
    {"76f03f96-cdfd-44fc-a22c-64950a001209", "iremotewinspool"},      // [MS-PAR]
    {"1ff70682-0a51-30e8-076d-740be8cee98b", "atsvc"},                // [MS-TSCH]
    {"86d35949-83c9-4044-b424-db363231fd0c", "schrpc"},               // [MS-TSCH]
    {"82273fdc-e32a-18c3-3f78-827929dc23ea", "eventlog"},             // [MS-EVEN]
    {"f6beaff7-1e19-4fbb-9f8f-b89e2018337c", "eventlog6"},            // [MS-EVEN6]
    {"91ae6020-9e3c-11cf-8d7c-00aa00c091be", "icertpassage"},         // [MS-ICPR]
    {"99fcfec4-5260-101b-bbcb-00aa0021347a", "iobjectexporter"},      // [MS-DCOM]
    {"4d9f4ab8-7d1c-11cf-861e-0020af6e7c57", "iactivation"},          // [MS-DCOM]
    {"000001a0-0000-0000-c000-000000000046", "iremotescmactivator"},  // [MS-DCOM]
    {"e1af8308-5d1f-11c9-91a4-08002b14a0fa", "epm"},                  // C706, appendix O
};

}  // namespace

std::string uuid_text(const RpcInterface& interface) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    for (std::size_t i = 0; i < interface.size(); ++i) {
        if (i == 4 || i == 6 || i == 8 || i == 10) text += '-';
        text += digits[interface[i] >> 4];
        text += digits[interface[i] & 0xf];
    }
    return text;
}

std::string rpc_interface_name(const RpcInterface& interface) {
    if (interface == RpcInterface{}) return {};
    const auto text = uuid_text(interface);
    for (const auto& each : known) {
        if (each.uuid == text) return std::string{each.name};
    }
    return text;
}

}  // namespace wiresage

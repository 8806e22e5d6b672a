// The page for people: one HTML document with its style and script inside.
#pragma once

#include "serve/message.hpp"

namespace wiresage {

/// The page, with a Content-Security-Policy that lets exactly this style and this script work (by their digests).
HttpResponse page_response();

}  // namespace wiresage

// The reason of the last failure, one a thread.
#include "dfp/base/arguments.h"

#include <cstdio>

namespace dfp {
namespace {

// Of fixed size, so that reporting a failed allocation needs no memory.
thread_local char error[256] = "";

}  // namespace

const char* last_error() { return error; }

void set_error(const char* text) { std::snprintf(error, sizeof error, "%s", text); }

}  // namespace dfp

#pragma once
// What the system's limits make of a call: a sentence, never an exception that ends a program.

#include <fmt/format.h>

#include <new>
#include <stdexcept>
#include <system_error>
#include <type_traits>
#include <utility>

#include "engine/base/status.h"

namespace moescope {

/// Calls what returns a Status or a Result and may ask for much memory or for threads. What the system has not comes
/// back as a Status.
template <class F>
std::invoke_result_t<F> withinLimits(F&& call) {
    constexpr const char* kNoMemory =
        "Memory ran out; close other programs, or choose a smaller context or a smaller model.";
    try {
        return std::forward<F>(call)();
    } catch (const std::bad_alloc&) {
        return outOfMemory(kNoMemory);
    } catch (const std::length_error&) {  // more than any memory holds
        return outOfMemory(kNoMemory);
    } catch (const std::system_error& e) {
        return outOfMemory(
            fmt::format("The system has no more threads or memory for this program ({}); close other programs, or "
                        "raise its limits (see ulimit -a).",
                        e.code().message()));
    }
}

}  // namespace moescope

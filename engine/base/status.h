#pragma once
// What a file, a user, a device or the system can cause is reported as a Status or a Result, never as an
// exception that leaves a folder and never as an assert.

#include <cassert>
#include <optional>
#include <string>
#include <utility>

namespace moescope {

/// Kinds of failure that a caller may want to tell apart; everything else is in the message.
enum class StatusCode {
    kOk,
    kInvalid,      ///< bad input: a damaged file, a wrong argument
    kUnsupported,  ///< well formed, but not something this program can do
    kNotFound,     ///< a file or an entry that is not there
    kIo,           ///< the system refused: permission, disk full, read error
    kOutOfRange,   ///< would overrun a limit, such as the context
    kStopped,      ///< the user stopped it
    kOutOfMemory,
    kBusy,  ///< another program is using it at the moment: the same may work later
};

/// Success, or one clear sentence that says what, where, and what to do next (expected and found).
class [[nodiscard]] Status {
public:
    Status() = default;
    Status(StatusCode code, std::string message) : m_code(code), m_message(std::move(message)) {}

    bool ok() const { return m_code == StatusCode::kOk; }
    StatusCode code() const { return m_code; }
    const std::string& message() const { return m_message; }

private:
    StatusCode m_code = StatusCode::kOk;
    std::string m_message;
};

inline Status invalid(std::string message) {
    return {StatusCode::kInvalid, std::move(message)};
}
inline Status unsupported(std::string message) {
    return {StatusCode::kUnsupported, std::move(message)};
}
inline Status notFound(std::string message) {
    return {StatusCode::kNotFound, std::move(message)};
}
inline Status ioError(std::string message) {
    return {StatusCode::kIo, std::move(message)};
}
inline Status outOfRange(std::string message) {
    return {StatusCode::kOutOfRange, std::move(message)};
}
inline Status outOfMemory(std::string message) {
    return {StatusCode::kOutOfMemory, std::move(message)};
}
inline Status busy(std::string message) {
    return {StatusCode::kBusy, std::move(message)};
}
inline Status stopped(std::string message) {
    return {StatusCode::kStopped, std::move(message)};
}

/// A value, or the Status that says why there is none.
template <class T>
class [[nodiscard]] Result {
public:
    Result(T value) : m_value(std::move(value)) {}
    Result(Status status) : m_status(std::move(status)) { assert(!m_status.ok()); }

    bool ok() const { return m_value.has_value(); }
    const Status& status() const { return m_status; }

    T& value() & {
        assert(ok());
        return *m_value;
    }
    const T& value() const& {
        assert(ok());
        return *m_value;
    }
    T&& value() && {
        assert(ok());
        return std::move(*m_value);
    }
    T& operator*() & { return value(); }
    const T& operator*() const& { return value(); }
    T* operator->() { return &value(); }
    const T* operator->() const { return &value(); }

private:
    std::optional<T> m_value;
    Status m_status;
};

}  // namespace moescope

#pragma once
// What a client of the server is told when its request cannot be served, in OpenAI's form:
//
//   {"error": {"message": "…", "type": "invalid_request_error", "param": "top_p", "code": null}}

#include <optional>
#include <string>
#include <utility>

#include "engine/base/status.h"

namespace moescope::serve {

struct ApiError {
    int status = 400;     ///< of HTTP
    std::string message;  ///< a sentence
    std::string type = "invalid_request_error";
    std::string param;  ///< the field that it is about; "": none
    std::string code;   ///< for programs; "": none

    std::string toJson() const;
};

/// A field that cannot be taken.
ApiError badField(std::string field, std::string sentence);
/// Of computing what was understood: only a context that is full is the client's fault.
ApiError errorOf(const Status& status);

/// A value, or the error that says why there is none.
template <class T>
class ApiResult {
public:
    ApiResult(T value) : m_value(std::move(value)) {}
    ApiResult(ApiError error) : m_error(std::move(error)) {}

    bool ok() const { return m_value.has_value(); }
    const ApiError& error() const { return m_error; }
    T& operator*() { return *m_value; }
    const T& operator*() const { return *m_value; }
    T* operator->() { return &*m_value; }
    const T* operator->() const { return &*m_value; }

private:
    std::optional<T> m_value;
    ApiError m_error;
};

}  // namespace moescope::serve

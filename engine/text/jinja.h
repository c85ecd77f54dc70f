#pragma once
// Chat templates are written in Jinja (https://jinja.palletsprojects.com/templates), as Hugging Face's transformers
// runs them. This is the part of it that they use: output, set (of attributes of a namespace and of blocks too), if,
// for with filters and `loop`, macros and call, with, filter blocks, break and continue, slices, the filters, tests and
// methods of engine/text/jinja_library.h, and transformers' tojson, strftime_now, raise_exception and {% generation %}.
// Not: include, import, extends, recursive loops, arguments with *, formatting with %.
//
// What is different from Jinja: every byte of the output knows whether, and from where, it comes from a message.

#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "engine/base/status.h"
#include "engine/text/jinja_value.h"

namespace moescope::jinja {

using Variables = std::map<std::string, Value, std::less<>>;

struct RunOptions {
    Limits limits;
    std::int64_t now = 0;  ///< seconds since 1970: what strftime_now() shows
};

/// A template that has been read. Immutable; may be run from several threads at once.
class Template {
public:
    /// Error: what is not Jinja, or not known here; a sentence with the line. The source has at most 1 MiB.
    static Result<Template> parse(std::string_view source);
    Template(Template&&) noexcept;
    Template& operator=(Template&&) noexcept;
    ~Template();

    /// Error: a sentence with the line; kUnsupported if the template itself refuses, with raise_exception().
    Result<Text> run(Variables variables, const RunOptions& options) const;

private:
    struct Tree;
    explicit Template(std::unique_ptr<const Tree> tree);
    std::unique_ptr<const Tree> m_tree;
};

}  // namespace moescope::jinja

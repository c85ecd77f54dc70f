#include "engine/text/jinja.h"

#include <fmt/format.h>

#include "engine/base/foreign_text.h"
#include "engine/text/jinja_interpreter.h"
#include "engine/text/jinja_parser.h"

namespace moescope::jinja {

struct Template::Tree {
    Block block;
};

Template::Template(std::unique_ptr<const Tree> tree) : m_tree(std::move(tree)) {}
Template::Template(Template&&) noexcept = default;
Template& Template::operator=(Template&&) noexcept = default;
Template::~Template() = default;

namespace {

/// What is quoted of a template is cut where it is quoted, but a reason that it gives itself may be long.
Status failed(const Error& error) {
    if (error.raised) {
        return unsupported(
            fmt::format("the chat template rejects this chat (line {}): {}", error.line, quoted(error.message)));
    }
    return invalid(fmt::format("line {} of the chat template: {}", error.line, error.message));
}

}  // namespace

Result<Template> Template::parse(std::string_view source) {
    constexpr std::size_t kLongest = 1 << 20;
    if (source.size() > kLongest) return invalid("the chat template is larger than 1 MiB");
    try {
        return Template(std::make_unique<const Tree>(Tree{parseTemplate(source)}));
    } catch (const Error& error) {
        return failed(error);
    }
}

Result<Text> Template::run(Variables variables, const RunOptions& options) const {
    try {
        Budget budget(options.limits);
        const Context context{budget, options.now};
        return Interpreter(context, std::move(variables)).run(m_tree->block);
    } catch (const Error& error) {
        return failed(error);
    }
}

}  // namespace moescope::jinja

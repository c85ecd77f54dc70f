#pragma once
// Runs a template's tree.

#include <deque>
#include <map>
#include <memory>
#include <string>

#include "engine/text/jinja_ast.h"
#include "engine/text/jinja_library.h"

namespace moescope::jinja {

/// Variables, and those around them. A macro's scope is within the one it was defined in.
struct Scope {
    Scope* parent = nullptr;
    bool kept = false;  // a macro was defined in it or within it: it lives as long as the run
    std::map<std::string, Value, std::less<>> variables;
};

struct Macro {
    const Statement* statement = nullptr;
    Scope* scope = nullptr;
};

/// One run. Throws Error.
class Interpreter {
public:
    Interpreter(const Context& context, std::map<std::string, Value, std::less<>> variables);
    Text run(const Block& block);

private:
    enum class Flow { kOn, kBreak, kContinue };
    // Statements (jinja_interpreter.cpp).
    Flow execute(const Block& block, Scope& scope, Text& out);
    Flow execute(const Statement& statement, Scope& scope, Text& out);
    Flow executeKnown(const Statement& statement, Scope& scope, Text& out);
    Flow executeFor(const Statement& statement, Scope& scope, Text& out);
    Flow executeWith(const Statement& statement, Scope& scope, Text& out);
    /// What a block writes, as a text; variables that it sets are its own.
    Text captured(const Block& block, Scope& scope);
    void write(const Text& text, Text& out);
    void assign(const Target& target, const Value& value, Scope& scope);
    Value macro(const Statement& statement, Scope& scope);
    Value callMacro(const Macro& macro, const Arguments& arguments);
    template <class F>
    auto within(Scope& parent, const F& body);  ///< in a scope of its own

    // Expressions (jinja_evaluate.cpp).
    Value evaluate(const Expression& expression, Scope& scope);
    Value evaluateKnown(const Expression& expression, Scope& scope);
    Value name(const std::string& name, Scope& scope);
    Value slice(const Expression& expression, Scope& scope);
    Value dict(const Expression& expression, Scope& scope);
    Value concatenated(const Expression& expression, Scope& scope);
    bool compared(const Expression& expression, Scope& scope);
    Value binary(Operator op, const Value& left, const Value& right);
    Value arithmetic(Operator op, const Value& left, const Value& right);
    Value repeated(const Value& what, std::int64_t times);
    Value call(const Expression& expression, Scope& scope, const Value* caller = nullptr);
    Value makeNamespace(const Arguments& arguments);
    Value filtered(const Expression* chain, const Value& block, Scope& scope);
    Arguments arguments(const Expression& expression, Scope& scope);

    const Context& m_context;
    Budget& m_budget;
    std::deque<std::unique_ptr<Scope>> m_kept;
    std::deque<Macro> m_macros;
    std::deque<Namespace> m_namespaces;
    Scope m_root;
};

}  // namespace moescope::jinja

#include "engine/text/jinja_interpreter.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/base/foreign_text.h"

namespace moescope::jinja {

Interpreter::Interpreter(const Context& context, std::map<std::string, Value, std::less<>> variables)
    : m_context(context), m_budget(context.budget) {
    m_root.variables = std::move(variables);
}

Text Interpreter::run(const Block& block) {
    Text out;
    execute(block, m_root, out);
    return out;
}

template <class F>
auto Interpreter::within(Scope& parent, const F& body) {
    auto scope = std::make_unique<Scope>();
    scope->parent = &parent;
    struct Keep {
        std::deque<std::unique_ptr<Scope>>& kept;
        std::unique_ptr<Scope>& scope;
        ~Keep() {
            if (scope->kept) kept.push_back(std::move(scope));
        }
    } keep{m_kept, scope};
    return body(*scope);
}

Interpreter::Flow Interpreter::execute(const Block& block, Scope& scope, Text& out) {
    for (const auto& statement : block) {
        const Flow flow = execute(*statement, scope, out);
        if (flow != Flow::kOn) return flow;
    }
    return Flow::kOn;
}

Interpreter::Flow Interpreter::execute(const Statement& statement, Scope& scope, Text& out) {
    try {
        m_budget.step();
        const Budget::Level level(m_budget);
        return executeKnown(statement, scope, out);
    } catch (Error& error) {
        if (error.line == 0) error.line = statement.line;
        throw;
    }
}

Interpreter::Flow Interpreter::executeKnown(const Statement& statement, Scope& scope, Text& out) {
    switch (statement.kind) {
        case Statement::Kind::kText:
            write(*statement.literal.asText(), out);
            return Flow::kOn;
        case Statement::Kind::kOutput:
            write(toText(evaluate(*statement.expression, scope), m_budget), out);
            return Flow::kOn;
        case Statement::Kind::kIf:
            for (std::size_t i = 0; i < statement.tests.size(); ++i) {
                if (truth(evaluate(*statement.tests[i], scope))) return execute(statement.blocks[i], scope, out);
            }
            if (statement.blocks.size() > statement.tests.size()) return execute(statement.blocks.back(), scope, out);
            return Flow::kOn;
        case Statement::Kind::kFor:
            return executeFor(statement, scope, out);
        case Statement::Kind::kSet:
            assign(statement.targets[0], evaluate(*statement.expression, scope), scope);
            return Flow::kOn;
        case Statement::Kind::kSetBlock: {
            const Value text = m_context.text(captured(statement.blocks[0], scope));
            assign(statement.targets[0], filtered(statement.expression.get(), text, scope), scope);
            return Flow::kOn;
        }
        case Statement::Kind::kMacro:
            scope.variables[statement.name] = macro(statement, scope);
            return Flow::kOn;
        case Statement::Kind::kCallBlock: {
            const Value caller = macro(statement, scope);
            write(toText(call(*statement.expression, scope, &caller), m_budget), out);
            return Flow::kOn;
        }
        case Statement::Kind::kFilterBlock: {
            const Value text = m_context.text(captured(statement.blocks[0], scope));
            write(toText(filtered(statement.expression.get(), text, scope), m_budget), out);
            return Flow::kOn;
        }
        case Statement::Kind::kWith:
            return executeWith(statement, scope, out);
        case Statement::Kind::kBlock:
            return execute(statement.blocks[0], scope, out);
        case Statement::Kind::kBreak:
            return Flow::kBreak;
        case Statement::Kind::kContinue:
            return Flow::kContinue;
    }
    return Flow::kOn;
}

Interpreter::Flow Interpreter::executeFor(const Statement& statement, Scope& scope, Text& out) {
    std::vector<Value> items = itemsOf(evaluate(*statement.expression, scope), m_context);
    if (statement.condition) {
        std::erase_if(items, [&](const Value& item) {
            return !within(scope, [&](Scope& inner) {
                assign(statement.targets[0], item, inner);
                return truth(evaluate(*statement.condition, inner));
            });
        });
    }
    if (items.empty()) {
        if (statement.blocks.size() < 2) return Flow::kOn;
        return within(scope, [&](Scope& inner) { return execute(statement.blocks[1], inner, out); });
    }
    const Value list = m_context.list(std::move(items));
    const auto shared = *list.as<std::shared_ptr<const List>>();
    for (std::size_t i = 0; i < shared->items.size(); ++i) {
        const Flow flow = within(scope, [&](Scope& inner) {
            inner.variables["loop"] = Value(Value::Data(std::make_shared<const Loop>(Loop{shared, i})));
            assign(statement.targets[0], shared->items[i], inner);
            return execute(statement.blocks[0], inner, out);
        });
        if (flow == Flow::kBreak) break;
    }
    return Flow::kOn;
}

Interpreter::Flow Interpreter::executeWith(const Statement& statement, Scope& scope, Text& out) {
    return within(scope, [&](Scope& inner) {
        for (std::size_t i = 0; i < statement.targets.size(); ++i) {
            assign(statement.targets[i], evaluate(*statement.tests[i], scope), inner);
        }
        return execute(statement.blocks[0], inner, out);
    });
}

Text Interpreter::captured(const Block& block, Scope& scope) {
    return within(scope, [&](Scope& inner) {
        Text text;
        if (execute(block, inner, text) != Flow::kOn) fail("a loop cannot be left from within a block that is kept");
        return text;
    });
}

void Interpreter::write(const Text& text, Text& out) {
    m_budget.look(text.size());
    m_budget.room(out.size() + text.size());
    out.append(text);
}

void Interpreter::assign(const Target& target, const Value& value, Scope& scope) {
    if (!target.parts.empty()) {
        const std::vector<Value> items = itemsOf(value, m_context);
        if (items.size() != target.parts.size()) {
            fail(fmt::format("{} values are to go to {} names", items.size(), target.parts.size()));
        }
        for (std::size_t i = 0; i < items.size(); ++i) assign(target.parts[i], items[i], scope);
        return;
    }
    if (target.attribute.empty()) {
        scope.variables[target.name] = value;
        return;
    }
    const Value holder = name(target.name, scope);
    const auto* space = holder.as<Namespace*>();
    if (!space)
        fail(fmt::format("{} is not a namespace, and only those have attributes that change", quoted(target.name)));
    if (Value* found = (*space)->find(target.attribute)) {
        *found = value;
    } else {
        (*space)->attributes.emplace_back(target.attribute, value);
    }
}

Value Interpreter::macro(const Statement& statement, Scope& scope) {
    for (Scope* s = &scope; s; s = s->parent) s->kept = true;
    m_macros.push_back({&statement, &scope});
    return Value(Value::Data(std::make_shared<const Callable>(Callable{&m_macros.back(), {}, statement.name})));
}

Value Interpreter::callMacro(const Macro& macro, const Arguments& arguments) {
    const Statement& statement = *macro.statement;
    m_budget.step();
    const Budget::Level level(m_budget);
    if (arguments.positional.size() > statement.parameters.size()) {
        fail(fmt::format("{} takes {} arguments, but got {}", quoted(statement.name), statement.parameters.size(),
                         arguments.positional.size()));
    }
    return within(*macro.scope, [&](Scope& inner) {
        for (const auto& [key, value] : arguments.named) {
            const bool known = key == "caller" || std::ranges::find(statement.parameters, key, &Parameter::name) !=
                                                      statement.parameters.end();
            if (!known) fail(fmt::format("{} has no argument {}", quoted(statement.name), quoted(key)));
            inner.variables[key] = value;
        }
        for (std::size_t i = 0; i < statement.parameters.size(); ++i) {
            const Parameter& parameter = statement.parameters[i];
            const bool named = inner.variables.contains(parameter.name);
            if (i < arguments.positional.size()) {
                if (named) fail(fmt::format("{} got {} twice", quoted(statement.name), quoted(parameter.name)));
                inner.variables[parameter.name] = arguments.positional[i];
            } else if (!named) {
                inner.variables[parameter.name] =
                    parameter.fallback ? evaluate(*parameter.fallback, inner) : Value::undefined(parameter.name);
            }
        }
        Text text;
        execute(statement.blocks[0], inner, text);
        return m_context.text(std::move(text));
    });
}

}  // namespace moescope::jinja

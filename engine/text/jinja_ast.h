#pragma once
// What a template says, as a tree.

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "engine/text/jinja_value.h"

namespace moescope::jinja {

struct Expression;
using ExpressionPtr = std::unique_ptr<Expression>;

enum class Operator {
    kAdd,
    kSubtract,
    kMultiply,
    kDivide,
    kFloorDivide,
    kModulo,
    kPower,
    kEqual,
    kNotEqual,
    kLess,
    kLessEqual,
    kGreater,
    kGreaterEqual,
    kIn,
    kNotIn,
};

struct Expression {
    enum class Kind {
        kLiteral,    ///< value
        kName,       ///< name
        kList,       ///< parts
        kTuple,      ///< parts
        kDict,       ///< parts: key, value, key, value...
        kAttribute,  ///< parts[0] . name
        kItem,       ///< parts[0] [ parts[1] ]
        kSlice,      ///< parts[0] [ parts[1] : parts[2] : parts[3] ], each of the three may be null
        kCall,       ///< parts[0] ( parts[1]..., named )
        kFilter,     ///< parts[0] | name ( parts[1]..., named ); parts[0] is null for what a block holds
        kTest,       ///< parts[0] is name ( parts[1]... )
        kNegative,   ///< - parts[0]
        kPositive,   ///< + parts[0]
        kNot,        ///< not parts[0]
        kAnd,        ///< parts[0] and parts[1]
        kOr,         ///< parts[0] or parts[1]
        kBinary,     ///< parts[0] operators[0] parts[1]
        kCompare,    ///< parts[0] operators[0] parts[1] operators[1] parts[2]...
        kConcat,     ///< parts[0] ~ parts[1] ~ ...
        kCondition,  ///< parts[1] if parts[0] else parts[2] (may be null)
    };
    Kind kind = Kind::kLiteral;
    int line = 0;
    int depth = 1;  ///< of expressions within each other
    std::string name;
    Value value;
    std::vector<ExpressionPtr> parts;
    std::vector<std::pair<std::string, ExpressionPtr>> named;
    std::vector<Operator> operators;
};

/// Where a set or a for puts a value: a name, an attribute of a namespace, or several of them.
struct Target {
    std::string name;
    std::string attribute;      ///< empty: the name itself
    std::vector<Target> parts;  ///< not empty: a tuple
};

struct Parameter {
    std::string name;
    ExpressionPtr fallback;  ///< null: undefined if it is not given
};

struct Statement;
using Block = std::vector<std::unique_ptr<Statement>>;

struct Statement {
    enum class Kind {
        kText,         ///< literal
        kOutput,       ///< expression
        kIf,           ///< tests and blocks; one block more: else
        kFor,          ///< target, expression, condition; blocks: body, else (may lack)
        kSet,          ///< target, expression
        kSetBlock,     ///< target, blocks[0]; expression: filters of it, or null
        kMacro,        ///< macro
        kCallBlock,    ///< expression (a call); macro: what caller() does
        kFilterBlock,  ///< expression: filters; blocks[0]
        kWith,         ///< targets and values; blocks[0]
        kBlock,        ///< blocks[0] as it is (generation)
        kBreak,
        kContinue,
    };
    Kind kind = Kind::kText;
    int line = 0;
    Value literal;
    ExpressionPtr expression, condition;
    std::vector<ExpressionPtr> tests;
    std::vector<Target> targets;
    std::vector<Block> blocks;
    std::string name;                   ///< of a macro
    std::vector<Parameter> parameters;  ///< of a macro
};

}  // namespace moescope::jinja

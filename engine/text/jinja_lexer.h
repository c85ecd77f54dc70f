#pragma once
// From a template's source to tokens: https://jinja.palletsprojects.com/templates, with trim_blocks and lstrip_blocks
// on, as Hugging Face's transformers sets them.

#include <string>
#include <string_view>
#include <vector>

#include "engine/text/jinja_value.h"

namespace moescope::jinja {

struct Token {
    enum class Kind {
        kData,  ///< text outside of tags, white space already trimmed
        kBlockBegin,
        kBlockEnd,
        kVariableBegin,
        kVariableEnd,
        kName,
        kString,  ///< with its escapes resolved
        kInteger,
        kFloat,
        kOperator,
        kEnd,
    };
    Kind kind = Kind::kEnd;
    int line = 1;
    std::string text;
    std::int64_t integer = 0;
    double real = 0;

    bool is(Kind k, std::string_view t) const { return kind == k && text == t; }
    bool isName(std::string_view t) const { return is(Kind::kName, t); }
    bool isOperator(std::string_view t) const { return is(Kind::kOperator, t); }
};

/// Ends with a token kEnd. Throws Error with a line.
std::vector<Token> tokenize(std::string_view source);

}  // namespace moescope::jinja

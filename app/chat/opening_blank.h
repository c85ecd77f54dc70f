#pragma once
// Models whose chat template has a blank before answers (ChatTemplate::blankBeforeAnswer()) begin an answer with one,
// which their tokens have and no reader wants: it is not shown, not stored, and put back when the answer is given to
// the model again as text. The chat template does the latter for whole messages.

#include <string>
#include <string_view>

namespace moescope {

/// An answer as it is shown, from the text of its tokens.
inline std::string_view withoutOpeningBlank(std::string_view answer) {
    if (answer.starts_with(' ')) answer.remove_prefix(1);
    return answer;
}

/// The text that a model would have written for an answer that is shown.
inline std::string withOpeningBlank(std::string_view shown) {
    return ' ' + std::string(shown);
}

}  // namespace moescope

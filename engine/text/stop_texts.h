#pragma once
// Texts that end an answer when the model writes them.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace moescope {

/// Lets a text that comes in pieces through until it has one of some texts, of which nothing is let through. What it
/// finds does not depend on where the pieces were cut: the one that is complete first, of these the longest.
class StopTexts {
public:
    StopTexts() = default;  ///< lets everything through
    /// Empty texts are passed over.
    explicit StopTexts(std::vector<std::string> texts);

    /// All that can be let through now: held back is only what one of the texts may begin with. After one was found
    /// nothing is.
    std::string push(std::string_view piece);
    /// What was held back, at the end of the text.
    std::string finish();

    /// The text that was found.
    const std::optional<std::string>& found() const { return m_found; }

private:
    std::size_t heldFrom() const;

    std::vector<std::string> m_texts;
    std::string m_pending;
    std::optional<std::string> m_found;
};

}  // namespace moescope

#pragma once
// The messages of a transcript stacked in one column: where each is, and what is laid out. Vertical positions are
// pixels from the upper edge of the document.

#include <memory>
#include <vector>

#include "ui/chat/message_layout.h"
#include "ui/chat/transcript_model.h"

namespace moescope {

class TranscriptLayout {
public:
    TranscriptLayout(const TranscriptModel* model, const Theme& theme);

    const TranscriptStyle& style() const { return m_style; }
    int count() const { return static_cast<int>(m_messages.size()); }
    int total() const;
    int width() const { return m_width; }
    int top(int row) const { return m_tops[static_cast<std::size_t>(row)]; }
    /// The message at a height, or the nearest; -1 if there is none.
    int rowAt(int y) const;
    MessageLayout& at(int row) { return *m_messages[static_cast<std::size_t>(row)]; }
    const MessageLayout& at(int row) const { return *m_messages[static_cast<std::size_t>(row)]; }
    MessageContext context(int row) const;

    void setTheme(const Theme& theme);
    void setWidth(int width);
    void setOffered(MessageActions offered);
    void setCodeLook(bool wrap, bool numbers);

    /// The model was reset: messages that were kept stay as they are. `ids` are those before, by row.
    void reset(const std::vector<qint64>& ids);
    void inserted(int first, int last);
    void removed(int first, int last);
    /// Gives the height from which on the document looks different.
    int changed(int row);
    /// Shows or folds what was thought in a message.
    void toggleThought(int row);

    /// Lays out [top, top + height) and gives the top at which what was there before now is; with `stick` the end of
    /// the document stays at the end of the range. Layouts far away are forgotten.
    int layOut(int top, int height, bool stick);
    /// Lays out what is at a height of a message, for a position that is wanted before it is shown.
    void ensure(int row, int y_in_row);

private:
    struct Anchor {
        int row = -1;
        std::size_t piece = 0;
        bool has_piece = false;
        double share = 0;  ///< of the height of what it is anchored to, above the viewport
        int offset = 0;    ///< from the viewport's top to it, where that is not negative
    };
    Anchor anchorAt(int top, int height) const;
    int topOf(const Anchor& anchor) const;
    bool layOutRange(int top, int bottom);
    void restack(int from);
    void release(int top, int height);
    void restyleAll();

    const TranscriptModel* m_model;
    TranscriptStyle m_style;
    MessageActions m_offered;
    int m_width = 0;
    std::vector<std::unique_ptr<MessageLayout>> m_messages;
    std::vector<int> m_tops;  // of the messages, and the end
};

}  // namespace moescope

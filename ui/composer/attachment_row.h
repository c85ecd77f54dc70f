#pragma once
// The files that go with a question, as cards above its text: name, part, tokens, and a button that takes one off.
// Some lines of them are seen at once; the others are scrolled to. GUI thread.

#include <QPushButton>
#include <QScrollArea>
#include <vector>

#include "engine/markdown/attachment.h"
#include "ui/theme.h"

namespace moescope {

class AttachmentCard;

class AttachmentRow : public QScrollArea {
    Q_OBJECT

public:
    static constexpr int kLinesSeen = 3;

    explicit AttachmentRow(QWidget* parent = nullptr);

    const std::vector<markdown::Attachment>& attachments() const { return m_attachments; }
    void setAttachments(std::vector<markdown::Attachment> attachments);
    void add(markdown::Attachment attachment);
    /// -1: not known.
    void setTokens(int index, int tokens);
    bool hasUncounted() const;
    void setTheme(const Theme& theme);
    const QList<AttachmentCard*>& cards() const { return m_cards; }

    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

signals:
    void changed();  ///< by the user

protected:
    void resizeEvent(QResizeEvent* event) override;

private:
    void append();
    void remove(AttachmentCard* card);
    void fit();
    /// Places the cards in lines of a width; gives the height.
    int place(int width, bool move) const;
    int heightFor(int width) const;

    std::vector<markdown::Attachment> m_attachments;
    std::vector<int> m_tokens;
    QList<AttachmentCard*> m_cards;
    Theme m_theme;
};

/// One of them. A click, Delete or Backspace takes it off.
class AttachmentCard : public QPushButton {
    Q_OBJECT

public:
    AttachmentCard(const markdown::Attachment& attachment, int tokens, QWidget* parent);
    void setTokens(int tokens);
    void setTheme(const Theme& theme);
    QString figures() const { return m_figures; }
    QSize sizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;

private:
    QString m_name, m_part, m_figures;
    Theme m_theme;
};

}  // namespace moescope

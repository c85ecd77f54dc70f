#pragma once
// How a fold looks in the composer's text: a small panel with its size. See composer_edit.h.

#include <QTextObjectInterface>

#include "ui/theme.h"

namespace moescope {

/// The handler of kFoldObject in the document's layout.
class FoldMark : public QObject, public QTextObjectInterface {
    Q_OBJECT
    Q_INTERFACES(QTextObjectInterface)

public:
    static constexpr int kObject = QTextFormat::UserObject + 17;
    static constexpr int kNumber = QTextFormat::UserProperty + 17;   ///< which fold
    static constexpr int kCaption = QTextFormat::UserProperty + 18;  ///< what the mark says

    using QObject::QObject;

    void setTheme(const Theme& theme) { m_theme = theme; }
    /// "Pasted text · 1.0 MB · 20,000 lines"
    static QString caption(const QString& text);
    static QTextCharFormat format(int number, const QString& text);

    QSizeF intrinsicSize(QTextDocument* document, int position, const QTextFormat& format) override;
    void drawObject(QPainter* painter, const QRectF& rect, QTextDocument* document, int position,
                    const QTextFormat& format) override;

private:
    Theme m_theme;
};

}  // namespace moescope

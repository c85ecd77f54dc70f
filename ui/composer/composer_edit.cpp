#include "ui/composer/composer_edit.h"

#include <QAbstractTextDocumentLayout>
#include <QContextMenuEvent>
#include <QKeyEvent>
#include <QMenu>
#include <QMimeData>
#include <QScrollBar>
#include <QTextBlock>
#include <QUrl>
#include <algorithm>
#include <cmath>
#include <memory>

#include "ui/composer/fold_mark.h"
#include "ui/composer/placeholders.h"
#include "ui/composer/prompt_popup.h"
#include "ui/theme.h"

namespace moescope {

namespace {

QString withPlainNewlines(QString text) {
    text.replace(QLatin1String("\r\n"), QLatin1String("\n"));
    for (const QChar other :
         {QChar(QLatin1Char('\r')), QChar(QChar::ParagraphSeparator), QChar(QChar::LineSeparator)}) {
        text.replace(other, QLatin1Char('\n'));
    }
    text.remove(QChar(QChar::Null));
    return text;
}

QStringList localFiles(const QMimeData* source) {
    QStringList files;
    for (const QUrl& url : source->urls()) {
        if (url.isLocalFile()) files << url.toLocalFile();
    }
    return files;
}

bool isFold(const QTextCharFormat& format) {
    return format.objectType() == FoldMark::kObject;
}

}  // namespace

ComposerEdit::ComposerEdit(QWidget* parent) : QPlainTextEdit(parent), m_mark(new FoldMark(this)) {
    setTabChangesFocus(true);
    setFrameShape(QFrame::NoFrame);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    document()->setDocumentMargin(0);
    document()->documentLayout()->registerHandler(FoldMark::kObject, m_mark);
    connect(document(), &QTextDocument::contentsChanged, this, &ComposerEdit::fitHeight);
    connect(document()->documentLayout(), &QAbstractTextDocumentLayout::documentSizeChanged, this,
            &ComposerEdit::fitHeight);
}

QString ComposerEdit::fullText() const {
    QTextCursor all(document());
    all.select(QTextCursor::Document);
    return expand(all);
}

QString ComposerEdit::expand(const QTextCursor& range) const {
    const int begin = range.selectionStart();
    const QString shown = range.selectedText();
    QString text;
    qsizetype done = 0;
    QTextCursor probe(document());
    for (qsizetype i = shown.indexOf(QChar(QChar::ObjectReplacementCharacter)); i >= 0;
         i = shown.indexOf(QChar(QChar::ObjectReplacementCharacter), i + 1)) {
        probe.setPosition(begin + static_cast<int>(i) + 1);
        if (!isFold(probe.charFormat())) continue;  // one that somebody wrote
        text += withPlainNewlines(shown.mid(done, i - done)) + foldText(probe.charFormat());
        done = i + 1;
    }
    return text + withPlainNewlines(shown.mid(done));
}

QString ComposerEdit::foldText(const QTextCharFormat& format) const {
    return m_folds.value(format.intProperty(FoldMark::kNumber));
}

bool ComposerEdit::isBlank() const {
    for (QTextBlock block = document()->begin(); block.isValid(); block = block.next()) {
        const QString line = block.text();
        for (const QChar c : line) {
            if (!c.isSpace()) return false;
        }
    }
    return true;
}

void ComposerEdit::setFullText(const QString& text) {
    {
        const QSignalBlocker blocker(this);
        m_folds.clear();
        m_filling = false;
        setPlainText(QString());
        insertText(text);
        document()->clearUndoRedoStacks();
        moveCursor(QTextCursor::End);
    }
    fitHeight();
}

void ComposerEdit::clearUndoably() {
    QTextCursor all(document());
    all.select(QTextCursor::Document);
    all.removeSelectedText();
    setTextCursor(all);
}

void ComposerEdit::insertText(const QString& text) {
    const QString plain = withPlainNewlines(text);
    QTextCursor cursor = textCursor();
    if (plain.size() <= kFoldFrom && document()->characterCount() + plain.size() <= kMaxShown) {
        cursor.insertText(plain, QTextCharFormat());
    } else {
        m_folds.insert(m_next_fold, plain);
        cursor.insertText(QString(QChar(QChar::ObjectReplacementCharacter)), FoldMark::format(m_next_fold, plain));
        cursor.setCharFormat(QTextCharFormat());
        ++m_next_fold;
    }
    setTextCursor(cursor);
    ensureCursorVisible();
}

void ComposerEdit::setTheme(const Theme& theme) {
    m_mark->setTheme(theme);
    setFont(theme.sans(Theme::kReading));
    document()->setDefaultFont(font());
    QPalette colours = palette();
    colours.setColor(QPalette::Base, Qt::transparent);
    colours.setColor(QPalette::Text, theme.text);
    colours.setColor(QPalette::PlaceholderText, theme.faint);
    colours.setColor(QPalette::Highlight, theme.selection);
    colours.setColor(QPalette::HighlightedText, theme.text);
    setPalette(colours);
    setStyleSheet(
        // The color here too: a style sheet of the window takes the palette away.
        QStringLiteral("QPlainTextEdit { background: transparent; border: none; color: %6; }"
                       "QScrollBar:vertical { background: transparent; width: %1px; margin: 0; }"
                       "QScrollBar::handle:vertical { background: %2; border-radius: %3px; min-height: %4px; }"
                       "QScrollBar::handle:vertical:hover { background: %5; }"
                       "QScrollBar::add-line, QScrollBar::sub-line { height: 0; }"
                       "QScrollBar::add-page, QScrollBar::sub-page { background: none; }")
            .arg(theme.px(6))
            .arg(theme.line.name())
            .arg(theme.px(6) / 2)
            .arg(theme.space(5))
            .arg(theme.faint.name(), theme.text.name()));
    document()->markContentsDirty(0, document()->characterCount());
    fitHeight();
}

int ComposerEdit::foldPositionAt(const QTextCursor& cursor) const {
    QTextCursor probe(document());
    for (const int position : {cursor.position(), cursor.position() - 1}) {
        if (position < 0 || document()->characterAt(position) != QChar(QChar::ObjectReplacementCharacter)) continue;
        probe.setPosition(position + 1);
        if (isFold(probe.charFormat())) return position;
    }
    return -1;
}

bool ComposerEdit::unfold(int position) {
    QTextCursor cursor(document());
    if (position < 0 || position + 1 >= document()->characterCount()) return false;
    cursor.setPosition(position);
    cursor.setPosition(position + 1, QTextCursor::KeepAnchor);
    if (!isFold(cursor.charFormat())) return false;
    const QString text = foldText(cursor.charFormat());
    if (document()->characterCount() + text.size() > kMaxShown) return false;
    cursor.insertText(text, QTextCharFormat());
    setTextCursor(cursor);
    return true;
}

bool ComposerEdit::event(QEvent* event) {
    if (event->type() == QEvent::ShortcutOverride) {
        const auto* key = static_cast<QKeyEvent*>(event);
        const bool up = key->key() == Qt::Key_Up && key->modifiers() == Qt::ControlModifier;
        const bool escape =
            m_stoppable || m_cancellable || m_input_method.isComposing() || (m_popup && m_popup->isVisible());
        if (up || (key->key() == Qt::Key_Escape && escape)) {
            event->accept();
            return true;
        }
        // Ctrl+Delete is the window's while nothing was typed since the text was set: it then has no word to delete.
        if (key->key() == Qt::Key_Delete && key->modifiers() == Qt::ControlModifier) {
            event->setAccepted(document()->characterCount() > 1 && document()->isUndoAvailable());
            return true;
        }
    }
    return QPlainTextEdit::event(event);
}

void ComposerEdit::keyPressEvent(QKeyEvent* event) {
    if (popupTakes(event)) return event->accept();
    const Qt::KeyboardModifiers modifiers = event->modifiers() & ~Qt::KeypadModifier;
    switch (event->key()) {
        case Qt::Key_Return:
        case Qt::Key_Enter:
            event->accept();
            if (m_input_method.ownsEnter()) return;
            if (modifiers & (Qt::ShiftModifier | Qt::AltModifier)) {
                textCursor().insertText(QStringLiteral("\n"));
                ensureCursorVisible();
            } else if (!event->isAutoRepeat()) {
                emit submitted();
            }
            return;
        case Qt::Key_Escape:
            if (m_input_method.isComposing() || !(m_stoppable || m_cancellable)) break;
            event->accept();
            if (m_stoppable) {
                emit stopPressed();
            } else {
                emit cancelPressed();
            }
            return;
        case Qt::Key_Up:
            if (modifiers != Qt::ControlModifier) break;
            event->accept();
            emit editLastPressed();
            return;
        default:
            break;
    }
    QPlainTextEdit::keyPressEvent(event);
}

bool ComposerEdit::popupTakes(const QKeyEvent* event) {
    if (!m_popup || !m_popup->isVisible() || m_input_method.isComposing() || m_input_method.ownsEnter()) return false;
    switch (event->key()) {
        case Qt::Key_Up:
        case Qt::Key_Down:
            m_popup->move(event->key() == Qt::Key_Up ? -1 : 1);
            return true;
        case Qt::Key_Return:
        case Qt::Key_Enter:
            m_popup->take();
            return true;
        case Qt::Key_Escape:
            m_popup->hide();
            return true;
        default:
            return false;
    }
}

std::optional<QString> ComposerEdit::typedCommand() const {
    const QTextCursor cursor = textCursor();
    const QString line = cursor.block().text().left(cursor.positionInBlock());
    const bool typed = line.startsWith(QLatin1Char('/')) && line.size() < 40 && !cursor.hasSelection();
    if (!typed || std::any_of(line.begin(), line.end(), [](QChar c) { return c.isSpace(); })) return std::nullopt;
    return line.mid(1);
}

void ComposerEdit::replaceCommand(const QString& text) {
    if (!typedCommand()) return;
    QTextCursor cursor = textCursor();
    cursor.movePosition(QTextCursor::StartOfBlock, QTextCursor::KeepAnchor);
    const int begin = cursor.position();
    setTextCursor(cursor);
    insertText(text);
    m_filling = !text.isEmpty();
    cursor.setPosition(begin);
    const int end = textCursor().position();
    setTextCursor(cursor);
    if (choosePlaceholder(true)) return;
    cursor.setPosition(end);
    setTextCursor(cursor);
}

bool ComposerEdit::choosePlaceholder(bool next) {
    if (!m_filling) return false;
    const QString text = document()->toRawText();
    QTextCursor cursor = textCursor();
    std::optional<std::pair<int, int>> found;
    if (next) {
        found = findPlaceholder(text, cursor.selectionEnd());
        if (!found) found = findPlaceholder(text, 0);
    } else {
        std::optional<std::pair<int, int>> last;
        for (auto at = findPlaceholder(text, 0); at; at = findPlaceholder(text, at->second)) {
            if (at->second <= cursor.selectionStart()) found = at;
            last = at;
        }
        if (!found) found = last;
    }
    m_filling = found.has_value();
    if (!found) return false;
    cursor.setPosition(found->first);
    cursor.setPosition(found->second, QTextCursor::KeepAnchor);
    setTextCursor(cursor);
    return true;
}

bool ComposerEdit::focusNextPrevChild(bool next) {
    if (m_popup && m_popup->isVisible()) {
        m_popup->take();
        return true;
    }
    return choosePlaceholder(next) || QPlainTextEdit::focusNextPrevChild(next);
}

void ComposerEdit::focusOutEvent(QFocusEvent* event) {
    QPlainTextEdit::focusOutEvent(event);
    emit focusLost();
}

void ComposerEdit::inputMethodEvent(QInputMethodEvent* event) {
    m_input_method.see(*event);
    QPlainTextEdit::inputMethodEvent(event);
    fitHeight();
}

bool ComposerEdit::canInsertFromMimeData(const QMimeData* source) const {
    return localFiles(source).isEmpty() && QPlainTextEdit::canInsertFromMimeData(source);
}

void ComposerEdit::insertFromMimeData(const QMimeData* source) {
    if (const QStringList files = localFiles(source); !files.isEmpty()) return emit filesOffered(files);
    if (source->hasText()) insertText(source->text());
}

QMimeData* ComposerEdit::createMimeDataFromSelection() const {
    auto copied = std::make_unique<QMimeData>();
    copied->setText(expand(textCursor()));
    return copied.release();
}

void ComposerEdit::resizeEvent(QResizeEvent* event) {
    QPlainTextEdit::resizeEvent(event);
    fitHeight();
}

void ComposerEdit::fitHeight() {
    int lines = 0;
    qreal height = 0;
    for (QTextBlock block = document()->begin(); block.isValid() && lines < kMaxLines; block = block.next()) {
        blockBoundingRect(block);  // lays it out
        const QTextLayout* layout = block.layout();
        for (int i = 0; i < layout->lineCount() && lines < kMaxLines; ++i, ++lines)
            height += layout->lineAt(i).height();
    }
    const int wanted = static_cast<int>(std::ceil(height)) + 2;  // QPlainTextEdit keeps a pixel for itself
    if (wanted == this->height()) return;
    setFixedHeight(wanted);
    if (lines < kMaxLines) verticalScrollBar()->setValue(0);
}

void ComposerEdit::contextMenuEvent(QContextMenuEvent* event) {
    const std::unique_ptr<QMenu> menu(createStandardContextMenu());
    menu->setAccessibleName(tr("Text menu"));
    const bool keyboard = event->reason() == QContextMenuEvent::Keyboard;
    const int fold = foldPositionAt(keyboard ? textCursor() : cursorForPosition(event->pos()));
    if (fold >= 0) {
        menu->addSeparator();
        connect(menu->addAction(tr("Show the pasted text")), &QAction::triggered, this, [this, fold] { unfold(fold); });
        QTextCursor probe(document());
        probe.setPosition(fold + 1);
        const bool fits = document()->characterCount() + foldText(probe.charFormat()).size() <= kMaxShown;
        menu->actions().constLast()->setEnabled(fits);
    }
    menu->exec(keyboard ? viewport()->mapToGlobal(cursorRect().bottomLeft()) : event->globalPos());
}

}  // namespace moescope

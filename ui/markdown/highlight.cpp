#include "ui/markdown/highlight.h"

#include <QHash>
#include <QSet>
#include <QString>

#include "ui/markdown/languages.h"

namespace moescope {

namespace {

bool isWordStart(QChar c) {
    return c.isLetter() || c == u'_' || c.isSurrogate();
}
bool isWord(QChar c) {
    return c.isLetterOrNumber() || c == u'_' || c.isSurrogate();
}

/// The words of a language as a set; made once for each. Any thread: exports highlight too.
const QSet<QString>& keywordsOf(const Language* language) {
    thread_local QHash<const Language*, QSet<QString>> sets;
    auto found = sets.find(language);
    if (found == sets.end()) {
        QSet<QString> words;
        for (const QStringView word : language->keywords.tokenize(u' ', Qt::SkipEmptyParts))
            words.insert(word.toString());
        found = sets.insert(language, words);
    }
    return *found;
}

class Scanner {
public:
    Scanner(const Language& language, QStringView text, std::vector<CodeSpan>* out)
        : m_language(language), m_keywords(keywordsOf(&language)), m_text(text), m_out(out) {}

    CodeState scan(CodeState state) {
        m_state = state;
        while (m_at < m_text.size()) {
            switch (m_state) {
                case CodeState::kNone:
                    if (m_language.has(Language::kChanges)) {
                        scanChange();
                    } else {
                        m_language.has(Language::kMarkup) ? scanMarkup() : scanCode();
                    }
                    break;
                case CodeState::kComment:
                    scanUntil(m_language.comment_close, CodeColour::kComment);
                    break;
                case CodeState::kTripleDouble:
                    scanUntil(u"\"\"\"", CodeColour::kString);
                    break;
                case CodeState::kTripleSingle:
                    scanUntil(u"'''", CodeColour::kString);
                    break;
                case CodeState::kBacktick:
                    scanUntil(u"`", CodeColour::kString);
                    break;
                case CodeState::kTag:
                    scanTag();
                    break;
            }
        }
        return m_state;
    }

private:
    bool isAt(QStringView what) const { return !what.isEmpty() && m_text.mid(m_at).startsWith(what); }
    QChar peek(qsizetype ahead = 0) const {
        return m_at + ahead < m_text.size() ? m_text[m_at + ahead] : QChar(QChar::Null);
    }
    void emitSpan(qsizetype from, CodeColour colour) {
        if (m_out && m_at > from) m_out->push_back({static_cast<int>(from), static_cast<int>(m_at - from), colour});
    }

    /// Goes on to behind `close`, which ends the state, or to the end.
    void scanUntil(QStringView close, CodeColour colour) {
        const qsizetype from = m_at;
        const qsizetype end = m_text.indexOf(close, m_at);
        m_at = end < 0 ? m_text.size() : end + close.size();
        if (end >= 0) m_state = CodeState::kNone;
        emitSpan(from, colour);
    }

    void open(CodeState state, qsizetype length, QStringView close, CodeColour colour) {
        const qsizetype from = m_at;
        const qsizetype end = m_text.indexOf(close, m_at + length);
        m_at = end < 0 ? m_text.size() : end + close.size();
        if (end < 0) m_state = state;
        emitSpan(from, colour);
    }

    void scanLine(CodeColour colour) {
        const qsizetype from = m_at;
        const qsizetype end = m_text.indexOf(u'\n', m_at);
        m_at = end < 0 ? m_text.size() : end;
        emitSpan(from, colour);
    }

    void scanString(QChar quote) {
        const qsizetype from = m_at++;
        while (m_at < m_text.size() && m_text[m_at] != quote && m_text[m_at] != u'\n') {
            m_at += m_text[m_at] == u'\\' && peek(1) != u'\n' ? 2 : 1;
        }
        m_at = std::min(m_at, m_text.size());
        if (peek() == quote) ++m_at;
        emitSpan(from, CodeColour::kString);
    }

    void scanNumber() {
        const qsizetype from = m_at;
        while (m_at < m_text.size()) {
            const QChar c = m_text[m_at];
            const bool digit = isWord(c) || (c == u'.' && peek(1).isDigit()) || (c == u'\'' && peek(1).isDigit());
            const bool sign = (c == u'+' || c == u'-') && m_at > from && m_text[m_at - 1].toLower() == u'e' &&
                              !m_text.mid(from).startsWith(u"0x") && peek(1).isDigit();
            if (!digit && !sign) break;
            ++m_at;
        }
        emitSpan(from, CodeColour::kNumber);
    }

    void scanWord() {
        const qsizetype from = m_at;
        while (m_at < m_text.size() && (isWord(m_text[m_at]) || (m_language.has(Language::kKeys) && peek() == u'-')))
            ++m_at;
        const QStringView word = m_text.mid(from, m_at - from);
        if (word.size() > 64) return;
        const bool key = m_language.has(Language::kKeys) && peek() == u':';
        const QString name = m_language.has(Language::kIgnoreCase) ? word.toString().toLower()
                                                                   : QString::fromRawData(word.data(), word.size());
        if (key || m_keywords.contains(name)) emitSpan(from, CodeColour::kKeyword);
    }

    bool atLineStart() const {
        for (qsizetype i = m_at; i > 0; --i) {
            if (m_text[i - 1] == u'\n') return true;
            if (m_text[i - 1] != u' ' && m_text[i - 1] != u'\t') return false;
            if (m_at - i > 64) return false;
        }
        return true;
    }

    void scanDirective() {
        const qsizetype from = m_at++;
        while (peek() == u' ') ++m_at;
        while (isWord(peek())) ++m_at;
        const bool include = m_text.mid(from, m_at - from).endsWith(u"include");
        emitSpan(from, CodeColour::kKeyword);
        while (peek() == u' ') ++m_at;
        if (include && peek() == u'<') {
            const qsizetype name = m_at;
            while (m_at < m_text.size() && peek() != u'\n' && peek() != u'>') ++m_at;
            if (peek() == u'>') ++m_at;
            emitSpan(name, CodeColour::kString);
        }
    }

    void scanCode() {
        const QChar c = m_text[m_at];
        if (isWordStart(c)) return scanWord();
        if (c.isDigit()) return scanNumber();
        if (c.isSpace()) {
            ++m_at;
            return;
        }
        if (isAt(m_language.comment_open)) {
            return open(CodeState::kComment, m_language.comment_open.size(), m_language.comment_close,
                        CodeColour::kComment);
        }
        // In a shell, '#' inside a word ("$#", "a#b") is not a comment.
        const bool apart =
            m_at == 0 || m_language.line_comment != u"#" || m_text[m_at - 1].isSpace() || m_text[m_at - 1].isPunct();
        if ((isAt(m_language.line_comment) && apart && !(c == u'#' && m_at > 0 && m_text[m_at - 1] == u'$')) ||
            isAt(m_language.other_line_comment)) {
            return scanLine(CodeColour::kComment);
        }
        if (m_language.has(Language::kDirectives) && c == u'#' && atLineStart()) return scanDirective();
        if (m_language.has(Language::kTripleQuotes)) {
            if (isAt(u"\"\"\"")) return open(CodeState::kTripleDouble, 3, u"\"\"\"", CodeColour::kString);
            if (isAt(u"'''")) return open(CodeState::kTripleSingle, 3, u"'''", CodeColour::kString);
        }
        if (m_language.has(Language::kBackticks) && c == u'`') {
            return open(CodeState::kBacktick, 1, u"`", CodeColour::kString);
        }
        if (m_language.quotes.contains(c)) {
            const bool lifetime = m_language.has(Language::kShortCharacters) && c == u'\'' && peek(1) != u'\\' &&
                                  peek(2) != u'\'' && peek(3) != u'\'';
            if (!lifetime) return scanString(c);
        }
        ++m_at;
    }

    /// A line of a diff, its end included.
    void scanChange() {
        const bool head = isAt(u"+++ ") || isAt(u"--- ") || isAt(u"diff ") || isAt(u"index ");
        const QChar first = peek();
        if (head) {
            scanLine(CodeColour::kComment);
        } else if (isAt(u"@@")) {
            scanLine(CodeColour::kKeyword);
        } else if (first == u'+' || first == u'-') {
            scanLine(first == u'+' ? CodeColour::kAdded : CodeColour::kRemoved);
        } else {
            const qsizetype end = m_text.indexOf(u'\n', m_at);
            m_at = end < 0 ? m_text.size() : end;
        }
        if (m_at < m_text.size()) ++m_at;
    }

    void scanMarkup() {
        if (isAt(m_language.comment_open)) {
            return open(CodeState::kComment, m_language.comment_open.size(), m_language.comment_close,
                        CodeColour::kComment);
        }
        if (peek() == u'<' && (isWordStart(peek(1)) || peek(1) == u'/' || peek(1) == u'!' || peek(1) == u'?')) {
            const qsizetype from = m_at++;
            while (peek() == u'/' || peek() == u'!' || peek() == u'?') ++m_at;
            while (isWord(peek()) || peek() == u'-' || peek() == u':') ++m_at;
            emitSpan(from, CodeColour::kKeyword);
            m_state = CodeState::kTag;
            return;
        }
        const qsizetype next = m_text.indexOf(u'<', m_at + 1);
        m_at = next < 0 ? m_text.size() : next;
    }

    void scanTag() {
        const QChar c = m_text[m_at];
        if (c == u'"' || c == u'\'') return scanString(c);
        const qsizetype from = m_at++;
        if (c == u'>') {
            emitSpan(from, CodeColour::kKeyword);
            m_state = CodeState::kNone;
        }
    }

    const Language& m_language;
    const QSet<QString>& m_keywords;
    QStringView m_text;
    std::vector<CodeSpan>* m_out;
    qsizetype m_at = 0;
    CodeState m_state = CodeState::kNone;
};

}  // namespace

CodeState highlightCode(const Language* language, QStringView text, CodeState state, std::vector<CodeSpan>* out) {
    if (!language) return CodeState::kNone;
    return Scanner(*language, text, out).scan(state);
}

}  // namespace moescope

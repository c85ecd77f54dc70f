#pragma once
// A card beside a token of the transcript: what the model might have said there, each with its probability. A click on
// another one, or Enter, chooses it; Left and Right ask for the neighbouring token, Esc closes. GUI thread.

#include <QString>
#include <QWidget>
#include <vector>

namespace moescope {

class ThemeStore;

struct TokenChoice {
    QString text;
    double probability = 0;  ///< of 1
    int rank = 0;            ///< from 0
    bool chosen = false;     ///< the answer has it
    bool offered = false;    ///< it may be chosen instead
};

struct TokenFacts {
    QString token;                     ///< in words: what the answer has there
    double probability = 0;            ///< of it, of 1
    int rank = 0;                      ///< of it, from 0
    double entropy = 0;                ///< bits
    std::vector<TokenChoice> choices;  ///< the likeliest first
    QString note;                      ///< what a click does, or why there is nothing to choose
};

class TokenCard : public QWidget {
    Q_OBJECT

public:
    /// A child of `over`, hidden at first. `themes` is not owned and must outlive it.
    TokenCard(ThemeStore* themes, QWidget* over);

    /// Shows it under `token`, or over it where there is more room; both in coordinates of `over`.
    void show(const TokenFacts& facts, const QRect& token);
    const TokenFacts& facts() const { return m_facts; }
    /// The row of a choice, for the pointer and tests.
    QRect choiceRect(int choice) const;

signals:
    void chosen(int choice);
    void stepped(int by);  ///< -1 or 1: the token before or after
    void entered();        ///< by the pointer
    void left();
    void closed();  ///< by a key

protected:
    void paintEvent(QPaintEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void enterEvent(QEnterEvent* event) override;
    void leaveEvent(QEvent* event) override;
    void focusInEvent(QFocusEvent* event) override;
    void focusOutEvent(QFocusEvent* event) override;

private:
    int choiceAt(QPoint point) const;
    void setCurrent(int choice);
    QSize wantedSize() const;
    QString description() const;

    ThemeStore* m_themes;
    TokenFacts m_facts;
    int m_current = -1;  // the choice under the pointer, or of the keys
};

/// "38.2 %", "0.04 %", "< 0.01 %".
QString probabilityText(double probability);

}  // namespace moescope

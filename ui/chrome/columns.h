#pragma once
// The middle of the window: one column, or up to three beside each other, each under a strip that says how it answers
// and has what can be done with it. One alone has no strip. GUI thread.

#include <QList>
#include <QWidget>

class QHBoxLayout;

namespace moescope {

class Column;
class ThemeStore;

class Columns : public QWidget {
    Q_OBJECT

public:
    static constexpr int kMost = 3;

    /// `first` is what stands there alone, and always. `themes` is not owned.
    Columns(ThemeStore* themes, QWidget* first, QWidget* parent = nullptr);

    int count() const { return static_cast<int>(m_columns.size()); }
    QWidget* body(int column) const;
    /// At the right. The body becomes a child.
    void add(QWidget* body);
    /// Takes off a column (not the first) and gives its body, hidden and without a parent.
    QWidget* take(int column);

    /// How it answers: "Style: balanced", "Rules: top 6, all experts"; and with what model, which the first one does
    /// not show.
    void setCaptions(int column, const QString& model, const QString& settings, const QString& rules);
    /// Where a menu of a column's models opens.
    QPoint modelCorner(int column) const;
    /// Shows what ends an answer.
    void setAnswering(int column, bool answering);
    /// Whether the answers of the first and of this column can be compared.
    void setComparable(int column, bool comparable);
    /// Over an empty body; "" for none.
    void setHint(int column, const QString& hint);

    QSize minimumSizeHint() const override;

signals:
    void modelWanted(int column);
    void settingsWanted(int column);
    void rulesWanted(int column);
    void compareWanted(int column);
    void stopWanted(int column);
    void closeWanted(int column);

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    void name();

    ThemeStore* m_themes;
    QHBoxLayout* m_row;
    QList<Column*> m_columns;
};

}  // namespace moescope

#pragma once
// A column of rows, each a name (with a note under it) at the left and a control at the right, which scrolls when it is
// higher than its place.

#include <QScrollArea>

class QLabel;
class QVBoxLayout;

namespace moescope {

struct Theme;

/// The rows themselves; a FormPage scrolls one.
class FormColumn : public QWidget {
    Q_OBJECT

public:
    explicit FormColumn(QWidget* parent = nullptr);

    /// What the whole is about; first.
    void addTitle(const QString& text);
    /// A small header with a hairline above, except at the top.
    void addSection(const QString& text);
    /// `name` and `note` become the accessible name and description of `control`. The note's label, or null without
    /// one.
    QLabel* addRow(const QString& name, const QString& note, QWidget* control);
    /// Over the whole width; `stretch` as of a box layout.
    void addWide(QWidget* widget, int stretch = 0);
    void addStretch();
    void setTheme(const Theme& theme);

private:
    void addLine();
    QVBoxLayout* m_column;
    QList<QWidget*> m_lines;
};

class FormPage : public QScrollArea {
    Q_OBJECT

public:
    explicit FormPage(QWidget* parent = nullptr);
    FormColumn* column() const { return m_column; }
    void setTheme(const Theme& theme);

protected:
    void resizeEvent(QResizeEvent* event) override;

private:
    void updateMargins();
    FormColumn* m_column;
    int m_side = 0, m_above = 0;
};

/// Side by side, as the control of one row. They keep their own accessible names.
QWidget* sideBySide(const QList<QWidget*>& widgets, QWidget* parent);

}  // namespace moescope

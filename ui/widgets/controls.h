#pragma once
// Controls of the dialogs, painted from the theme that applyFormTheme gives them. All of them are their Qt bases to
// keyboard and assistive technology. The wheel changes only what has the focus, so that scrolling a page changes
// nothing.

#include <QCheckBox>
#include <QComboBox>
#include <QDoubleSpinBox>
#include <QPushButton>
#include <QSlider>
#include <QSpinBox>
#include <optional>

#include "ui/theme.h"

class QButtonGroup;

namespace moescope {

/// What applyFormTheme looks for.
class Themed {
public:
    virtual ~Themed() = default;
    virtual void setTheme(const Theme& theme) = 0;
};

class FormButton : public QPushButton, public Themed {
    Q_OBJECT

public:
    enum class Kind { kPlain, kPrimary, kDanger };

    FormButton(Kind kind, const QString& text, QWidget* parent = nullptr);
    void setKind(Kind kind);
    void setTheme(const Theme& theme) override;
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override { return sizeHint(); }

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    Kind m_kind;
    Theme m_theme;
};

/// One of a few, in a list that opens. Items carry an id as their data.
class Choice : public QComboBox, public Themed {
    Q_OBJECT

public:
    explicit Choice(QWidget* parent = nullptr);
    void setTheme(const Theme& theme) override;
    /// The text on one line, cut (ui/widgets/plain_text.h): some are names that others gave.
    void addChoice(const QString& id, const QString& text);
    QString chosen() const { return currentData().toString(); }
    /// Unknown ids choose the first.
    void choose(const QString& id);
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override { return sizeHint(); }

protected:
    void paintEvent(QPaintEvent* event) override;
    void wheelEvent(QWheelEvent* event) override;

private:
    Theme m_theme;
};

/// On or off.
class Switch : public QCheckBox, public Themed {
    Q_OBJECT

public:
    explicit Switch(QWidget* parent = nullptr);
    void setTheme(const Theme& theme) override;
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override { return sizeHint(); }

protected:
    void paintEvent(QPaintEvent* event) override;
    bool hitButton(const QPoint& pos) const override;

private:
    Theme m_theme;
};

/// One of a few, all seen side by side; Left and Right choose. May have none chosen.
class Segments : public QWidget, public Themed {
    Q_OBJECT

public:
    explicit Segments(QWidget* parent = nullptr);
    void addSegment(const QString& id, const QString& text, const QString& tip = QString());
    QString chosen() const;
    /// An unknown or empty id chooses none. Emits nothing.
    void choose(const QString& id);
    /// What the whole is: in the accessible names of its buttons, "Theme: Dark".
    void setCaption(const QString& caption);
    void setTheme(const Theme& theme) override;

signals:
    void chosenByUser(const QString& id);

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    QButtonGroup* m_group;
    Theme m_theme;
};

class SlideBar : public QSlider, public Themed {
    Q_OBJECT

public:
    explicit SlideBar(QWidget* parent = nullptr);
    void setTheme(const Theme& theme) override;

protected:
    void paintEvent(QPaintEvent* event) override;
    void wheelEvent(QWheelEvent* event) override;

private:
    Theme m_theme;
};

/// Whole numbers, without arrows to hit: type, or Up and Down. Reads what wholeFromText() reads, in every language;
/// what is not such a number, or out of range, is refused or goes back to the value before.
class NumberField : public QSpinBox {
    Q_OBJECT

public:
    NumberField(int lowest, int highest, QWidget* parent = nullptr);
    QValidator::State validate(QString& text, int& pos) const override;
    int valueFromText(const QString& text) const override;
    /// What is not a number goes back to the value from before it was typed.
    void fixup(QString& text) const override;

protected:
    void wheelEvent(QWheelEvent* event) override;

private:
    std::optional<int> m_before;  // while it is typed in
};

/// Numbers with a fraction: both separators, as realFromText() reads them, are typed and pasted in every language.
class RealField : public QDoubleSpinBox {
    Q_OBJECT

public:
    RealField(double lowest, double highest, double step, QWidget* parent = nullptr);
    /// Emptied, it has its lowest value if there is a word for that; what is no number goes back to the value before.
    void fixup(QString& text) const override;
    QValidator::State validate(QString& text, int& pos) const override;
    double valueFromText(const QString& text) const override;

protected:
    void wheelEvent(QWheelEvent* event) override;

private:
    std::optional<double> m_before;  // while it is typed in
};

}  // namespace moescope

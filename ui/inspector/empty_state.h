#pragma once
// What the inspector shows before there is routing to show: a small picture, one sentence, and what to do, in three
// steps. GUI thread.

#include <QWidget>

class QPainter;
class QPushButton;

namespace moescope {

class ThemeStore;

class EmptyState : public QWidget {
    Q_OBJECT

public:
    enum class Reason {
        kNone,         ///< nothing is said; the views say it themselves
        kNothingYet,   ///< no question was asked
        kNotRecorded,  ///< there are answers, and no routing of them
        kNoModel,
    };

    explicit EmptyState(ThemeStore* themes, QWidget* parent = nullptr);
    void setReason(Reason reason);
    Reason reason() const { return m_reason; }
    /// What can be done at once where routing was not recorded, as a button; "" for nothing.
    void setAction(const QString& text);
    QString sentence() const;
    QStringList steps() const;

    QSize minimumSizeHint() const override;

signals:
    void actionWanted();

protected:
    void resizeEvent(QResizeEvent* event) override;
    void paintEvent(QPaintEvent* event) override;

private:
    void applyTheme();
    void showAction();
    /// Paints it, or only measures; returns where it ends.
    double paintAll(QPainter& p) const;

    ThemeStore* m_themes;
    Reason m_reason = Reason::kNone;
    QPushButton* m_button;
};

}  // namespace moescope

#pragma once
// What the inspector shows before there is routing to show: a small picture, one sentence, and what to do, in three
// steps. GUI thread.

#include <QWidget>

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
    QString sentence() const;
    QStringList steps() const;

    QSize minimumSizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    ThemeStore* m_themes;
    Reason m_reason = Reason::kNone;
};

}  // namespace moescope

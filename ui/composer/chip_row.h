#pragma once
// The pills of the composer on one line. Where there is no room for all of them, one pill "Settings" stands for them
// and opens them as a menu: none is ever cut. GUI thread.

#include <QList>
#include <QWidget>

#include "ui/theme.h"

namespace moescope {

class PillButton;

class ChipRow : public QWidget {
    Q_OBJECT

public:
    explicit ChipRow(QWidget* parent = nullptr);

    /// Takes the pill over, as the last one.
    void add(PillButton* chip);
    const QList<PillButton*>& chips() const { return m_chips; }
    /// A pill's text has changed.
    void fit();
    bool isCollapsed() const { return m_collapsed; }
    /// Where a menu of `chip` belongs: the pill itself, or the one that stands for all.
    QWidget* placeOf(PillButton* chip) const;
    PillButton* menuButton() const { return m_all; }
    void setTheme(const Theme& theme);
    void setCaption(const QString& caption);

    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

signals:
    void clicked(const QString& id);

protected:
    void resizeEvent(QResizeEvent* event) override;

private:
    void openMenu();
    int wantedWidth() const;

    QList<PillButton*> m_chips;
    PillButton* m_all;
    Theme m_theme;
    bool m_collapsed = false;
};

}  // namespace moescope

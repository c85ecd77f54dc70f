#pragma once
// The pills of the composer on one line. Those at the end that find no room are in the menu of one more pill, "More";
// where none finds room, it is "Settings". None is ever cut. GUI thread.

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
    /// Takes a pill out of sight that there is no use for now, or shows it again.
    void setWanted(PillButton* chip, bool wanted);
    /// A pill's text has changed.
    void fit();
    /// Where a menu of `chip` belongs: the pill itself, or the one that stands for it.
    QWidget* placeOf(PillButton* chip) const;
    PillButton* menuButton() const { return m_menu; }
    void setTheme(const Theme& theme);
    /// What the pill says that stands for some of them, and for all.
    void setCaptions(const QString& some, const QString& all);

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
    QList<PillButton*> m_folded;    // in the menu
    QList<PillButton*> m_unwanted;  // seen nowhere
    PillButton* m_menu;
    QString m_some, m_all;
    Theme m_theme;
};

}  // namespace moescope

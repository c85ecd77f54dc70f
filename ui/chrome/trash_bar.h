#pragma once
// In place of the composer while a chat in the trash is shown: what can be done with it.

#include <QWidget>

class QLabel;

namespace moescope {

class FormButton;
class ThemeStore;

class TrashBar : public QWidget {
    Q_OBJECT

public:
    explicit TrashBar(ThemeStore* themes, QWidget* parent = nullptr);
    QSize minimumSizeHint() const override;

signals:
    void restoreWanted();
    void purgeWanted();

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    void applyTheme();
    ThemeStore* m_themes;
    QLabel* m_text;
    FormButton *m_restore, *m_purge;
};

}  // namespace moescope

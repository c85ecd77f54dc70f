#pragma once
// Over the transcript: the conversation's title, the model and how full the context is, and a menu of everything.

#include <QWidget>

class QLabel;
class QLineEdit;
class QMenu;
class QToolButton;

namespace moescope {

class ContextRing;
class ThemeStore;

class HeaderBar : public QWidget {
    Q_OBJECT

public:
    explicit HeaderBar(ThemeStore* themes, QWidget* parent = nullptr);

    void setTitle(const QString& title, bool can_rename);
    QString title() const { return m_title; }
    /// `loading`: 0..1 while a model is loaded, else negative.
    void setModel(const QString& name, double loading = -1);
    void setContext(int used, int total);
    void setModelMenu(QMenu* menu);
    void setMainMenu(QMenu* menu);
    QToolButton* modelButton() const { return m_model; }
    void startRename();

signals:
    void renamed(const QString& title);

protected:
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void applyTheme();
    void elide();
    void endRename(bool accept);

    ThemeStore* m_themes;
    QLabel* m_label;
    QLineEdit* m_edit;
    QToolButton* m_model;
    ContextRing* m_ring;
    QToolButton* m_menu;
    QString m_title;
    bool m_can_rename = false;
    double m_loading = -1;
};

}  // namespace moescope

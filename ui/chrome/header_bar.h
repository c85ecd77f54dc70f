#pragma once
// Over the transcript: the conversation's title, the model and how full the context is, and a menu of everything. What
// it has no room for goes in this order: the figures of the context, then the model's name is cut, then the title.

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
    /// `detail`: the quantization, or what else tells the model from others of its name; may be empty. `loading`: 0..1
    /// while a model is loaded, else negative. `tip`: more of it, for who points at it.
    void setModel(const QString& name, const QString& detail = {}, double loading = -1, const QString& tip = {});
    void setContext(int used, int total);
    void setModelMenu(QMenu* menu);
    void setMainMenu(QMenu* menu);
    QToolButton* modelButton() const { return m_model; }
    void startRename();
    /// Buttons that bring a part of the window which is hidden.
    void offerSidebar(bool offered);
    void offerInspector(bool offered);

    QSize minimumSizeHint() const override;

signals:
    void renamed(const QString& title);
    void sidebarWanted();
    void inspectorWanted();

protected:
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void applyTheme();
    void fit();
    void endRename(bool accept);

    ThemeStore* m_themes;
    QToolButton* m_sidebar;
    QLabel* m_label;
    QLineEdit* m_edit;
    QToolButton* m_model;
    ContextRing* m_ring;
    QToolButton* m_inspector;
    QToolButton* m_menu;
    QString m_title, m_model_text;
    bool m_can_rename = false;
    double m_loading = -1;
};

}  // namespace moescope

#pragma once
// Which parts of the window there is room for. Below 1,150 pixels (at normal text size) the inspector gives way, and a
// button in the header brings it, in the sidebar's place; wider again, all is as it was. GUI thread.

class QMainWindow;

namespace moescope {

class ThemeStore;
struct WindowParts;

class WindowRoom {
public:
    /// None is owned; all outlive this.
    WindowRoom(QMainWindow* window, const WindowParts* parts, const ThemeStore* themes);

    /// At the start; `inspector`: it is wanted, where there is room.
    void start(bool inspector);
    /// The window has another size, or the text.
    void adapt();
    void showSidebar(bool shown);
    void showInspector(bool shown);
    /// The header's buttons for what is hidden.
    void offerHidden();
    /// Whether the inspector is hidden for want of room only.
    bool hidInspector() const { return m_hid_inspector; }

private:
    bool tooNarrow() const;

    QMainWindow* m_window;
    const WindowParts* m_parts;
    const ThemeStore* m_themes;
    bool m_narrow = false;  ///< there is no room for sidebar, transcript and inspector beside each other
    bool m_hid_inspector = false, m_hid_sidebar = false;  ///< for want of room: they come back with it
};

}  // namespace moescope

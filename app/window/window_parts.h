#pragma once
// The widgets that the window is made of, as buildLayout() places them; the window owns them.

class QSplitter;
class QStackedWidget;

namespace moescope {

class ColumnBar;
class CommandPalette;
class Composer;
class FindBar;
class HeaderBar;
class InspectorDock;
class NoticeBar;
class Sidebar;
class StatusLine;
class TranscriptView;
class TrashBar;
class Welcome;

struct WindowParts {
    QSplitter* splitter = nullptr;  ///< sidebar and middle
    Sidebar* sidebar = nullptr;
    HeaderBar* header = nullptr;
    NoticeBar* notice = nullptr;
    FindBar* find = nullptr;
    QStackedWidget* pages = nullptr;  ///< welcome or columns
    Welcome* welcome = nullptr;
    QSplitter* columns = nullptr;     ///< the transcript, and others beside it
    ColumnBar* column_bar = nullptr;  ///< over the transcript, where there are others
    TranscriptView* transcript = nullptr;
    Composer* composer = nullptr;
    TrashBar* trash_bar = nullptr;  ///< in the composer's place
    InspectorDock* inspector = nullptr;
    StatusLine* status = nullptr;
    CommandPalette* palette = nullptr;
};

}  // namespace moescope

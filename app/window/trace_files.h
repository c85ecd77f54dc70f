#pragma once
// Routing in and out of the window: traces of other programs are opened in the inspector, and what it shows is written
// as a file. GUI thread; files are read and written beside it.

#include <QObject>

#include "engine/routing/trace.h"

class QWidget;

namespace moescope {

class RoutingDesk;

class TraceFiles : public QObject {
    Q_OBJECT

public:
    /// Neither is owned; both outlive this. What the pool has of it must be waited for.
    TraceFiles(RoutingDesk* desk, QWidget* window, QObject* parent = nullptr);

    /// Asks for files and shows the last of them in the inspector; all can be compared.
    void askAndOpen();
    /// The same of a folder, as ESFT writes its layers.
    void askAndOpenFolder();
    /// Files, or folders of expert_weights_N.txt.
    void open(const QStringList& paths);
    /// What is written of the source that the inspector shows.
    enum class What { kAll, kScope };
    /// Asks where to write it.
    void askAndSave(What what = What::kAll);
    void save(const QString& path, std::optional<TraceFormat> format = {}, What what = What::kAll);

signals:
    void said(const QString& sentence);
    void failed(const QString& sentence);  ///< what was asked for could not be done
    void opened();                         ///< one file, or it was said why not
    void saved();

private:
    RoutingDesk* m_desk;
    QWidget* m_window;
};

}  // namespace moescope

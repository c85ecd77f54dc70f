#pragma once
// The program's settings while it runs, and how they get into the history. GUI thread.

#include <QObject>

#include "ui/settings/app_settings.h"

namespace moescope {

class HistoryWriter;
struct LoadedModel;

class SettingsKeeper : public QObject {
    Q_OBJECT

public:
    /// The writer is not owned, and outlives this.
    explicit SettingsKeeper(HistoryWriter* writer, QObject* parent = nullptr);

    AppSettings values;

    /// Writes the values.
    void save();
    /// Writes one more thing under a name of its own: where the window stood.
    void keep(const QString& key, const std::string& value);
    /// A model was loaded: it is the one to start with, and the first of the recent ones. Saved.
    void remember(const LoadedModel& model);

signals:
    void failed(const QString& sentence);

private:
    HistoryWriter* m_writer;
};

}  // namespace moescope

#pragma once
// The menu under the model's name: the demo model, the recent ones, opening another one, unloading. GUI thread.

#include <QMenu>

namespace moescope {

struct AppSettings;
struct LoadedModel;

class ModelMenu : public QMenu {
    Q_OBJECT

public:
    /// `demo_model`: its path; "" if it is not there.
    explicit ModelMenu(const QString& demo_model, QWidget* parent = nullptr);

    /// Lists the models again; `loaded` is checked.
    void fill(const AppSettings& settings, const LoadedModel& loaded);

signals:
    /// Add or change servers.
    void serversWanted();
    void chosen(const QString& path);
    void openWanted();
    /// Look for one on this machine, or fetch one.
    void findWanted();
    /// Tell all that there is to know of the model.
    void cardWanted();
    void unloadWanted();

private:
    QString m_demo_model;
};

}  // namespace moescope

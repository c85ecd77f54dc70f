#pragma once
// What people call experts, kept for each model in the history's settings. GUI thread.

#include <QObject>

#include "app/window/engine_thread.h"
#include "ui/inspector/inspector_model.h"

class QWidget;

namespace moescope {

class History;
class SettingsKeeper;
class ThemeStore;

class ExpertNames : public QObject {
    Q_OBJECT

public:
    struct Parts {
        History* history;
        SettingsKeeper* settings;
        InspectorModel* inspector;
        ThemeStore* themes;
        QWidget* window;
    };
    /// None is owned; all outlive this.
    explicit ExpertNames(const Parts& parts, QObject* parent = nullptr);

    /// Whose experts they are.
    void setModel(const LoadedModel& model);
    /// Asks for a name; an empty one takes it away.
    void ask(int layer, int expert);
    void setName(int layer, int expert, const QString& name);

    /// Names as they are stored: JSON, "layer:expert" to name, layers counted from 0 at the first MoE layer. What is no
    /// such text has no names.
    static InspectorModel::ExpertNames fromJson(const std::string& json);
    static std::string toJson(const InspectorModel::ExpertNames& names);

private:
    QString key() const;
    /// Only beside the routing of a model of this shape.
    void show();

    Parts m_parts;
    QString m_model;
    RoutingShape m_shape;
    InspectorModel::ExpertNames m_names;
};

}  // namespace moescope

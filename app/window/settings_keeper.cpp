#include "app/window/settings_keeper.h"

#include "app/window/engine_thread.h"
#include "app/window/history_writer.h"
#include "app/window/settings_json.h"
#include "ui/widgets/plain_text.h"

namespace moescope {

SettingsKeeper::SettingsKeeper(HistoryWriter* writer, QObject* parent) : QObject(parent), m_writer(writer) {}

void SettingsKeeper::save() {
    const std::string json = jsonOf(values);
    m_writer->write([json](History& history) { return history.settings().set("app", json); },
                    [this](const Status& saved) {
                        if (!saved.ok()) emit failed(QString::fromStdString(saved.message()));
                    },
                    HistoryWriter::Wait::kNo, QStringLiteral("setting app"));
}

void SettingsKeeper::keep(const QString& key, const std::string& value) {
    m_writer->write([key = key.toStdString(), value](History& history) { return history.settings().set(key, value); },
                    {}, HistoryWriter::Wait::kNo, QStringLiteral("setting ") + key);
}

void SettingsKeeper::remember(const LoadedModel& model) {
    constexpr qsizetype kMost = 8;
    values.model_path = model.path;
    if (!model.model) return save();  // servers have a list of their own
    values.model_names.insert(model.path, oneLine(model.name, 100));
    values.recent_models.removeAll(model.path);
    values.recent_models.prepend(model.path);
    while (values.recent_models.size() > kMost) values.recent_models.removeLast();
    save();
}

}  // namespace moescope

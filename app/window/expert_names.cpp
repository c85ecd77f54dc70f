#include "app/window/expert_names.h"

#include <QJsonDocument>
#include <QJsonObject>

#include "app/chat/model_name.h"
#include "app/window/settings_keeper.h"
#include "storage/history.h"
#include "ui/widgets/ask_dialog.h"
#include "ui/widgets/plain_text.h"

namespace moescope {

ExpertNames::ExpertNames(const Parts& parts, QObject* parent) : QObject(parent), m_parts(parts) {
    connect(parts.inspector, &InspectorModel::nameWanted, this, &ExpertNames::ask);
    connect(parts.inspector, &InspectorModel::noNameWanted, this,
            [this](int layer, int expert) { setName(layer, expert, {}); });
    connect(parts.inspector, &InspectorModel::sourceChanged, this, &ExpertNames::show);
}

QString ExpertNames::key() const {
    return QStringLiteral("experts.names.") + m_model;
}

void ExpertNames::setModel(const LoadedModel& model) {
    m_model = model.model ? QString::fromStdString(modelName(*model.model)) : QString();
    m_shape = model.shape;
    m_names = {};
    if (!m_model.isEmpty()) {
        const auto stored = m_parts.history->settings().get(key().toStdString(), "");
        if (stored.ok()) m_names = fromJson(*stored);
    }
    show();
}

void ExpertNames::ask(int layer, int expert) {
    const auto name = askForName(m_parts.themes, m_parts.window,
                                 tr("Name of expert %1 in layer %2").arg(expert).arg(m_shape.first_moe_layer + layer),
                                 m_names.value({layer, expert}));
    if (name) setName(layer, expert, *name);
}

void ExpertNames::setName(int layer, int expert, const QString& name) {
    if (m_model.isEmpty()) return;
    const QString line = oneLine(name).trimmed();
    if (line.isEmpty()) {
        m_names.remove({layer, expert});
    } else {
        m_names.insert({layer, expert}, line);
    }
    m_parts.settings->keep(key(), toJson(m_names));
    show();
}

void ExpertNames::show() {
    const SharedSource whole = m_parts.inspector->whole();
    const bool its = whole && whole->shape().moe_layers == m_shape.moe_layers &&
                     whole->shape().experts == m_shape.experts &&
                     whole->shape().first_moe_layer == m_shape.first_moe_layer;
    m_parts.inspector->setExpertNames(its ? m_names : InspectorModel::ExpertNames());
}

InspectorModel::ExpertNames ExpertNames::fromJson(const std::string& json) {
    InspectorModel::ExpertNames names;
    const QJsonObject object = QJsonDocument::fromJson(QByteArray::fromStdString(json)).object();
    for (auto at = object.begin(); at != object.end(); ++at) {
        bool layer_ok = false, expert_ok = false;
        const int layer = at.key().section(QLatin1Char(':'), 0, 0).toInt(&layer_ok);
        const int expert = at.key().section(QLatin1Char(':'), 1).toInt(&expert_ok);
        const QString name = oneLine(at.value().toString()).trimmed();
        if (layer_ok && expert_ok && layer >= 0 && expert >= 0 && !name.isEmpty()) names.insert({layer, expert}, name);
    }
    return names;
}

std::string ExpertNames::toJson(const InspectorModel::ExpertNames& names) {
    QJsonObject object;
    for (auto at = names.begin(); at != names.end(); ++at)
        object.insert(QStringLiteral("%1:%2").arg(at.key().first).arg(at.key().second), at.value());
    return QJsonDocument(object).toJson(QJsonDocument::Compact).toStdString();
}

}  // namespace moescope

#include "app/window/model_menu.h"

#include <QActionGroup>
#include <QDir>
#include <QFileInfo>
#include <QLocale>

#include "app/models/model_type.h"
#include "app/window/engine_thread.h"
#include "app/window/qt_text.h"
#include "app/window/server_paths.h"
#include "ui/settings/app_settings.h"
#include "ui/widgets/plain_text.h"

namespace moescope {
namespace {

constexpr qsizetype kShownFolder = 36;  // letters, from the end

}  // namespace

ModelMenu::ModelMenu(const QString& demo_model, QWidget* parent) : QMenu(parent), m_demo_model(demo_model) {
    setAccessibleName(tr("Choose the model"));
}

void ModelMenu::fill(const AppSettings& settings, const LoadedModel& loaded) {
    clear();
    delete findChild<QActionGroup*>();
    auto* group = new QActionGroup(this);
    // Name and quantization at the left, folder and size at the right.
    const auto add = [&](const QString& path, const QString& text) {
        const QFileInfo file(path);
        QString folder = file.path();
        if (folder.startsWith(QDir::homePath())) folder.replace(0, QDir::homePath().size(), QLatin1Char('~'));
        if (folder.size() > kShownFolder) folder = QStringLiteral("…") + folder.right(kShownFolder - 1);
        QString where = tr("not found");
        if (file.exists()) {
            where = tr("%1, %2", "folder and size")
                        .arg(folder, QLocale().formattedDataSize(file.size(), 1, QLocale::DataSizeTraditionalFormat));
        }
        QAction* action = addAction(plainCaption(text) + QLatin1Char('\t') + plainCaption(where));
        action->setCheckable(true);
        action->setActionGroup(group);
        action->setChecked(loaded.there() && loaded.path == path);
        action->setToolTip(plainToolTip(path));
        connect(action, &QAction::triggered, this, [this, path] { emit chosen(path); });
    };
    if (!m_demo_model.isEmpty()) add(m_demo_model, tr("Demo model · built in, 13 M parameters"));
    for (const QString& path : settings.recent_models) {
        if (path == m_demo_model) continue;
        const QString name = settings.model_names.value(path, QFileInfo(path).completeBaseName());
        const QString kind = qt(typeInName(path.toStdString()));
        add(path, kind.isEmpty() ? name : name + QStringLiteral(" · ") + kind);
    }
    if (!settings.servers.isEmpty()) addSection(tr("Servers"));
    for (const ServerEntry& server : settings.servers) {
        const QString path = pathOf(server), host = hostOfPath(path);
        QAction* action = addAction(plainCaption(oneLine(serverModelName(path))) + QLatin1Char('\t') +
                                    plainCaption(tr("chats are sent to %1").arg(host)));
        action->setCheckable(true);
        action->setActionGroup(group);
        action->setChecked(loaded.there() && loaded.path == path);
        action->setToolTip(plainToolTip(path));
        connect(action, &QAction::triggered, this, [this, path] { emit chosen(path); });
    }
    addSeparator();
    addAction(tr("Servers…"), this, &ModelMenu::serversWanted);
    addAction(tr("Find or download a model…"), this, &ModelMenu::findWanted);
    addAction(tr("Open a model…"), this, &ModelMenu::openWanted);
    addAction(tr("About this model…"), this, &ModelMenu::cardWanted)->setEnabled(loaded.there());
    addAction(tr("Unload"), this, &ModelMenu::unloadWanted)->setEnabled(loaded.there());
}

}  // namespace moescope

#include "app/window/model_desk.h"

#include <QFileDialog>
#include <QFileInfo>
#include <QLocale>

#include "app/models/catalog.h"
#include "app/models/fetch_mark.h"
#include "app/window/qt_text.h"
#include "engine/base/out_of_memory.h"
#include "ui/widgets/ask_dialog.h"
#include "ui/widgets/plain_text.h"

namespace moescope {
namespace {

const QString kDot = QStringLiteral(" · ");

QString sizeText(std::uint64_t bytes) {
    return QLocale().formattedDataSize(static_cast<qint64>(bytes), 1, QLocale::DataSizeSIFormat);
}

/// "16.4" of 16,400,000,000.
QString billions(std::uint64_t count) {
    return QLocale().toString(static_cast<double>(count) / 1e9, 'f', count < 10'000'000'000 ? 1 : 0);
}

QString timeText(double seconds) {
    const auto minutes = static_cast<int>(seconds / 60);
    if (seconds < 60) return ModelDesk::tr("%1 s left").arg(static_cast<int>(seconds) + 1);
    if (minutes < 60) return ModelDesk::tr("%1 min left").arg(minutes + 1);
    return ModelDesk::tr("%1 h %2 min left").arg(minutes / 60).arg(minutes % 60);
}

QString waitText(const QString& why, std::chrono::seconds wait) {
    return ModelDesk::tr("%1 Trying again in %2 s.").arg(why, QString::number(wait.count()));
}

QString progressText(const FetchProgress& p) {
    const QString done = ModelDesk::tr("%1 of %2").arg(sizeText(p.done), sizeText(p.total));
    switch (p.state) {
        case FetchProgress::State::kChecking:
            return ModelDesk::tr("Checking what is already here: %1").arg(done);
        case FetchProgress::State::kWaiting:
            return waitText(qt(p.why), p.wait);
        case FetchProgress::State::kFetching:
            break;
    }
    if (p.bytes_per_s <= 0) return done;
    return ModelDesk::tr("%1, %2/s, %3")
        .arg(done, sizeText(static_cast<std::uint64_t>(p.bytes_per_s)), timeText(p.secondsLeft()));
}

ModelRow rowOf(const FoundModel& model) {
    ModelRow row;
    row.key = row.tip = qt(model.path);
    row.title = qt(model.name);
    row.usable = model.runs();
    QStringList parts;
    if (!model.type.empty()) parts << qt(model.type);
    parts << sizeText(model.file_bytes);
    if (model.runs()) {
        parts << (model.fits ? ModelDesk::tr("needs %1, fits") : ModelDesk::tr("needs %1, more than is free"))
                     .arg(sizeText(model.memory_bytes));
        if (!model.license.empty()) parts << oneLine(qt(model.license), 40);
    }
    parts << qt(model.place);
    if (!model.runs()) parts << ModelDesk::tr("cannot run: %1").arg(qt(model.problem));
    row.details = parts.join(kDot);
    return row;
}

ModelRow rowOf(const CatalogModel& model) {
    QStringList good_at;
    for (const std::string& word : model.good_at) good_at << qt(word);
    ModelRow row;
    row.key = row.tip = qt(model.repository);
    row.title = qt(model.name);
    row.details = ModelDesk::tr("%1 B parameters, %2 B active", "billions")
                      .arg(billions(model.parameters), billions(model.active_parameters)) +
                  kDot + good_at.join(QLatin1String(", ")) + kDot + ModelDesk::tr("license: %1").arg(qt(model.license));
    return row;
}

QString nameOf(const FetchJob& job) {
    return QFileInfo(qt(job.variant.files.front().path)).fileName();
}

QString keyOf(const FetchJob& job) {
    return qt(markPath(job.folder, job.repository, job.variant));
}

}  // namespace

ModelDesk::ModelDesk(std::string folder, ThemeStore* themes, QWidget* window)
    : QObject(window), m_folder(std::move(folder)), m_themes(themes), m_window(window), m_hub(hubOfEnvironment()) {}

void ModelDesk::post(std::function<void()> then) {
    QMetaObject::invokeMethod(this, std::move(then), Qt::QueuedConnection);
}

void ModelDesk::open(const LoadChoices& choices, const QStringList& folders) {
    m_choices = choices;
    m_folders = folders;
    if (!m_dialog) makeDialog();
    m_dialog->show();
    m_dialog->raise();
    m_dialog->activateWindow();
}

void ModelDesk::makeDialog() {
    m_dialog = new ModelsDialog(m_themes, m_window);
    m_dialog->setAttribute(Qt::WA_DeleteOnClose);
    connect(m_dialog, &QObject::destroyed, this, [this] {  // a fetch goes on
        m_searching.request_stop();
        m_asking.request_stop();
    });
    FoundPage* found = m_dialog->found();
    connect(found, &FoundPage::searchWanted, this, &ModelDesk::search);
    connect(found, &FoundPage::folderWanted, this, &ModelDesk::searchAlso);
    connect(found, &FoundPage::forgetWanted, this, [this] { setFolders({}); });
    FetchPage* fetch_page = m_dialog->fetch();
    connect(fetch_page, &FetchPage::typesWanted, this, &ModelDesk::ask);
    connect(fetch_page, &FetchPage::fetchWanted, this, [this](const QString& repository, int type) {
        if (!m_listing || qt(m_listing->repository) != repository || !m_hub.ok()) return;
        if (type < 0 || type >= static_cast<int>(m_listing->variants.size())) return;
        fetch({*m_hub, m_listing->repository, m_listing->revision, m_listing->variants[static_cast<std::size_t>(type)],
               m_folder});
    });
    connect(fetch_page, &FetchPage::resumeWanted, this, &ModelDesk::resume);
    connect(fetch_page, &FetchPage::discardWanted, this, &ModelDesk::discard);
    connect(fetch_page, &FetchPage::stopWanted, this, [this] {
        m_asking.request_stop();
        m_fetch.request_stop();
    });
    const auto open_model = [this](const QString& path) {
        m_dialog->close();
        emit openWanted(path);
    };
    connect(found, &FoundPage::openWanted, this, open_model);
    connect(fetch_page, &FetchPage::openWanted, this, open_model);

    showPaused();  // first, so that these are offered
    QList<ModelRow> rows;
    for (const CatalogModel& model : catalog()) rows << rowOf(model);
    fetch_page->setCatalog(rows);
    fetch_page->setHub(m_hub.ok() ? qt(m_hub->host()) : QString(), m_hub.ok() && !m_hub->token.empty(), qt(m_folder),
                       m_hub.ok() ? QString() : qt(m_hub.status().message()));
    if (m_fetching) m_dialog->showPage(ModelsDialog::Page::kFetch);
    search();
}

// On this machine

void ModelDesk::search() {
    m_dialog->found()->showSearching(0);
    m_dialog->found()->setOwnFolders(!m_folders.isEmpty());
    std::vector<ModelPlace> places = knownPlaces();
    for (const QString& folder : m_folders) places.insert(places.begin(), placeAt(folder.toStdString()));
    places.insert(places.begin(), {"Moescope", m_folder});
    m_searching = std::jthread([this, places, choices = m_choices](const std::stop_token& stop) {
        FoundModels found = findModels(places, choices, stop, [this](std::size_t count) {
            post([this, count] {
                if (m_dialog) m_dialog->found()->showSearching(static_cast<int>(count));
            });
        });
        if (stop.stop_requested()) return;
        post([this, found = std::move(found)] { showFound(found); });
    });
}

void ModelDesk::searchAlso() {
    const QString folder = QFileDialog::getExistingDirectory(m_dialog, tr("Choose a folder with models"));
    if (folder.isEmpty() || !m_dialog) return;
    QStringList folders = m_folders;
    folders.removeAll(folder);
    setFolders(folders << folder);
}

void ModelDesk::setFolders(const QStringList& folders) {
    m_folders = folders;
    emit foldersChanged(m_folders);
    if (m_dialog) search();
}

void ModelDesk::showFound(const FoundModels& found) {
    if (!m_dialog) return;
    QList<ModelRow> rows;
    for (const FoundModel& model : found.models) rows << rowOf(model);
    QStringList said;
    for (const std::string& note : found.notes) said << qt(note);
    m_dialog->found()->showModels(rows, said.join(QLatin1Char(' ')));
}

// Of a hub

void ModelDesk::showPaused() {
    if (!m_dialog) return;
    m_paused.clear();
    if (!m_fetching && m_hub.ok()) m_paused = unfinishedFetches(m_folder, *m_hub);
    QList<ModelRow> rows;
    for (const UnfinishedFetch& paused : m_paused) {
        ModelRow row;
        row.key = keyOf(paused.job);
        row.title = nameOf(paused.job);
        row.details = tr("Paused") + kDot +
                      tr("%1 of %2 downloaded").arg(sizeText(paused.done), sizeText(paused.job.variant.bytes())) +
                      kDot + qt(paused.job.repository);
        rows << row;
    }
    m_dialog->fetch()->setPaused(rows);
}

const FetchJob* ModelDesk::pausedJob(const QString& key) const {
    for (const UnfinishedFetch& paused : m_paused) {
        if (keyOf(paused.job) == key) return &paused.job;
    }
    return nullptr;
}

void ModelDesk::ask(const QString& repository) {
    if (!m_hub.ok()) return;
    m_dialog->fetch()->showAsking(repository);
    m_asking = std::jthread([this, hub = *m_hub, repository](const std::stop_token& stop) {
        const OnWait on_wait = [&](std::chrono::seconds wait, const std::string& why) {
            post([this, wait, repository, trouble = qt(why)] {
                if (m_dialog) m_dialog->fetch()->showAsking(repository, waitText(trouble, wait));
            });
        };
        Result<HubListing> listing = outOfMemory("");
        const Status status = withinLimits([&] {
            listing = listRepository(hub, repository.toStdString(), stop, on_wait);
            return listing.status();
        });
        const MachineMemory machine = memoryOfThisMachine();
        post([this, status, machine, listing = std::move(listing), stopped_by_user = stop.stop_requested()] {
            if (!m_dialog) return;
            if (status.ok()) return showListing(*listing, machine);
            m_dialog->fetch()->showStopped(stopped_by_user ? QString() : qt(status.message()), !stopped_by_user);
        });
    });
}

void ModelDesk::showListing(const HubListing& listing, const MachineMemory& machine) {
    m_listing = listing;
    const CatalogModel* known = findInCatalog(listing.repository);
    const ContextShape context = known ? known->context : ContextShape();
    const Recommendation advice = recommend(listing.variants, context, machine);
    QStringList types;
    for (std::size_t i = 0; i < listing.variants.size(); ++i) {
        const HubVariant& v = listing.variants[i];
        const QString name = v.type.empty() ? qt(v.files.front().path) : qt(v.type);
        QString verdict;
        if (advice.variant == i) {
            verdict = tr("recommended");
        } else if (!v.type.empty() && !typeRuns(v.type)) {
            verdict = tr("cannot run here");
        } else if (aboutNeeded(v.bytes(), v.type, context) > advice.room) {
            verdict = tr("does not fit");
        }
        types << name + kDot + sizeText(v.bytes()) + (verdict.isEmpty() ? QString() : kDot + verdict);
    }
    m_dialog->fetch()->showTypes(qt(listing.repository), types, advice.variant ? static_cast<int>(*advice.variant) : -1,
                                 qt(advice.why(listing.variants)));
}

void ModelDesk::fetch(const FetchJob& job) {
    if (m_fetching) return;
    m_fetching = true;
    m_dialog->fetch()->showProgress(nameOf(job), 0, tr("Looking for files…"));
    m_fetch = std::jthread([this, job](const std::stop_token& stop) {
        const auto progress = [this, &job](const FetchProgress& p) {
            post([this, p, name = nameOf(job)] {
                const double fraction = p.total ? static_cast<double>(p.done) / static_cast<double>(p.total) : 0;
                if (m_dialog && m_fetching) m_dialog->fetch()->showProgress(name, fraction, progressText(p));
            });
        };
        Result<std::string> path = outOfMemory("");
        const Status status = withinLimits([&] {
            path = fetchModel(job, stop, progress);
            return path.status();
        });
        if (!status.ok()) path = status;
        post([this, job, path = std::move(path)] { onEnded(job, path); });
    });
}

void ModelDesk::onEnded(const FetchJob& job, const Result<std::string>& path) {
    m_fetching = false;
    const bool paused = !path.ok() && path.status().code() == StatusCode::kStopped;
    const QString name = nameOf(job);
    if (!m_dialog) {
        if (path.ok()) emit ended(tr("%1 was downloaded.").arg(name), qt(*path));
        if (!path.ok() && !paused) emit ended(qt(path.status().message()), {});
        return;
    }
    showPaused();
    if (path.ok()) {
        m_dialog->fetch()->showFetched(name, qt(*path));
        search();
        return;
    }
    m_dialog->fetch()->choose(keyOf(job));
    m_dialog->fetch()->showStopped(paused ? tr("Paused. The partial download is kept, even if you close the program.")
                                          : qt(path.status().message()),
                                   !paused);
}

void ModelDesk::resume(const QString& key) {
    if (const FetchJob* job = pausedJob(key)) fetch(FetchJob(*job));
}

void ModelDesk::discard(const QString& key) {
    const FetchJob* paused = pausedJob(key);
    if (!paused) return;
    const FetchJob job = *paused;  // others may come while the question stands
    const bool sure =
        askWhether(m_themes, m_dialog, tr("Discard the partial download"),
                   tr("The part of %1 downloaded so far will be deleted.").arg(nameOf(job)), tr("Discard"), true);
    if (!sure || !m_dialog) return;
    const Status status = discardFetch(job);
    showPaused();
    m_dialog->fetch()->showStopped(status.ok() ? QString() : qt(status.message()), !status.ok());
}

}  // namespace moescope

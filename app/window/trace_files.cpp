#include "app/window/trace_files.h"

#include <QDir>
#include <QFileDialog>
#include <QFileInfo>
#include <QThreadPool>
#include <algorithm>
#include <map>
#include <memory>

#include "app/window/qt_text.h"
#include "app/window/routing_desk.h"

namespace moescope {
TraceFiles::TraceFiles(RoutingDesk* desk, QWidget* window, QObject* parent)
    : QObject(parent), m_desk(desk), m_window(window) {}

void TraceFiles::askAndOpen() {
    open(QFileDialog::getOpenFileNames(
        m_window, tr("Open trace"), {},
        tr("Routing (*.csv *.jsonl *.npy *.npz *.safetensors *.json *.txt);;All files (*)")));
}

void TraceFiles::askAndOpenFolder() {
    const QString folder = QFileDialog::getExistingDirectory(m_window, tr("Open trace folder"));
    if (!folder.isEmpty()) open({folder});
}

void TraceFiles::open(const QStringList& paths) {
    for (const QString& path : paths) {
        QThreadPool::globalInstance()->start([this, path] {
            auto trace = readTrace(path.toStdString());
            QMetaObject::invokeMethod(this, [this, path, trace = std::make_shared<Result<Trace>>(std::move(trace))] {
                if (!trace->ok()) {
                    emit failed(qt(trace->status().message()));
                } else {
                    auto log = std::make_shared<RoutingLog>(std::move((*trace)->log));
                    const auto tokens = static_cast<int>(log->size());
                    // QDir: a folder's path may end with a slash.
                    const QString name = QFileInfo(path).isDir() ? QDir(path).dirName() : QFileInfo(path).fileName();
                    m_desk->showSource(m_desk->sources().addTrace(name, std::move(log)));
                    QString sentence = tr("%1: %Ln token(s).", nullptr, tokens).arg(name);
                    for (const std::string& note : (*trace)->notes) sentence += QLatin1Char(' ') + qt(note);
                    emit said(sentence);
                }
                emit opened();
            });
        });
    }
}

void TraceFiles::askAndSave(What what) {
    if (!m_desk->shownSource()) return emit failed(tr("There is no routing yet; ask something first."));
    QStringList filters;
    std::vector<TraceFormat> formats;
    for (const TraceFormatInfo& f : traceFormats()) {
        if (!f.written || f.extension.empty()) continue;  // a folder is for the command line
        filters << QStringLiteral("%1 (*%2)").arg(qt(std::string(f.name)), qt(std::string(f.extension)));
        formats.push_back(f.format);
    }
    QString filter;
    QString path = QFileDialog::getSaveFileName(m_window, tr("Save routing"), QStringLiteral("routing"),
                                                filters.join(QStringLiteral(";;")), &filter);
    if (path.isEmpty()) return;
    const auto chosen = std::max<qsizetype>(0, filters.indexOf(filter));
    const QString extension = qt(std::string(info(formats[static_cast<std::size_t>(chosen)]).extension));
    if (QFileInfo(path).suffix().isEmpty()) path += extension;
    save(path,
         path.endsWith(extension, Qt::CaseInsensitive) ? std::optional(formats[static_cast<std::size_t>(chosen)])
                                                       : std::nullopt,
         what);
}

void TraceFiles::save(const QString& path, std::optional<TraceFormat> format, What what) {
    const bool scoped = what == What::kScope;
    const SharedSource source = scoped ? m_desk->scopedSource() : m_desk->shownSource();
    if (scoped && source && source->empty())
        return emit failed(tr("The scope has no tokens, so there is nothing to export."));
    if (!source || source->empty()) return emit failed(tr("There is no routing yet; ask something first."));
    // A copy: while an answer streams, its log grows.
    auto log = std::make_shared<RoutingLog>(copyOf(source->log()));
    auto texts = std::make_shared<std::map<std::int32_t, std::string>>();
    for (std::size_t t = 0; t < log->size(); ++t) {
        (*texts)[log->token(t).token] = source->text(static_cast<int>(t)).toStdString();
    }
    QThreadPool::globalInstance()->start([this, path, format, log, texts, scoped] {
        TraceOptions options;
        options.format = format;
        options.token_text = [texts](std::int32_t token) {
            const auto found = texts->find(token);
            return found == texts->end() ? std::string() : found->second;
        };
        const Status status = writeTrace(path.toStdString(), *log, options);
        const auto tokens = static_cast<int>(log->size());
        QMetaObject::invokeMethod(this, [this, path, status, scoped, tokens] {
            const QString file = QDir::toNativeSeparators(path);
            if (status.ok()) {
                emit said(scoped ? tr("Saved %1: %Ln token(s) of the scope.", nullptr, tokens).arg(file)
                                 : tr("Saved %1.").arg(file));
            } else {
                emit failed(qt(status.message()));
            }
            emit saved();
        });
    });
}

}  // namespace moescope

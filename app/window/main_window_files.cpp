// Files in and out of the window: models, exports, imports, and what is dropped on it.

#include <QDesktopServices>
#include <QDragEnterEvent>
#include <QFileDialog>
#include <QFileInfo>
#include <QMimeData>
#include <QSet>
#include <QThreadPool>
#include <QUrl>
#include <memory>

#include "app/window/attachment_reader.h"
#include "app/window/exchange.h"
#include "app/window/history_list.h"
#include "app/window/load_words.h"
#include "app/window/main_window.h"
#include "app/window/model_card_words.h"
#include "app/window/model_desk.h"
#include "app/window/model_loader.h"
#include "app/window/question_desk.h"
#include "app/window/settings_keeper.h"
#include "app/window/trace_files.h"
#include "storage/exchange/export.h"
#include "ui/chrome/notice_bar.h"
#include "ui/markdown/code_file.h"
#include "ui/widgets/plain_text.h"

namespace moescope {
namespace {

QStringList localFiles(const QMimeData* data) {
    QStringList paths;
    for (const QUrl& url : data->urls()) {
        if (url.isLocalFile()) paths << url.toLocalFile();
    }
    return paths;
}

/// Of what is read and is no trace: it goes with the question.
bool isTextEnding(const QString& ending) {
    static const QSet<QString> kEndings = {
        QStringLiteral("txt"),  QStringLiteral("md"),  QStringLiteral("markdown"), QStringLiteral("log"),
        QStringLiteral("pdf"),  QStringLiteral("py"),  QStringLiteral("c"),        QStringLiteral("h"),
        QStringLiteral("cpp"),  QStringLiteral("hpp"), QStringLiteral("cc"),       QStringLiteral("rs"),
        QStringLiteral("go"),   QStringLiteral("js"),  QStringLiteral("ts"),       QStringLiteral("java"),
        QStringLiteral("sh"),   QStringLiteral("tex"), QStringLiteral("html"),     QStringLiteral("xml"),
        QStringLiteral("yaml"), QStringLiteral("yml"), QStringLiteral("toml"),     QStringLiteral("ini")};
    return kEndings.contains(ending);
}

/// Whether a table is a trace, as its head tells.
bool isTableOfRouting(const QString& path) {
    QFile file(path);
    return file.open(QIODevice::ReadOnly) && file.read(4096).contains("expert");
}

/// Whether a file of JSON is a server's or a program's routing and not chats, as its first keys tell.
bool isJsonOfRouting(const QString& path) {
    constexpr qint64 kHead = 1 << 16;
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly)) return false;
    const QByteArray head = file.read(kHead);
    const auto has = [&head](const char* key) { return head.contains(key); };
    if (has("\"moescope-conversations\"") || has("\"mapping\"") || has("\"conversation\"")) return false;
    return has("\"routed_experts\"") || has("\"top_indices\"") || has("\"moescope_trace\"");
}

}  // namespace

void MainWindow::openModelFile() {
    const QString now = m_models->model().model ? m_models->model().path : QString();
    const QString path =
        QFileDialog::getOpenFileName(this, tr("Open a model"), now.isEmpty() ? QString() : QFileInfo(now).path(),
                                     tr("Models (*.gguf);;All files (*)"));
    if (!path.isEmpty()) loadModel(path);
}

void MainWindow::saveCode(const QString& code, const QString& language) {
    const QString path = QFileDialog::getSaveFileName(this, tr("Save the code"), codeFileName(language));
    if (path.isEmpty()) return;
    const Status written = writeExport(path.toStdString(), code.toStdString() + '\n');
    if (!written.ok()) return void(m_ui.notice->warn(QString::fromStdString(written.message())));
    m_ui.notice->say(tr("Saved %1.").arg(oneLine(QFileInfo(path).fileName())), 8);
}

void MainWindow::attachFiles() {
    if (!canChange()) return;
    const QString filter =
        canReadPdf() ? tr("Text files and PDFs (*.txt *.md *.csv *.log *.json *.py *.cpp *.h *.pdf);;All files (*)")
                     : tr("All files (*)");
    const QStringList paths = QFileDialog::getOpenFileNames(this, tr("Attach files"), {}, filter);
    if (!paths.isEmpty()) m_questions->attach(paths);
}

void MainWindow::findModels() {
    m_model_desk->open(loadChoices(m_settings->values), m_settings->values.model_folders);
}

void MainWindow::showModelCard() {
    if (!m_models->hasModel()) {
        m_ui.notice->say(tr("No model is loaded."), 12);
        return;
    }
    auto* dialog = new ModelCardDialog(modelCard(m_models->model()), &m_themes, this);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->open();
}

void MainWindow::exportConversations(const QList<qint64>& ids) {
    if (ids.isEmpty()) {
        m_ui.notice->say(tr("There is nothing to export yet."), 12);
        return;
    }
    const auto first = m_history->conversation(ids.front());
    const QString title =
        ids.size() == 1 && first.ok() ? QString::fromStdString(first->title) : tr("chats", "name of a file");
    const auto job = askForExport(this, &m_themes, ids, title, m_export);
    if (!job) return;
    m_ui.notice->say(tr("Exporting to %1…").arg(job->path));
    QThreadPool::globalInstance()->start(
        [this, job = *job, dir = m_options.data_dir, stop = m_background_stop.get_token()] {
            const Status done = runExport(dir, job, stop);
            QMetaObject::invokeMethod(this, [this, done, path = job.path] {
                if (!done.ok()) {
                    m_ui.notice->warn(QString::fromStdString(done.message()));
                    return;
                }
                m_ui.notice->say(tr("Exported to %1.").arg(path), 12, tr("Show in folder"), [path] {
                    QDesktopServices::openUrl(QUrl::fromLocalFile(QFileInfo(path).absolutePath()));
                });
            });
        });
}

void MainWindow::exportAll() {
    QList<qint64> all;
    ConversationFilter filter;
    filter.limit = 1'000'000;
    const auto found = m_history->conversations(filter);
    if (found.ok()) {
        for (const Conversation& c : *found) all.append(c.id);
    }
    exportConversations(all);
}

void MainWindow::importFiles(const QStringList& paths) {
    if (paths.isEmpty()) return;
    const auto stop = std::make_shared<std::stop_source>();
    const auto said = std::make_shared<NoticeBar::Id>(0);
    const auto say = [this, stop, said](const QString& sentence) {
        *said = m_ui.notice->say(sentence, 0, tr("Stop"), [stop] { stop->request_stop(); });
    };
    say(tr("Importing…"));
    QThreadPool::globalInstance()->start(
        [this, paths, stop, said, say, dir = m_options.data_dir, closing = m_background_stop.get_token()] {
            const std::stop_callback end(closing, [stop] { stop->request_stop(); });
            const auto progress = [this, stop, said, say](int percent) {
                QMetaObject::invokeMethod(this, [this, stop, said, say, percent] {
                    // A notice that came since, or that was closed, stays so.
                    if (!stop->stop_requested() && m_ui.notice->shown() == *said)
                        say(tr("Importing… %1 %").arg(percent));
                });
            };
            const Imported done = runImport(dir, paths, progress, stop->get_token());
            QMetaObject::invokeMethod(this, [this, done] {
                const QString sentence = importSentence(done);
                done.status.ok() ? m_ui.notice->say(sentence, 12) : m_ui.notice->warn(sentence, 0);
                if (done.conversations + done.extended > 0) m_list->reload();
            });
        });
}

void MainWindow::openFiles(const QStringList& paths) {
    QStringList chats, traces, texts;
    QString model;
    for (const QString& path : paths) {
        const QString ending = QFileInfo(path).suffix().toLower();
        if (ending == QLatin1String("gguf")) {
            model = path;
        } else if (ending == QLatin1String("zip") ||
                   ((ending == QLatin1String("json") || ending == QLatin1String("jsonl")) && !isJsonOfRouting(path))) {
            chats << path;
        } else if (isTextEnding(ending) || (ending == QLatin1String("csv") && !isTableOfRouting(path))) {
            texts << path;
        } else {
            traces << path;
        }
    }
    if (!chats.isEmpty()) importFiles(chats);
    if (!texts.isEmpty()) m_questions->attach(texts);
    if (!traces.isEmpty()) m_traces->open(traces);
    if (!model.isEmpty()) loadModel(model);
}

void MainWindow::dragEnterEvent(QDragEnterEvent* event) {
    if (localFiles(event->mimeData()).isEmpty()) return;
    event->setDropAction(Qt::CopyAction);
    event->accept();
}

void MainWindow::dropEvent(QDropEvent* event) {
    const QStringList paths = localFiles(event->mimeData());
    if (paths.isEmpty()) return;
    event->setDropAction(Qt::CopyAction);
    event->accept();
    // Not within the drop: whoever dragged waits for its end.
    QMetaObject::invokeMethod(
        this, [this, paths] { openFiles(paths); }, Qt::QueuedConnection);
}

}  // namespace moescope

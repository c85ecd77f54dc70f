#include "app/window/export_dialog.h"

#include <QCoreApplication>
#include <QFile>
#include <QFileDialog>
#include <QFileInfo>
#include <QMarginsF>
#include <QPdfWriter>
#include <QSaveFile>
#include <QTextDocument>

#include "storage/exchange/export.h"
#include "storage/exchange/import.h"

namespace moescope {
namespace {

QString tr(const char* text) {
    return QCoreApplication::translate("moescope::Export", text);
}
QString qt(const std::string& text) {
    return QString::fromStdString(text);
}

struct Kind {
    const char* filter;
    const char* ending;
};
constexpr Kind kKinds[] = {{QT_TRANSLATE_NOOP("moescope::Export", "Markdown (*.md)"), "md"},
                           {QT_TRANSLATE_NOOP("moescope::Export", "Web page (*.html)"), "html"},
                           {QT_TRANSLATE_NOOP("moescope::Export", "PDF (*.pdf)"), "pdf"},
                           {QT_TRANSLATE_NOOP("moescope::Export", "Text (*.txt)"), "txt"},
                           {QT_TRANSLATE_NOOP("moescope::Export", "JSON with everything (*.json)"), "json"},
                           {QT_TRANSLATE_NOOP("moescope::Export", "JSON Lines (*.jsonl)"), "jsonl"}};

QString fileNameFrom(const QString& title) {
    QString name;
    for (const QChar c : title)
        name += c.isLetterOrNumber() || c == QLatin1Char(' ') || c == QLatin1Char('-') ? c : QLatin1Char('_');
    name = name.simplified().left(60);
    return name.isEmpty() ? QStringLiteral("chat") : name;
}

}  // namespace

Status writePdf(const QString& path, const std::vector<ConversationContent>& conversations) {
    ExportOptions options;
    options.routing = false;
    const std::string markdown = exportConversations(conversations, ExportFormat::kMarkdown, options);
    QSaveFile file(path);
    if (!file.open(QIODevice::WriteOnly)) {
        return ioError(path.toStdString() + ": cannot be written (" + file.errorString().toStdString() +
                       "); choose another folder.");
    }
    {
        QPdfWriter writer(&file);
        writer.setPageSize(QPageSize(QPageSize::A4));
        writer.setPageMargins(QMarginsF(18, 18, 18, 18), QPageLayout::Millimeter);
        writer.setTitle(conversations.size() == 1 ? qt(conversations[0].conversation.title) : tr("Chats"));
        writer.setCreator(QStringLiteral("Moescope"));
        QTextDocument document;
        QFont font(QStringLiteral("Inter"));
        font.setPointSizeF(10);
        document.setDefaultFont(font);
        document.setMarkdown(qt(markdown), QTextDocument::MarkdownFeatures(QTextDocument::MarkdownDialectGitHub) |
                                               QTextDocument::MarkdownNoHTML);
        document.print(&writer);
    }
    if (!file.commit()) {
        return ioError(path.toStdString() + ": cannot be written (" + file.errorString().toStdString() +
                       "); is the disk full?");
    }
    return {};
}

QString exportWithDialog(QWidget* parent, History& history, const QList<qint64>& ids) {
    std::vector<ConversationContent> contents;
    for (const qint64 id : ids) {
        auto content = history.content(id);
        if (!content.ok()) return qt(content.status().message());
        contents.push_back(std::move(*content));
    }
    if (contents.empty()) return tr("There is nothing to export yet.");
    const QString name = contents.size() == 1 ? fileNameFrom(qt(contents[0].conversation.title)) : tr("chats");
    QStringList filters;
    for (const Kind& kind : kKinds) filters << tr(kind.filter);
    QString chosen;
    QString path = QFileDialog::getSaveFileName(parent, tr("Export"), QStringLiteral("%1.md").arg(name),
                                                filters.join(QStringLiteral(";;")), &chosen);
    if (path.isEmpty()) return {};
    // The chosen kind counts; an ending that says otherwise is replaced.
    const Kind& kind = kKinds[std::max<qsizetype>(0, filters.indexOf(chosen))];
    if (QFileInfo(path).suffix().compare(QLatin1String(kind.ending), Qt::CaseInsensitive) != 0) {
        const QFileInfo info(path);
        path = info.path() + QLatin1Char('/') + info.completeBaseName() + QLatin1Char('.') + QLatin1String(kind.ending);
    }
    Status status;
    if (QLatin1String(kind.ending) == QLatin1String("pdf")) {
        status = writePdf(path, contents);
    } else {
        const auto format = parseExportFormat(kind.ending);
        if (!format.ok()) return qt(format.status().message());
        status = writeExport(path.toStdString(), exportConversations(contents, *format, {}));
    }
    return status.ok() ? tr("Exported to %1.").arg(path) : qt(status.message());
}

QString importWithDialog(QWidget* parent, History& history, QList<qint64>& imported) {
    const QStringList paths = QFileDialog::getOpenFileNames(parent, tr("Import"), {},
                                                            tr("Chats of Moescope or ChatGPT (*.json);;All files (*)"));
    if (paths.isEmpty()) return {};
    for (const QString& path : paths) {
        QFile file(path);
        if (!file.open(QIODevice::ReadOnly)) {
            return tr("%1: cannot be read (%2).").arg(path, file.errorString());
        }
        const QByteArray bytes = file.readAll();
        const auto contents = importConversations({bytes.constData(), static_cast<std::size_t>(bytes.size())});
        if (!contents.ok()) return QStringLiteral("%1: %2").arg(path, qt(contents.status().message()));
        for (const ConversationContent& content : *contents) {
            const auto id = history.import(content);
            if (!id.ok()) return qt(id.status().message());
            imported.append(*id);
        }
    }
    return tr("Imported %1 chats.").arg(imported.size());
}

}  // namespace moescope

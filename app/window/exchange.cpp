#include "app/window/exchange.h"

#include <QCoreApplication>
#include <QFile>
#include <QFileDialog>
#include <QFileInfo>
#include <QMarginsF>
#include <QPdfWriter>
#include <QRegularExpression>
#include <QSaveFile>
#include <QTextBlock>
#include <QTextCursor>
#include <QTextDocument>
#include <algorithm>

#include "storage/exchange/export.h"
#include "storage/exchange/import.h"

namespace moescope {
namespace {

/// Gives the strings of this file a context.
class Exchange {
    Q_DECLARE_TR_FUNCTIONS(moescope::Exchange)
};

constexpr const char* kPrintStyle =
    "body { color: #1b1f27; } h1 { margin: 0; } p.who { color: #8f6200; font-size: 8pt; "
    "font-weight: 600; margin: 14px 0 2px 0; } .meta, .notes, small { color: #5f6877; font-size: 8pt; margin: 2px 0; } "
    ".plain { white-space: pre-wrap; background-color: #eef1f6; } p, li { margin: 0 0 5px 0; } "
    "code, pre { font-family: 'JetBrains Mono', monospace; font-size: 8.5pt; background-color: #f3f5f8; } "
    "pre { white-space: pre-wrap; margin: 4px 0 8px 0; } th, td { padding: 2px 14px 2px 0; } th { color: #5f6877; } "
    "blockquote { color: #5f6877; } a { color: #2f63d8; }";

QString qt(const std::string& text) {
    return QString::fromStdString(text);
}

QString filterOf(const QString& format) {
    if (format == QLatin1String("html")) return Exchange::tr("Web page (*.html)");
    if (format == QLatin1String("pdf")) return Exchange::tr("PDF (*.pdf)");
    if (format == QLatin1String("txt")) return Exchange::tr("Text (*.txt)");
    if (format == QLatin1String("json")) return Exchange::tr("JSON with everything (*.json)");
    if (format == QLatin1String("jsonl")) return Exchange::tr("JSON Lines (*.jsonl)");
    return Exchange::tr("Markdown (*.md)");
}

QString fileNameFrom(const QString& title) {
    QString name;
    for (const QChar c : title)
        name += c.isLetterOrNumber() || c == QLatin1Char(' ') || c == QLatin1Char('-') ? c : QLatin1Char('_');
    name = name.simplified().left(60);
    return name.isEmpty() ? QStringLiteral("chat") : name;
}

/// Scripts whose letters change their forms beside each other.
bool needsShaping(const QString& text) {
    return std::any_of(text.begin(), text.end(), [](QChar c) {
        switch (c.script()) {
            case QChar::Script_Unknown:
            case QChar::Script_Common:
            case QChar::Script_Inherited:
            case QChar::Script_Latin:
            case QChar::Script_Greek:
            case QChar::Script_Cyrillic:
            case QChar::Script_Hebrew:
            case QChar::Script_Han:
            case QChar::Script_Hangul:
            case QChar::Script_Hiragana:
            case QChar::Script_Katakana:
                return false;
            default:
                return true;
        }
    });
}

/// Fonts of today join "</" or "->" to one sign, which could not be read back from a file.
void keepLetters(QTextDocument& document) {
    QTextCharFormat plain;
    plain.setFontStyleStrategy(QFont::PreferNoShaping);
    for (QTextBlock block = document.begin(); block.isValid(); block = block.next()) {
        if (needsShaping(block.text())) continue;
        QTextCursor cursor(block);
        cursor.select(QTextCursor::BlockUnderCursor);
        cursor.mergeCharFormat(plain);
    }
}

ExportOptions optionsOf(const ExportChoice& choice) {
    return {choice.system_prompts, choice.settings, choice.timings, choice.routing};
}

Status cannotWrite(const QString& path, const QString& why, const char* advice) {
    return ioError(path.toStdString() + ": cannot be written (" + why.toStdString() + "); " + advice);
}

}  // namespace

std::optional<ExportJob> askForExport(QWidget* parent, ThemeStore* themes, const QList<qint64>& conversations,
                                      const QString& title, ExportChoice& choice) {
    ExportChoiceDialog dialog(themes, static_cast<int>(conversations.size()), parent);
    dialog.setChoice(choice);
    if (dialog.exec() != QDialog::Accepted) return std::nullopt;
    choice = dialog.choice();
    QString path = QFileDialog::getSaveFileName(parent, Exchange::tr("Export"),
                                                QStringLiteral("%1.%2").arg(fileNameFrom(title), choice.format),
                                                filterOf(choice.format));
    if (path.isEmpty()) return std::nullopt;
    if (QFileInfo(path).suffix().compare(choice.format, Qt::CaseInsensitive) != 0)
        path += QLatin1Char('.') + choice.format;
    return ExportJob{choice, path, conversations};
}

Status runExport(const std::string& data_dir, const ExportJob& job, const std::stop_token& stop) {
    const auto history = History::open(data_dir);
    if (!history.ok()) return history.status();
    std::vector<ConversationContent> contents;
    for (const qint64 id : job.conversations) {
        if (stop.stop_requested()) return stopped("The export was stopped.");
        auto content = (*history)->content(id);
        if (!content.ok()) return content.status();
        contents.push_back(std::move(*content));
    }
    if (job.choice.format == QLatin1String("pdf")) return writePdf(job.path, contents, job.choice);
    const auto format = parseExportFormat(job.choice.format.toStdString());
    if (!format.ok()) return format.status();
    return writeExport(job.path.toStdString(), exportConversations(contents, *format, optionsOf(job.choice)));
}

Status writePdf(const QString& path, const std::vector<ConversationContent>& conversations,
                const ExportChoice& choice) {
    // The page for browsers, in the style sheet that Qt understands.
    QString html = qt(exportConversations(conversations, ExportFormat::kHtml, optionsOf(choice)));
    const auto style = html.indexOf(QLatin1String("<style>")), end = html.indexOf(QLatin1String("</style>"));
    if (style >= 0 && end > style) html.remove(style, end - style + 8);
    static const QRegularExpression kWho(QStringLiteral("<h2 class=\"who\">([^<]*)</h2>"));
    html.replace(kWho, QStringLiteral("<p class=\"who\">\\1</p>"));  // Qt gives headings sizes of their own
    QSaveFile file(path);
    if (!file.open(QIODevice::WriteOnly)) return cannotWrite(path, file.errorString(), "choose another folder.");
    {
        QPdfWriter writer(&file);
        writer.setPageSize(QPageSize(QPageSize::A4));
        writer.setPageMargins(QMarginsF());  // the document has 2 cm of its own
        writer.setTitle(conversations.size() == 1 ? qt(conversations[0].conversation.title) : Exchange::tr("Chats"));
        writer.setCreator(QStringLiteral("Moescope"));
        QTextDocument document;
        QFont font(QStringLiteral("Inter"));
        font.setPointSizeF(10);
        document.setDefaultFont(font);
        document.setDefaultStyleSheet(QLatin1String(kPrintStyle));
        document.setHtml(html);
        keepLetters(document);
        document.print(&writer);
    }
    if (!file.commit()) return cannotWrite(path, file.errorString(), "is the disk full?");
    return {};
}

QStringList askForImport(QWidget* parent) {
    return QFileDialog::getOpenFileNames(
        parent, Exchange::tr("Import"), {},
        Exchange::tr("Chats of Moescope, ChatGPT or DeepSeek (*.json *.zip);;All files (*)"));
}

Imported runImport(const std::string& data_dir, const QStringList& paths) {
    Imported imported;
    ImportedFile all;
    for (const QString& path : paths) {
        auto file = importFile(path.toStdString());
        if (!file.ok()) {
            imported.status = file.status();
            return imported;
        }
        all.add(std::move(*file));
    }
    imported.remark = qt(all.remark());
    const auto history = History::open(data_dir);
    if (!history.ok()) {
        imported.status = history.status();
        return imported;
    }
    for (const ConversationContent& content : all.conversations) {
        const auto id = (*history)->import(content);
        if (!id.ok()) {
            imported.status = id.status();
            break;
        }
        ++imported.conversations;
    }
    return imported;
}

}  // namespace moescope

#include "app/window/exchange.h"

#include <QCoreApplication>
#include <QFileDialog>
#include <QFileInfo>
#include <QIODevice>
#include <QMarginsF>
#include <QPdfWriter>
#include <algorithm>
#include <string_view>

#include "app/window/qt_text.h"
#include "app/window/titles.h"
#include "engine/base/atomic_file.h"
#include "storage/exchange/export.h"
#include "storage/exchange/import.h"
#include "storage/exchange/transcript.h"
#include "ui/chat/transcript_print.h"

namespace moescope {
namespace {

/// Gives the strings of this file a context.
class Exchange {
    Q_DECLARE_TR_FUNCTIONS(moescope::Exchange)
};

QString filterOf(const QString& format) {
    if (format == QLatin1String("html")) return Exchange::tr("Web page (*.html)");
    if (format == QLatin1String("pdf")) return Exchange::tr("PDF (*.pdf)");
    if (format == QLatin1String("txt")) return Exchange::tr("Text (*.txt)");
    if (format == QLatin1String("json")) return Exchange::tr("JSON with everything (*.json)");
    if (format == QLatin1String("jsonl")) return Exchange::tr("JSON Lines (*.jsonl)");
    return Exchange::tr("Markdown (*.md)");
}

/// The conversations as they are printed.
std::vector<PrintItem> printItems(const std::vector<ConversationContent>& conversations, const ExportOptions& options) {
    std::vector<PrintItem> items;
    const auto addWords = [&](PrintItem::Kind kind, const std::string& words) {
        if (!words.empty()) items.push_back({kind, qt(words), {}});
    };
    const auto addMessage = [&](TranscriptRole role, const std::string& text) {
        PrintItem item;
        item.message.role = role;
        item.message.text = text;
        items.push_back(std::move(item));
    };
    for (const ConversationContent& content : conversations) {
        addWords(PrintItem::kTitle, titleLine(content.conversation));
        addWords(PrintItem::kFacts, conversationLine(content, options));
        if (options.system_prompts && !content.conversation.system_prompt.empty()) {
            addWords(PrintItem::kSpeaker, Exchange::tr("System prompt").toStdString());
            addMessage(TranscriptRole::kAnswer, content.conversation.system_prompt);
        }
        for (const MessageContent* shown : shownBranch(content)) {
            const Message& m = shown->message;
            const bool question = m.author == Author::kUser;
            if (!question) addWords(PrintItem::kSpeaker, speaker(m));
            addMessage(question ? TranscriptRole::kUser : TranscriptRole::kAnswer,
                       options.thoughts ? m.text : std::string(spokenText(m, options).answer));
            addWords(PrintItem::kFacts, answerLine(m, options));
            if (!options.routing || !shown->routing) continue;
            const RoutingShares shares = routingShares(*shown->routing);
            addWords(PrintItem::kFacts, Exchange::tr("Top experts of %Ln token(s), by share of the gates", nullptr,
                                                     static_cast<int>(shares.tokens))
                                            .toStdString());
            std::string table = "| Layer | Experts |\n| ---: | :--- |\n";
            for (int layer = 0; layer < shares.moe_layers; ++layer) {
                table += "| " + std::to_string(shares.first_moe_layer + layer) + " | " + shares.topLine(layer) + " |\n";
            }
            addMessage(TranscriptRole::kAnswer, table);
        }
    }
    return items;
}

/// What Qt writes, into a file that appears whole or not at all.
class FileDevice : public QIODevice {
public:
    explicit FileDevice(AtomicFile& file) : m_file(file) {}
    bool isSequential() const override { return true; }

protected:
    qint64 readData(char*, qint64) override { return -1; }
    qint64 writeData(const char* data, qint64 size) override {
        m_file.write(std::string_view(data, static_cast<std::size_t>(size)));
        return m_file.status().ok() ? size : -1;
    }

private:
    AtomicFile& m_file;
};

ExportOptions optionsOf(const ExportChoice& choice) {
    return {choice.system_prompts, choice.settings, choice.timings, choice.routing, choice.thoughts};
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
    if (job.choice.format == QLatin1String("pdf")) return writePdf(job.path, contents, job.choice, stop);
    const auto format = parseExportFormat(job.choice.format.toStdString());
    if (!format.ok()) return format.status();
    return writeExport(job.path.toStdString(), exportConversations(contents, *format, optionsOf(job.choice)));
}

Status writePdf(const QString& path, const std::vector<ConversationContent>& conversations, const ExportChoice& choice,
                const std::stop_token& stop) {
    AtomicFile file(path.toStdString());
    FileDevice device(file);
    device.open(QIODevice::WriteOnly);
    bool printed = false;
    {
        constexpr double kMargin = 18;  // mm
        QPdfWriter writer(&device);
        writer.setResolution(1200);
        writer.setPageSize(QPageSize(QPageSize::A4));
        writer.setPageMargins(QMarginsF(kMargin, kMargin, kMargin, kMargin), QPageLayout::Millimeter);
        writer.setTitle(conversations.size() == 1 ? qt(conversations[0].conversation.title) : Exchange::tr("Chats"));
        writer.setCreator(QStringLiteral("Moescope"));
        const auto goOn = [&] { return file.status().ok() && !stop.stop_requested(); };
        printed = goOn() && printTranscript(&writer, printItems(conversations, optionsOf(choice)), goOn);
    }
    if (!file.status().ok()) return file.status();
    if (stop.stop_requested()) return stopped("The export was stopped.");
    if (!printed) return ioError(path.toStdString() + ": the PDF could not be painted.");
    return file.commit();
}

QStringList askForImport(QWidget* parent) {
    return QFileDialog::getOpenFileNames(
        parent, Exchange::tr("Import"), {},
        Exchange::tr("Chats of Moescope, ChatGPT or DeepSeek (*.json *.zip);;All files (*)"));
}

Imported runImport(const std::string& data_dir, const QStringList& paths, const std::function<void(int)>& progress,
                   const std::stop_token& stop) {
    Imported imported;
    ImportedFile all;
    for (const QString& path : paths) {
        auto file = importFile(path.toStdString());
        if (file.ok() && stop.stop_requested()) file = stopped("The import was stopped; nothing was imported.");
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
    int said = -1;
    const auto told = [&](std::size_t stored, std::size_t messages) {
        const int percent = messages == 0 ? 100 : static_cast<int>(stored * 100 / messages);
        if (percent == said || !progress) return;
        said = percent;
        progress(percent);
    };
    BroughtIn brought;
    imported.status = (*history)->bringIn(all.conversations, brought, told, stop);
    imported.conversations = static_cast<int>(brought.added);
    imported.extended = static_cast<int>(brought.extended);
    imported.present = static_cast<int>(brought.present);
    return imported;
}

QString importSentence(const Imported& done) {
    QStringList parts;
    if (done.conversations > 0 || done.extended + done.present == 0) {
        parts += Exchange::tr("Imported %Ln chat(s).", nullptr, done.conversations);
    }
    if (done.extended > 0) parts += Exchange::tr("%Ln chat(s) got new messages.", nullptr, done.extended);
    if (done.present > 0) parts += Exchange::tr("%Ln chat(s) were here already.", nullptr, done.present);
    if (!done.status.ok()) parts += qt(done.status.message());
    if (!done.remark.isEmpty()) parts += done.remark;
    return parts.join(QLatin1Char(' '));
}

}  // namespace moescope

#include "app/window/attachment_reader.h"

#include <QCoreApplication>
#include <QFile>
#include <QFileInfo>
#include <QStringDecoder>
#include <algorithm>
#include <optional>

#ifdef MOESCOPE_PDF
#include <QPdfDocument>
#include <QPdfSelection>
#endif

#include "engine/base/foreign_text.h"

namespace moescope {
namespace {

/// Gives the strings of this file a context.
class Words {
    Q_DECLARE_TR_FUNCTIONS(moescope::Attachment)
};

constexpr qint64 kMostRead = 64 << 20;         // of a text; what is behind it would not fit in any case
constexpr std::size_t kMostBytesOfToken = 64;  // no text has longer ones for long

Status refused(const QString& name, const QString& why) {
    return invalid(quoted(name.toStdString()) + ": " + why.toStdString());
}

std::string withPlainLines(std::string text) {
    std::string plain;
    plain.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '\r') {
            if (i + 1 == text.size() || text[i + 1] != '\n') plain += '\n';
        } else if (text[i] != '\0') {
            plain += text[i];
        }
    }
    return plain;
}

/// The encoding of a text without a mark; nothing for what is no text.
std::optional<QStringConverter::Encoding> encodingOf(const QByteArray& bytes) {
    if (const auto marked = QStringConverter::encodingForData(bytes)) return *marked;
    const qsizetype looked_at = std::min<qsizetype>(bytes.size(), 1 << 16);
    qsizetype zeros[2] = {0, 0};
    for (qsizetype i = 0; i < looked_at; ++i) zeros[i % 2] += bytes[i] == '\0';
    const qsizetype half = std::max<qsizetype>(1, looked_at / 2);
    // Latin letters in UTF-16 have a zero in every other place.
    if (zeros[1] > half / 3 && zeros[0] < half / 20) return QStringConverter::Utf16LE;
    if (zeros[0] > half / 3 && zeros[1] < half / 20) return QStringConverter::Utf16BE;
    if (zeros[0] + zeros[1] > 0) return std::nullopt;
    QStringDecoder utf8(QStringConverter::Utf8);
    const QString tried = utf8(bytes.first(looked_at));
    return utf8.hasError() ? QStringConverter::Latin1 : QStringConverter::Utf8;
}

/// A text that grows by parts as long as they fit.
class Fitting {
public:
    Fitting(const AttachmentLimits& limits, std::string& text) : m_limits(limits), m_text(text) {}
    /// False if it does not fit, and nothing was added.
    bool add(std::string_view part) {
        if (part.size() > room()) return false;
        const int tokens = m_limits.count(part);
        if (m_tokens + tokens > m_limits.tokens) return false;
        m_tokens += tokens;
        m_text += part;
        return true;
    }
    /// Of a first part that does not fit: as much as does.
    void addStart(std::string_view part) {
        part = part.substr(0, room());
        std::size_t size = part.size();
        const auto whole = [&](std::size_t at) {
            while (at > 0 && at < part.size() && (static_cast<unsigned char>(part[at]) & 0xC0) == 0x80) --at;
            return at;
        };
        while (size > 0 && m_limits.count(part.substr(0, size)) > m_limits.tokens) size = whole(size * 7 / 8);
        m_text += part.substr(0, whole(size));
    }

private:
    std::size_t room() const { return static_cast<std::size_t>(m_limits.tokens) * kMostBytesOfToken; }

    const AttachmentLimits& m_limits;
    std::string& m_text;
    int m_tokens = 0;
};

std::string partOf(const char* what, std::size_t taken, std::size_t all, bool cut) {
    if (taken == all && !cut) return {};
    std::string part =
        std::string(what) + (taken == 1 ? " 1" : "s 1-" + std::to_string(taken)) + " of " + std::to_string(all);
    return cut ? "beginning of " + part : part;
}

Result<markdown::Attachment> readText(const QString& name, QFile& file, const AttachmentLimits& limits) {
    markdown::Attachment read;
    const QByteArray bytes = file.read(kMostRead);
    if (bytes.isEmpty()) return refused(name, Words::tr("the file is empty; choose another one."));
    const auto encoding = encodingOf(bytes);
    if (!encoding) return refused(name, Words::tr("this is not a text file; attach a text file or a PDF."));
    QStringDecoder decoder(*encoding);
    const QString decoded = decoder(bytes);
    const std::string text = withPlainLines(decoded.toStdString());
    const std::size_t lines =
        static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n')) + (text.ends_with('\n') ? 0 : 1);
    Fitting fitting(limits, read.text);
    // Many lines at once, then one by one: counting tokens of each alone would take its time.
    constexpr std::size_t kTogether = 64;
    std::size_t at = 0, taken = 0, together = kTogether;
    while (at < text.size()) {
        if (limits.stop.stop_requested()) return stopped("Reading was stopped.");
        std::size_t end = at, count = 0;
        while (end < text.size() && count < together) {
            end = std::min(text.find('\n', end), text.size() - 1) + 1;
            ++count;
        }
        const std::string_view part = std::string_view(text).substr(at, end - at);
        if (fitting.add(part)) {
            taken += count;
            at = end;
        } else if (together > 1) {
            together = 1;  // to the line
        } else {
            if (taken == 0) fitting.addStart(part);
            break;
        }
    }
    read.part = partOf("line", std::max<std::size_t>(taken, 1), lines, taken == 0);
    if (file.size() > bytes.size()) read.part += " or more";
    if (read.text.ends_with('\n')) read.text.pop_back();
    return read;
}

Result<markdown::Attachment> readPdf(const QString& name, const QString& path, const AttachmentLimits& limits) {
#ifdef MOESCOPE_PDF
    QPdfDocument document;
    switch (document.load(path)) {
        case QPdfDocument::Error::None:
            break;
        case QPdfDocument::Error::IncorrectPassword:
            return refused(name, Words::tr("the PDF is protected by a password; save a copy without one."));
        case QPdfDocument::Error::UnsupportedSecurityScheme:
            return refused(name,
                           Words::tr("the PDF is encrypted in a way that cannot be read; print it to a new PDF."));
        default:
            return refused(name, Words::tr("the PDF is damaged; open it in another program and save it again."));
    }
    markdown::Attachment read;
    Fitting fitting(limits, read.text);
    const auto pages = static_cast<std::size_t>(document.pageCount());
    std::size_t taken = 0;
    for (; taken < pages; ++taken) {
        if (limits.stop.stop_requested()) return stopped("Reading was stopped.");
        std::string page = withPlainLines(document.getAllText(static_cast<int>(taken)).text().toStdString());
        if (!page.ends_with('\n')) page += '\n';
        if (fitting.add(page)) continue;
        if (taken == 0) fitting.addStart(page);
        break;
    }
    if (read.text.find_first_not_of(" \n\t\f") == std::string::npos)
        return refused(name, Words::tr("the PDF has pictures but no text; run text recognition (OCR) on it first."));
    read.part = partOf("page", std::max<std::size_t>(taken, 1), pages, taken == 0);
    if (read.text.ends_with('\n')) read.text.pop_back();
    return read;
#else
    (void)path;
    (void)limits;
    return refused(name, Words::tr("this build cannot read PDFs; attach the text as a file."));
#endif
}

}  // namespace

bool canReadPdf() {
#ifdef MOESCOPE_PDF
    return true;
#else
    return false;
#endif
}

Result<markdown::Attachment> readAttachment(const QString& path, const AttachmentLimits& limits) {
    const QFileInfo info(path);
    const QString name = info.fileName();
    if (info.isDir()) return refused(name, Words::tr("this is a folder; attach its files."));
    QFile file(path);
    if (!info.isFile() || !file.open(QIODevice::ReadOnly))
        return refused(name,
                       Words::tr("the file cannot be read; check that it exists and that you are allowed to read it."));
    if (limits.tokens <= 0) return refused(name, Words::tr("the context has no room left; start a new chat."));
    constexpr qint64 kPdfHead = 1024;  // within which its mark may stand
    const bool pdf = file.peek(kPdfHead).contains("%PDF-");
    auto read = pdf ? readPdf(name, path, limits) : readText(name, file, limits);
    if (!read.ok()) return read.status();
    read->name = name.toStdString();
    const QString ending = info.suffix().toLower();
    const bool plain = pdf || ending == QLatin1String("txt") || ending == QLatin1String("log");
    if (!plain && ending.size() <= 8) read->language = ending.toStdString();
    return read;
}

}  // namespace moescope

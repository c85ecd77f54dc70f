// Finding in the chat that is shown: all places at once, then from one to the next.

#include "app/window/main_window.h"
#include "ui/chat/transcript_model.h"
#include "ui/chat/transcript_view.h"
#include "ui/chrome/find_bar.h"

namespace moescope {

void MainWindow::openFind() {
    if (m_transcript_model->count() == 0) return;
    m_find->open();
}

void MainWindow::find(const QString& text) {
    constexpr std::size_t kMost = 10'000;
    m_matches.clear();
    m_match = -1;
    for (int row = 0; !text.isEmpty() && row < m_transcript_model->count() && m_matches.size() < kMost; ++row) {
        const TranscriptMessage& message = m_transcript_model->at(row);
        const QString all = QString::fromStdString(message.text);
        // Bytes are counted on from the match before: each text is walked once.
        qsizetype counted = 0;
        std::size_t bytes = 0;
        for (qsizetype at = all.indexOf(text, 0, Qt::CaseInsensitive); at >= 0 && m_matches.size() < kMost;
             at = all.indexOf(text, at + text.size(), Qt::CaseInsensitive)) {
            bytes += static_cast<std::size_t>(QStringView(all).mid(counted, at - counted).toUtf8().size());
            counted = at;
            const auto size = static_cast<std::size_t>(QStringView(all).mid(at, text.size()).toUtf8().size());
            m_matches.push_back({message.id, bytes, bytes + size});
        }
    }
    if (!m_matches.empty()) m_match = 0;
    showMatch();
}

void MainWindow::stepFind(int by) {
    if (m_matches.empty()) return;
    const int count = static_cast<int>(m_matches.size());
    m_match = (m_match + by + count) % count;
    showMatch();
}

void MainWindow::showMatch() {
    m_find->setPlace(m_match + 1, static_cast<int>(m_matches.size()));
    if (m_match < 0) return m_transcript->clearSelection();
    const Match& match = m_matches[static_cast<std::size_t>(m_match)];
    m_transcript->revealBytes(match.message, match.begin, match.end);
}

}  // namespace moescope

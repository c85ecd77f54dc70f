#include "app/window/find_in_chat.h"

#include "ui/chat/transcript_model.h"
#include "ui/chat/transcript_view.h"
#include "ui/chrome/find_bar.h"

namespace moescope {

FindInChat::FindInChat(FindBar* bar, const TranscriptModel* model, TranscriptView* view, QObject* parent)
    : QObject(parent), m_bar(bar), m_model(model), m_view(view) {
    connect(bar, &FindBar::changed, this, &FindInChat::find);
    connect(bar, &FindBar::stepped, this, &FindInChat::step);
    connect(bar, &FindBar::closed, this, [this] {
        m_view->clearSelection();
        emit closed();
    });
}

void FindInChat::open() {
    if (m_model->count() > 0) m_bar->open();
}

void FindInChat::update() {
    if (m_bar->isVisible()) find(m_bar->text());
}

void FindInChat::find(const QString& text) {
    constexpr std::size_t kMost = 10'000;
    m_matches.clear();
    m_match = -1;
    for (int row = 0; !text.isEmpty() && row < m_model->count() && m_matches.size() < kMost; ++row) {
        const TranscriptMessage& message = m_model->at(row);
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

void FindInChat::step(int by) {
    if (m_matches.empty()) return;
    const int count = static_cast<int>(m_matches.size());
    m_match = (m_match + by + count) % count;
    showMatch();
}

void FindInChat::showMatch() {
    m_bar->setPlace(m_match + 1, static_cast<int>(m_matches.size()));
    if (m_match < 0) return m_view->clearSelection();
    const Match& match = m_matches[static_cast<std::size_t>(m_match)];
    m_view->revealBytes(match.message, match.begin, match.end);
}

}  // namespace moescope

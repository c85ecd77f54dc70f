#include "app/window/find_in_chat.h"

#include <string>

#include "storage/folding.h"
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

void FindInChat::find(const QString& typed) {
    constexpr std::size_t kMost = 10'000;
    m_matches.clear();
    m_match = -1;
    const Needle needle(typed.toStdString());
    const std::string& wanted = needle.text;
    for (int row = 0; !wanted.empty() && row < m_model->count() && m_matches.size() < kMost; ++row) {
        const TranscriptMessage& message = m_model->at(row);
        const FoldedText text = foldedWithPlaces(message.text, needle.accents);
        std::size_t behind = 0;  // the match before: one letter may be folded to two ("ß")
        for (std::size_t at = text.text.find(wanted); at != std::string::npos && m_matches.size() < kMost;
             at = text.text.find(wanted, at + wanted.size())) {
            if (text.begins[at] < behind) continue;
            behind = text.ends[at + wanted.size() - 1];
            m_matches.push_back({message.id, text.begins[at], behind});
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

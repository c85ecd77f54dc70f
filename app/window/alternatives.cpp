#include "app/window/alternatives.h"

#include <QApplication>
#include <QScrollBar>

#include "app/window/chat_controller.h"
#include "app/window/model_loader.h"
#include "ui/chat/transcript_model.h"
#include "ui/chat/transcript_view.h"
#include "ui/widgets/plain_text.h"

namespace moescope {
namespace {

constexpr int kWaitMs = 400;   // who reads on is not disturbed
constexpr int kGraceMs = 250;  // for the way from the token to its card
constexpr qsizetype kLetters = 40;

}  // namespace

Alternatives::Alternatives(const Parts& parts, QObject* parent)
    : QObject(parent), m_parts(parts), m_card(new TokenCard(parts.themes, parts.view->viewport())) {
    m_wait.setSingleShot(true);
    m_grace.setSingleShot(true);
    connect(&m_wait, &QTimer::timeout, this, &Alternatives::showHovered);
    connect(&m_grace, &QTimer::timeout, this, &Alternatives::hide);
    connect(parts.view, &TranscriptView::tokenHovered, this, [this](qint64 message, int token) {
        hover({message, token});
    });
    connect(parts.view->verticalScrollBar(), &QScrollBar::valueChanged, this, [this] {
        if (!m_card->hasFocus()) hide();
    });
    connect(parts.view, &TranscriptView::selectionChanged, this, &Alternatives::hide);
    connect(parts.transcript, &QAbstractItemModel::modelReset, this, &Alternatives::hide);
    connect(parts.transcript, &QAbstractItemModel::rowsRemoved, this, &Alternatives::hide);
    connect(m_card, &TokenCard::entered, &m_grace, &QTimer::stop);
    connect(m_card, &TokenCard::left, this, [this] {
        if (!m_card->hasFocus()) m_grace.start(kGraceMs);
    });
    connect(m_card, &TokenCard::closed, this, &Alternatives::hide);
    connect(m_card, &TokenCard::stepped, this, &Alternatives::step);
    connect(m_card, &TokenCard::chosen, this, &Alternatives::take);
}

void Alternatives::hover(Place place) {
    m_hovered = place;
    if (m_card->hasFocus()) return;
    if (m_card->isVisible() && place == m_shown) return m_grace.stop();
    if (m_card->isVisible()) m_grace.start(kGraceMs);
    if (place.token >= 0) {
        m_wait.start(kWaitMs);
    } else {
        m_wait.stop();
    }
}

void Alternatives::showHovered() {
    if (QApplication::mouseButtons() != Qt::NoButton || m_parts.view->hasSelection()) return;
    if (m_hovered.token >= 0 && !m_card->underMouse()) show(m_hovered);
}

bool Alternatives::show(Place place) {
    const TokenFacts facts = factsOf(place);
    const QRect at = m_parts.view->tokenRect(place.message, place.token);
    if (facts.choices.empty() || at.isNull()) {
        hide();
        return false;
    }
    m_grace.stop();
    m_shown = place;
    m_card->show(facts, at);
    return true;
}

void Alternatives::hide() {
    m_wait.stop();
    m_grace.stop();
    m_shown = {};
    if (m_card->isHidden()) return;
    const bool had_focus = m_card->hasFocus();
    m_card->hide();
    if (had_focus) (m_focus_before ? m_focus_before.data() : m_parts.view)->setFocus();
}

bool Alternatives::open() {
    Place place;
    const auto [message, token] = m_parts.view->selectedToken();
    if (token >= 0) {
        place = {message, token};
    } else {
        for (int row = m_parts.transcript->count() - 1; row >= 0 && place.token < 0; --row) {
            const TranscriptMessage& m = m_parts.transcript->at(row);
            if (m.role == TranscriptRole::kAnswer && !m.tokens.empty()) place = {m.id, 0};
        }
    }
    if (place.token < 0) return false;
    m_parts.view->revealToken(place.message, place.token);
    QWidget* const before = QApplication::focusWidget();
    if (!show(place)) return false;
    if (before != m_card) m_focus_before = before;
    m_card->setFocus(Qt::ShortcutFocusReason);
    return show(place);  // with the one that was chosen in hand
}

void Alternatives::step(int by) {
    const TranscriptMessage* m = m_parts.transcript->find(m_shown.message);
    const int to = m_shown.token + by;
    if (!m || to < 0 || to >= static_cast<int>(m->tokens.size())) return;
    const Place place{m_shown.message, to};
    m_parts.view->revealToken(place.message, place.token);
    // What has no letters of its own has no place on the screen either.
    if (m_parts.view->tokenRect(place.message, place.token).isNull()) {
        m_shown = place;
        return step(by);
    }
    show(place);
}

bool Alternatives::isOfLoaded(qint64 message) const {
    const LoadedModel& loaded = m_parts.models->model();
    return loaded.model && loaded.name.toStdString() == m_parts.chat->modelOf(message);
}

QString Alternatives::wordsOf(std::int32_t token) const {
    const Tokenizer& tokenizer = m_parts.models->model().model->tokenizer();
    if (tokenizer.isEndOfText(token)) return tr("end of text");
    const std::string_view bytes = tokenizer.bytes(token);
    const QByteArray raw(bytes.data(), static_cast<qsizetype>(bytes.size()));
    QString text = QString::fromUtf8(raw);
    if (text.contains(QChar::ReplacementCharacter) && text.toUtf8() != raw)
        return QStringLiteral("<%1>").arg(QString::fromLatin1(raw.toHex(' ').toUpper()));
    // White space is seen.
    text.replace(QLatin1Char('\n'), QChar(0x23CE)).replace(QLatin1Char('\t'), QChar(0x21E5));
    text.replace(QLatin1Char(' '), QChar(0x2423));
    return text.isEmpty() ? tr("(nothing)") : oneLine(text, kLetters);
}

TokenFacts Alternatives::factsOf(Place place) const {
    TokenFacts facts;
    const auto token = m_parts.chat->tokenOf(place.message, place.token);
    const auto odds = m_parts.chat->oddsOf(place.message, place.token);
    if (!token || !odds) return facts;
    const bool words = isOfLoaded(place.message);
    const TranscriptMessage* m = m_parts.transcript->find(place.message);
    const bool streams = m && m->state == TranscriptState::kStreaming;
    const bool offered = words && !streams && m_parts.chat->mayChange();
    facts.token = words ? wordsOf(token->id) : tr("Token %1").arg(token->id);
    facts.probability = static_cast<double>(odds->probability);
    facts.rank = odds->rank;
    facts.entropy = static_cast<double>(odds->entropy);
    const auto add = [&](std::int32_t id, double probability, int rank) {
        const bool own = id == token->id;
        const bool ends = words && m_parts.models->model().model->tokenizer().isEndOfText(id);
        facts.choices.push_back(
            {words ? wordsOf(id) : tr("Token %1").arg(id), probability, rank, own, offered && !own && !ends});
    };
    for (int i = 0; i < odds->count; ++i) {
        const auto at = static_cast<std::size_t>(i);
        add(odds->tokens[at], static_cast<double>(odds->probabilities[at]), i);
    }
    if (odds->rank >= odds->count) add(token->id, facts.probability, odds->rank);
    facts.note = !words    ? tr("Load the model that wrote this to see the words")
                 : streams ? tr("You can choose another one once the answer has ended")
                           : tr("Choose another one to branch the answer there");
    return facts;
}

void Alternatives::take(int choice) {
    const Place place = m_shown;
    const auto token = m_parts.chat->tokenOf(place.message, place.token);
    const auto odds = m_parts.chat->oddsOf(place.message, place.token);
    hide();
    if (!token || !odds || choice < 0 || choice >= odds->count || !isOfLoaded(place.message)) return;
    m_parts.chat->branchAt(place.message, place.token, odds->tokens[static_cast<std::size_t>(choice)],
                           *m_parts.models->model().model);
}

}  // namespace moescope

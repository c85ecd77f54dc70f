#pragma once
// What the model might have said: the card beside the token under the pointer, or the one that was chosen, and the
// answer that branches off where another token is taken. GUI thread.

#include <QObject>
#include <QPointer>
#include <QTimer>

#include "ui/chat/token_card.h"

namespace moescope {

class ChatController;
class ModelLoader;
class ThemeStore;
class TranscriptModel;
class TranscriptView;

class Alternatives : public QObject {
    Q_OBJECT

public:
    struct Parts {
        ChatController* chat;
        TranscriptView* view;
        const TranscriptModel* transcript;
        const ModelLoader* models;
        ThemeStore* themes;
    };
    /// None is owned; all outlive this.
    explicit Alternatives(const Parts& parts, QObject* parent = nullptr);

    /// For keys: of the token that is chosen, else of the last answer's first. False if nothing is known of it.
    bool open();
    const TokenCard& card() const { return *m_card; }

private:
    struct Place {
        qint64 message = 0;
        int token = -1;
        bool operator==(const Place&) const = default;
    };
    void hover(Place place);
    void showHovered();
    bool show(Place place);
    void hide();
    void step(int by);
    void take(int choice);
    TokenFacts factsOf(Place place) const;
    QString wordsOf(std::int32_t token) const;
    /// Whether the model that made an answer is the one that is loaded: then its tokens have words.
    bool isOfLoaded(qint64 message) const;

    Parts m_parts;
    TokenCard* m_card;
    QTimer m_wait, m_grace;  // until it comes, and until it goes
    Place m_hovered, m_shown;
    QPointer<QWidget> m_focus_before;
};

}  // namespace moescope

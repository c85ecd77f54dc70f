#pragma once
// Finding in the chat that is shown: all places at once, then from one to the next. What is the same to the search of
// all chats (storage/folding.h) is the same here. GUI thread.

#include <QObject>
#include <vector>

namespace moescope {

class FindBar;
class TranscriptModel;
class TranscriptView;

class FindInChat : public QObject {
    Q_OBJECT

public:
    /// None is owned; all outlive this.
    FindInChat(FindBar* bar, const TranscriptModel* model, TranscriptView* view, QObject* parent = nullptr);

    /// Opens the bar, if there is something to find in.
    void open();
    /// Another chat is shown.
    void update();

signals:
    void closed();

private:
    struct Match {
        qint64 message = 0;
        std::size_t begin = 0, end = 0;  ///< bytes of its text
    };
    void find(const QString& typed);
    void step(int by);
    void showMatch();

    FindBar* m_bar;
    const TranscriptModel* m_model;
    TranscriptView* m_view;
    std::vector<Match> m_matches;
    int m_match = -1;  // the one that is shown
};

}  // namespace moescope

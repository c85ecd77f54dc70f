#pragma once
// Transcripts beside each other that have the same messages, but perhaps for the last one: where one is scrolled to,
// the others are too. What only grows moves none. GUI thread.

#include <QList>
#include <QObject>

namespace moescope {

class TranscriptView;

class LinkedScrolling : public QObject {
    Q_OBJECT

public:
    using QObject::QObject;
    /// Not owned; one that is deleted is forgotten.
    void add(TranscriptView* view);

private:
    void follow(TranscriptView* moved);

    QList<TranscriptView*> m_views;
    bool m_moving = false;
};

}  // namespace moescope

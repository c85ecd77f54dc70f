#pragma once
// Everything that the window writes to the history, on a thread of its own with a connection of its own, in the order
// in which it was asked for. The window reads by its own connection, which never waits; it never writes by it, as a
// writer waits for every other one: for another program's import, for a slow disk.
//
// While another program keeps the history locked, what is to be written stays in the queue and is tried again until it
// is done. Use on the GUI thread.

#include <QObject>
#include <QString>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

#include "storage/history.h"

namespace moescope {

class HistoryWriter : public QObject {
    Q_OBJECT

public:
    using Work = std::function<Status(History&)>;
    using Done = std::function<void(const Status&)>;
    enum class Wait {
        kNo,
        kBriefly,  ///< up to kPatience, so that what is written at once is also shown at once
    };
    static constexpr std::chrono::milliseconds kPatience{40};

    explicit HistoryWriter(std::string data_dir, QObject* parent = nullptr);
    /// Waits kLastPatience for what is still to be written; finish() before tells whether that is needed. Says on
    /// stderr what could not be written.
    ~HistoryWriter() override;

    /// Queues `work`, which runs on the writer's thread. `done` is called on the GUI thread with what came of it:
    /// within this call, if it did not take long and `wait` says so, else later; calls come in the order of the queue.
    /// A kBusy status does not come: the work is done again.
    ///
    /// `key`: work that is the last of the queue and has the same key is replaced by this one; its `done` is not
    /// called.
    void write(Work work, Done done = {}, Wait wait = Wait::kBriefly, const QString& key = {});

    /// Whether nothing is queued or being written, and every `done` was called.
    bool idle() const;
    /// Waits until idle() or the time is over; whether it is. Calls what is `done`.
    bool finish(std::chrono::milliseconds patience);

signals:
    /// The queue has become empty.
    void finished();
    /// Another program has kept the history locked for a while (kTellAfter), or no longer does.
    void heldUp(bool by_another_program);

private:
    struct Task {
        Work work;
        Done done;
        QString key;
        Status status;
    };
    void run();
    Status attempt(Task& task, std::unique_ptr<History>& history);
    void deliver();

    std::string m_data_dir;
    mutable std::mutex m_mutex;
    std::condition_variable m_changed;
    std::deque<Task> m_queue;  // guarded by m_mutex, as all below
    std::deque<Task> m_done;   // written, but not told yet
    bool m_running = false;    // one was taken from the queue
    bool m_slow = false;       // kPatience was not enough; until the queue is empty nobody waits again
    bool m_ending = false;
    std::chrono::steady_clock::time_point m_give_up;  // if m_ending
    std::jthread m_thread;                            // last: it uses all the others
};

}  // namespace moescope

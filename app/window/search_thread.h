#pragma once
// Searches on a thread of its own, with its own connection: typing never waits. A newer search replaces the one that
// waits and ends the one that runs.

#include <QObject>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <stop_token>
#include <thread>

#include "storage/history.h"

namespace moescope {

class SearchThread : public QObject {
    Q_OBJECT

public:
    explicit SearchThread(std::string data_dir, QObject* parent = nullptr);
    ~SearchThread() override;

    void search(const QString& query, int limit);

signals:
    /// On the thread that this object belongs to.
    void found(const QString& query, const moescope::SearchResult& result);
    void failed(const QString& sentence);

private:
    struct Request {
        QString query;
        int limit = 0;
        std::stop_source stop;
    };
    void work(const std::stop_token& stop);

    std::string m_data_dir;
    std::mutex m_mutex;
    std::condition_variable m_wake;
    std::optional<Request> m_next;    // guarded by m_mutex
    std::stop_source m_running_stop;  // guarded by m_mutex
    std::jthread m_thread;            // last: it uses all the others
};

}  // namespace moescope

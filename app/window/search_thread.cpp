#include "app/window/search_thread.h"

namespace moescope {

SearchThread::SearchThread(std::string data_dir, QObject* parent)
    : QObject(parent), m_data_dir(std::move(data_dir)), m_thread([this](const std::stop_token& stop) { work(stop); }) {}

SearchThread::~SearchThread() {
    {
        const std::lock_guard lock(m_mutex);
        m_thread.request_stop();
        m_running_stop.request_stop();
    }
    m_wake.notify_all();
}

void SearchThread::search(const QString& query, int limit) {
    {
        const std::lock_guard lock(m_mutex);
        m_running_stop.request_stop();
        m_next = Request{query, limit, {}};
    }
    m_wake.notify_all();
}

void SearchThread::work(const std::stop_token& stop) {
    std::unique_ptr<History> history;  // opened by the first search
    while (true) {
        Request request;
        {
            std::unique_lock lock(m_mutex);
            m_wake.wait(lock, [&] { return stop.stop_requested() || m_next; });
            if (stop.stop_requested()) return;
            request = std::move(*m_next);
            m_next.reset();
            m_running_stop = request.stop;
        }
        if (!history) {
            auto opened = History::open(m_data_dir);
            if (!opened.ok()) {
                emit failed(QString::fromStdString(opened.status().message()));
                continue;
            }
            history = std::move(*opened);
        }
        const auto result = history->search(request.query.toStdString(), request.limit, request.stop.get_token());
        if (request.stop.stop_requested()) continue;  // nobody waits for it any more
        if (!result.ok()) {
            emit failed(QString::fromStdString(result.status().message()));
        } else {
            emit found(request.query, *result);
        }
    }
}

}  // namespace moescope

#include "app/window/history_writer.h"

#include <cstdio>
#include <memory>
#include <utility>

namespace moescope {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr milliseconds kLastPatience{15'000};
constexpr milliseconds kTellAfter{1'500};
/// Of the connection, for one attempt.
constexpr int kAttemptMs = 250;

}  // namespace

HistoryWriter::HistoryWriter(std::string data_dir, QObject* parent)
    : QObject(parent), m_data_dir(std::move(data_dir)), m_thread([this] { run(); }) {}

HistoryWriter::~HistoryWriter() {
    {
        const std::lock_guard lock(m_mutex);
        m_ending = true;
        m_give_up = Clock::now() + kLastPatience;
    }
    m_changed.notify_all();
    m_thread.join();
    if (!m_queue.empty()) {
        std::fprintf(stderr, "%s/history.sqlite: another program kept it locked; %zu changes were not saved.\n",
                     m_data_dir.c_str(), m_queue.size());
    }
}

void HistoryWriter::write(Work work, Done done, Wait wait, const QString& key) {
    std::unique_lock lock(m_mutex);
    if (!key.isEmpty() && !m_queue.empty() && m_queue.back().key == key) m_queue.pop_back();
    m_queue.push_back({std::move(work), std::move(done), key, {}});
    m_changed.notify_all();
    // Behind something that takes long, this takes long too.
    if (wait == Wait::kNo || m_slow) return;
    m_slow = !m_changed.wait_for(lock, kPatience, [&] { return m_queue.empty() && !m_running; });
    lock.unlock();
    deliver();
}

bool HistoryWriter::idle() const {
    const std::lock_guard lock(m_mutex);
    return m_queue.empty() && !m_running && m_done.empty();
}

bool HistoryWriter::finish(milliseconds patience) {
    const auto deadline = Clock::now() + patience;
    while (true) {
        {
            std::unique_lock lock(m_mutex);
            m_changed.wait_until(lock, deadline, [&] { return m_queue.empty() && !m_running; });
        }
        deliver();
        // What was told may have asked for more.
        if (idle()) return true;
        if (Clock::now() >= deadline) return false;
    }
}

Status HistoryWriter::attempt(Task& task, std::unique_ptr<History>& history) {
    if (!history) {
        HistoryOptions options;
        options.patience_ms = kAttemptMs;
        auto opened = History::open(m_data_dir, options);
        if (!opened.ok()) return opened.status();
        history = std::move(*opened);
    }
    return task.work(*history);
}

void HistoryWriter::run() {
    std::unique_ptr<History> history;
    std::unique_lock lock(m_mutex);
    while (true) {
        m_changed.wait(lock, [&] { return m_ending || !m_queue.empty(); });
        if (m_queue.empty()) return;
        Task task = std::move(m_queue.front());
        m_queue.pop_front();
        m_running = true;
        const auto begun = Clock::now();
        bool told = false;
        while (true) {
            lock.unlock();
            task.status = attempt(task, history);
            const bool waits = task.status.code() == StatusCode::kBusy;
            if (waits && !told && Clock::now() - begun >= kTellAfter) emit heldUp(told = true);
            if (waits) std::this_thread::sleep_for(milliseconds(5));
            lock.lock();
            if (!waits) break;
            if (m_ending && Clock::now() >= m_give_up) {
                m_queue.push_front(std::move(task));
                return;
            }
        }
        m_running = false;
        m_slow = m_slow && !m_queue.empty();
        m_done.push_back(std::move(task));
        m_changed.notify_all();
        lock.unlock();
        if (told) emit heldUp(false);
        QMetaObject::invokeMethod(this, &HistoryWriter::deliver, Qt::QueuedConnection);
        lock.lock();
    }
}

void HistoryWriter::deliver() {
    while (true) {
        Task task;
        {
            const std::lock_guard lock(m_mutex);
            if (m_done.empty()) return;
            task = std::move(m_done.front());
            m_done.pop_front();
        }
        if (task.done) task.done(task.status);
        if (idle()) emit finished();
    }
}

}  // namespace moescope

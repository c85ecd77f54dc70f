#pragma once
// One window for a data folder: a second start brings the first to the front.

#include <QObject>
#include <optional>
#include <string>

#include "storage/file_lock.h"

class QSocketNotifier;

namespace moescope {

class WindowLock : public QObject {
    Q_OBJECT

public:
    /// Takes data_dir/window.lock, which holds the process's number. Where another process has it, that one is asked to
    /// come forward (by SIGUSR1: no socket is opened) and isFirst() is false.
    explicit WindowLock(const std::string& data_dir, QObject* parent = nullptr);
    ~WindowLock() override;

    bool isFirst() const { return m_lock.has_value(); }

signals:
    void comeForward();

private:
    std::optional<FileLock> m_lock;
    QSocketNotifier* m_notifier = nullptr;
    int m_pipe[2] = {-1, -1};
};

}  // namespace moescope

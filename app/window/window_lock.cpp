#include "app/window/window_lock.h"

#include <fcntl.h>
#include <unistd.h>

#include <QSocketNotifier>
#include <csignal>
#include <fstream>

namespace moescope {
namespace {

int signal_pipe = -1;  // where the handler writes; a handler cannot be given anything

void onSignal(int) {
    const char byte = 1;
    [[maybe_unused]] const ssize_t ignored = ::write(signal_pipe, &byte, 1);
}

}  // namespace

WindowLock::WindowLock(const std::string& data_dir, QObject* parent) : QObject(parent) {
    const std::string path = data_dir + "/window.lock", number_path = data_dir + "/window.pid";
    auto lock = FileLock::tryLock(path);
    if (!lock.ok() || !*lock) {
        long number = 0;
        std::ifstream(number_path) >> number;
        if (number > 1) ::kill(static_cast<pid_t>(number), SIGUSR1);
        return;
    }
    m_lock.emplace(std::move(**lock));
    if (::pipe2(m_pipe, O_CLOEXEC | O_NONBLOCK) == 0) {
        signal_pipe = m_pipe[1];
        std::signal(SIGUSR1, onSignal);
        m_notifier = new QSocketNotifier(m_pipe[0], QSocketNotifier::Read, this);
        connect(m_notifier, &QSocketNotifier::activated, this, [this] {
            char bytes[16];
            while (::read(m_pipe[0], bytes, sizeof bytes) > 0) {
            }
            emit comeForward();
        });
    }
    std::ofstream(number_path) << ::getpid() << '\n';  // after the handler stands, which the signal would else kill
}

WindowLock::~WindowLock() {
    std::signal(SIGUSR1, SIG_IGN);
    for (const int end : m_pipe) {
        if (end >= 0) ::close(end);
    }
}

}  // namespace moescope

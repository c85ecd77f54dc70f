// Streams answers into a history until it is killed, and tells on stdout what it has handed over.
// Usage: kill_writer DATA_DIR
//
// Lines: "Q conversation message text" once a question's call has returned; "T message bytes" as text is appended.

#include <chrono>
#include <cstdio>
#include <thread>

#include "tests/storage/samples.h"

using namespace moescope;

int main(int argc, char** argv) {
    if (argc != 2) return 2;
    const auto history = History::open(argv[1]);
    if (!history.ok()) {
        std::fprintf(stderr, "%s\n", history.status().message().c_str());
        return 1;
    }
    const auto conversation = (*history)->createConversation({});
    if (!conversation.ok()) return 1;
    std::optional<std::int64_t> last;
    for (int turn = 0;; ++turn) {
        const std::string text = "question " + std::to_string(turn);
        const auto asked = (*history)->addMessage(question(*conversation, text, last));
        if (!asked.ok()) return 1;
        std::printf("Q %lld %lld %s\n", static_cast<long long>(*conversation), static_cast<long long>(*asked),
                    text.c_str());
        std::fflush(stdout);
        auto writer = (*history)->beginAnswer(answerTo(*conversation, *asked), sampleShape());
        if (!writer.ok()) return 1;
        for (int i = 0; i < 150; ++i) {
            appendSample(**writer, "word ", i);
            std::printf("T %lld %zu\n", static_cast<long long>((*writer)->message()), (*writer)->text().size());
            std::fflush(stdout);
            if (!(*writer)->commitIfDue().ok()) return 1;
            std::this_thread::sleep_for(std::chrono::milliseconds(10));
        }
        if (!(*writer)->finish("end of text", {}).ok()) return 1;
        last = (*writer)->message();
    }
}

#include "app/cli/common.h"

#include <fmt/format.h>
#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iterator>
#include <mutex>
#include <system_error>
#include <thread>

#include "engine/backend/cpu/packed_store.h"
#include "engine/base/foreign_text.h"

namespace moescope::cli {

void require(const Status& status) {
    if (status.ok()) return;
    throw Failure{status.message(), status.code() == StatusCode::kStopped ? kExitInterrupted : 1};
}

void ComputeOptions::addTo(CLI::App& command, bool model_required) {
    command.add_option("MODEL", model, "GGUF model file")->required(model_required);
    command.add_option("-t,--threads", threads, "Compute threads (default: one per CPU core)")
        ->check(CLI::Range(0, 1024));
    command
        .add_option("-c,--context", context,
                    "Positions in the context (default: the model's own; chat and run take what memory has room for)")
        ->check(CLI::Range(0, 1 << 22));
    command.add_option("--chunk", chunk, "Prompt tokens computed per batch")
        ->check(CLI::Range(1, 8192))
        ->capture_default_str();
    addChoice(command, "--kv", kv_type, {KvType::kF16, KvType::kF32, KvType::kQ8_0}, kvTypeName, parseKvType,
              "Type of the KV cache");
    command.add_option("--isa", isa, "Instruction set (default: the best that the CPU has)")
        ->check(CLI::IsMember({"scalar", "avx2", "avxvnni", "avx512", "amx"}));
    addChoice(command, "--backend", device.backend, {BackendChoice::kAuto, BackendChoice::kCpu, BackendChoice::kCuda},
              backendChoiceName, parseBackendChoice,
              "Where to compute: on a GPU if one can be used (auto), the CPU, or a GPU and nothing else (cuda)");
    command
        .add_option("--device", device.device,
                    "Number of the GPU, as `info` lists it (default: the one with the most free memory)")
        ->check(CLI::Range(0, 255));
    command
        .add_option("--gpu-memory", gpu_memory, "GPU memory to use at most, such as 6.5GB (default: all that is free)")
        ->transform(CLI::AsNumberWithUnit(std::map<std::string, double>{
            {"b", 1}, {"kb", 1e3}, {"mb", 1e6}, {"gb", 1e9}, {"mib", 1 << 20}, {"gib", 1 << 30}}))
        ->check(CLI::Range(0.0, 1e15));
    command.add_flag("!--no-packed", use_packed, "Read the model file, even if its packed weights are kept on disk");
}

ModelOptions ComputeOptions::modelOptions() const {
    ModelOptions options;
    options.threads = threads;
    if (!isa.empty()) options.isa = parseIsa(isa);
    options.backend = device.backend;
    options.device = device.device;
    options.gpu_memory = static_cast<std::uint64_t>(gpu_memory);
    options.session = sessionOptions();
    if (use_packed) options.packed_folder = packedFolder();
    return options;
}

SessionOptions ComputeOptions::sessionOptions() const {
    SessionOptions options;
    options.context = context;
    options.chunk_tokens = chunk;
    options.kv_type = kv_type;
    return options;
}

LoadChoices ComputeOptions::loadChoices() const {
    LoadChoices choices;
    choices.compute = device;
    if (device.backend == BackendChoice::kAuto && !isa.empty()) choices.compute.backend = BackendChoice::kCpu;
    choices.gpu_memory = static_cast<std::uint64_t>(gpu_memory);
    choices.threads = threads;
    choices.context = context;
    choices.kv_type = kv_type;
    return choices;
}

std::shared_ptr<Model> loadModel(const ComputeOptions& options) {
    return loadModel(require(ModelFile::open(options.model)), options);
}

std::shared_ptr<Model> loadModel(ModelFile file, const ComputeOptions& options) {
    ProgressLine line("Loading");
    LoadControl control;
    control.stop = Interrupts::begin();
    control.progress = [&](double fraction) { line.update(fraction); };
    auto model = require(Model::load(std::move(file), options.modelOptions(), control));
    line.clear();
    const Status& card = model->cardStatus();
    if (!card.ok() && card.code() != StatusCode::kNotFound) {
        note(fmt::format("moescope-cli: {} Computing on the CPU.", card.message()));
    }
    const std::string placement = model->backend().placement();
    if (!placement.empty() && isatty(STDERR_FILENO)) note(placement);
    return model;
}

void ProgressLine::update(double fraction) {
    const int percent = static_cast<int>(fraction * 100);
    if (percent == m_shown || !isatty(STDERR_FILENO)) return;
    m_shown = percent;
    constexpr int kWidth = 30;
    const int filled = percent * kWidth / 100;
    std::fputs(fmt::format("\r{} [{}{}] {:3} %", m_what, std::string(static_cast<std::size_t>(filled), '#'),
                           std::string(static_cast<std::size_t>(kWidth - filled), '.'), percent)
                   .c_str(),
               stderr);
    std::fflush(stderr);
}

void ProgressLine::clear() {
    if (m_shown >= 0) std::fputs("\r\033[K", stderr);
    m_shown = -1;
}

namespace {

struct InterruptState {
    std::mutex mutex;
    std::stop_source source;
    std::atomic<bool> interrupted{false};
};
InterruptState& interruptState() {
    static InterruptState* state = new InterruptState;  // never destroyed: the watching thread outlives main
    return *state;
}

}  // namespace

void Interrupts::install() {
    // Blocked in every thread and awaited in one: request_stop() may not be called from a signal handler.
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    interruptState();
    const auto wait = [signals] {
        for (int number = 0; sigwait(&signals, &number) == 0;) {
            InterruptState& state = interruptState();
            const std::lock_guard lock(state.mutex);
            state.interrupted = true;
            state.source.request_stop();
        }
    };
    try {
        std::thread(wait).detach();
    } catch (const std::system_error&) {
        pthread_sigmask(SIG_UNBLOCK, &signals, nullptr);
    }
}

std::stop_token Interrupts::begin() {
    InterruptState& state = interruptState();
    const std::lock_guard lock(state.mutex);
    state.source = {};
    state.interrupted = false;
    return state.source.get_token();
}

bool Interrupts::interrupted() {
    return interruptState().interrupted;
}

std::string readFile(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    if (!in) throw Failure{fmt::format("{}: cannot be read: {}.", path, std::strerror(errno))};
    try {
        return std::string((std::istreambuf_iterator<char>(in)), {});
    } catch (const std::ios_base::failure&) {  // of a folder, or a disk that fails
        throw Failure{fmt::format("{}: reading failed: {}.", path, std::strerror(errno))};
    }
}

void note(std::string_view line) {
    const std::string text = harmless(line, true) + "\n";
    std::fwrite(text.data(), 1, text.size(), stderr);
    std::fflush(stderr);
}

void writeOut(std::string_view text) {
    if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size() || std::fflush(stdout) != 0) {
        throw outputFailure();
    }
}

Failure outputFailure() {
    if (errno == EPIPE) return Failure{"", kExitBrokenPipe};
    const std::string reason =
        errno == EFBIG ? "it is longer than the system allows a file to be" : std::strerror(errno);
    return Failure{fmt::format("Writing the output failed ({}); is the disk full?", reason)};
}

std::string bytesText(std::uint64_t bytes) {
    const auto value = static_cast<double>(bytes);
    if (value >= 1e9) return fmt::format("{:.2f} GB", value / 1e9);
    if (value >= 1e6) return fmt::format("{:.1f} MB", value / 1e6);
    if (value >= 1e3) return fmt::format("{:.1f} kB", value / 1e3);
    return fmt::format("{} bytes", bytes);
}

}  // namespace moescope::cli

// Files of the family that are damaged, cut off or made to harm, in all forms they come in: parts, networks in one
// tensor, types of few bits, keys, chat templates. If these fail, such a file ends the program, or nobody learns what
// is wrong with it.

#include <doctest/doctest.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <random>

#include "engine/backend/cpu/cpu_backend.h"
#include "engine/engine.h"
#include "tests/engine/rewritten_model.h"
#include "tests/support/timing.h"
#include "tests/text/vocabularies.h"

using namespace moescope;

namespace {

const std::string kV3 = std::string(MOESCOPE_TEST_DATA) + "/family/tiny-v3/model.gguf";

std::string read(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}
void write(const std::string& path, std::string_view bytes) {
    std::ofstream(path, std::ios::binary).write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

/// One sentence: it has an end, one line, and a length that somebody reads.
bool isSentence(const std::string& text) {
    INFO(text);
    return text.size() > 20 && text.size() < 700 && text.ends_with('.') && text.find('\n') == std::string::npos;
}

/// Opens a model, and if it can be opened, loads it and computes two tokens. "" or what is wrong.
std::string wrongWith(const std::string& path) {
    auto file = ModelFile::open(path);
    if (!file.ok()) return file.status().message();
    ModelOptions options;
    options.threads = 1;
    options.backend = BackendChoice::kCpu;
    options.session.context = 16;
    const auto model = Model::load(std::move(*file), options);
    if (!model.ok()) return model.status().message();
    // What was planned is what is taken, also where packed weights are larger than the file's.
    CHECK((*model)->backend().memoryBytes() == cpuWeightBytes((*model)->matrices()));
    const auto session = Session::create(*model, options.session);
    if (!session.ok()) return session.status().message();
    const std::vector<std::int32_t> tokens = {1, 2};
    const Status status = (*session)->evaluate(tokens, LogitsWanted::kLast, nullptr, Phase::kPrefill, {});
    return status.ok() ? "" : status.message();
}

void refused(const std::string& path, std::string_view says = {}) {
    const std::string wrong = wrongWith(path);
    CAPTURE(wrong);
    CHECK(isSentence(wrong));
    CHECK(wrong.find(says) != std::string::npos);
}

/// A small model of zeros whose matrices have `type`, with rows of 256; `random`: its bytes are.
std::string modelOfType(TensorType type, std::mt19937* random) {
    constexpr std::uint64_t kHidden = 256, kExperts = 4;
    GgufBuilder b = byteLevelBuilder();
    b.text("general.architecture", "deepseek");
    for (const auto& [key, value] : {std::pair{"block_count", 1u},
                                     {"leading_dense_block_count", 0u},
                                     {"embedding_length", 256u},
                                     {"attention.head_count", 2u},
                                     {"attention.key_length", 128u},
                                     {"attention.value_length", 128u},
                                     {"rope.dimension_count", 64u},
                                     {"feed_forward_length", 256u},
                                     {"expert_feed_forward_length", 256u},
                                     {"expert_count", 4u},
                                     {"expert_used_count", 2u},
                                     {"expert_shared_count", 0u},
                                     {"context_length", 64u}}) {
        b.integer(std::string("deepseek.") + key, value);
    }
    b.real("deepseek.attention.layer_norm_rms_epsilon", 1e-6f);
    std::string data;
    const auto tensor = [&](const std::string& name, std::vector<std::uint64_t> dims, bool floats = false) {
        std::uint64_t rows = 1;
        for (std::size_t i = 1; i < dims.size(); ++i) rows *= dims[i];
        const TensorType its = floats ? TensorType::kF32 : type;
        std::string bytes(rows * rowBytes(its, dims[0]), '\0');
        if (random && !floats) {
            for (char& c : bytes) c = static_cast<char>((*random)());
        }
        b.tensor(name, dims, static_cast<std::uint32_t>(its), bytes.size());
        data += bytes;
        data.resize((data.size() + 31) / 32 * 32);
    };
    tensor("token_embd.weight", {kHidden, 261});
    tensor("output_norm.weight", {kHidden}, true);
    tensor("blk.0.attn_norm.weight", {kHidden}, true);
    tensor("blk.0.ffn_norm.weight", {kHidden}, true);
    for (const char* name : {"attn_q", "attn_k", "attn_v", "attn_output"}) {
        tensor(std::string("blk.0.") + name + ".weight", {kHidden, kHidden});
    }
    tensor("blk.0.ffn_gate_inp.weight", {kHidden, kExperts}, true);
    for (const char* name : {"gate", "up", "down"}) {
        tensor(std::string("blk.0.ffn_") + name + "_exps.weight", {kHidden, kHidden, kExperts});
    }
    return b.head() + data;
}

/// The place of a file that goes when the test ends.
struct TemporaryFile {
    std::string path = fmt::format("/tmp/moescope-hostile-{}.gguf", getpid());
    ~TemporaryFile() { std::filesystem::remove(path); }
};

}  // namespace

TEST_CASE("parts of a model that are cut, swapped, of another model, or none") {
    const RewrittenModel model(kV3);
    const auto parts = model.write(3);
    const std::string second = read(parts[1]), third = read(parts[2]);
    REQUIRE(wrongWith(parts[0]) == "");
    SUBCASE("cut off anywhere") {
        for (const double share : {0.0, 1e-6, 1e-5, 1e-4, 1e-3, 0.01, 0.1, 0.5, 0.9, 0.999}) {
            CAPTURE(share);
            write(parts[1], std::string_view(second).substr(
                                0, static_cast<std::size_t>(share * static_cast<double>(second.size()))));
            refused(parts[0], "model-00002-of-00003.gguf");
        }
    }
    SUBCASE("another part in its place") {
        write(parts[1], third);
        refused(parts[0], "part 3 of 3; expected 2 of 3");
        refused(parts[2], "part 3 of 3; expected 2 of 3");
    }
    SUBCASE("of a model in more parts") {
        const RewrittenModel other(kV3);
        write(parts[1], read(other.write(4)[1]));
        refused(parts[0], "part 2 of 4; expected 2 of 3");
    }
    SUBCASE("of the same model with other tensors") {
        RewrittenModel other(kV3);
        other.tensors.pop_back();
        write(parts[2], read(other.write(3)[2]));
        refused(parts[0], "lacks the tensor");
    }
    SUBCASE("a folder, nothing, or a file of something else") {
        std::filesystem::remove(parts[1]);
        refused(parts[2], "\"model-00002-of-00003.gguf\" is missing");
        std::filesystem::create_directory(parts[1]);
        refused(parts[0], "model-00002-of-00003.gguf");
        std::filesystem::remove(parts[1]);
        write(parts[1], std::string(5000, 'x'));
        refused(parts[0], "model-00002-of-00003.gguf");
    }
    SUBCASE("numbers of parts that cannot be") {
        // In the first part: which it is, of how many.
        for (const auto& [number, count] : {std::pair{0ull, 0ull},
                                            {1ull, 1ull},
                                            {7ull, 3ull},
                                            {0ull, 1ull << 40},
                                            {~0ull, 3ull},
                                            {0ull, ~0ull},
                                            {0ull, 100'000ull}}) {
            CAPTURE(number);
            CAPTURE(count);
            RewrittenModel wrong(kV3);
            wrong.keys["split.no"] = std::uint64_t{number};
            wrong.keys["split.count"] = std::uint64_t{count};
            const std::string path = wrong.write().front();
            const std::string said = wrongWith(path);
            CHECK((said.empty() || isSentence(said)));
        }
    }
}

TEST_CASE("networks in one tensor that have the wrong shape, or a half of them twice") {
    const auto changed = [](auto change) {
        RewrittenModel model(kV3);
        model.fuseGateAndUp();
        for (auto& t : model.tensors) {
            if (t.name == "blk.3.ffn_gate_up_exps.weight") change(model, t);
        }
        return wrongWith(model.write().front());
    };
    CHECK(changed([](RewrittenModel&, RewrittenModel::Tensor&) {}) == "");
    for (const std::vector<std::uint64_t>& dims :
         {std::vector<std::uint64_t>{64, 32, 16}, {64, 64, 8}, {32, 64, 16}, {65536}, {64, 0, 16}}) {
        const std::string said = changed([&](RewrittenModel&, RewrittenModel::Tensor& t) {
            std::uint64_t count = 1;
            for (const auto n : dims) count *= n;
            t.dims = dims;
            t.data.resize(4 * count);
        });
        CAPTURE(fmt::format("{}", fmt::join(dims, " x ")));
        CAPTURE(said);
        CHECK(isSentence(said));
        CHECK(said.find("ffn_gate_up_exps") != std::string::npos);
    }
    const std::string without = changed([](RewrittenModel&, RewrittenModel::Tensor& t) { t.name = "something.else"; });
    CHECK(isSentence(without));
    CHECK(without.find("blk.3.ffn_") != std::string::npos);
}

TEST_CASE("types of few bits: any bits are weights, and a file that ends early is refused") {
    std::mt19937 random(1);
    const TemporaryFile file;
    for (const TensorType type :
         {TensorType::kIQ1_S, TensorType::kIQ1_M, TensorType::kIQ2_XXS, TensorType::kIQ2_XS, TensorType::kIQ2_S,
          TensorType::kIQ3_XXS, TensorType::kIQ3_S, TensorType::kIQ4_NL, TensorType::kIQ4_XS, TensorType::kMXFP4}) {
        CAPTURE(info(type).name);
        for (int i = 0; i < 2; ++i) {
            const std::string bytes = modelOfType(type, i == 0 ? nullptr : &random);
            write(file.path, bytes);
            CHECK(wrongWith(file.path) == "");
            for (const double share : {0.001, 0.2, 0.5, 0.9, 0.9999}) {
                CAPTURE(share);
                write(file.path, std::string_view(bytes).substr(
                                     0, static_cast<std::size_t>(share * static_cast<double>(bytes.size()))));
                refused(file.path);
            }
        }
    }
}

TEST_CASE("any number in any key gives a model or a sentence") {
    const RewrittenModel whole(kV3);
    int opened = 0, refusals = 0;
    for (const auto& [key, value] : whole.keys) {
        if (!std::holds_alternative<std::uint64_t>(value) && !std::holds_alternative<double>(value)) continue;
        for (const double number :
             {0.0, 1.0, 3.0, 16.0, 33.0, 4096.0, 65535.0, 1048576.0, 4294967295.0, 1e18, -1.0, 1e300}) {
            CAPTURE(key);
            CAPTURE(number);
            RewrittenModel model(kV3);
            const bool real = std::holds_alternative<double>(value);
            if (real) {
                model.keys[key] = number;
            } else if (number < 0 || number > 1e19) {
                model.keys[key] = std::int64_t{-1};
            } else {
                model.keys[key] = static_cast<std::uint64_t>(number);
            }
            const std::string said = wrongWith(model.write().front());
            CHECK((said.empty() || isSentence(said)));
            ++(said.empty() ? opened : refusals);
        }
    }
    CHECK(opened > 50);
    CHECK(refusals > 150);
}

TEST_CASE("a chat template without end, or without measure, leaves a model that can be talked to") {
    const std::string deep(20'000, '(');
    for (const std::string& jinja :
         {std::string("{% for a in range(100000) %}{% for b in range(100000) %}x{% endfor %}{% endfor %}"),
          std::string("{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}"),
          std::string("{% set ns = namespace(t='x') %}{% for i in range(1000) %}{% set ns.t = ns.t + ns.t %}{% endfor "
                      "%}{{ ns.t }}"),
          std::string("{{ ") + deep, std::string("{{ 'a' * 1000000000 }}"), std::string("{% for m in messages %}"),
          std::string(100'000, '{'), std::string("{{ raise_exception('no') }}"), std::string(2'000'000, 'x')}) {
        CAPTURE(jinja.substr(0, 60));
        RewrittenModel model(kV3);
        model.keys["tokenizer.chat_template"] = jinja;
        const std::string path = model.write().front();
        const auto begin = std::chrono::steady_clock::now();
        const auto file = ModelFile::open(path);
        const std::chrono::duration<double, std::milli> taken = std::chrono::steady_clock::now() - begin;
        REQUIRE_MESSAGE(file.ok(), file.status().message());
        CHECK(inTime(taken.count(), 2000));
        CHECK_FALSE(file->chat_template.ownTemplate());
        CHECK(isSentence(file->chat_template.note()));
        const auto chat = file->chat_template.render(*file->tokenizer, {{Role::kUser, "Hello"}}, true);
        CHECK(chat.tokens.size() > 5);
    }
}

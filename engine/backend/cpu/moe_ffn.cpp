#include "engine/backend/cpu/moe_ffn.h"

#include <algorithm>

#include "engine/backend/cpu/products.h"

namespace moescope {
namespace {

/// Rows of weights in a task, at most.
constexpr std::size_t kTaskRows = kMostTaskGroups * kGroupRows;
/// Tokens computed in turn within a task, so that their activations stay in the cache while weights pass by.
constexpr std::size_t kTokenTile = 64;

std::size_t groupsOf(std::size_t rows) {
    return (rows + kGroupRows - 1) / kGroupRows;
}

}  // namespace

MoeFfn::MoeFfn(const CpuKernels& kernels, ThreadPool& pool, const ModelConfig& config, std::size_t max_tokens)
    : m_kernels(kernels),
      m_pool(pool),
      m_hidden(static_cast<std::size_t>(config.hidden)),
      m_stride(groupsOf(m_hidden) * kGroupRows),
      m_dense_middle(config.dense_layers > 0 ? max_tokens : 0, static_cast<std::size_t>(config.dense_ff)),
      m_shared_middle(max_tokens, static_cast<std::size_t>(config.expert_ff * config.shared_experts)),
      // Router rules may ask for more experts than the model does.
      m_routed_middle(max_tokens * static_cast<std::size_t>(std::min(config.experts, kMaxActiveExperts)),
                      static_cast<std::size_t>(config.expert_ff)),
      m_routed(max_tokens * m_stride),
      m_shared(max_tokens * m_stride),
      m_workspaces(static_cast<std::size_t>(pool.threads())) {
    for (Workspace& w : m_workspaces) {
        w.gate.resize(kTokenTile * kTaskRows);
        w.up.resize(kTokenTile * kTaskRows);
        w.rows.resize(kTokenTile);
    }
}

MoeFfn::Job& MoeFfn::newJob(const CpuFfn& ffn, Activations& middle, std::size_t first_row, bool shared) {
    if (m_job_count == m_jobs.size()) m_jobs.emplace_back();
    Job& job = m_jobs[m_job_count++];
    job.ffn = &ffn;
    job.middle = &middle;
    job.first_row = first_row;
    job.shared = shared;
    job.tokens.clear();
    job.gates.clear();
    return job;
}

void MoeFfn::runDense(const CpuLayer& layer, Activations& input, std::size_t tokens, const std::stop_token& stop) {
    m_job_count = 0;
    Job& job = newJob(layer.ffns[0], m_dense_middle, 0, false);
    for (std::size_t t = 0; t < tokens; ++t) job.tokens.push_back(t);
    job.gates.assign(tokens, 1.0f);
    run(input, tokens, stop);
}

void MoeFfn::runExperts(const CpuLayer& layer, Activations& input, std::span<const RouterChoice> choices,
                        bool use_shared, const std::stop_token& stop) {
    m_job_count = 0;
    const std::size_t experts = layer.ffns.size() - layer.shared;
    std::size_t row = 0;
    for (std::size_t e = 0; e < experts; ++e) {
        Job* job = nullptr;
        for (std::size_t t = 0; t < choices.size(); ++t) {
            for (int i = 0; i < choices[t].count; ++i) {
                if (choices[t].experts[i] != static_cast<int>(e)) continue;
                if (!job) job = &newJob(layer.ffns[e], m_routed_middle, row, false);
                job->tokens.push_back(t);
                job->gates.push_back(choices[t].gates[i]);
                ++row;
            }
        }
    }
    if (layer.shared && use_shared) {
        Job& job = newJob(layer.ffns.back(), m_shared_middle, 0, true);
        for (std::size_t t = 0; t < choices.size(); ++t) job.tokens.push_back(t);
        job.gates.assign(choices.size(), 1.0f);
    }
    run(input, choices.size(), stop);
}

void MoeFfn::run(Activations& input, std::size_t tokens, const std::stop_token& stop) {
    // One task list for all networks; a task is some rows of one of them.
    std::size_t expand_groups = 0, expand_tasks = 0;
    for (std::size_t j = 0; j < m_job_count; ++j) expand_groups += m_jobs[j].ffn->gate.groups();
    const std::size_t expand_each = taskGroups(expand_groups, tokens, m_pool.threads());
    const auto tasksOf = [&](const Job& job) { return (job.ffn->gate.groups() + expand_each - 1) / expand_each; };
    for (std::size_t j = 0; j < m_job_count; ++j) expand_tasks += tasksOf(m_jobs[j]);
    m_pool.run(expand_tasks, [&](std::size_t task, int worker) {
        if (stop.stop_requested()) return;
        std::size_t j = 0;
        for (std::size_t n; task >= (n = tasksOf(m_jobs[j])); ++j) task -= n;
        const std::size_t first = task * expand_each;
        expand(m_jobs[j], input, first, std::min(expand_each, m_jobs[j].ffn->gate.groups() - first), worker);
    });
    const std::size_t groups = groupsOf(m_hidden);
    const std::size_t contract_each = taskGroups(groups, tokens, m_pool.threads());
    m_pool.run((groups + contract_each - 1) / contract_each, [&](std::size_t task, int worker) {
        if (stop.stop_requested()) return;
        const std::size_t first = task * contract_each;
        contract(first, std::min(contract_each, groups - first), tokens, worker);
    });
}

void MoeFfn::expand(const Job& job, Activations& input, std::size_t first_group, std::size_t groups, int worker) {
    Workspace& w = m_workspaces[static_cast<std::size_t>(worker)];
    const auto product = [&](const PackedMatrix& m, std::size_t n, float* out) {
        m_kernels.matmul(m.type, m.data + first_group * m.groupBytes(), groups, m.columns, w.rows.data(), n, out,
                         kTaskRows);
    };
    const std::size_t first = first_group * kGroupRows;
    const std::size_t count = std::min(groups * kGroupRows, job.ffn->gate.rows - first);
    for (std::size_t at = 0; at < job.tokens.size(); at += kTokenTile) {
        const std::size_t n = std::min(kTokenTile, job.tokens.size() - at);
        for (std::size_t i = 0; i < n; ++i) w.rows[i] = input.row(job.tokens[at + i]);
        product(job.ffn->gate, n, w.gate.data());
        product(job.ffn->up, n, w.up.data());
        for (std::size_t i = 0; i < n; ++i) {
            const std::size_t row = job.first_row + at + i;
            m_kernels.siluMultiply(&w.gate[i * kTaskRows], &w.up[i * kTaskRows], count, job.middle->x(row) + first);
            // A task's rows are a multiple of 32, so no other task shares a block with it.
            job.middle->quantize(m_kernels, row, first, count);
        }
    }
}

void MoeFfn::contract(std::size_t first_group, std::size_t groups, std::size_t tokens, int worker) {
    Workspace& w = m_workspaces[static_cast<std::size_t>(worker)];
    const std::size_t first = first_group * kGroupRows, count = groups * kGroupRows;
    for (std::size_t t = 0; t < tokens; ++t) {
        std::fill_n(&m_routed[t * m_stride + first], count, 0.0f);
        std::fill_n(&m_shared[t * m_stride + first], count, 0.0f);
    }
    for (std::size_t j = 0; j < m_job_count; ++j) {
        const Job& job = m_jobs[j];
        const PackedMatrix& m = job.ffn->down;
        std::vector<float>& sum = job.shared ? m_shared : m_routed;
        for (std::size_t at = 0; at < job.tokens.size(); at += kTokenTile) {
            const std::size_t n = std::min(kTokenTile, job.tokens.size() - at);
            m_kernels.matmul(m.type, m.data + first_group * m.groupBytes(), groups, m.columns,
                             job.middle->rows() + job.first_row + at, n, w.gate.data(), kTaskRows);
            for (std::size_t i = 0; i < n; ++i) {
                m_kernels.addScaled(&w.gate[i * kTaskRows], job.gates[at + i], count,
                                    &sum[job.tokens[at + i] * m_stride + first]);
            }
        }
    }
}

std::uint64_t MoeFfn::bytesFor(const ModelConfig& c, std::size_t max_tokens) {
    const auto size = [](int n) { return static_cast<std::size_t>(n); };
    return Activations::bytesFor(c.dense_layers > 0 ? max_tokens : 0, size(c.dense_ff)) +
           Activations::bytesFor(max_tokens, size(c.expert_ff * c.shared_experts)) +
           Activations::bytesFor(max_tokens * size(std::min(c.experts, kMaxActiveExperts)), size(c.expert_ff)) +
           2 * max_tokens * groupsOf(size(c.hidden)) * kGroupRows * sizeof(float);
}

std::uint64_t MoeFfn::bytes() const {
    return m_dense_middle.bytes() + m_shared_middle.bytes() + m_routed_middle.bytes() +
           (m_routed.size() + m_shared.size()) * sizeof(float);
}

}  // namespace moescope

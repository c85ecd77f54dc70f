#include "engine/backend/cpu/products.h"

#include <algorithm>

namespace moescope {

void multiply(const CpuKernels& kernels, ThreadPool& pool, std::span<const Product> products, std::size_t tokens,
              const std::stop_token& stop) {
    std::size_t all_groups = 0;
    for (const Product& p : products) all_groups += p.matrix->groups();
    const std::size_t task_groups = taskGroups(all_groups, tokens, pool.threads());
    const auto tasksOf = [&](const Product& p) { return (p.matrix->groups() + task_groups - 1) / task_groups; };
    std::size_t tasks = 0;
    for (const Product& p : products) tasks += tasksOf(p);
    pool.run(tasks, [&](std::size_t task, int) {
        if (stop.stop_requested()) return;
        const Product* p = products.data();
        for (; task >= tasksOf(*p); ++p) task -= tasksOf(*p);
        const std::size_t first = task * task_groups;
        const std::size_t groups = std::min(task_groups, p->matrix->groups() - first);
        constexpr std::size_t kTokenTile = 64;  // whose activations stay in the cache
        for (std::size_t t = 0; t < tokens; t += kTokenTile) {
            kernels.matmul(p->matrix->type, p->matrix->data + first * p->matrix->groupBytes(), groups,
                           p->matrix->columns, p->rows + t, std::min(kTokenTile, tokens - t),
                           p->out + t * p->stride + first * kGroupRows, p->stride);
        }
    });
}

}  // namespace moescope

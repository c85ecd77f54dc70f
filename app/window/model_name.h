#pragma once
// What tells models apart beside their names.

#include <QString>

namespace moescope {

/// "Q4_K_M" of ".../deepseek-moe-16b-chat.Q4_K_M.gguf": the quantization as files are named after it; "" if the name
/// has none.
QString quantisationOf(const QString& path);

}  // namespace moescope

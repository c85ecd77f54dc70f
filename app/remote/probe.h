#pragma once
// What a server is and what its model can do, by asking it: which models it has, and one token of an answer, which
// shows whether it says ids of tokens and which experts ran.

#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "app/remote/served_rows.h"
#include "app/remote/server.h"

namespace moescope {

struct ServedModel {
    std::string id;
    int context = 0;    ///< positions; 0: not said
    std::string owner;  ///< "vllm", "sglang", ...
    std::string root;   ///< where the server has it from; a path, or a name of a hub
};

/// The models of "/v1/models". Errors: those of Server.
Result<std::vector<ServedModel>> listModels(const Server& server, const std::stop_token& stop);

enum class ServerKind { kOther, kVllm, kSglang };

/// A model that was asked.
struct RemoteModel {
    ServerAddress address;
    ServedModel model;
    ServerKind kind = ServerKind::kOther;
    bool completions = false;       ///< it goes on with texts as they are
    bool token_ids = false;         ///< it says the ids of tokens
    std::optional<RowLayout> rows;  ///< it says which experts ran
    std::string routing_note;       ///< a sentence: why it does not, if it might
};

/// Asks `model` ("": the only one that there is) for one token. `experts`: of a layer, if it is known; 0: from the
/// model's configuration where this machine has it, else from what the answer names. Errors: no such server or model, a
/// key that it does not take.
Result<RemoteModel> probe(const ServerAddress& address, const std::string& model, int experts,
                          const std::stop_token& stop);

}  // namespace moescope

#pragma once
// Models that are known to run here and where somebody publishes them (resources/models/catalog.json, which is part
// of the programs). It is a hint: what there is to fetch, the hub's own listing says.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace moescope {

/// What of a model's shape tells how much memory its context takes.
struct ContextShape {
    int own = 0;                              ///< positions; 0: not known
    std::uint64_t cache_bytes_per_token = 0;  ///< in half precision; 0: not known
};

struct CatalogModel {
    std::string id;          ///< "deepseek-v2-lite-chat"
    std::string name;        ///< as its makers write it
    std::string repository;  ///< "OWNER/NAME" on the hub
    std::string license;     ///< as the hub names it
    std::uint64_t parameters = 0, active_parameters = 0;
    ContextShape context;
    /// In a few words, which programs may translate: "code", "long texts", "Chinese".
    std::vector<std::string> good_at;
};

const std::vector<CatalogModel>& catalog();

/// By its id or its repository, in letters of either case; null if it is not in the catalog.
const CatalogModel* findInCatalog(std::string_view name);

}  // namespace moescope

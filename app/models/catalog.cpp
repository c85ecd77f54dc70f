#include "app/models/catalog.h"

#include <strings.h>

#include <nlohmann/json.hpp>

namespace moescope {

extern const char* const kCatalogText;  // generated of resources/models/catalog.json

const std::vector<CatalogModel>& catalog() {
    static const std::vector<CatalogModel> models = [] {
        std::vector<CatalogModel> all;
        const auto json = nlohmann::json::parse(kCatalogText);
        for (const auto& entry : json.at("models")) {
            CatalogModel model;
            model.id = entry.at("id");
            model.name = entry.at("name");
            model.repository = entry.at("repository");
            model.license = entry.at("license");
            model.parameters = entry.at("parameters");
            model.active_parameters = entry.at("active_parameters");
            model.context.own = entry.at("context");
            model.context.cache_bytes_per_token = entry.at("cache_bytes_per_token");
            model.good_at = entry.at("good_at").get<std::vector<std::string>>();
            all.push_back(std::move(model));
        }
        return all;
    }();
    return models;
}

const CatalogModel* findInCatalog(std::string_view name) {
    const std::string wanted(name);
    for (const CatalogModel& model : catalog()) {
        if (::strcasecmp(model.id.c_str(), wanted.c_str()) == 0 ||
            ::strcasecmp(model.repository.c_str(), wanted.c_str()) == 0) {
            return &model;
        }
    }
    return nullptr;
}

}  // namespace moescope

#pragma once
// A folder that is gone after the test.

#include <cstdlib>
#include <filesystem>
#include <string>

namespace moescope {

class TemporaryDir {
public:
    TemporaryDir() {
        std::string pattern = (std::filesystem::temp_directory_path() / "moescope-test-XXXXXX").string();
        m_path = ::mkdtemp(pattern.data());
    }
    ~TemporaryDir() {
        std::error_code ignored;
        std::filesystem::remove_all(m_path, ignored);
    }
    TemporaryDir(const TemporaryDir&) = delete;
    TemporaryDir& operator=(const TemporaryDir&) = delete;
    const std::string& path() const { return m_path; }

private:
    std::string m_path;
};

}  // namespace moescope

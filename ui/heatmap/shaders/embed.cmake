# cmake -DNAME=... -DIN=... -DOUT=... -P embed.cmake: numbers of glslc -mfmt=num as a C++ array.
file(READ ${IN} numbers)
file(WRITE ${OUT} "#pragma once\n#include <cstdint>\nconstexpr std::uint32_t ${NAME}[] = {\n${numbers}};\n")

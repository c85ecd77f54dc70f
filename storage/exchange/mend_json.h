#pragma once
// JSON of other programs is not always text: they cut emoji in two, write halves of them as UTF-8, or paste bytes of
// other encodings. Readers of the field take what is whole, and so does ours.

#include <string>
#include <string_view>

namespace moescope {

/// The JSON with U+FFFD in its strings for what is not a character: halves of pairs (`\ud83d` alone, as an escape or as
/// the three bytes of UTF-8 that do not exist), bytes that are not UTF-8, and U+0000, which ends texts for other
/// programs. Two halves that belong together become their character; control characters become escapes. What is valid
/// stays as it is, byte for byte. Outside of strings, NaN and Infinity become null. Takes any bytes.
std::string mendJson(std::string_view json);

}  // namespace moescope

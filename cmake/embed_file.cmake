# Run by embed() at build time: INPUT as a C++ source OUTPUT that defines SYMBOL.
file(READ ${INPUT} hex HEX)
string(REGEX REPLACE "([0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f])" "\\1\n" hex "${hex}")
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," numbers "${hex}")
get_filename_component(name ${INPUT} NAME)
string(REGEX REPLACE "::[^:]*$" "" scope ${SYMBOL})
string(REGEX REPLACE "^.*::" "" function ${SYMBOL})
file(WRITE ${OUTPUT}
"// Made from ${name} by cmake/embed_file.cmake.
#include <string_view>

namespace ${scope} {
std::string_view ${function}();
std::string_view ${function}() {
  static constexpr unsigned char kBytes[] = {
${numbers}};
  return {reinterpret_cast<const char*>(kBytes), sizeof kBytes};
}
}  // namespace ${scope}
")

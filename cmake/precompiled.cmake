# What nearly every source includes, parsed once instead of a hundred times. Two sets, each whole in
# itself, since a compiler takes one precompiled header a source: `plain`, and `json` (with
# nlohmann's). The tests have one of their own (tests/CMakeLists.txt).
#
# A source still includes what it uses: the preset `rooms` compiles without any of this, and a missing
# include is an error there. So these files hold headers of the standard library and of third parties
# only, never one of ours.
option(ER_PRECOMPILE "Precompile the headers that nearly every source includes" ON)

if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  set(CMAKE_PCH_WARN_INVALID ON)
endif()

# precompiled_set(NAME LIBS target...): an owner of a precompiled header, made of
# cmake/precompiled/NAME.h.
function(precompiled_set name)
  if(NOT ER_PRECOMPILE)
    return()
  endif()
  cmake_parse_arguments(PARSE_ARGV 1 SET "" "" "LIBS")
  set(empty ${PROJECT_BINARY_DIR}/precompiled/${name}.cpp)
  file(CONFIGURE OUTPUT ${empty} CONTENT "")
  add_library(precompiled_${name} OBJECT EXCLUDE_FROM_ALL ${empty})
  target_link_libraries(precompiled_${name} PRIVATE er_settings ${SET_LIBS})
  target_precompile_headers(precompiled_${name} PRIVATE ${PROJECT_SOURCE_DIR}/cmake/precompiled/${name}.h)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # So that ccache sees which precompiled header a source was compiled with.
    target_compile_options(precompiled_${name} PRIVATE -fpch-preprocess)
  endif()
endfunction()

# use_precompiled(TARGET NAME): TARGET's sources are compiled with that set.
function(use_precompiled target name)
  if(TARGET precompiled_${name})
    target_precompile_headers(${target} REUSE_FROM precompiled_${name})
    if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
      target_compile_options(${target} PRIVATE -fpch-preprocess)
    endif()
  endif()
endfunction()

set(precompiled_plain third_party::expected third_party::fmt third_party::threads)
precompiled_set(plain LIBS ${precompiled_plain})
precompiled_set(json LIBS ${precompiled_plain} third_party::json)

# What every target of ours is compiled with. Third-party code links none of this, so its warnings
# never fail our build.
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
include(CheckPIESupported)
check_pie_supported(LANGUAGES CXX)
if(NOT MSVC)
  # The few sources of programs are compiled like those of libraries: GCC refuses in one what was
  # precompiled for the other.
  set(CMAKE_CXX_COMPILE_OPTIONS_PIE -fPIC)
endif()
if(ER_LIBCXX)
  add_compile_options($<$<COMPILE_LANGUAGE:CXX>:-stdlib=libc++>)
  add_link_options($<$<LINK_LANGUAGE:CXX>:-stdlib=libc++>)
endif()

add_library(er_settings INTERFACE)
target_compile_features(er_settings INTERFACE cxx_std_20)
if(MSVC)
  target_compile_options(er_settings INTERFACE /W4 /permissive- /utf-8 $<$<BOOL:${ER_WERROR}>:/WX>)
else()
  target_compile_options(er_settings INTERFACE
    -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wnon-virtual-dtor
    -Wold-style-cast -Woverloaded-virtual -Wcast-qual -Wformat=2
    $<$<BOOL:${ER_WERROR}>:-Werror>)
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # GCC 12 reports uninitialised optionals and out-of-bounds vectors that are not there once it has
  # inlined the standard library (GCC bugs 80635, 105329, 107919).
  target_compile_options(er_settings INTERFACE
    -Wno-maybe-uninitialized -Wno-restrict -Wno-stringop-overflow -Wno-array-bounds
    $<$<CONFIG:Release>:-Wno-stringop-overread>)
endif()
# What a distribution builds its programs with. Whoever packages has flags of their own and leaves
# this off; the preset `release` turns it on.
if(ER_HARDEN AND NOT MSVC)
  include(CheckCXXCompilerFlag)
  add_compile_options(-fstack-protector-strong)
  foreach(flag -fstack-clash-protection -fcf-protection)
    string(MAKE_C_IDENTIFIER has${flag} has)
    check_cxx_compiler_flag(${flag} ${has})
    if(${has})
      add_compile_options(${flag})
    endif()
  endforeach()
  # Nothing without an optimiser, and an error together with the sanitizers.
  if(NOT ER_SANITIZE)
    add_compile_options($<$<NOT:$<CONFIG:Debug>>:-U_FORTIFY_SOURCE> $<$<NOT:$<CONFIG:Debug>>:-D_FORTIFY_SOURCE=2>)
  endif()
  if(CMAKE_SYSTEM_NAME STREQUAL "Linux")
    add_link_options(-Wl,-z,relro,-z,now)
  endif()
endif()
# The folder that a program was built in is nobody's business, and two builds of the same sources are
# the same program.
if(NOT MSVC)
  add_compile_options($<$<NOT:$<CONFIG:Debug>>:-ffile-prefix-map=${PROJECT_SOURCE_DIR}=.>
    $<$<NOT:$<CONFIG:Debug>>:-ffile-prefix-map=${PROJECT_BINARY_DIR}=build>)
endif()
if(ER_SANITIZE)
  add_compile_options(-fsanitize=${ER_SANITIZE} -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${ER_SANITIZE})
  if(ER_SANITIZE MATCHES "undefined")
    add_compile_options(-fno-sanitize-recover=undefined)
  endif()
endif()

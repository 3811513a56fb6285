# librescue: the room `rescue`, which is its façade, and every room that it uses, in one archive, for
# other people's programs. What is installed are that room's headers and those that they include,
# below include/electron-rescue, a CMake package and a pkg-config file:
#
#   find_package(electron-rescue REQUIRED)
#   target_link_libraries(mine PRIVATE electron-rescue::rescue)
#
# tests/install/example is such a program.
if(NOT TARGET room_rescue OR WIN32 OR ER_LIBCXX)
  return()
endif()
include(CMakePackageConfigHelpers)

if(ER_SHARED_LIBRARY)
  add_library(rescue SHARED)
else()
  add_library(rescue STATIC)
endif()
add_library(electron-rescue::rescue ALIAS rescue)
set(rooms room_rescue)
set(waiting room_rescue)
while(waiting)
  list(POP_FRONT waiting room)
  get_target_property(used ${room} INTERFACE_LINK_LIBRARIES)
  list(FILTER used INCLUDE REGEX "^room_")
  list(REMOVE_ITEM used ${rooms})
  list(APPEND rooms ${used})
  list(APPEND waiting ${used})
endwhile()
foreach(room IN LISTS rooms)
  get_target_property(type ${room} TYPE)
  if(type STREQUAL "STATIC_LIBRARY")
    target_sources(rescue PRIVATE $<TARGET_OBJECTS:${room}>)
  endif()
endforeach()
target_sources(rescue PRIVATE $<TARGET_OBJECTS:dfu_util>)
set_target_properties(rescue PROPERTIES
  LINKER_LANGUAGE CXX VERSION ${PROJECT_VERSION} SOVERSION ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR})
target_compile_features(rescue PUBLIC cxx_std_20)
# Found again by electron-rescue-config.cmake; the headers need the first alone.
target_link_libraries(rescue
  PUBLIC tl::expected
  PRIVATE fmt::fmt Threads::Threads PkgConfig::libdeflate PkgConfig::nettle PkgConfig::libusb PkgConfig::libserialport
    ${ER_LIBRARY_LIBS})
set(header_dir ${CMAKE_INSTALL_INCLUDEDIR}/electron-rescue)
target_include_directories(rescue INTERFACE
  $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/src> $<INSTALL_INTERFACE:${header_dir}>)

# The façade's headers, and what they include of other rooms, directly or not.
file(GLOB headers RELATIVE ${PROJECT_SOURCE_DIR}/src CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/src/rescue/*.h)
set(waiting ${headers})
while(waiting)
  list(POP_FRONT waiting header)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/src/${header})
  file(STRINGS ${PROJECT_SOURCE_DIR}/src/${header} lines REGEX "^#include \"")
  foreach(line IN LISTS lines)
    string(REGEX REPLACE "^#include \"([^\"]+)\".*" "\\1" included "${line}")
    if(NOT included IN_LIST headers)
      list(APPEND headers ${included})
      list(APPEND waiting ${included})
    endif()
  endforeach()
endwhile()
foreach(header IN LISTS headers)
  get_filename_component(folder ${header} DIRECTORY)
  install(FILES ${PROJECT_SOURCE_DIR}/src/${header} DESTINATION ${header_dir}/${folder} COMPONENT development)
endforeach()

set(config_dir ${CMAKE_INSTALL_LIBDIR}/cmake/electron-rescue)
install(TARGETS rescue EXPORT electron-rescue-targets
  ARCHIVE COMPONENT development LIBRARY NAMELINK_COMPONENT development)
install(EXPORT electron-rescue-targets NAMESPACE electron-rescue:: DESTINATION ${config_dir}
  COMPONENT development)
configure_package_config_file(${PROJECT_SOURCE_DIR}/cmake/electron-rescue-config.cmake.in
  ${made}/electron-rescue-config.cmake INSTALL_DESTINATION ${config_dir})
# Before 1.0 a minor version may change what programs are written against.
write_basic_package_version_file(${made}/electron-rescue-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${made}/electron-rescue-config.cmake ${made}/electron-rescue-config-version.cmake
  DESTINATION ${config_dir} COMPONENT development)

set(pkg_config_requires "fmt libdeflate nettle libusb-1.0 libserialport")
# Whoever links the archive links these; `--static` would ask for static ones of theirs, too.
set(pkg_config_private)
set(pkg_config_libs " -pthread")
if(ER_SHARED_LIBRARY)
  set(pkg_config_private .private)
  set(pkg_config_libs)
endif()
configure_file(${PROJECT_SOURCE_DIR}/cmake/electron-rescue.pc.in ${made}/electron-rescue.pc @ONLY)
install(FILES ${made}/electron-rescue.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig COMPONENT development)

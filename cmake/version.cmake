# src/cli/version.cpp.in with the project's version (stated once, in project()), the commit, and the
# libraries' versions filled in.
include(commit)
configure_file(${PROJECT_SOURCE_DIR}/src/cli/version.cpp.in ${PROJECT_BINARY_DIR}/generated/version.cpp @ONLY)
target_sources(room_cli PRIVATE ${PROJECT_BINARY_DIR}/generated/version.cpp)
# Where a tool that reads all sources (clang-tidy) must build first.
add_custom_target(generated_sources)

# The udev rule, so that `udev print` and the packages cannot differ.
file(READ ${PROJECT_SOURCE_DIR}/udev/70-electron-rescue.rules ER_UDEV_RULE)
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS
  ${PROJECT_SOURCE_DIR}/udev/70-electron-rescue.rules)
configure_file(${PROJECT_SOURCE_DIR}/src/cli/udev_rule.cpp.in ${PROJECT_BINARY_DIR}/generated/udev_rule.cpp @ONLY)
target_sources(room_cli PRIVATE ${PROJECT_BINARY_DIR}/generated/udev_rule.cpp)

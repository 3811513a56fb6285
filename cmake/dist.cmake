# Target `dist`: the source archive, with dfu-util's sources in it. It builds without git and without a
# network (tests/install/dist).
add_custom_target(dist
  COMMAND ${CMAKE_COMMAND} -E env DFU_UTIL_SOURCE_DIR=${DFU_UTIL_SOURCE_DIR}
          ${PROJECT_SOURCE_DIR}/scripts/dist ${PROJECT_BINARY_DIR}
  VERBATIM USES_TERMINAL)

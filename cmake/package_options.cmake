# Read by CPack once for each kind of package.
if(CPACK_GENERATOR STREQUAL "DEB")
  set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
  # Each package's description begins with its own summary.
  set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "")
  # A package for each component; librescue's is for whoever builds on it, and not among them.
  set(CPACK_DEB_COMPONENT_INSTALL ON)
  set(CPACK_COMPONENTS_ALL Unspecified simulator)
  list(SUBLIST CPACK_INSTALL_CMAKE_PROJECTS 0 2 build_and_project)
  set(CPACK_INSTALL_CMAKE_PROJECTS "${build_and_project};ALL;/")
endif()

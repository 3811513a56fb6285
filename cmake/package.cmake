# CPack: two Debian packages, one archive for other systems. `scripts/package` runs it.
set(CPACK_GENERATOR TGZ)
# The programs and what goes with them; librescue is for whoever builds on it.
set(CPACK_INSTALL_CMAKE_PROJECTS
  "${PROJECT_BINARY_DIR};electron-rescue;Unspecified;/;${PROJECT_BINARY_DIR};electron-rescue;simulator;/")
set(CPACK_PACKAGE_NAME electron-rescue)
set(CPACK_PACKAGE_VENDOR "electron-rescue")
set(CPACK_PACKAGE_CONTACT "${ER_MAINTAINER}")
set(CPACK_PACKAGE_VERSION ${PROJECT_VERSION})
set(CPACK_PACKAGE_DIRECTORY ${PROJECT_BINARY_DIR})
set(CPACK_STRIP_FILES ON)
set(CPACK_VERBATIM_VARIABLES ON)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS
  OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)

set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "${PROJECT_DESCRIPTION}")
set(CPACK_DEBIAN_UNSPECIFIED_DESCRIPTION
"${PROJECT_DESCRIPTION}
Finds a Particle Electron (or E Series) on USB, reads what is installed,
plans the releases and parts by the rules that the device obeys, writes them,
reads every byte back, starts the device and says what happened. Whatever
interrupts it, the same command run again finishes the job.
.
A virtual Electron to try all of this on is built in: --device sim:RELEASE.")
set(CPACK_DEBIAN_UNSPECIFIED_PACKAGE_NAME electron-rescue)
set(CPACK_DEBIAN_COMPRESSION_TYPE xz)
set(CPACK_DEBIAN_PACKAGE_RELEASE 1)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION electronics)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
# dpkg-shlibdeps does not see the libraries that are loaded when first used.
set(loaded_packages)
find_program(ER_DPKG_QUERY dpkg-query)
if(ER_DPKG_QUERY)
  foreach(file ${ER_LOADED_FILES})
    string(REGEX REPLACE "^/usr/" "/" unmerged ${file})
    execute_process(COMMAND ${ER_DPKG_QUERY} -S ${file} ${unmerged}
      OUTPUT_VARIABLE owner ERROR_QUIET)
    if(owner MATCHES "^([^:,\n]+)")
      list(APPEND loaded_packages "${CMAKE_MATCH_1}")
    endif()
  endforeach()
endif()
list(REMOVE_DUPLICATES loaded_packages)
list(JOIN loaded_packages ", " CPACK_DEBIAN_UNSPECIFIED_PACKAGE_DEPENDS)
set(CPACK_DEBIAN_UNSPECIFIED_PACKAGE_SUGGESTS "electron-sim, dfu-util")
set(CPACK_DEBIAN_SIMULATOR_PACKAGE_NAME electron-sim)
# Before 0.2.0 one package held both.
set(CPACK_DEBIAN_SIMULATOR_PACKAGE_REPLACES "electron-rescue (<< 0.2.0)")
set(CPACK_DEBIAN_SIMULATOR_PACKAGE_BREAKS "electron-rescue (<< 0.2.0)")
set(CPACK_DEBIAN_SIMULATOR_DESCRIPTION
"Virtual Particle Electrons on USB, over USB/IP, or behind a cloud
Virtual Particle Electrons of every generation, with the answers of the
released bootloaders and system firmware: on this computer's own USB (by
vhci_hcd), for another computer over USB/IP, or as a fleet behind a virtual
device cloud. For trying, teaching and testing without a device.")
# No postrm: udev sees by itself that a rule is gone, and a package with a postrm leaves it behind
# in dpkg's database until it is purged.
set(CPACK_DEBIAN_UNSPECIFIED_PACKAGE_CONTROL_EXTRA ${PROJECT_SOURCE_DIR}/cmake/debian/postinst)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
# A Debian package's files live below /usr; the archive unpacks anywhere.
set(CPACK_PROJECT_CONFIG_FILE ${PROJECT_SOURCE_DIR}/cmake/package_options.cmake)
include(CPack)

# What is installed where, and the packages made of it (CPack: DEB, TGZ).
include(GNUInstallDirs)
set(ER_UDEV_RULES_DIR lib/udev/rules.d CACHE STRING "Where the udev rule is installed (Linux)")
set(ER_SYSTEMD_UNIT_DIR lib/systemd/system CACHE STRING "Where the systemd unit is installed (Linux)")
set(ER_BASH_COMPLETION_DIR ${CMAKE_INSTALL_DATADIR}/bash-completion/completions
  CACHE STRING "Where the completion for bash is installed")
set(ER_ZSH_COMPLETION_DIR ${CMAKE_INSTALL_DATADIR}/zsh/vendor-completions
  CACHE STRING "Where the completion for zsh is installed (site-functions, outside of Debian)")
set(ER_FISH_COMPLETION_DIR ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d
  CACHE STRING "Where the completion for fish is installed")
# Installing needs what is installed, not every test.
set(CMAKE_SKIP_INSTALL_ALL_DEPENDENCY ON)

# Whoever hands packages on puts an address here; the default is one that no mail reaches.
set(ER_MAINTAINER "electron-rescue authors <electron-rescue@electron-rescue.invalid>" CACHE STRING
  "Who answers for the packages made here: NAME <ADDRESS>")

# Made at build time: compressed man pages, completions as the tool itself prints them, and
# Debian's changelogs.
set(made ${PROJECT_BINARY_DIR}/install)
set(made_files)
find_program(ER_GZIP gzip)

# The time in files that are compared between two builds of the same commit.
set(packaged_at ${ER_COMMIT_TIME})
if(NOT packaged_at)
  string(TIMESTAMP packaged_at "%s" UTC)
endif()
set(ENV{SOURCE_DATE_EPOCH} ${packaged_at})
string(TIMESTAMP ER_PACKAGE_DATE "%a, %d %b %Y %H:%M:%S +0000" UTC)
string(TIMESTAMP ER_PACKAGE_YEAR "%Y" UTC)
configure_file(${PROJECT_SOURCE_DIR}/cmake/debian/changelog.in ${made}/changelog.Debian @ONLY)
configure_file(${PROJECT_SOURCE_DIR}/cmake/debian/copyright.in ${made}/copyright @ONLY)

# install_compressed(FILE NAME DESTINATION [COMPONENT]): installs FILE as NAME, compressed where gzip is to be had.
function(install_compressed file name destination)
  set(component Unspecified)
  if(ARGC GREATER 3)
    set(component ${ARGV3})
  endif()
  if(ER_GZIP)
    if(NOT ${made}/${name}.gz IN_LIST made_files)
      add_custom_command(OUTPUT ${made}/${name}.gz
        COMMAND ${ER_GZIP} -9nc ${file} > ${made}/${name}.gz
        DEPENDS ${file} VERBATIM)
      set(made_files ${made_files} ${made}/${name}.gz PARENT_SCOPE)
    endif()
    install(FILES ${made}/${name}.gz DESTINATION ${destination} COMPONENT ${component})
  else()
    install(FILES ${file} DESTINATION ${destination} RENAME ${name} COMPONENT ${component})
  endif()
endfunction()

install(TARGETS electron-rescue RUNTIME)
install_compressed(${PROJECT_SOURCE_DIR}/docs/electron-rescue.1 electron-rescue.1
  ${CMAKE_INSTALL_MANDIR}/man1)
if(TARGET electron-sim)
  # A package of its own: who mends devices needs no virtual ones.
  install(TARGETS electron-sim RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT simulator)
  install_compressed(${PROJECT_SOURCE_DIR}/docs/electron-sim.1 electron-sim.1
    ${CMAKE_INSTALL_MANDIR}/man1 simulator)
endif()

# The script finds the program beside itself.
install(PROGRAMS ${PROJECT_SOURCE_DIR}/scripts/get-firmware DESTINATION ${CMAKE_INSTALL_BINDIR}
  RENAME electron-rescue-get-firmware)
install_compressed(${PROJECT_SOURCE_DIR}/docs/electron-rescue-get-firmware.1
  electron-rescue-get-firmware.1 ${CMAKE_INSTALL_MANDIR}/man1)
install(FILES ${PROJECT_SOURCE_DIR}/src/release/releases.json
  DESTINATION ${CMAKE_INSTALL_DATADIR}/electron-rescue)

if(CMAKE_SYSTEM_NAME STREQUAL "Linux")
  install(FILES ${PROJECT_SOURCE_DIR}/udev/70-electron-rescue.rules 
    DESTINATION ${ER_UDEV_RULES_DIR})
  # Installed, never enabled: who wants a station says so.
  install(FILES ${PROJECT_SOURCE_DIR}/packaging/systemd/electron-rescue-station.service
    DESTINATION ${ER_SYSTEMD_UNIT_DIR})
endif()

if(NOT CMAKE_CROSSCOMPILING)
  foreach(completion
      bash:BASH:electron-rescue zsh:ZSH:_electron-rescue fish:FISH:electron-rescue.fish)
    string(REPLACE ":" ";" words ${completion})
    list(GET words 0 shell)
    list(GET words 1 variable)
    list(GET words 2 name)
    # CMake's own temporary name: a build that stops here must not leave half a script.
    add_custom_command(OUTPUT ${made}/${shell}/${name}
      COMMAND ${CMAKE_COMMAND} -E make_directory ${made}/${shell}
      COMMAND electron-rescue completion ${shell} > ${made}/${shell}/${name}.tmp
      COMMAND ${CMAKE_COMMAND} -E rename ${made}/${shell}/${name}.tmp ${made}/${shell}/${name}
      DEPENDS electron-rescue VERBATIM)
    list(APPEND made_files ${made}/${shell}/${name})
    install(FILES ${made}/${shell}/${name} DESTINATION ${ER_${variable}_COMPLETION_DIR})
  endforeach()
endif()

set(doc_dir ${CMAKE_INSTALL_DOCDIR})
file(GLOB guides CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/docs/*.md)
list(FILTER guides EXCLUDE REGEX "(ARCHITECTURE|BUILDING|INDEX)\\.md$")
install(FILES ${guides} ${PROJECT_SOURCE_DIR}/README.md
  ${PROJECT_SOURCE_DIR}/THIRD-PARTY-NOTICES.md ${made}/copyright DESTINATION ${doc_dir})
install(DIRECTORY ${PROJECT_SOURCE_DIR}/docs/examples DESTINATION ${doc_dir}
  USE_SOURCE_PERMISSIONS)
install(DIRECTORY ${PROJECT_SOURCE_DIR}/docs/schemas
  DESTINATION ${CMAKE_INSTALL_DATADIR}/electron-rescue)
install_compressed(${PROJECT_SOURCE_DIR}/CHANGELOG.md changelog ${doc_dir})
install_compressed(${made}/changelog.Debian changelog.Debian ${doc_dir})
# What Debian wants of each package.
if(EXISTS /etc/debian_version)
  foreach(package electron-rescue:Unspecified electron-sim:simulator)
    string(REPLACE ":" ";" words ${package})
    list(GET words 0 ER_PACKAGE)
    list(GET words 1 component)
    configure_file(${PROJECT_SOURCE_DIR}/cmake/debian/lintian-overrides.in ${made}/lintian/${ER_PACKAGE} @ONLY)
    install(FILES ${made}/lintian/${ER_PACKAGE}
      DESTINATION ${CMAKE_INSTALL_DATADIR}/lintian/overrides COMPONENT ${component})
  endforeach()
  set(doc_dir ${CMAKE_INSTALL_DATADIR}/doc/electron-sim)
  install(FILES ${made}/copyright DESTINATION ${doc_dir} COMPONENT simulator)
  install_compressed(${PROJECT_SOURCE_DIR}/CHANGELOG.md changelog ${doc_dir} simulator)
  install_compressed(${made}/changelog.Debian changelog.Debian ${doc_dir} simulator)
endif()

add_custom_target(install_files ALL DEPENDS ${made_files})

include(library)
include(dist)
include(package)

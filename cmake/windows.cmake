# The Windows program's resources (version, manifest), what is installed with it, and its packages: a ZIP
# archive and an installer (NSIS), both for a user without an administrator.
configure_file(${PROJECT_SOURCE_DIR}/cmake/windows/version.rc.in ${PROJECT_BINARY_DIR}/generated/version.rc @ONLY)
target_sources(electron-rescue PRIVATE ${PROJECT_BINARY_DIR}/generated/version.rc)
target_link_libraries(electron-rescue PRIVATE third_party_manifest)

set(CMAKE_SKIP_INSTALL_ALL_DEPENDENCY ON)
set(made ${PROJECT_BINARY_DIR}/install)
file(MAKE_DIRECTORY ${made})

install(TARGETS electron-rescue RUNTIME DESTINATION .)
install(FILES ${PROJECT_SOURCE_DIR}/LICENSE DESTINATION . RENAME LICENSE.txt)
install(FILES ${PROJECT_SOURCE_DIR}/THIRD-PARTY-NOTICES.md DESTINATION licences)
install(FILES ${PROJECT_SOURCE_DIR}/README.md ${PROJECT_SOURCE_DIR}/CHANGELOG.md
  ${PROJECT_SOURCE_DIR}/docs/windows.md ${PROJECT_SOURCE_DIR}/docs/bench-guide.md
  ${PROJECT_SOURCE_DIR}/docs/scripting.md ${PROJECT_SOURCE_DIR}/docs/glossary.md
  DESTINATION docs)
install(DIRECTORY ${PROJECT_SOURCE_DIR}/docs/schemas DESTINATION .)

# The licences of what is linked in.
function(licence name file)
  if(NOT EXISTS ${file})
    message(FATAL_ERROR "the licence of ${name} is not in ${file}")
  endif()
  install(FILES ${file} DESTINATION licences RENAME ${name}.txt)
endfunction()
licence(dfu-util ${DFU_UTIL_SOURCE_DIR}/COPYING)
licence(libusb ${LIBUSB_SOURCE_DIR}/COPYING)
licence(libserialport ${LIBSERIALPORT_SOURCE_DIR}/COPYING)
licence(libarchive ${LIBARCHIVE_SOURCE_DIR}/COPYING)
licence(curl ${CURL_SOURCE_DIR}/COPYING)
licence(zlib /usr/share/doc/libz-mingw-w64-dev/copyright)
licence(mingw-w64 /usr/share/doc/mingw-w64-x86-64-dev/copyright)
licence(gcc /usr/share/doc/gcc-mingw-w64-x86-64-posix-runtime/copyright)

# The manual for a browser, and the completion as the program itself prints it.
find_program(ER_MANDOC mandoc)
set(made_files)
if(ER_MANDOC)
  add_custom_command(OUTPUT ${made}/electron-rescue.html
    COMMAND ${ER_MANDOC} -T html -O man=%N.html ${PROJECT_SOURCE_DIR}/docs/electron-rescue.1
            > ${made}/electron-rescue.html
    DEPENDS ${PROJECT_SOURCE_DIR}/docs/electron-rescue.1 VERBATIM)
  list(APPEND made_files ${made}/electron-rescue.html)
  install(FILES ${made}/electron-rescue.html DESTINATION docs)
endif()
add_custom_command(OUTPUT ${made}/electron-rescue.ps1
  COMMAND ${CMAKE_COMMAND} -E env WINEPREFIX=${PROJECT_BINARY_DIR}/wine WINEDEBUG=-all LC_ALL=C.UTF-8
          WINEDLLOVERRIDES=mscoree,mshtml=
          ${CMAKE_CROSSCOMPILING_EMULATOR} $<TARGET_FILE:electron-rescue> completion powershell
          > ${made}/electron-rescue.ps1.tmp
  COMMAND ${CMAKE_COMMAND} -E rename ${made}/electron-rescue.ps1.tmp ${made}/electron-rescue.ps1
  DEPENDS electron-rescue VERBATIM)
list(APPEND made_files ${made}/electron-rescue.ps1)
install(FILES ${made}/electron-rescue.ps1 DESTINATION completions)
add_custom_target(install_files DEPENDS ${made_files})

# The time in packages that are compared between two builds of the same commit.
set(packaged_at ${ER_COMMIT_TIME})
if(NOT packaged_at)
  set(packaged_at 1700000000)
endif()
file(WRITE ${made}/same_times.cmake "# Run by CPack when all files of a package lie ready.
execute_process(COMMAND find \${CPACK_TEMPORARY_INSTALL_DIRECTORY} -exec touch -d @${packaged_at} {} +
  COMMAND_ERROR_IS_FATAL ANY)
")

set(CPACK_GENERATOR "ZIP;NSIS")
set(CPACK_INSTALL_CMAKE_PROJECTS "${PROJECT_BINARY_DIR};electron-rescue;Unspecified;/")
set(CPACK_PRE_BUILD_SCRIPTS ${made}/same_times.cmake)
set(CPACK_PACKAGE_NAME electron-rescue)
set(CPACK_PACKAGE_VENDOR electron-rescue)
set(CPACK_PACKAGE_VERSION ${PROJECT_VERSION})
set(CPACK_PACKAGE_FILE_NAME electron-rescue-${PROJECT_VERSION}-windows-x64)
set(CPACK_PACKAGE_INSTALL_DIRECTORY electron-rescue)
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "${PROJECT_DESCRIPTION}")
set(CPACK_RESOURCE_FILE_LICENSE ${PROJECT_SOURCE_DIR}/LICENSE)
set(CPACK_STRIP_FILES ON)
set(CPACK_VERBATIM_VARIABLES ON)
set(CPACK_NSIS_DISPLAY_NAME electron-rescue)
# Into the user's own folder: nobody is asked for an administrator. The later of two such lines counts.
# Without the times of files, some of which CPack makes anew: the same bytes each time.
set(CPACK_NSIS_DEFINES "RequestExecutionLevel user\n  SetDateSave off")
set(CPACK_NSIS_INSTALL_ROOT "$LOCALAPPDATA\\Programs")
set(CPACK_NSIS_MODIFY_PATH ON)
set(CPACK_NSIS_ENABLE_UNINSTALL_BEFORE_INSTALL ON)
include(CPack)

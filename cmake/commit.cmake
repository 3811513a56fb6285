# ER_COMMIT and ER_COMMIT_TIME (seconds since 1970): from git, or in a source archive from what
# `git archive` wrote into commit.txt. Empty where neither tells.
set(ER_COMMIT "")
set(ER_COMMIT_TIME "")
find_package(Git QUIET)
if(GIT_FOUND AND EXISTS ${PROJECT_SOURCE_DIR}/.git)
  execute_process(COMMAND ${GIT_EXECUTABLE} describe --always --dirty --exclude=*
    WORKING_DIRECTORY ${PROJECT_SOURCE_DIR} OUTPUT_VARIABLE ER_COMMIT OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
  execute_process(COMMAND ${GIT_EXECUTABLE} log -1 --format=%ct
    WORKING_DIRECTORY ${PROJECT_SOURCE_DIR} OUTPUT_VARIABLE ER_COMMIT_TIME OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
  if(EXISTS ${PROJECT_SOURCE_DIR}/.git/logs/HEAD)
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/.git/logs/HEAD)
  endif()
else()
  file(STRINGS ${PROJECT_SOURCE_DIR}/cmake/commit.txt lines REGEX "^[0-9a-f]+$")
  if(lines)
    list(GET lines 0 ER_COMMIT)
    list(GET lines 1 ER_COMMIT_TIME)
  endif()
endif()
if(DEFINED ENV{SOURCE_DATE_EPOCH})
  set(ER_COMMIT_TIME $ENV{SOURCE_DATE_EPOCH})
endif()

# With ER_UNITY the sources of a room are compiled in batches: no name in an unnamed namespace stands for
# two things in one room.
function(compile_together target)
  if(ER_UNITY)
    set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 10)
  endif()
endfunction()

# room(NAME [USES room...] [LIBS target...] [SOURCES file...])
#
# A room is a folder under src/, a namespace and a static library of the same name (sim/board is
# room_sim_board, and its namespace is sim). USES are the rooms whose headers it may include. With
# ER_STRICT_ROOMS each room's include directory is a folder that holds one symbolic link, to that
# room: an include of a room that is not declared, directly or through another, is then a file that
# does not exist.
function(room name)
  cmake_parse_arguments(PARSE_ARGV 1 ROOM "" "" "USES;LIBS;SOURCES")
  list(TRANSFORM ROOM_SOURCES PREPEND ${name}/)
  string(REPLACE "/" "_" flat ${name})
  set(target room_${flat})
  list(TRANSFORM ROOM_USES PREPEND room_)
  list(TRANSFORM ROOM_USES REPLACE "/" "_")
  if(ROOM_SOURCES)
    add_library(${target} STATIC ${ROOM_SOURCES})
    set(scope PUBLIC)
  else()
    add_library(${target} INTERFACE)
    set(scope INTERFACE)
  endif()
  if(ER_STRICT_ROOMS)
    set(view ${CMAKE_BINARY_DIR}/rooms/${target})
    cmake_path(GET name PARENT_PATH folder)
    file(MAKE_DIRECTORY ${view}/${folder})
    file(CREATE_LINK ${CMAKE_CURRENT_SOURCE_DIR}/${name} ${view}/${name} SYMBOLIC)
    target_include_directories(${target} ${scope} ${view})
  else()
    target_include_directories(${target} ${scope} ${CMAKE_CURRENT_SOURCE_DIR})
  endif()
  target_link_libraries(${target} ${scope} ${ROOM_USES} third_party::expected third_party::fmt)
  if(ROOM_SOURCES)
    target_link_libraries(${target} PRIVATE er_settings ${ROOM_LIBS})
    compile_together(${target})
    if("third_party::json" IN_LIST ROOM_LIBS)
      use_precompiled(${target} json)
    else()
      use_precompiled(${target} plain)
    endif()
  endif()
endfunction()

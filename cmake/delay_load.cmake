# Windows' own DLLs are loaded when the first function of each is called, not at every start: most
# commands need few of them, and some bring a dozen more. kernel32 and msvcrt are needed at once by
# anything. delay_load(TARGET DLL...): whoever links TARGET gets it so, whichever library asks.
#
# For each DLL all functions of MinGW's import library go into one that loads late (binutils' dlltool;
# MinGW's runtime has the helper). A file of the same name in a folder that the linker looks into first
# names both: what the first has not (constants, code of MinGW's own) comes out of the second.
function(delay_load target)
  set(folder ${PROJECT_BINARY_DIR}/delay_load)
  file(MAKE_DIRECTORY ${folder})
  find_program(ER_DLLTOOL x86_64-w64-mingw32-dlltool REQUIRED)
  mark_as_advanced(ER_DLLTOOL)
  foreach(dll IN LISTS ARGN)
    find_library(ER_IMPORT_${dll} ${dll} REQUIRED)
    mark_as_advanced(ER_IMPORT_${dll})
    set(late ${dll}-late.a)
    if(NOT EXISTS ${folder}/${late})
      execute_process(COMMAND ${CMAKE_NM} --extern-only --defined-only ${ER_IMPORT_${dll}}
        OUTPUT_VARIABLE symbols ERROR_QUIET COMMAND_ERROR_IS_FATAL ANY)
      string(REGEX MATCHALL " T [A-Za-z0-9_]+" functions "${symbols}")
      list(TRANSFORM functions REPLACE " T " "")
      list(REMOVE_DUPLICATES functions)
      list(JOIN functions "\n" functions)
      file(WRITE ${folder}/${dll}.def "LIBRARY ${dll}.dll\nEXPORTS\n${functions}\n")
      execute_process(COMMAND ${ER_DLLTOOL} --input-def ${dll}.def --output-delaylib ${late}
        WORKING_DIRECTORY ${folder} COMMAND_ERROR_IS_FATAL ANY)
    endif()
    file(WRITE ${folder}/lib${dll}.a "INPUT(${folder}/${late} ${ER_IMPORT_${dll}})\n")
  endforeach()
  target_link_directories(${target} INTERFACE ${folder})
endfunction()

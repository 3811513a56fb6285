# embed(TARGET FILE SYMBOL): compiles FILE into TARGET as `std::string_view SYMBOL()`, SYMBOL being
# qualified with its namespace, and again whenever FILE changes. The bytes are written as numbers:
# string literals have a length limit in some compilers.
function(embed target file symbol)
  get_filename_component(input ${file} ABSOLUTE)
  get_filename_component(name ${file} NAME)
  set(output ${CMAKE_CURRENT_BINARY_DIR}/embedded/${target}_${name}.cpp)
  add_custom_command(
    OUTPUT ${output}
    COMMAND ${CMAKE_COMMAND} -DINPUT=${input} -DOUTPUT=${output} -DSYMBOL=${symbol}
            -P ${PROJECT_SOURCE_DIR}/cmake/embed_file.cmake
    DEPENDS ${input} ${PROJECT_SOURCE_DIR}/cmake/embed_file.cmake
    COMMENT "Embedding ${name}"
    VERBATIM)
  target_sources(${target} PRIVATE ${output})
endfunction()

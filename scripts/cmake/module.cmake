# add_module(NAME FOLDER [USES library...] [HIDES library...]): one static library per folder.
# What a module may use is what it links: USES passes on to those who link it, HIDES does not.
function(add_module name folder)
  cmake_parse_arguments(MODULE "" "" "USES;HIDES;SOURCES" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${folder}/*.c)
  list(FILTER sources EXCLUDE REGEX "_main\\.c$")
  list(APPEND sources ${MODULE_SOURCES})
  add_library(${name} STATIC ${sources})
  target_link_libraries(${name} PUBLIC ${MODULE_USES} PRIVATE ${MODULE_HIDES})
endfunction()

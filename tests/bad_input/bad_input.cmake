# What a user may get wrong in a manifest or a fleet: one clear line and exit 2, never a crash.
set(MUST_REFUSE ${CMAKE_CURRENT_LIST_DIR}/must_refuse.sh $<TARGET_FILE:promosim>
  ${CMAKE_SOURCE_DIR}/scenarios/examples)
file(GLOB BAD_INPUTS CONFIGURE_DEPENDS ${CMAKE_CURRENT_LIST_DIR}/*.yaml)
foreach(file IN LISTS BAD_INPUTS)
  get_filename_component(name ${file} NAME_WE)
  add_test(NAME bad_input/${name} COMMAND ${MUST_REFUSE} ${file})
  label_tests(bad_input 60 bad_input/${name})
endforeach()
foreach(kind deep-flow deep-block huge huge-text many-documents not-utf8 overlong-utf8 nul utf16
        noise)
  add_test(NAME bad_input/${kind} COMMAND ${MUST_REFUSE} generate:${kind})
  label_tests(bad_input 60 bad_input/${kind})
endforeach()

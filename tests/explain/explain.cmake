# What `promosim explain` says at a moment of a story: a case for each reason to wait.
file(GLOB EXPLAIN_CASES CONFIGURE_DEPENDS ${CMAKE_CURRENT_LIST_DIR}/*.txt)
foreach(case IN LISTS EXPLAIN_CASES)
  get_filename_component(name ${case} NAME_WE)
  add_test(NAME explain/${name} COMMAND ${CMAKE_CURRENT_LIST_DIR}/compare.sh
    $<TARGET_FILE:promosim> ${CMAKE_SOURCE_DIR} ${case})
  label_tests(scenario 60 explain/${name})
endforeach()
add_test(NAME explain-every-reason
  COMMAND python3 ${CMAKE_CURRENT_LIST_DIR}/every_reason.py)
label_tests(scenario 60 explain-every-reason)

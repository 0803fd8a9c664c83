# Known faults must still be faults: every patch applies, and one of them, which the commit picks,
# is put into a copy of the controller and must be found. `tests/mutants/run` tries all.
if(CMAKE_BUILD_TYPE STREQUAL "Release" AND NOT PROMOTER_SANITIZE)
  add_test(NAME mutants/apply COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/mutants/run --check)
  add_test(NAME mutants/one COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/mutants/run --rotate --jobs 1)
  label_tests(mutants 1200 mutants/apply mutants/one)
  set_tests_properties(mutants/apply PROPERTIES LABELS "mutants;tidy") # it takes a second
endif()

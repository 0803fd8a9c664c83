# One test per scenario file, the stories that must fail, and the sweeps.
file(GLOB_RECURSE STORIES CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/scenarios/*.yaml)
foreach(story IN LISTS STORIES)
  file(STRINGS ${story} head REGEX "^scenario:" LIMIT_COUNT 1)
  if(NOT head)
    continue() # a manifest or a fleet that scenarios use
  endif()
  file(RELATIVE_PATH path ${CMAKE_SOURCE_DIR}/scenarios ${story})
  string(REGEX REPLACE "\\.yaml$" "" path ${path})
  if(path MATCHES "^canary/")
    # A judge who never finds anyone guilty is no judge. ctest's WILL_FAIL does not do: it would
    # also be content with a crash.
    add_test(NAME ${path}
      COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/canary/must_fail.sh $<TARGET_FILE:promosim> ${story})
    label_tests(canary 60 ${path})
  else()
    add_test(NAME scenario/${path} COMMAND promosim run ${story})
    label_tests(scenario 60 scenario/${path})
  endif()
endforeach()

add_test(NAME sweep COMMAND promosim sweep ${CMAKE_SOURCE_DIR}/scenarios)
label_tests(sweep 2400 sweep) # seven minutes on two idle cores
# The faults of the transport are ten times as many: a part of them here, all by hand.
add_test(NAME sweep-faults
  COMMAND promosim sweep --faults --points 40 ${CMAKE_SOURCE_DIR}/scenarios)
label_tests(sweep 2400 sweep-faults)
set_tests_properties(sweep sweep-faults PROPERTIES PROCESSORS 2)

# What the controller before us was measured to fail at, at more seeds than each story's own;
# scripts/rival plays a thousand of each.
add_test(NAME scenario/seeds
  COMMAND promosim run --quiet --seeds 20 ${CMAKE_SOURCE_DIR}/scenarios/rival)
label_tests(scenario 300 scenario/seeds)

# Stories that are drawn, in two parts, as there are two cores. The commit's hash picks where they
# start, among seeds that were all seen to pass: of others one in several thousand still finds something,
# and a green tree must not be a matter of luck. A seed, or `commit`, looks elsewhere.
set(PROMOTER_EXPLORE_SEED "" CACHE STRING "The first seed of the explore tests, or commit")
set(from commit:600000+6000) # not in the cache: an old build directory would keep it
if(PROMOTER_EXPLORE_SEED)
  set(from ${PROMOTER_EXPLORE_SEED})
endif()
foreach(part 1 2)
  add_test(NAME explore/${part}-of-2
    COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/explore/part.sh $<TARGET_FILE:promosim>
      ${from} 2000 ${part}/2)
  label_tests(explore 1200 explore/${part}-of-2)
endforeach()

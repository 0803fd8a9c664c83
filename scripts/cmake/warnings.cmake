# Warnings are errors. Each list is what a compiler offers beyond -Wall that found something
# real or costs nothing; both compilers build the tree, so that each covers for the other.
set(WARNINGS
  -Wall -Wextra -Wpedantic -Werror -Wshadow -Wconversion -Wsign-conversion -Wcast-qual
  -Wcast-align -Wpointer-arith -Wwrite-strings -Wstrict-prototypes -Wold-style-definition
  -Wmissing-prototypes -Wredundant-decls -Wundef -Wvla -Walloca -Wformat=2
  -Wimplicit-fallthrough -Wswitch-enum -Wnull-dereference -Wdouble-promotion -Wfloat-equal
  -Wdate-time -Wframe-larger-than=16384)

set(WARNINGS_GCC
  -Wduplicated-cond -Wlogical-op -Wjump-misses-init -Walloc-zero -Wformat-overflow=2
  -Wformat-truncation=2 -Wstringop-overflow=4 -Warith-conversion -Wtrampolines
  -Wbidi-chars=any)

set(WARNINGS_CLANG
  -Wcomma -Wconditional-uninitialized -Wassign-enum -Wloop-analysis -Wshift-sign-overflow
  -Wunreachable-code-aggressive -Wmissing-variable-declarations
  -Wtautological-constant-in-range-compare)

# Without optimisation, or with sanitizers, gcc does not see value ranges and finds texts cut that
# never are: the optimised build judges those.
if(PROMOTER_SANITIZE OR PROMOTER_COVERAGE OR CMAKE_C_FLAGS MATCHES "-fsanitize")
  list(TRANSFORM WARNINGS_GCC REPLACE "^-Wformat-truncation=2$" "-Wno-format-truncation")
endif()

add_compile_options(${WARNINGS} -fno-common -fstack-protector-strong)
if(CMAKE_C_COMPILER_ID STREQUAL "Clang")
  add_compile_options(${WARNINGS_CLANG})
else()
  add_compile_options(${WARNINGS_GCC})
endif()

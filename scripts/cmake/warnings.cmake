# Warnings are errors; each set is what the compiler offers beyond -Wall.
add_compile_options(
  -Wall -Wextra -Wpedantic -Werror -Wshadow -Wconversion -Wsign-conversion -Wcast-qual
  -Wcast-align -Wpointer-arith -Wwrite-strings -Wstrict-prototypes -Wold-style-definition
  -Wmissing-prototypes -Wredundant-decls -Wundef -Wvla -Walloca -Wformat=2
  -Wimplicit-fallthrough -Wswitch-enum -Wnull-dereference -Wdouble-promotion -Wfloat-equal
  -Wdate-time -Wframe-larger-than=16384 -fno-common)

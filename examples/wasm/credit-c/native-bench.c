/* The same code as a native program: how long one rating takes.  clang -O2 -o bench native-bench.c && ./bench < application.json */
#include <stdio.h>
#include <time.h>
#include "model.c"

int main(void) {
  int length = (int)fread(input, 1, sizeof input, stdin);
  double best = 1e18;
  volatile u64 sink = 0;
  for (int round = 0; round < 50; round++) {
    struct timespec begin, end;
    clock_gettime(CLOCK_MONOTONIC, &begin);
    for (int i = 0; i < 20000; i++) sink += rate(input, (u32)length);
    clock_gettime(CLOCK_MONOTONIC, &end);
    double nanos = ((double)(end.tv_sec - begin.tv_sec) * 1e9 + (double)(end.tv_nsec - begin.tv_nsec)) / 20000;
    if (nanos < best) best = nanos;
  }
  printf("%.*s\n%.0f ns/op\n", used, output, best);
  return sink == 0;
}

package io.openclaw.onnx;

import io.openclaw.rating.ModelException;
import java.util.Arrays;

/** Numbers of a list that is written one by one, without a copy for each. Not thread-safe. */
final class Numbers {
  /** Numbers of one list. */
  static final int NUMBERS_MAX = 4_000_000;

  private double[] numbers = {};
  private long[] integers = {};
  private int count;

  void add(double number) throws ModelException {
    numbers = count == numbers.length ? Arrays.copyOf(numbers, more()) : numbers;
    numbers[count++] = number;
  }

  void add(long number) throws ModelException {
    integers = count == integers.length ? Arrays.copyOf(integers, more()) : integers;
    integers[count++] = number;
  }

  private int more() throws ModelException {
    if (count >= NUMBERS_MAX) {
      throw new ModelException("", "an attribute of more numbers", "at most " + NUMBERS_MAX);
    }
    return Math.max(16, 2 * count);
  }

  double[] floats() {
    return Arrays.copyOf(numbers, count);
  }

  long[] integers() {
    return Arrays.copyOf(integers, count);
  }
}

package io.openclaw.bench;

import java.util.BitSet;

/** The statuses that count as success. Immutable. */
final class Statuses {
  static final int STATUS_MIN = 100;
  static final int STATUS_MAX = 999;

  /** 200 to 299. */
  public static final Statuses SUCCESSFUL = of("2xx");

  private final BitSet expected;

  private Statuses(BitSet expected) {
    this.expected = expected;
  }

  /**
   * Reads a list such as {@code 200,429} or {@code 2xx,304}.
   *
   * @throws IllegalArgumentException showing the value and what was expected
   */
  public static Statuses of(String list) {
    BitSet expected = new BitSet(STATUS_MAX + 1);
    for (String item : list.split(",", -1)) {
      if (item.matches("[1-9]xx")) {
        int from = (item.charAt(0) - '0') * 100;
        expected.set(from, from + 100);
      } else if (item.matches("[1-9][0-9]{2}")) {
        expected.set(Integer.parseInt(item));
      } else {
        throw new IllegalArgumentException(list + " (expected: statuses such as 200,429 or 2xx)");
      }
    }
    return new Statuses(expected);
  }

  boolean contains(int status) {
    return expected.get(status);
  }
}

package io.openclaw.edge;

import io.openclaw.domain.Clock;

/** A clock that stands still until a test moves it. */
final class TestClock implements Clock {
  static final long START_MILLIS = 1_800_000_000_000L;

  private long nanos = Long.sum(Long.MAX_VALUE, -5_000_000_000L); // wraps around soon
  private long millis = START_MILLIS;

  @Override
  public long nanoTime() {
    return nanos;
  }

  @Override
  public long wallMillis() {
    return millis;
  }

  void advanceMillis(long by) {
    nanos += by * 1_000_000;
    millis += by;
  }
}

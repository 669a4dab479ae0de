package io.openclaw.net;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** How slow a client may send, in a time that is told. */
final class BodyPaceTest {
  private static final long SECOND = 1_000_000_000L;

  private final BodyPace pace = new BodyPace(10 * SECOND);

  @Test
  void a_byte_now_and_then_is_too_slow_though_the_client_never_stops() {
    long now = 0;
    while (!pace.isTooSlow(now)) {
      pace.waits(now);
      now += 9 * SECOND;
      assertThat(now).isLessThan(60 * SECOND);
      if (!pace.isTooSlow(now)) {
        pace.came(1, now);
      }
    }
    assertThat(now).isEqualTo(18 * SECOND);
  }

  @Test
  void a_kibibyte_a_second_is_fast_enough_for_ever() {
    long now = 0;
    for (int i = 0; i < 10_000; i++) {
      pace.waits(now);
      now += 5 * SECOND;
      assertThat(pace.isTooSlow(now)).isFalse();
      pace.came(5 * BodyPace.BYTES_PER_SECOND_MIN, now);
    }
  }

  @Test
  void what_came_fast_is_no_licence_to_stop() {
    pace.waits(0);
    pace.came(1 << 30, SECOND);
    pace.waits(SECOND);
    assertThat(pace.isTooSlow(11 * SECOND)).isFalse();
    assertThat(pace.isTooSlow(11 * SECOND + 1)).isTrue();
  }

  @Test
  void time_in_which_the_client_is_not_waited_for_does_not_count() {
    pace.waits(0);
    pace.came(1, 9 * SECOND);
    assertThat(pace.isTooSlow(1_000 * SECOND)).isFalse();
    pace.waits(1_000 * SECOND);
    assertThat(pace.isTooSlow(1_000 * SECOND + SECOND)).isFalse();
    assertThat(pace.isTooSlow(1_000 * SECOND + 2 * SECOND)).isTrue();
  }
}

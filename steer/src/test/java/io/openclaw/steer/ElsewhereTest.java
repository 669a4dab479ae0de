package io.openclaw.steer;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ElsewhereTest {
  private static final long MS = 1_000_000L;

  private final Elsewhere elsewhere = new Elsewhere();

  @Test
  void a_preference_lasts_as_long_as_it_was_told_to() {
    assertThat(elsewhere.isEmpty()).isTrue();
    elsewhere.prefer(7, 2, 200, 1000 * MS);
    assertThat(elsewhere.isEmpty()).isFalse();
    assertThat(elsewhere.region(7, 1199 * MS)).isEqualTo(2);
    assertThat(elsewhere.region(8, 1199 * MS)).isEqualTo(Elsewhere.UNKNOWN);
    assertThat(elsewhere.region(7, 1200 * MS)).isEqualTo(Elsewhere.UNKNOWN);
    assertThat(elsewhere.isEmpty()).as("ended ones are forgotten").isTrue();
  }

  @Test
  void the_last_thing_told_holds() {
    elsewhere.prefer(7, 2, 200, 0);
    elsewhere.prefer(7, 1, 200, 100 * MS);
    assertThat(elsewhere.region(7, 250 * MS)).isEqualTo(1);
    elsewhere.prefer(7, Elsewhere.NOWHERE, 200, 250 * MS);
    assertThat(elsewhere.region(7, 260 * MS)).isEqualTo(Elsewhere.NOWHERE);
    assertThat(elsewhere.size()).isEqualTo(1);
  }

  @Test
  void a_clock_may_begin_anywhere() {
    long start = Long.MAX_VALUE - 100 * MS;
    elsewhere.prefer(7, 2, 200, start);
    assertThat(elsewhere.region(7, start + 199 * MS)).isEqualTo(2);
    assertThat(elsewhere.region(7, start + 200 * MS)).isEqualTo(Elsewhere.UNKNOWN);
  }

  @Test
  void it_holds_so_many_and_forgets_those_told_of_longest_ago() {
    for (int credential = 0; credential < Elsewhere.ENTRIES_MAX; credential++) {
      elsewhere.prefer(credential, 1, 200, credential);
    }
    elsewhere.prefer(0, 2, 200, 20_000); // told of again
    for (int more = 1; more <= 100; more++) {
      elsewhere.prefer(-more, 1, 200, 20_000);
    }
    assertThat(elsewhere.size()).isEqualTo(Elsewhere.ENTRIES_MAX);
    assertThat(elsewhere.region(0, 20_000)).isEqualTo(2);
    assertThat(elsewhere.region(1, 20_000)).isEqualTo(Elsewhere.UNKNOWN);
    assertThat(elsewhere.region(100, 20_000)).isEqualTo(Elsewhere.UNKNOWN);
    assertThat(elsewhere.region(101, 20_000)).isEqualTo(1);
  }

  @ParameterizedTest
  @CsvSource({"us-east-1;for=200, us-east-1, 200", "*;for=0, *, 0", "a;for=5000, a, 5000"})
  void a_hint_is_read(String text, String region, int millis) {
    assertThat(Elsewhere.Hint.parse(text)).isEqualTo(new Elsewhere.Hint(region, millis));
    assertThat(new Elsewhere.Hint(region, millis).anywhere()).isEqualTo(region.equals("*"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "a", ";for=1", "a;for=", "a;for=-1", "a;for=5001", "a;for=99999", "a;for=1x"})
  void what_is_no_hint_is_none(String text) {
    assertThat(Elsewhere.Hint.parse(text)).isNull();
    assertThat(Elsewhere.Hint.parse(null)).isNull();
  }

  @Test
  void a_preferred_region_is_chosen_only_while_it_is_as_healthy_as_the_best() {
    HealthView view = new HealthView(List.of("near", "far"), HealthRules.defaults(), 0);
    SplittableRandom random = new SplittableRandom(1);
    Steering steering = new Steering.DynamicLatency();
    assertThat(view.probeOk(0, 5 * MS, 0)).isEqualTo(HealthChange.FOUND);
    assertThat(steering.choose(view, 1, 0L, 0L, random)).as("unknown").isZero();
    view.probeOk(1, 80 * MS, 0);
    assertThat(steering.choose(view, 1, 0L, 0L, random)).isEqualTo(1);
    assertThat(steering.choose(view, Elsewhere.UNKNOWN, 0L, 0L, random)).isZero();
    assertThat(steering.choose(view, Elsewhere.NOWHERE, 0L, 0L, random)).isZero();
    assertThat(steering.choose(view, 1, 0b10L, 0L, random)).as("tried").isZero();
    view.requestFailed(1, 1);
    view.requestFailed(1, 1);
    assertThat(view.health(1).state()).isEqualTo(RegionState.DOWN);
    assertThat(steering.choose(view, 1, 0L, 1L, random)).as("down").isZero();
    view.requestFailed(0, 1);
    view.requestFailed(0, 1);
    boolean other = false;
    for (int i = 0; i < 100; i++) {
      other |= steering.choose(view, 1, 0L, 1L, random) == 0;
    }
    assertThat(other).as("nothing is up: any, not the preferred one").isTrue();
  }
}

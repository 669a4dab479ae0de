package io.openclaw.mesh;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.openclaw.domain.Fact;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

final class RefreshTest {
  private static final long SECOND = 1_000_000_000L;
  private static final long ROTATION = 30 * SECOND;

  private static Refresh of(int facts) {
    Fact fact = new Fact.Count("t", "k", "w", new long[] {1});
    Refresh refresh = new Refresh(ROTATION, -ROTATION);
    refresh.tick(() -> Collections.nCopies(facts, fact), 0);
    return refresh;
  }

  @Test
  void few_facts_are_due_within_nine_tenths_of_a_rotation() {
    Refresh refresh = of(900);
    assertThat(refresh.due(9 * SECOND)).isBetween(299, 301);
    assertThat(refresh.due(27 * SECOND)).isEqualTo(900);
  }

  @Test
  void of_many_facts_no_more_are_due_in_a_second_and_the_rotation_takes_longer() {
    int seconds = 60;
    Refresh refresh = of(seconds * Refresh.FACTS_PER_SECOND_MAX);
    for (int second = 0; second <= seconds; second++) {
      assertThat(refresh.due(second * SECOND))
          .isCloseTo(second * Refresh.FACTS_PER_SECOND_MAX, within(1));
    }
    refresh.tick(List::of, seconds * SECOND);
    assertThat(refresh.number()).isEqualTo(1);
    refresh.tick(List::of, seconds * SECOND * 10 / 9 + 1);
    assertThat(refresh.number()).isEqualTo(2);
    refresh.tick(List::of, seconds * SECOND * 10 / 9 + 1 + ROTATION);
    assertThat(refresh.number()).isEqualTo(3);
  }
}

package io.openclaw.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.openclaw.domain.Clock;
import io.openclaw.edge.Answered;
import io.openclaw.release.FleetState;
import io.openclaw.release.RegionRow;
import io.openclaw.release.ReleaseRef;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** A release that soaks in a region whose tenants have fallbacks. */
final class SoakMeterTest {
  private static final ReleaseRef OLD = new ReleaseRef(1, "a".repeat(64));
  private static final ReleaseRef CANDIDATE = new ReleaseRef(2, "b".repeat(64));

  private final AtomicLong nanos = new AtomicLong();
  private final AtomicReference<ReleaseRef> served = new AtomicReference<>(OLD);
  private final SoakMeter meter =
      new SoakMeter(
          (answered, latencyNanos) -> {},
          served::get,
          new SoakRatings(new CanaryShadow(), SystemClock.INSTANCE),
          new Clock() {
            @Override
            public long nanoTime() {
              return nanos.get();
            }

            @Override
            public long wallMillis() {
              return nanos.get() / 1_000_000;
            }
          });

  private void answer(String variant, int times) {
    Answered answered = new Answered(new byte[0], null, "bank", "card", variant, null, null);
    for (int i = 0; i < times; i++) {
      meter.answered(answered, 1_000);
    }
    nanos.addAndGet(1_000_000_000L);
    meter.tick();
  }

  private RegionRow.Health soaked(String variant) {
    answer("stable", 5_000);
    served.set(CANDIDATE);
    FleetState soaking =
        new FleetState(
            1, 1, "here", OLD, CANDIDATE, FleetState.Stage.SOAK, "here", false, false, "");
    var _ = meter.judge(soaking);
    answer(variant, 5_000);
    return meter.judge(soaking).health();
  }

  @Test
  void a_release_whose_model_works_is_healthy() {
    assertThat(soaked("stable")).isEqualTo(RegionRow.Health.HEALTHY);
  }

  @Test
  void a_release_whose_model_fails_is_a_breach_though_the_fallback_answers_all() {
    assertThat(soaked("fallback")).isEqualTo(RegionRow.Health.BREACH);
  }
}

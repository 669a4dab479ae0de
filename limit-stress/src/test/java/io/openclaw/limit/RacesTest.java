package io.openclaw.limit;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.Phaser;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.openjdk.jcstress.infra.results.JJ_Result;
import org.openjdk.jcstress.infra.results.ZZ_Result;

/** The races in short, without jcstress's own JVMs: the same actors, on two plain threads. */
class RacesTest {
  private static final int ROUNDS = 20_000;
  private static final int ROUNDS_MAX = 2_000_000;

  @Test
  void one_of_two_gets_the_last_token() throws Exception {
    assertThat(
            roundsUntil(ROUNDS, TakeRace::new, TakeRace::first, TakeRace::second, RacesTest::bad))
        .as("the round in which both got it")
        .isEqualTo(-1);
  }

  @Test
  void the_planted_lost_update_is_found() throws Exception {
    assertThat(
            roundsUntil(
                ROUNDS_MAX,
                PlantedLostUpdate::new,
                PlantedLostUpdate::first,
                PlantedLostUpdate::second,
                RacesTest::bad))
        .isNotNegative();
  }

  @Test
  void nothing_is_spent_after_others_were_told() throws Exception {
    ZZ_Result result = new ZZ_Result();
    int round =
        roundsUntil(
            ROUNDS,
            ReleaseRace::new,
            (race, _) -> race.request(result),
            (race, _) -> race.release(),
            _ -> {
              boolean both = result.r1 && result.r2;
              result.r1 = result.r2 = false;
              return both;
            });
    assertThat(round).isEqualTo(-1);
  }

  private static boolean bad(JJ_Result result) {
    return result.r1 >= 0 == result.r2 >= 0;
  }

  /** The first round with a bad result; -1 where there is none. */
  private static <S> int roundsUntil(
      int rounds,
      Supplier<S> state,
      java.util.function.BiConsumer<S, JJ_Result> first,
      java.util.function.BiConsumer<S, JJ_Result> second,
      Predicate<JJ_Result> bad)
      throws InterruptedException {
    Race<S> race = new Race<>(state.get(), second);
    Thread other = new Thread(race);
    other.start();
    int found = -1;
    for (int round = 0; round < rounds && found < 0; round++) {
      race.next(state.get(), s -> first.accept(s, race.result));
      found = bad.test(race.result) ? round : -1;
    }
    race.stop();
    other.join();
    return found;
  }

  /** The other thread's side of all rounds. */
  private static final class Race<S> implements Runnable {
    private final Phaser phaser = new Phaser(2);
    private final java.util.function.BiConsumer<S, JJ_Result> second;
    private final JJ_Result result = new JJ_Result();
    private volatile S state;
    private volatile boolean stopped;

    Race(S state, java.util.function.BiConsumer<S, JJ_Result> second) {
      this.state = state;
      this.second = second;
    }

    @Override
    public void run() {
      while (true) {
        phaser.arriveAndAwaitAdvance();
        if (stopped) {
          return;
        }
        second.accept(state, result);
        phaser.arriveAndAwaitAdvance();
      }
    }

    void next(S fresh, Consumer<S> first) {
      state = fresh;
      phaser.arriveAndAwaitAdvance();
      first.accept(fresh);
      phaser.arriveAndAwaitAdvance();
    }

    void stop() {
      stopped = true;
      phaser.arriveAndAwaitAdvance();
    }
  }
}

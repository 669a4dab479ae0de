package io.openclaw.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class LaneTest {
  private static void await(CountDownLatch latch) {
    try {
      if (!latch.await(20, TimeUnit.SECONDS)) {
        throw new IllegalStateException("nobody let it go on");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void a_model_whose_runs_are_long_leaves_a_thread_to_others() throws Exception {
    CountDownLatch begun = new CountDownLatch(Lane.RUNNING_MAX);
    CountDownLatch held = new CountDownLatch(1);
    Lane greedy = new Lane();
    for (int i = 0; i < 20; i++) {
      greedy.execute(
          () -> {
            begun.countDown();
            await(held);
          });
    }
    await(begun);
    CountDownLatch other = new CountDownLatch(1);
    new Lane().execute(other::countDown);
    if (Workers.THREADS > 1) {
      assertThat(other.await(20, TimeUnit.SECONDS)).isTrue();
    }
    held.countDown();
    assertThat(other.await(20, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void models_take_turns() throws Exception {
    CountDownLatch begun = new CountDownLatch(Workers.THREADS);
    CountDownLatch held = new CountDownLatch(1);
    for (int i = 0; i < Workers.THREADS; i++) {
      new Lane()
          .execute(
              () -> {
                begun.countDown();
                await(held);
              });
    }
    await(begun);
    List<String> order = Collections.synchronizedList(new ArrayList<>());
    CountDownLatch done = new CountDownLatch(11);
    Lane many = new Lane();
    for (int i = 0; i < 10; i++) {
      many.execute(
          () -> {
            order.add("many");
            done.countDown();
          });
    }
    new Lane()
        .execute(
            () -> {
              order.add("one");
              done.countDown();
            });
    held.countDown();
    await(done);
    assertThat(order.indexOf("one")).isLessThanOrEqualTo(2 * Workers.THREADS);
  }
}

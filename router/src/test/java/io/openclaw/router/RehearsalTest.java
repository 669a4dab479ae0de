package io.openclaw.router;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Vertx;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Before a router serves, it fails over a few thousand times where no one sees it. */
class RehearsalTest {
  private final Vertx vertx = Vertx.vertx();

  @AfterEach
  void close() {
    vertx.close().toCompletionStage().toCompletableFuture().join();
  }

  @Test
  void requestsAreAnsweredThroughEveryFailureAndEverythingIsClosedAfter() throws Exception {
    long answered =
        Rehearsal.run(vertx, TestFleet.CLOCK, 600)
            .toCompletionStage()
            .toCompletableFuture()
            .get(30, TimeUnit.SECONDS);

    assertThat(answered).isGreaterThan(100);
    assertThat(vertx.deploymentIDs()).isEmpty();
  }
}

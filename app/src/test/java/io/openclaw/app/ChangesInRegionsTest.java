package io.openclaw.app;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.openclaw.domain.Json;
import io.openclaw.domain.JsonWriter;
import io.openclaw.edge.Answered;
import io.openclaw.release.ContentEdit;
import io.openclaw.release.FleetState.Stage;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Changes that wait while their release takes longer than an answer: none is lost, none doubled.
 */
final class ChangesInRegionsTest {
  @TempDir Path folder = Path.of("");
  private TwoRegions regions;
  private Changes changes;

  @BeforeEach
  void open() throws Exception {
    regions = TwoRegions.open(folder, ReleaseFleetTest.content(0), SystemClock.INSTANCE);
    openChanges();
  }

  private void openChanges() throws Exception {
    changes = Changes.open(folder.resolve("a"), regions.a().releases, SystemClock.INSTANCE);
  }

  @AfterEach
  void close() throws Exception {
    changes.close();
    regions.close();
  }

  private Answered write(long batchSeconds, ContentEdit... edits) {
    return changes.write(
        JsonWriter.write(new ChangeWish("ops", "why", List.of(edits), batchSeconds, false).json()));
  }

  private static ContentEdit cost(int cost) {
    return new ContentEdit.SetTenant("bank", Map.of("cost", new Json.Num(cost)));
  }

  private static ContentEdit threshold(String threshold) {
    return new ContentEdit.SetTenant("bank", Map.of("threshold", new Json.Str(threshold)));
  }

  private long cost() {
    return regions.a().served.active().content().tenants().getFirst().cost();
  }

  private JsonObject pending() {
    return new JsonObject(new String(changes.pending().body(), UTF_8));
  }

  /** One change that waits, published while the other region cannot be heard. */
  private void stage() {
    regions.cut(true);
    assertThat(write(300, cost(7)).problem()).isNull();
    JsonObject plan = new JsonObject(new String(write(0).body(), UTF_8));
    assertThat(plan.getString("stage")).isEqualTo("staging");
  }

  @Test
  void a_batch_waits_until_its_release_is_in_force() throws Exception {
    stage();
    assertThat(pending().getInteger("edits")).isEqualTo(1);
    assertThat(pending().getInteger("version")).isEqualTo(1);
    assertThat(String.valueOf(write(0).problem())).contains("are on their way");
    assertThat(String.valueOf(changes.drop().problem())).contains("are on their way");
    regions.cut(false);
    regions.awaitServed(1);
    regions.await(() -> changes.waiting() == 0);
    assertThat(cost()).isEqualTo(7);
  }

  @Test
  void what_comes_in_meanwhile_waits_on_and_is_published_later() throws Exception {
    stage();
    assertThat(write(300, threshold("9")).problem()).isNull();
    assertThat(pending().getInteger("edits")).isEqualTo(2);
    regions.cut(false);
    regions.awaitServed(1);
    regions.await(() -> changes.waiting() == 1);
    assertThat(write(0).problem()).isNull();
    regions.awaitServed(2);
    assertThat(cost()).isEqualTo(7);
    assertThat(regions.a().served.active().content().tenants().getFirst().threshold())
        .hasToString("9");
  }

  @Test
  void a_batch_that_a_region_refuses_late_is_kept_and_says_why() throws Exception {
    regions.b().breaks = true;
    stage();
    regions.cut(false);
    regions.awaitStage(Stage.REFUSED);
    regions.await(() -> changes.refusedBatches() == 1);
    assertThat(pending().getJsonArray("refused").encode()).contains("region b: it broke");
    assertThat(pending().getInteger("edits")).isEqualTo(1);
    regions.b().breaks = false;
    assertThat(write(0).problem()).isNull();
    regions.awaitServed(2);
    regions.await(() -> changes.waiting() == 0);
  }

  @Test
  void a_batch_whose_primary_begins_anew_is_kept_and_says_so() throws Exception {
    stage();
    changes.close();
    regions.restartA();
    openChanges();
    regions.cut(false);
    regions.await(() -> changes.refusedBatches() == 1);
    assertThat(pending().getJsonArray("refused").encode()).contains("the primary began anew");
    assertThat(write(0).problem()).isNull();
    regions.await(() -> changes.waiting() == 0);
    assertThat(cost()).isEqualTo(7);
  }
}

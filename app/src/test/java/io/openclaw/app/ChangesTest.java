package io.openclaw.app;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.openclaw.domain.Clock;
import io.openclaw.domain.Json;
import io.openclaw.domain.JsonWriter;
import io.openclaw.domain.Problem;
import io.openclaw.domain.ProblemType;
import io.openclaw.domain.Tenant;
import io.openclaw.edge.Answered;
import io.openclaw.rating.ItemStore;
import io.openclaw.release.Content;
import io.openclaw.release.ContentEdit;
import io.openclaw.release.ContentEdits;
import io.openclaw.release.ModelSpec;
import io.openclaw.release.ReleaseCheck;
import io.openclaw.yaml.ConfigException;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Changes at once and in batches, on a clock that is turned by hand. */
final class ChangesTest {
  private static final byte[] CARD =
      ("{\"kind\":\"scorecard\",\"initialScore\":1,\"characteristics\":[{\"name\":\"a\",\"field\":\"a\","
              + "\"attributes\":[{\"when\":{\"otherwise\":true},\"points\":1}]}]}")
          .getBytes(UTF_8);

  @TempDir Path folder = Path.of("");
  private final AtomicLong wall = new AtomicLong(1_000_000);
  private final Clock clock =
      new Clock() {
        @Override
        public long nanoTime() {
          return System.nanoTime();
        }

        @Override
        public long wallMillis() {
          return wall.get();
        }
      };
  private final List<Content> served = new ArrayList<>();
  private @Nullable LoneReleases alone;
  private Releases releases;
  private Changes changes;

  private static Content content() {
    return new Content(
        null,
        null,
        List.of(new ModelSpec("t", "card", "scorecard", "v1", CARD, null)),
        IntStream.range(0, 10)
            .mapToObj(i -> new Tenant("t" + i, List.of("card"), null, 1, null))
            .toList(),
        List.of(),
        List.of(),
        Map.of());
  }

  @BeforeEach
  void open() throws Exception {
    ModelShelf shelf =
        new ModelShelf(new ItemStore("test/0", entry -> new CompletableFuture<>()), clock);
    alone = LoneReleases.open(folder, content(), shelf, clock, served::add);
    releases = alone.releases();
    changes = Changes.open(folder, releases, clock);
  }

  @AfterEach
  void close() throws IOException {
    changes.close();
    java.util.Objects.requireNonNull(alone).close();
  }

  private void restart() throws Exception {
    close();
    open();
  }

  private static ContentEdit cost(String tenant, int cost) {
    return new ContentEdit.SetTenant(tenant, Map.of("cost", new Json.Num(cost)));
  }

  private Answered write(long batchSeconds, ContentEdit... edits) {
    return changes.write(
        JsonWriter.write(new ChangeWish("ops", "why", List.of(edits), batchSeconds, false).json()));
  }

  private static JsonObject json(Answered answered) {
    assertThat(answered.problem()).isNull();
    return new JsonObject(new String(answered.body(), UTF_8));
  }

  private static String problem(Answered answered) {
    assertThat(answered.problem()).isNotNull();
    return String.valueOf(answered.problem());
  }

  private long costOf(String tenant) {
    return releases.active().content().tenants().stream()
        .filter(each -> each.id().equals(tenant))
        .findAny()
        .orElseThrow()
        .cost();
  }

  private String message(long version) {
    return json(releases.list()).getJsonArray("releases").stream()
        .map(JsonObject.class::cast)
        .filter(each -> each.getLong("version") == version)
        .findAny()
        .orElseThrow()
        .getString("message");
  }

  private void awaitVersion(long version) throws InterruptedException {
    for (int i = 0; i < 1_000 && releases.active().version() < version; i++) {
      TimeUnit.MILLISECONDS.sleep(10);
    }
    assertThat(releases.active().version()).isEqualTo(version);
    for (int i = 0; i < 1_000 && changes.waiting() > 0; i++) {
      TimeUnit.MILLISECONDS.sleep(10);
    }
  }

  @Test
  void a_change_is_published_at_once() {
    JsonObject answer = json(write(0, cost("t1", 7)));
    assertThat(answer.getInteger("version")).isEqualTo(1);
    assertThat(answer.getString("summary")).isEqualTo("0 to add, 1 to change, 0 to remove");
    assertThat(costOf("t1")).isEqualTo(7);
    assertThat(problem(write(0, cost("t1", 7)))).contains("nothing changes");
    assertThat(problem(write(0, cost("t99", 7)))).contains("tenant t99: is not there");
    assertThat(releases.active().version()).isEqualTo(1);
  }

  @Test
  void a_hundred_writes_in_a_batch_are_one_release() throws Exception {
    for (int i = 0; i < 100; i++) {
      assertThat(json(write(300, cost("t" + i % 10, 2 + i))).getInteger("edits")).isEqualTo(i + 1);
    }
    assertThat(releases.active().version()).isZero();
    wall.addAndGet(299_000);
    TimeUnit.MILLISECONDS.sleep(600);
    assertThat(releases.active().version()).as("before the oldest is due").isZero();
    wall.addAndGet(1_000);
    awaitVersion(1);
    assertThat(costOf("t3")).as("the last of ten writes").isEqualTo(95);
    assertThat(message(1)).isEqualTo("100 changes: why");
    assertThat(changes.waiting()).isZero();
    assertThat(served).hasSize(1);
  }

  @Test
  void what_waits_survives_a_restart_and_is_published_then() throws Exception {
    json(write(300, cost("t1", 7)));
    restart();
    assertThat(changes.waiting()).isEqualTo(1);
    wall.addAndGet(300_000);
    awaitVersion(1);
    assertThat(costOf("t1")).isEqualTo(7);
    restart();
    assertThat(changes.waiting()).isZero();
  }

  @Test
  void a_process_that_died_after_it_published_does_not_publish_again() throws Exception {
    json(write(300, cost("t1", 7)));
    byte[] before = Files.readAllBytes(folder.resolve(PendingChanges.FILE));
    wall.addAndGet(300_000);
    awaitVersion(1);
    JsonObject file = new JsonObject(new String(before, UTF_8));
    file.put(
        "publishing",
        new JsonObject()
            .put("content", releases.active().digest())
            .put("above", 0)
            .put("changes", 1)
            .put("version", 0)
            .put("id", ""));
    Files.writeString(folder.resolve(PendingChanges.FILE), file.encode());
    restart();
    assertThat(changes.waiting()).isZero();
    // And where it died before it could note what it was publishing, nothing changes either.
    Files.write(folder.resolve(PendingChanges.FILE), before);
    restart();
    for (int i = 0; i < 1_000 && changes.waiting() > 0; i++) {
      TimeUnit.MILLISECONDS.sleep(10);
    }
    assertThat(changes.waiting()).isZero();
    assertThat(releases.active().version()).isEqualTo(1);
  }

  @Test
  void a_batch_whose_publishing_was_not_heard_of_is_not_laid_on_a_newer_edit() throws Exception {
    changes.close();
    Problem lost = Problem.of(ProblemType.UNAVAILABLE, "planted").withRetryAfter(1);
    changes =
        Changes.open(
            folder,
            releases,
            (author, message, mass, change) -> {
              assertThat(releases.change(author, message, mass, change).problem()).isNull();
              return Releases.problem(lost);
            },
            clock);
    json(write(300, cost("t1", 7)));
    assertThat(problem(write(0))).contains("planted");
    assertThat(changes.waiting()).isEqualTo(1);
    assertThat(
            releases
                .change("ops", "newer", false, base -> applied(base, cost("t1", 9), cost("t2", 4)))
                .problem())
        .isNull();
    restart();
    assertThat(changes.waiting()).isZero();
    wall.addAndGet(300_000);
    TimeUnit.MILLISECONDS.sleep(600);
    assertThat(costOf("t1")).isEqualTo(9);
    assertThat(releases.active().version()).isEqualTo(2);
  }

  @Test
  void a_batch_that_comes_to_what_once_was_in_force_is_published() {
    json(write(0, cost("t1", 7)));
    json(write(0, cost("t1", 9)));
    json(write(300, cost("t1", 7)));
    assertThat(json(write(0)).getInteger("version")).isEqualTo(3);
    assertThat(costOf("t1")).isEqualTo(7);
    assertThat(changes.waiting()).isZero();
  }

  private static Content applied(Content base, ContentEdit... edits) {
    try {
      return ContentEdits.apply(base, List.of(), List.of(edits));
    } catch (ConfigException e) {
      throw new IllegalArgumentException(e);
    }
  }

  @Test
  void a_change_at_once_comes_on_top_of_what_waits() {
    json(write(300, cost("t1", 7), cost("t2", 8)));
    JsonObject answer = json(write(0, cost("t1", 9)));
    assertThat(answer.getInteger("version")).isEqualTo(2);
    assertThat(costOf("t1")).isEqualTo(9);
    assertThat(costOf("t2")).isEqualTo(8);
    assertThat(changes.waiting()).isZero();
  }

  @Test
  void a_batch_that_is_refused_stays_visible_and_stops_nothing_else() throws Exception {
    json(
        write(
            300,
            new ContentEdit.RemoveTenant("t1"),
            new ContentEdit.RemoveTenant("t2"),
            new ContentEdit.RemoveTenant("t3")));
    wall.addAndGet(300_000);
    for (int i = 0; i < 1_000 && changes.refusedBatches() == 0; i++) {
      TimeUnit.MILLISECONDS.sleep(10);
    }
    assertThat(releases.refused().get(ReleaseCheck.Stage.MASS_DELETE)).hasToString("1");
    assertThat(json(changes.pending()).getJsonArray("refused").encode())
        .contains("stage mass-delete", "3 of 10 tenants vanish");
    restart();
    assertThat(json(changes.pending()).getJsonArray("refused").encode()).contains("mass-delete");
    assertThat(json(write(0, cost("t9", 4))).getInteger("version")).isEqualTo(1);
    assertThat(changes.waiting()).as("it goes on waiting").isEqualTo(3);
    assertThat(json(changes.drop()).getInteger("edits")).isEqualTo(3);
    assertThat(changes.waiting()).isZero();
    restart();
    assertThat(changes.waiting()).isZero();
  }

  @Test
  void what_waits_can_be_published_before_its_time() {
    assertThat(problem(write(0))).contains("nothing waits");
    json(write(300, cost("t1", 7)));
    assertThat(json(write(0)).getInteger("version")).isEqualTo(1);
    assertThat(changes.waiting()).isZero();
  }

  @Test
  void a_write_that_does_not_fit_what_waits_is_refused_when_it_is_made() {
    json(write(300, new ContentEdit.RemoveTenant("t1")));
    assertThat(problem(write(300, cost("t1", 7)))).contains("tenant t1: is not there");
    assertThat(changes.waiting()).isEqualTo(1);
  }

  @Test
  void a_damaged_file_stops_the_start_and_says_what_to_do() throws Exception {
    changes.close();
    Files.writeString(folder.resolve(PendingChanges.FILE), "{\"changes\":[{}],\"refused\":[]}");
    org.assertj.core.api.Assertions.assertThatThrownBy(() -> Changes.open(folder, releases, clock))
        .hasMessageContaining("pending-changes.json is damaged")
        .hasMessageContaining("delete it");
  }
}

package io.openclaw.app;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.openclaw.domain.Decimal;
import io.openclaw.domain.Json;
import io.openclaw.domain.JsonWriter;
import io.openclaw.domain.Problem;
import io.openclaw.domain.Tenant;
import io.openclaw.edge.Answered;
import io.openclaw.rating.ItemStore;
import io.openclaw.release.Content;
import io.openclaw.release.ContentJson;
import io.openclaw.release.Manifest;
import io.openclaw.release.ModelSpec;
import io.openclaw.release.ReleaseCheck;
import io.openclaw.release.Sha256;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Releases of a node without its ports. */
final class ReleasesTest {
  @TempDir Path folder = Path.of("");
  private ModelShelf shelf = shelf();
  private @Nullable LoneReleases alone;
  private Releases releases;
  private final List<Content> served = new ArrayList<>();

  private static ModelShelf shelf() {
    return new ModelShelf(
        new ItemStore("test/0", entry -> new CompletableFuture<>()), SystemClock.INSTANCE);
  }

  @BeforeEach
  void open() throws Exception {
    close();
    shelf = shelf();
    alone = LoneReleases.open(folder, content(0), shelf, SystemClock.INSTANCE, served::add);
    releases = alone.releases();
  }

  @AfterEach
  void close() throws IOException {
    if (alone != null) {
      alone.close();
      alone = null;
    }
  }

  private static byte[] card(int score) {
    return ("{\"kind\":\"scorecard\",\"initialScore\":"
            + score
            + ",\"characteristics\":[{\"name\":\"a\",\"field\":\"a\",\"attributes\":"
            + "[{\"when\":{\"otherwise\":true},\"points\":1}]}]}")
        .getBytes(UTF_8);
  }

  private static Content content(int n) {
    return new Content(
        null,
        null,
        List.of(
            new ModelSpec("t", "card", "scorecard", "v1", card(n), null),
            new ModelSpec(
                "t", "items", "items", "v1", "{\"kind\":\"items\"}".getBytes(UTF_8), null)),
        List.of(
            new Tenant("bank", List.of("card"), new Decimal(n, 0), 1, null),
            new Tenant("shop", List.of("items", "card"), null, 1, null)),
        List.of(),
        List.of(),
        Map.of());
  }

  private Answered publish(Content content, long version, String parent) {
    ContentJson.blobs(content).forEach(releases::putBlob);
    ReleaseCheck.Proposal proposal =
        new ReleaseCheck.Proposal(
            version,
            parent,
            "ops",
            "m",
            Manifest.Action.APPLY,
            Sha256.hex(ContentJson.bytes(content)),
            false);
    return releases.publish(JsonWriter.write(new ReleaseWish(proposal, false, true).json()));
  }

  private String publish(int n, long version, String parent) {
    Answered answered = publish(content(n), version, parent);
    assertThat(answered.problem()).isNull();
    return new JsonObject(new String(answered.body(), UTF_8)).getString("id");
  }

  @Test
  void a_rollback_loads_nothing_and_what_nothing_names_is_let_go() {
    assertThat(shelf.loads()).as("card, and items of one tenant").isEqualTo(2);
    String one = publish(1, 1, "");
    long loads = shelf.loads();
    String two = publish(0, 2, one);
    assertThat(shelf.loads() - loads)
        .as("loaded for the rollback, the trial of items aside")
        .isLessThanOrEqualTo(1);
    assertThat(shelf.size()).isEqualTo(3);
    String three = publish(3, 3, two);
    publish(4, 4, three);
    assertThat(shelf.size()).as("the card of 3 and of 4, and items").isEqualTo(3);
    assertThat(served).hasSize(4);
  }

  @Test
  @Timeout(30)
  void health_is_told_while_the_disk_hangs_on_which_the_fleet_remembers() throws Exception {
    close();
    CountDownLatch hanging = new CountDownLatch(1);
    CountDownLatch goesOn = new CountDownLatch(1);
    AtomicBoolean hangs = new AtomicBoolean();
    alone =
        LoneReleases.open(
            folder,
            content(0),
            shelf,
            SystemClock.INSTANCE,
            served::add,
            List.of(),
            disk ->
                saved -> {
                  if (hangs.get()) {
                    hanging.countDown();
                    awaitQuietly(goesOn);
                  }
                  disk.save(saved);
                });
    releases = alone.releases();
    hangs.set(true);
    CompletableFuture<String> published = begin(() -> publish(1, 1, ""));
    try {
      hanging.await();
      assertThat(begin(releases::health).get(10, TimeUnit.SECONDS).members())
          .containsEntry("release", new Json.Num(0));
      assertThat(published).isNotDone();
    } finally {
      goesOn.countDown();
    }
    assertThat(published.get()).isNotEmpty();
  }

  private static <T> CompletableFuture<T> begin(Supplier<T> work) {
    return CompletableFuture.supplyAsync(work, task -> Thread.ofPlatform().start(task));
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  @Timeout(30)
  void no_other_release_comes_between_what_a_change_is_laid_on_and_its_own() throws Exception {
    AtomicReference<CompletableFuture<Answered>> other = new AtomicReference<>();
    Answered changed =
        releases.change(
            "ops",
            "m",
            false,
            base -> {
              CompletableFuture<Answered> begun = begin(() -> publish(content(2), 1, ""));
              other.set(begun);
              assertThatThrownBy(() -> begun.get(500, TimeUnit.MILLISECONDS))
                  .isInstanceOf(TimeoutException.class);
              return content(1);
            });
    assertThat(changed.problem()).isNull();
    Answered second = java.util.Objects.requireNonNull(other.get()).get();
    Problem refused = java.util.Objects.requireNonNull(second.problem());
    assertThat(refused.members().get("stage")).isEqualTo(new Json.Str("stale"));
    assertThat(releases.active().version()).isEqualTo(1);
  }

  @Test
  void the_release_on_disk_is_served_and_not_the_configuration() throws Exception {
    String one = publish(1, 1, "");
    publish(2, 2, one);
    open();
    assertThat(releases.active().version()).isEqualTo(2);
    assertThat(ContentJson.bytes(releases.active().content()))
        .isEqualTo(ContentJson.bytes(content(2)));
    assertThat(releases.active().isStale()).isFalse();
  }

  @Test
  void with_every_release_corrupt_the_configuration_is_served_and_no_number_used_twice()
      throws Exception {
    String one = publish(1, 1, "");
    String two = publish(2, 2, one);
    for (String file : List.of("releases/0000000001.json", "releases/0000000002.json")) {
      Files.writeString(folder.resolve(file), "{}");
    }
    open();
    assertThat(releases.active().version()).isZero();
    assertThat(releases.active().why()).contains("release 2 is corrupt");
    publish(3, 3, two);
    assertThat(releases.active().isStale()).isFalse();
    open();
    assertThat(releases.active().version()).isEqualTo(3);
  }

  @Test
  void a_lost_word_of_what_is_in_force_is_written_anew() throws Exception {
    String one = publish(1, 1, "");
    String two = publish(2, 2, one);
    Files.writeString(folder.resolve("stable"), "?");
    open();
    assertThat(releases.active().version()).isEqualTo(2);
    Files.delete(folder.resolve("rollout"));
    open();
    assertThat(releases.active().version()).isEqualTo(2);
    publish(5, 3, two);
    assertThat(releases.active().version()).isEqualTo(3);
  }

  @Test
  void a_manifest_that_never_came_into_force_is_not_served_and_its_number_is_free()
      throws Exception {
    String one = publish(1, 1, "");
    publish(2, 2, one);
    byte[] stable = ("{\"id\":\"" + one + "\",\"version\":1}").getBytes(UTF_8);
    Files.write(folder.resolve("stable"), stable);
    Files.delete(folder.resolve("rollout"));
    open();
    assertThat(releases.active().version()).isEqualTo(1);
    assertThat(new String(releases.list().body(), UTF_8)).doesNotContain("\"version\":2");
    publish(3, 2, one);
    assertThat(releases.active().version()).isEqualTo(2);
  }

  @Test
  void refusals_are_counted_by_stage_and_nothing_is_served() {
    assertThat(publish(content(1), 2, "").status()).isEqualTo(422);
    assertThat(publish(content(0), 1, "").status()).isEqualTo(422);
    assertThat(releases.refused().get(ReleaseCheck.Stage.STALE)).hasToString("1");
    assertThat(releases.refused().get(ReleaseCheck.Stage.EMPTY)).hasToString("1");
    assertThat(served).isEmpty();
    assertThat(folder.resolve("stable")).doesNotExist();
    assertThat(folder.resolve("releases")).doesNotExist();
  }

  @Test
  void a_region_that_lost_its_disk_gets_what_no_region_has_from_the_location() throws Exception {
    String one = publish(1, 1, "");
    String two = publish(2, 2, one);
    publish(3, 3, two);
    close();
    Path location = folder.resolve("location");
    Files.createDirectories(location);
    for (String lost : List.of("releases", "blobs")) {
      Files.move(folder.resolve(lost), location.resolve(lost));
    }
    Files.delete(folder.resolve("stable"));
    ReleaseFetches fetches = new ReleaseFetches();
    try (WebFolder web = WebFolder.of(location)) {
      alone =
          LoneReleases.open(
              folder,
              content(0),
              shelf(),
              SystemClock.INSTANCE,
              served::add,
              List.of(
                  new Sources.Named("regions", ReleaseSource.NONE),
                  new Sources.Named(web.url(), new HttpSource(web.url(), Secret.NONE, fetches))));
      for (int i = 0; i < 500 && alone.served().active().version() != 3; i++) {
        Thread.sleep(10);
      }
      assertThat(alone.served().active().version()).isEqualTo(3);
      for (int i = 0; i < 500 && !Files.exists(folder.resolve("releases/0000000001.json")); i++) {
        Thread.sleep(10);
      }
      assertThat(folder.resolve("releases/0000000001.json")).as("its history too").exists();
    }
    assertThat(fetches.of(ReleaseFetches.From.LOCATION, ReleaseFetches.Form.WHOLE).blobs().sum())
        .as("three contents and cards, and one items")
        .isEqualTo(7);
  }
}

package io.openclaw.app;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.openclaw.domain.Clock;
import io.openclaw.domain.Decimal;
import io.openclaw.domain.Fact;
import io.openclaw.domain.Json;
import io.openclaw.domain.Rating;
import io.openclaw.domain.Tenant;
import io.openclaw.edge.Answered;
import io.openclaw.edge.Canary;
import io.openclaw.rating.ItemStore;
import io.openclaw.release.CanaryBins;
import io.openclaw.release.CanaryEdit;
import io.openclaw.release.CanarySpec;
import io.openclaw.release.CanaryStop;
import io.openclaw.release.CanaryThresholds;
import io.openclaw.release.CanaryVariant;
import io.openclaw.release.Content;
import io.openclaw.release.ModelSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Canaries of several regions without a mesh between them: facts are carried by hand. */
final class CanariesTest {
  private static final List<String> REGIONS = List.of("a", "b", "c");
  private static final Rating RATING = new Rating(new Decimal(5, 0), List.of(), null);

  @TempDir Path folder = Path.of("");
  private final Time time = new Time();

  /** A clock that stands still. */
  private static final class Time implements Clock {
    private long nanos = 1;
    private long wallMillis = 1_800_000_000_000L;

    @Override
    public long nanoTime() {
      return nanos;
    }

    @Override
    public long wallMillis() {
      return wallMillis;
    }

    void pass(long seconds) {
      nanos += seconds * 1_000_000_000L;
      wallMillis += seconds * 1000;
    }
  }

  /** One region, with what it serves and the releases that it wrote. */
  private final class Region {
    private final ModelShelf shelf =
        new ModelShelf(new ItemStore("t/0", entry -> new CompletableFuture<>()), time);
    private final List<String> messages = new ArrayList<>();
    private final Canaries canaries;
    private final CanaryKeeper keeper;
    private Content content;
    private boolean isPrimary;
    private Map<String, Map<String, Canary>> views = Map.of();

    Region(String name, long incarnation, Content content) throws Exception {
      this.content = content;
      canaries =
          new Canaries(
              name + "#" + incarnation,
              REGIONS,
              CanaryStops.open(folder.resolve(name + ".json")),
              new CanaryShadow(),
              time);
      keeper = new CanaryKeeper(name, canaries, this::change, () -> isPrimary, true, time);
      serve(content);
    }

    void serve(Content next) throws Exception {
      content = next;
      var _ = shelf.models(next);
      views = canaries.serve(next, shelf);
    }

    private Answered change(
        String author, String message, java.util.function.UnaryOperator<Content> change) {
      messages.add(author + ": " + message);
      try {
        serve(change.apply(content));
      } catch (Exception e) {
        throw new IllegalStateException(e);
      }
      return new Answered(new byte[0], null, "", "", "", null, null);
    }

    Canary view() {
      return Objects.requireNonNull(Objects.requireNonNull(views.get("bank")).get("card"));
    }

    void rate(boolean byCanary, int requests, int failures) {
      for (int i = 0; i < requests; i++) {
        long hash = i * 0x9e3779b97f4a7c15L >>> 3;
        Canary.Request request = new Canary.Request(new Json.Obj(Map.of()), hash, "id");
        if (i < failures) {
          view().failed(request, byCanary, 1_000_000, "planted");
        } else {
          view().rated(request, byCanary, 1_000_000, RATING);
        }
      }
    }

    List<Fact> told() {
      List<Fact> facts = new ArrayList<>();
      canaries.drainChanges(facts::add);
      return facts;
    }

    long seen(CanaryVariant variant) {
      return canaries.live().iterator().next().stats().total().requests(variant);
    }
  }

  private static byte[] card(int score) {
    return ("{\"kind\":\"scorecard\",\"initialScore\":"
            + score
            + ",\"characteristics\":[{\"name\":\"a\",\"field\":\"a\",\"attributes\":"
            + "[{\"when\":{\"otherwise\":true},\"points\":1}]}]}")
        .getBytes(UTF_8);
  }

  private static Content content(String weight, long salt) {
    Content base =
        new Content(
            null,
            null,
            List.of(new ModelSpec("t", "card", "scorecard", "v1", card(1), null)),
            List.of(new Tenant("bank", List.of("card"), new Decimal(1, 0), 1, null)),
            List.of(),
            List.of(),
            Map.of());
    return CanaryEdit.started(
        base,
        new CanarySpec(
            "bank",
            "card",
            "v1",
            "v2",
            CanarySpec.Traffic.parse(weight),
            CanarySpec.Sticky.parse("/id"),
            salt,
            new CanaryBins(List.of(new Decimal(3, 0)), List.of()),
            CanaryThresholds.DEFAULTS.with("promoteAfterSeconds", 60)),
        new ModelSpec("t", "card@v2", "scorecard", "v2", card(2), null));
  }

  @Test
  void counts_merge_in_any_order_any_number_of_times_and_reach_everyone_once() throws Exception {
    Content content = content("50", 7);
    Region a = new Region("a", 1, content);
    Region b = new Region("b", 1, content);
    a.rate(true, 30, 3);
    List<Fact> facts = a.told();
    a.rate(true, 10, 0);
    time.pass(1);
    facts.addAll(a.told());
    assertThat(a.told()).as("at most once a second").isEmpty();
    b.rate(true, 5, 0);
    Random random = new Random(1);
    for (int round = 0; round < 3; round++) {
      Collections.shuffle(facts, random);
      facts.forEach(b.canaries::merge);
    }
    assertThat(b.seen(CanaryVariant.CANARY)).isEqualTo(45);
    List<Fact> all = new ArrayList<>();
    b.canaries.all(all::add);
    Region c = new Region("c", 1, content);
    all.forEach(c.canaries::merge);
    assertThat(c.seen(CanaryVariant.CANARY)).isEqualTo(45);
    all.forEach(a.canaries::merge);
    assertThat(a.seen(CanaryVariant.CANARY)).as("its own come back").isEqualTo(45);
    time.pass(1);
    assertThat(a.told()).as("nothing changed").isEmpty();
  }

  /** Planted: adding up what is told would count a repetition twice. */
  @Test
  void the_test_above_would_see_a_merge_that_adds_up() throws Exception {
    Region a = new Region("a", 1, content("50", 7));
    a.rate(true, 30, 0);
    long sum = 0;
    for (int round = 0; round < 2; round++) {
      List<Fact> facts = new ArrayList<>();
      a.canaries.all(facts::add);
      for (Fact fact : facts) {
        sum += java.util.Arrays.stream(((Fact.Count) fact).values()).sum();
      }
    }
    assertThat(sum).isEqualTo(2 * 3 * 30);
  }

  @Test
  void facts_without_sense_are_refused() throws Exception {
    Region a = new Region("a", 1, content("50", 7));
    String key = a.canaries.keys().iterator().next();
    byte[] stop = CanaryStops.bytes(new CanaryStop("bad", "b", time.wallMillis));
    byte[] elsewhere = CanaryStops.bytes(new CanaryStop("bad", "mars", time.wallMillis));
    byte[] later = CanaryStops.bytes(new CanaryStop("bad", "b", time.wallMillis + 100_000_000));
    for (Fact fact :
        List.of(
            new Fact.Count("canaries", key, "b#1", new long[1]),
            new Fact.Count("canaries", key + "/stop", "b#1", new long[1]),
            new Fact.Count("canaries", key + "/0", "mars#1", new long[1]),
            new Fact.Count("canaries", key + "/0", "b", new long[1]),
            new Fact.Count("canaries", key + "/0", "b#1", new long[] {-1}),
            new Fact.Count("canaries", key + "/0", "b#1", new long[] {Long.MAX_VALUE}),
            new Fact.Count("canaries", key + "/0", "b#1", new long[513]),
            new Fact.Count("canaries", key + "/9", "b#1", new long[1]),
            new Fact.Register("canaries", key + "/0", 1, stop),
            new Fact.Register("canaries", key + "/stop", 1, new byte[] {'{'}),
            new Fact.Register("canaries", key + "/stop", 1, elsewhere),
            new Fact.Register("canaries", key + "/stop", 1, later))) {
      assertThatThrownBy(() -> a.canaries.merge(fact))
          .as(fact.toString())
          .isInstanceOf(IllegalArgumentException.class);
    }
    assertThat(a.view().isStopped()).isFalse();
    a.canaries.merge(new Fact.Count("canaries", "x/y/0123456789abcdef/0", "b#1", new long[1]));
    a.canaries.merge(new Fact.Register("canaries", key + "/stop", 1, stop));
    assertThat(a.view().isStopped()).as("and what has sense is not").isTrue();
  }

  @Test
  void a_breach_seen_over_all_regions_stops_it_everywhere_and_loads_nothing() throws Exception {
    Content content = content("50", 7);
    Region a = new Region("a", 1, content);
    Region b = new Region("b", 1, content);
    a.isPrimary = true;
    a.keeper.look();
    b.keeper.look();
    a.rate(false, 100, 0);
    a.rate(true, 40, 40);
    b.rate(false, 100, 0);
    b.rate(true, 40, 40);
    a.keeper.look();
    assertThat(a.view().isStopped()).as("40 are too few").isFalse();
    b.told().forEach(a.canaries::merge);
    long loads = a.shelf.loads();
    a.keeper.look();
    assertThat(a.messages).hasSize(1);
    assertThat(a.messages.getFirst())
        .startsWith("canary: rolled back bank/card v1 -> v2: error rate, canary minus stable: 1.0")
        .contains("expected: at most 0.0100", "200 stable, 80 canary requests");
    assertThat(a.content.canaries()).isEmpty();
    assertThat(a.content.models()).hasSize(1);
    assertThat(a.shelf.loads()).as("a rollback loads nothing").isEqualTo(loads);

    Canary before = b.view();
    assertThat(before.isStopped()).isFalse();
    a.told().forEach(b.canaries::merge);
    assertThat(before.isStopped()).as("also for requests under way").isTrue();
    b.keeper.look();
    assertThat(b.messages).as("the primary writes").isEmpty();
    time.pass(15);
    b.keeper.look();
    assertThat(b.messages).as("and another region where it does not").hasSize(1);
  }

  @Test
  void a_stop_survives_a_restart_and_a_rollback_to_the_release_that_names_it() throws Exception {
    Content content = content("50", 7);
    Region a = new Region("a", 1, content);
    a.isPrimary = true;
    a.keeper.look();
    a.rate(false, 100, 0);
    a.rate(true, 100, 100);
    a.keeper.look();
    assertThat(a.content.canaries()).isEmpty();
    a.serve(content);
    assertThat(a.view().isStopped()).isTrue();
    time.pass(3600);
    Region again = new Region("a", 2, content);
    assertThat(again.view().isStopped()).isTrue();
    assertThat(new Region("b", 1, content).view().isStopped()).as("planted").isFalse();
    assertThat(new Region("a", 3, content("50", 8)).view().isStopped())
        .as("another canary")
        .isFalse();
    again.serve(CanaryEdit.ended(content, "bank", "card"));
    time.pass(90_000);
    again.keeper.look();
    assertThat(Files.readString(folder.resolve("a.json"))).isEqualTo("{}");
  }

  @Test
  void a_stop_is_told_only_when_it_is_on_disk() throws Exception {
    Content content = content("50", 7);
    Path file = folder.resolve("a.json");
    Region a = new Region("a", 1, content);
    Files.createDirectories(file.resolve("in the way"));
    LiveCanary canary = a.canaries.live().iterator().next();
    a.canaries.stop(canary, new CanaryStop("bad", "a", time.wallMillis));
    assertThat(a.view().isStopped()).isTrue();
    assertThat(a.told()).noneMatch(fact -> fact instanceof Fact.Register);
    List<Fact> all = new ArrayList<>();
    a.canaries.all(all::add);
    assertThat(all).noneMatch(fact -> fact instanceof Fact.Register);
    Files.delete(file.resolve("in the way"));
    Files.delete(file);
    a.canaries.save();
    assertThat(a.told()).anyMatch(fact -> fact instanceof Fact.Register);
    assertThat(a.told()).as("once").isEmpty();
  }

  @Test
  void a_damaged_file_of_stops_is_not_taken_for_none() throws Exception {
    Files.writeString(folder.resolve("a.json"), "{\"a/b/0123456789abcdef\":7}");
    assertThatThrownBy(() -> CanaryStops.open(folder.resolve("a.json")))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("a.json is damaged");
  }

  @Test
  void a_healthy_canary_is_promoted_by_one_region_and_loads_nothing() throws Exception {
    Content content = content("50", 7);
    Region a = new Region("a", 1, content);
    Region b = new Region("b", 1, content);
    a.isPrimary = true;
    long loads = a.shelf.loads();
    for (int second = 0; second < 70 && a.messages.isEmpty(); second++) {
      for (Region region : List.of(a, b)) {
        region.rate(false, 100, 0);
        region.rate(true, 100, 0);
      }
      time.pass(1);
      a.told().forEach(b.canaries::merge);
      b.told().forEach(a.canaries::merge);
      a.keeper.look();
      b.keeper.look();
    }
    assertThat(a.messages).containsExactly("canary: promoted bank/card v1 -> v2: healthy for 60 s");
    assertThat(a.content.models().getFirst().version()).isEqualTo("v2");
    assertThat(a.shelf.models(a.content).values().iterator().next().getFirst().version())
        .isEqualTo("v2");
    assertThat(a.shelf.loads()).as("a promotion loads nothing").isEqualTo(loads);
    assertThat(b.messages).as("the other one waits").isEmpty();
    time.pass(16);
    b.keeper.look();
    assertThat(b.messages).as("and stands in").hasSize(1);
  }

  @Test
  void consecutive_canaries_choose_anew_and_the_same_one_alike_everywhere() throws Exception {
    Region a = new Region("a", 1, content("20", 7));
    Region restarted = new Region("a", 2, content("20", 7));
    Region next = new Region("b", 1, content("20", 8));
    int both = 0;
    int first = 0;
    for (int i = 0; i < 10_000; i++) {
      Json.Obj input = new Json.Obj(Map.of("id", new Json.Str("customer " + i)));
      boolean taken = a.view().takes(a.view().hash("key", input));
      assertThat(restarted.view().takes(restarted.view().hash("key", input))).isEqualTo(taken);
      boolean then = next.view().takes(next.view().hash("key", input));
      first += taken ? 1 : 0;
      both += taken && then ? 1 : 0;
    }
    assertThat(first).isBetween(1_850, 2_150);
    assertThat(both).as("a fifth of a fifth; the same salt would give all").isBetween(330, 470);
  }

  @Test
  void a_shadow_rates_off_the_path_and_what_finds_no_place_is_dropped_and_counted()
      throws Exception {
    Region a = new Region("a", 1, content("shadow", 7));
    a.rate(false, CanaryShadow.WAITING_MAX + 30, 0);
    LiveCanary canary = a.canaries.live().iterator().next();
    assertThat(canary.shadowDropped()).isEqualTo(30);
    assertThat(a.seen(CanaryVariant.CANARY)).as("nothing works on the queue").isZero();
    canary.shadow(
        new Canary.Request(new Json.Obj(Map.of()), 3, "id"),
        new Rating(Decimal.ZERO, List.of(), null));
    assertThat(canary.stats().total().pairs()).isEqualTo(1);
    assertThat(canary.stats().total().flips()).as("0 declines, 3 approves").isEqualTo(1);
  }
}

package io.openclaw.release;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.openclaw.domain.Decimal;
import io.openclaw.domain.Rating;
import io.openclaw.domain.Tenant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What becomes of a proposal whose models rate otherwise, slowly, or not at all. */
class ModelTrialsTest {
  private static final Content BASE = content("{\"kind\":\"scorecard\"}", Map.of());
  private static final Content NEXT = content("{\"kind\":\"scorecard\" }", Map.of());

  private static Content content(String model, Map<String, SampleSet> samples) {
    return new Content(
        null,
        null,
        List.of(Contents.model("card", model)),
        List.of(Contents.tenant("bank")),
        List.of(),
        List.of(),
        samples);
  }

  private static SampleSet samples(String json) {
    return new SampleSet(json.getBytes(UTF_8));
  }

  private static ReleaseCheck.Verdict check(
      Content base, Content next, ModelLoader loader, Manifest.Action action, boolean allow) {
    return new ReleaseCheck(Contents.blobs(next), loader, SecretReferences.ALL_GOOD)
        .check(
            new ReleaseCheck.Proposal(
                1,
                "",
                "ops",
                "why",
                action,
                Sha256.hex(ContentJson.bytes(next)),
                false,
                allow,
                allow),
            new ReleaseCheck.Base(0, "", base));
  }

  private static String verdict(ModelComparison found, boolean allow) {
    return text(
        check(
            BASE,
            NEXT,
            task -> new ModelLoader.Trial.Good(1, Set.of(), found),
            Manifest.Action.APPLY,
            allow));
  }

  private static String text(ReleaseCheck.Verdict verdict) {
    return switch (verdict) {
      case ReleaseCheck.Verdict.Refused no -> no.stage().text() + ": " + no.messages();
      case ReleaseCheck.Verdict.Passed yes -> "passed: " + yes.notes();
    };
  }

  private static List<Rating> ratings(int count, int shift) {
    return IntStream.range(0, count)
        .mapToObj(i -> new Rating(new Decimal(400 + i * 500L / count + shift, 0), List.of(), null))
        .toList();
  }

  private static ModelComparison shifted(int count, int shift) {
    return new ModelComparison(ratings(count, 0), ratings(count, shift), 0, "", 1_000, 1_000);
  }

  @Test
  void the_same_ratings_pass_without_a_word() {
    assertThat(verdict(shifted(100, 0), false)).isEqualTo("passed: []");
    assertThat(verdict(shifted(1_000, 1), false)).isEqualTo("passed: []");
  }

  @Test
  void shifted_ratings_drift_unless_they_are_meant_to() {
    String refused = verdict(shifted(300, 120), false);
    assertThat(refused)
        .startsWith("drift: [models.card: its ratings of 300 samples shift")
        .contains("72 of 300 decisions of bank flip at its threshold, 650")
        .contains("--allow-drift");
    assertThat(verdict(shifted(300, 120), true)).startsWith("passed: [models.card: its ratings");
  }

  @Test
  void too_few_samples_are_insufficient_and_never_a_silent_pass() {
    assertThat(verdict(shifted(99, 300), false))
        .startsWith("passed: [models.card: INSUFFICIENT to judge its drift: 99 samples")
        .contains("needed: 100");
    assertThat(verdict(shifted(0, 0), false)).contains("INSUFFICIENT", "0 samples");
  }

  @Test
  void refusing_what_was_rated_before_is_drift_too() {
    ModelComparison found =
        new ModelComparison(ratings(90, 0), ratings(90, 0), 10, "sample 7: /age absent", 1, 1);
    assertThat(verdict(found, false))
        .startsWith("drift: ")
        .contains("10 of 100 samples that the version in force rates are refused, first sample 7");
    ModelComparison few =
        new ModelComparison(ratings(97, 0), ratings(97, 0), 3, "sample 7: /age absent", 1, 1);
    assertThat(verdict(few, false)).startsWith("passed");
  }

  @Test
  void slow_is_both_a_ratio_and_a_margin() {
    List<Rating> ratings = ratings(100, 0);
    assertThat(verdict(new ModelComparison(ratings, ratings, 0, "", 2_000, 19_000), false))
        .as("9.5 times, but only 17 µs more")
        .startsWith("passed");
    assertThat(verdict(new ModelComparison(ratings, ratings, 0, "", 50_000, 200_000), false))
        .as("150 µs more, but only four times")
        .startsWith("passed");
    ModelComparison slow = new ModelComparison(ratings, ratings, 0, "", 5_000, 50_000);
    assertThat(verdict(slow, false))
        .startsWith("slow: [models.card: 50.0 µs per rating, 10 times the 5.0 µs")
        .contains("--allow-slow");
    assertThat(verdict(slow, true)).startsWith("passed: [models.card: 50.0 µs per rating");
  }

  @Test
  void a_rollback_is_not_compared_and_says_so() {
    List<ModelLoader.Task> tasks = new ArrayList<>();
    String verdict =
        text(
            check(
                BASE,
                NEXT,
                task -> {
                  tasks.add(task);
                  return new ModelLoader.Trial.Good(1);
                },
                Manifest.Action.ROLLBACK,
                false));
    assertThat(tasks).singleElement().matches(task -> task.stable() == null);
    assertThat(verdict).startsWith("passed: [models.card: a rollback");
  }

  @Test
  void a_model_that_never_ends_is_the_last_one_tried() {
    Content two =
        new Content(
            null,
            null,
            List.of(Contents.CARD, Contents.model("lean", "{\"kind\":\"scorecard\"}")),
            List.of(new Tenant("bank", List.of("card", "lean"), null, 1, null)),
            List.of(),
            List.of(),
            Map.of());
    AtomicInteger tried = new AtomicInteger();
    assertThat(
            text(
                check(
                    BASE,
                    two,
                    task -> {
                      tried.incrementAndGet();
                      return new ModelLoader.Trial.NeverEnds("/samples/0: no rating within 1 s");
                    },
                    Manifest.Action.APPLY,
                    false)))
        .isEqualTo("samples: [models.card: /samples/0: no rating within 1 s]");
    assertThat(tried).hasValue(1);
  }

  @Test
  void what_a_tenant_recorded_must_be_rated_by_one_of_its_models() {
    Content next = content("{\"kind\":\"scorecard\"}", Map.of("bank", samples("[{\"a\":1},{}]")));
    ModelLoader one = task -> new ModelLoader.Trial.Good(1, Set.of(0), null);
    assertThat(text(check(BASE, next, one, Manifest.Action.APPLY, false)))
        .isEqualTo("samples: [tenants.bank.samples/1: none of the tenant's models rates it]");
    ModelLoader all =
        task -> {
          assertThat(task.samples()).hasSize(2);
          return new ModelLoader.Trial.Good(1, Set.of(0, 1), null);
        };
    assertThat(text(check(BASE, next, all, Manifest.Action.APPLY, false))).isEqualTo("passed: []");
    Content other =
        new Content(
            null,
            null,
            next.models(),
            List.of(Contents.tenant("bank"), Contents.tenant("shop")),
            List.of(),
            List.of(),
            next.samples());
    ModelLoader none =
        task -> {
          assertThat(task.samples()).as("nothing changes for the tenant").isEmpty();
          return new ModelLoader.Trial.Good(1);
        };
    assertThat(text(check(next, other, none, Manifest.Action.APPLY, false)))
        .isEqualTo("passed: []");
  }

  @Test
  void a_set_of_samples_is_read_strictly_and_travels_as_a_blob() {
    Content content = content("{\"kind\":\"scorecard\"}", Map.of("bank", samples("[{\"a\":0.5}]")));
    byte[] document = ContentJson.bytes(content);
    Content read = ContentJson.read(document, new BlobModels(Contents.blobs(content))).content();
    assertThat(read).isNotNull();
    assertThat(ContentJson.bytes(java.util.Objects.requireNonNull(read))).isEqualTo(document);
    assertThat(ContentDiff.of(BASE, content).text()).contains("~ tenant bank  samples: none -> ");
    Map.of(
            "{}", "an object (expected: a list of inputs)",
            "[]", "0 inputs (expected: 1 to 1000)",
            "[7]", "/0: a number (expected: an object)",
            "[", "not JSON")
        .forEach(
            (json, message) ->
                org.assertj.core.api.Assertions.assertThatThrownBy(() -> samples(json))
                    .hasMessageContaining(message));
  }
}

package io.openclaw.rating;

import static org.assertj.core.api.Assertions.assertThat;

import io.openclaw.domain.Json;
import io.openclaw.domain.Rating;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** What every kind of model promises. */
public abstract class RatingModelContract {
  /** The document the model under test was loaded from. */
  protected abstract byte[] document();

  /** A model loaded afresh from {@link #document}, name {@code m}, version {@code v7}. */
  protected abstract RatingModel model();

  /** Inputs it can rate. */
  protected abstract List<Json.Obj> valid();

  /** Inputs it cannot rate. */
  protected abstract List<Json.Obj> invalid();

  /** A number that tells whether the model's state has changed; constant where it has none. */
  protected abstract long stateOf(RatingModel model);

  @Test
  void says_what_it_is() throws Exception {
    RatingModel model = model();
    assertThat(model.name()).isEqualTo("m");
    assertThat(model.version()).isEqualTo("v7");
    assertThat(new String(document(), java.nio.charset.StandardCharsets.UTF_8))
        .contains("\"" + model.kind() + "\"");
    assertThat(model.digest())
        .isEqualTo(
            HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(document())));
  }

  @Test
  void rates_every_valid_input_with_a_number_and_reasons_that_lost_points() {
    RatingModel model = model();
    for (Json.Obj input : valid()) {
      assertThat(model.recognises(input)).isTrue();
      Rating rating = Ratings.rate(model, input);
      assertThat(rating.value()).isNotNull();
      assertThat(rating.reasons()).allSatisfy(r -> assertThat(r.points().unscaled()).isPositive());
    }
  }

  @Test
  void lists_at_least_one_violation_with_a_pointer_for_every_invalid_input() {
    RatingModel model = model();
    for (Json.Obj input : invalid()) {
      assertThat(Ratings.violations(model, input))
          .isNotEmpty()
          .allSatisfy(
              violation -> {
                assertThat(violation.pointer()).startsWith("/");
                assertThat(violation.detail()).contains("(expected: ");
              });
    }
  }

  @Test
  void its_schema_takes_what_it_takes_and_its_example_can_be_rated() {
    RatingModel model = model();
    for (Json.Obj input : valid()) {
      assertThat(model.schema().violations(input)).isEmpty();
    }
    assertThat(model.check(model.schema().example())).isInstanceOf(Checked.Ready.class);
    assertThat(model.schema().toJsonSchema().get("type")).isEqualTo(new Json.Str("object"));
  }

  @Test
  void does_not_recognise_an_input_of_another_world() {
    assertThat(model().recognises(new Json.Obj(Map.of("unheard-of", Json.Null.NULL)))).isFalse();
    assertThat(model().recognises(new Json.Obj(Map.of()))).isFalse();
  }

  @Test
  void checking_changes_nothing() {
    RatingModel model = model();
    long before = stateOf(model);
    for (int i = 0; i < 3; i++) {
      for (Json.Obj input : valid()) {
        Map<String, Json> copy = Map.copyOf(input.members());
        assertThat(model.check(input)).isInstanceOf(Checked.Ready.class);
        assertThat(input.members()).isEqualTo(copy);
      }
      invalid().forEach(model::check);
    }
    assertThat(stateOf(model)).isEqualTo(before);
  }

  @Test
  void rates_the_same_from_many_threads_as_from_one() throws Exception {
    RatingModel alone = model();
    for (int i = 0; i < 8; i++) {
      valid().forEach(input -> Ratings.rate(alone, input));
    }
    List<Rating> expected = new ArrayList<>();
    valid().forEach(input -> expected.add(Ratings.rate(alone, input)));

    RatingModel shared = model();
    List<Callable<Boolean>> threads = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      threads.add(
          () -> {
            valid().forEach(input -> Ratings.rate(shared, input));
            return true;
          });
    }
    try (var executor = Executors.newFixedThreadPool(4)) {
      for (Future<Boolean> done : executor.invokeAll(threads)) {
        assertThat(done.get()).isTrue();
      }
    }
    List<Rating> found = new ArrayList<>();
    valid().forEach(input -> found.add(Ratings.rate(shared, input)));
    assertThat(found).isEqualTo(expected);
  }
}

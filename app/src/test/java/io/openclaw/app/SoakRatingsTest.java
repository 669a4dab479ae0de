package io.openclaw.app;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.openclaw.domain.Decimal;
import io.openclaw.domain.Json;
import io.openclaw.domain.Tenant;
import io.openclaw.edge.Canary;
import io.openclaw.rating.Attempt;
import io.openclaw.rating.Checked;
import io.openclaw.rating.ItemStore;
import io.openclaw.rating.RatingModel;
import io.openclaw.release.Content;
import io.openclaw.release.ModelSpec;
import io.openclaw.release.RegionRow.Health;
import io.openclaw.release.SoakGate;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a soak finds out about the ratings of changed models. */
final class SoakRatingsTest {
  private final CanaryShadow shadow = CanaryShadow.start();
  private final ModelShelf shelf =
      new ModelShelf(
          new ItemStore("test/0", entry -> new CompletableFuture<>()), SystemClock.INSTANCE);
  private final SoakRatings soak = new SoakRatings(shadow, SystemClock.INSTANCE);

  @AfterEach
  void close() {
    shadow.close();
  }

  /** Rates a from 0 to 99 a + score, in steps of ten. */
  private static Content content(int score, boolean samples) {
    StringBuilder attributes = new StringBuilder();
    StringBuilder recorded = new StringBuilder();
    for (int i = 0; i < 10; i++) {
      attributes.append(
          "{\"when\":{\"gte\":%d,\"lt\":%d},\"points\":%d},".formatted(i * 10, i * 10 + 10, i));
      recorded.append("{\"a\":").append(i * 10).append("},");
    }
    String card =
        "{\"kind\":\"scorecard\",\"initialScore\":%d,\"characteristics\":[{\"name\":\"a\",\"field\":\"a\",\"attributes\":[%s{\"when\":{\"otherwise\":true},\"points\":0}]}]%s}"
            .formatted(
                score,
                attributes,
                samples
                    ? ",\"samples\":[" + recorded.substring(0, recorded.length() - 1) + "]"
                    : "");
    return new Content(
        null,
        null,
        List.of(new ModelSpec("t", "card", "scorecard", "v" + score, card.getBytes(UTF_8), null)),
        List.of(new Tenant("bank", List.of("card"), new Decimal(5, 0), 1, null)),
        List.of(),
        List.of(),
        Map.of());
  }

  /** Serves {@code next} after {@code before}, answers requests, and judges. */
  private SoakGate.Verdict after(Content before, Content next, int requests) throws Exception {
    var _ = shelf.models(before);
    Map<Tenant, List<RatingModel>> models = shelf.models(next);
    Map<String, Map<String, Canary>> views = new HashMap<>();
    soak.watch(before, next, shelf, views);
    Canary watch = views.getOrDefault("bank", Map.of()).get("card");
    RatingModel model = models.values().iterator().next().getFirst();
    Random random = new Random(1);
    for (int i = 0; watch != null && i < requests; i++) {
      Json.Obj input = new Json.Obj(Map.of("a", new Json.Num(random.nextInt(100))));
      Checked.Ready ready = (Checked.Ready) model.check(input);
      Canary.Request request = new Canary.Request(input, watch.hash("key", input), "r" + i);
      assertThat(watch.takes(request.hash())).as("the new version answers").isFalse();
      watch.rated(request, false, 1_000, ready.rate(Attempt.ONCE).toCompletableFuture().join());
      if (i % 100 == 0) {
        Thread.sleep(5); // the shadow rates on a thread of its own
      }
    }
    SoakGate.Verdict verdict = soak.judge();
    for (int i = 0; i < 200 && verdict.health() == Health.INSUFFICIENT; i++) {
      Thread.sleep(5);
      verdict = soak.judge();
    }
    return Objects.requireNonNull(verdict);
  }

  @Test
  void shifted_ratings_are_a_breach_with_the_tenant_and_the_measure() throws Exception {
    SoakGate.Verdict verdict = after(content(0, true), content(3, true), 600);
    assertThat(verdict.health()).isEqualTo(Health.BREACH);
    assertThat(verdict.detail()).startsWith("bank/card: PSI of ratings: ");
  }

  @Test
  void few_requests_are_no_pass() throws Exception {
    assertThat(after(content(0, true), content(3, true), 50).health())
        .isEqualTo(Health.INSUFFICIENT);
  }

  @Test
  void what_rates_alike_passes_and_what_did_not_change_is_not_watched() throws Exception {
    Content again = content(0, true);
    byte[] other = (new String(again.models().getFirst().bytes(), UTF_8) + " ").getBytes(UTF_8);
    Content alike =
        new Content(
            null,
            null,
            List.of(new ModelSpec("t", "card", "scorecard", "v1", other, null)),
            again.tenants(),
            List.of(),
            List.of(),
            Map.of());
    SoakGate.Verdict verdict = after(again, alike, 600);
    assertThat(verdict.health()).as(verdict.detail()).isEqualTo(Health.HEALTHY);
    assertThat(verdict.detail()).isEqualTo("ratings of 1 changed models compared");
    assertThat(after(again, again, 600).detail()).isEmpty();
  }

  @Test
  void a_model_whose_kind_changes_is_not_compared_and_that_is_said() throws Exception {
    Content before = content(0, true);
    Content next =
        new Content(
            null,
            null,
            List.of(
                new ModelSpec(
                    "t", "card", "items", "v1", "{\"kind\":\"items\"}".getBytes(UTF_8), null)),
            before.tenants(),
            List.of(),
            List.of(),
            Map.of());
    assertThat(after(before, next, 0).detail())
        .isEqualTo("of 1 not: they keep state, are of another kind now, or are too many");
  }

  @Test
  void without_samples_classes_are_made_of_the_first_requests() throws Exception {
    assertThat(after(content(0, false), content(3, false), 90).health())
        .isEqualTo(Health.INSUFFICIENT);
    assertThat(after(content(0, false), content(3, false), 900).health()).isEqualTo(Health.BREACH);
  }
}

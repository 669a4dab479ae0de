package io.openclaw.edge;

import static io.openclaw.edge.TestEdge.APPLICATION;
import static io.openclaw.edge.TestEdge.document;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.openclaw.domain.Json;
import io.openclaw.domain.Rating;
import io.openclaw.domain.Scope;
import io.openclaw.rating.ModelException;
import io.openclaw.rating.RatingModel;
import io.openclaw.rating.ScorecardModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Requests of a tenant whose model has a canary. */
final class CanaryEdgeTest {
  private static final String OLDER = APPLICATION.replace("\"age\":67", "\"age\":68");

  private final TestEdge at;
  private final String credit;

  CanaryEdgeTest() throws IOException, ModelException {
    at = new TestEdge();
    credit = at.key("credit", Scope.RATE);
  }

  /** Takes inputs whose age is even, and notes what it is told. */
  private static class Fake implements Canary {
    private final RatingModel model;
    private final List<String> told = new ArrayList<>();
    private boolean stopped;

    Fake(String json) throws ModelException {
      model = ScorecardModel.load("credit-g", "v2", json.getBytes(UTF_8));
    }

    @Override
    public RatingModel model() {
      return model;
    }

    @Override
    public boolean isStopped() {
      return stopped;
    }

    @Override
    public long hash(String keyId, Json.Obj input) {
      return input.get("age") instanceof Json.Num age ? (long) age.value() : 1;
    }

    @Override
    public boolean takes(long hash) {
      return hash % 2 == 0;
    }

    @Override
    public void rated(Request request, boolean byCanary, long nanos, Rating rating) {
      assertThat(nanos).isNotNegative();
      told.add((byCanary ? "canary " : "stable ") + rating.value() + " " + request.id());
    }

    @Override
    public void failed(Request request, boolean byCanary, long nanos, String why) {
      told.add((byCanary ? "canary" : "stable") + " failed: " + why);
    }
  }

  private Fake canary(String json) throws ModelException {
    Fake fake = new Fake(json);
    at.canary("credit", fake);
    return fake;
  }

  private static String better() throws IOException {
    return Files.readString(Path.of("..", "examples", "credit-g", "credit-g.scorecard.json"))
        .replace("\"initialScore\": 0", "\"initialScore\": 7");
  }

  private static String answer(Answered answered) {
    Json.Obj body = document(answered.body());
    return ((Json.Str) java.util.Objects.requireNonNull(body.get("version"))).value()
        + " "
        + ((Json.Str) java.util.Objects.requireNonNull(body.get("variant"))).value()
        + " "
        + ((Json.Num) java.util.Objects.requireNonNull(body.get("rating"))).text();
  }

  @Test
  void the_version_that_the_canary_chooses_rates_and_is_named_everywhere() throws Exception {
    Fake fake = canary(better());
    Answered stable = at.rate(credit, APPLICATION);
    assertThat(answer(stable)).isEqualTo("v1 stable 723");
    assertThat(stable.variant()).isEqualTo("stable");
    Answered canary = at.rate(credit, OLDER);
    assertThat(answer(canary)).isEqualTo("v2 canary 730");
    assertThat(canary.variant()).isEqualTo("canary");
    assertThat(canary.model()).isEqualTo("credit-g");
    assertThat(fake.told).containsExactly("stable 723 request-1", "canary 730 request-1");
    assertThat(at.tokens("credit")).as("each paid once").isEqualTo(8);
  }

  @Test
  void a_stopped_canary_rates_and_counts_nothing() throws Exception {
    Fake fake = canary(better());
    fake.stopped = true;
    assertThat(answer(at.rate(credit, OLDER))).isEqualTo("v1 stable 723");
    assertThat(fake.told).isEmpty();
  }

  @Test
  void an_input_that_only_the_canary_refuses_is_its_failure_and_the_stable_one_rates_it()
      throws Exception {
    Fake fake =
        canary(
            "{\"kind\":\"scorecard\",\"initialScore\":1,\"characteristics\":[{\"name\":\"a\","
                + "\"field\":\"age\",\"attributes\":[{\"when\":{\"in\":[\"old\"]},\"points\":1}]}]}");
    Answered answered = at.rate(credit, OLDER);
    assertThat(answer(answered)).isEqualTo("v1 stable 723");
    assertThat(fake.told)
        .containsExactly("canary failed: refuses an input that the stable version takes");
    assertThat(at.tokens("credit")).isEqualTo(9);
  }

  @Test
  void what_both_versions_refuse_is_the_clients_fault_and_nobodys_failure() throws Exception {
    Fake fake = canary(better());
    assertThat(at.rate(credit, "{\"age\":68,\"duration\":\"x\"}").status()).isEqualTo(422);
    assertThat(at.rate(credit, "{\"age\":67,\"duration\":\"x\"}").status()).isEqualTo(422);
    assertThat(fake.told).isEmpty();
    assertThat(at.tokens("credit")).isEqualTo(10);
  }

  @Test
  void another_tenant_of_the_same_model_is_not_touched() throws Exception {
    Fake fake = canary(better());
    String other = at.key("default", Scope.RATE);
    assertThat(answer(at.rate(other, OLDER))).isEqualTo("v1 stable 723");
    assertThat(fake.told).isEmpty();
  }

  /** Planted: an edge that forgets to ask which version is to rate. */
  @Test
  void a_canary_that_takes_everything_is_seen_by_the_test() throws Exception {
    Fake fake =
        new Fake(better()) {
          @Override
          public boolean takes(long hash) {
            return true;
          }
        };
    at.canary("credit", fake);
    assertThat(answer(at.rate(credit, APPLICATION))).isNotEqualTo("v1 stable 723");
  }
}

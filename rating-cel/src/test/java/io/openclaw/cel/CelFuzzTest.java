package io.openclaw.cel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.openclaw.domain.Json;
import io.openclaw.rating.ModelException;
import io.openclaw.rating.ModelKind;
import io.openclaw.rating.ModelSource;
import io.openclaw.rating.RatingModel;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class CelFuzzTest {
  @Test
  void mutated_documents_are_refused_or_rate() throws Exception {
    long seed = 20261121;
    try {
      CelFuzz.Report report = new CelFuzz(new SplittableRandom(seed), new CelKind()).run(3);
      assertThat(report.refused()).isPositive();
      assertThat(report.ratings()).isPositive();
    } catch (AssertionError e) {
      throw new AssertionError("seed " + seed + ": " + e.getMessage(), e);
    }
  }

  @Test
  void a_kind_that_throws_something_else_is_found() throws Exception {
    ModelKind broken =
        new ModelKind() {
          @Override
          public String name() {
            return "expression";
          }

          @Override
          public RatingModel load(ModelSource source) throws ModelException {
            throw new IllegalStateException("planted");
          }

          @Override
          public List<Json.Obj> samples(byte[] bytes) {
            return List.of();
          }
        };
    assertThatThrownBy(() -> new CelFuzz(new SplittableRandom(1), broken).run(1))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("planted");
  }
}

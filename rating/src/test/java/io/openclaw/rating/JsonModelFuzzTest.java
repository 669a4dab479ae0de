package io.openclaw.rating;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class JsonModelFuzzTest {
  private static final long NANOS = 3_000_000_000L;

  @Test
  void mutated_documents_are_refused_or_rate() throws Exception {
    JsonModelFuzz.Count count =
        new JsonModelFuzz(JsonModelFuzz.corpus(JsonModelFuzz.CORPUS), JsonModelFuzz::load)
            .run(1, System.nanoTime() + NANOS);
    assertThat(count.documents()).isGreaterThan(100);
    assertThat(count.loaded()).isPositive();
    assertThat(count.rated()).isPositive();
  }

  @Test
  void a_planted_fault_is_found_with_its_seed() throws Exception {
    List<byte[]> corpus = JsonModelFuzz.corpus(JsonModelFuzz.CORPUS);
    JsonModelFuzz careless =
        new JsonModelFuzz(
            corpus,
            json -> {
              if (json.length % 50 == 7) {
                throw new ArrayIndexOutOfBoundsException("planted");
              }
              return JsonModelFuzz.load(json);
            });
    assertThatThrownBy(() -> careless.run(1, System.nanoTime() + 10 * NANOS))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("seed ")
        .hasRootCauseMessage("planted");
  }
}

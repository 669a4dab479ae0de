package io.openclaw.pmml;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class PmmlFuzzTest {
  private static List<byte[]> seeds() throws IOException {
    return PmmlFuzz.seeds(Path.of("../examples/pmml"), Path.of("../examples/fuzz/pmml"));
  }

  @Test
  void changed_documents_are_refused_or_rate() throws IOException {
    PmmlFuzz.Result result =
        new PmmlFuzz(seeds(), 20261121, source -> new PmmlKind().load(source)).run(2_500_000_000L);
    assertThat(result.documents()).isGreaterThan(50);
    assertThat(result.loaded()).isPositive();
    assertThat(result.rated()).isPositive();
  }

  @Test
  void a_loader_that_throws_something_else_is_found() throws IOException {
    PmmlFuzz broken =
        new PmmlFuzz(
            seeds(),
            1,
            source -> {
              if (source.bytes().length % 7 == 0) {
                throw new IllegalStateException("planted");
              }
              return new PmmlKind().load(source);
            });
    assertThatThrownBy(() -> broken.run(2_000_000_000L))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("seed 1, document")
        .hasMessageContaining("planted");
  }
}

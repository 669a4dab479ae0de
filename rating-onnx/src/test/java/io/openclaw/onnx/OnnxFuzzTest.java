package io.openclaw.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class OnnxFuzzTest {
  @Test
  void mutated_files_are_refused_or_read() throws Exception {
    long seed = 20261121;
    try {
      OnnxFuzz fuzz = new OnnxFuzz(new SplittableRandom(seed), false);
      OnnxFuzz.Report report = fuzz.run(3, fuzz::attempt);
      assertThat(report.refused()).isPositive();
      assertThat(report.read()).isPositive();
      assertThat(report.ratings()).isPositive();
    } catch (AssertionError e) {
      throw new AssertionError("seed " + seed + ": " + e.getMessage(), e);
    }
  }

  @Test
  void a_reader_that_runs_over_the_end_is_found() throws Exception {
    OnnxFuzz fuzz = new OnnxFuzz(new SplittableRandom(1), false);
    assertThatThrownBy(
            () ->
                fuzz.run(
                    1,
                    file -> {
                      byte planted = file[file.length];
                      throw new IllegalStateException("read " + planted);
                    }))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("ArrayIndexOutOfBounds");
  }
}

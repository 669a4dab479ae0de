package io.openclaw.wasm;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.Map;
import org.junit.jupiter.api.Test;

class WasmFuzzTest {
  private static final long SEED = 20_261_121;

  @Test
  void changed_modules_are_refused_or_rate_or_fail_as_models_may() throws IOException {
    Map<String, Integer> ends = WasmFuzz.run(3, SEED);
    assertThat(ends).containsKeys("rated");
  }
}

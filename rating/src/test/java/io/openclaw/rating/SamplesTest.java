package io.openclaw.rating;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.openclaw.domain.Json;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SamplesTest {
  private static List<Json.Obj> of(String samples) throws ModelException {
    return Samples.of(("{\"kind\":\"items\"" + samples + "}").getBytes(UTF_8), "items");
  }

  @Test
  void samples_are_the_objects_that_the_document_lists() throws Exception {
    assertThat(of("")).isEmpty();
    assertThat(of(",\"samples\":[{\"item\":\"a\"},{}]"))
        .containsExactly(new Json.Obj(Map.of("item", new Json.Str("a"))), new Json.Obj(Map.of()));
  }

  @Test
  void anything_else_is_refused_with_its_place() {
    assertThatThrownBy(() -> of(",\"samples\":{}")).hasMessageContaining("/samples");
    assertThatThrownBy(() -> of(",\"samples\":[]")).hasMessageContaining("/samples: 0 elements");
    assertThatThrownBy(() -> of(",\"samples\":[{},7]")).hasMessageContaining("/samples/1: 7");
    String many = "{},".repeat(Samples.SAMPLES_MAX) + "{}";
    assertThatThrownBy(() -> of(",\"samples\":[" + many + "]"))
        .hasMessageContaining("1001 elements");
  }
}

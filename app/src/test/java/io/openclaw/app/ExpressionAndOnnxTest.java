package io.openclaw.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.openclaw.domain.Json;
import io.openclaw.rating.Attempt;
import io.openclaw.rating.Checked;
import io.openclaw.rating.ModelSource;
import io.openclaw.rating.RatingModel;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ExpressionAndOnnxTest {
  @ParameterizedTest
  @CsvSource({
    "expression, expression/policy.expression.json",
    "onnx, onnx/trees.onnx" // no native code: this program rates trees itself
  })
  void the_program_loads_the_examples_of_a_kind_by_its_name(String kind, String file)
      throws Exception {
    byte[] bytes = Files.readAllBytes(Path.of("..", "examples").resolve(file));
    RatingModel model = new ModelKinds().load(kind, new ModelSource("m", "v1", bytes));
    assertThat(model.kind()).isEqualTo(kind);
    for (Json.Obj sample : new ModelKinds().samples(kind, bytes)) {
      Checked.Ready ready = (Checked.Ready) model.check(sample);
      assertThat(ready.rate(Attempt.ONCE).toCompletableFuture().get().value()).isNotNull();
    }
  }
}

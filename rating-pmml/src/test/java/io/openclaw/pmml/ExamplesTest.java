package io.openclaw.pmml;

import static org.assertj.core.api.Assertions.assertThat;

import io.openclaw.rating.ExpectedRows;
import io.openclaw.rating.ExpectedRows.Tolerance;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Every model of the examples against its table of inputs and its table of answers. */
class ExamplesTest {
  static final Path EXAMPLES = Path.of("../examples/pmml");

  static List<Path> models() throws IOException {
    try (Stream<Path> files = Files.list(EXAMPLES)) {
      return files.filter(f -> f.toString().endsWith(".pmml")).sorted().toList();
    }
  }

  private static Path beside(Path model, String ending) {
    return model.resolveSibling(model.getFileName().toString().replace(".pmml", ending));
  }

  @TestFactory
  Stream<DynamicTest> every_row_of_every_example_is_right() throws IOException {
    return models().stream()
        .map(model -> DynamicTest.dynamicTest(model.getFileName().toString(), () -> check(model)));
  }

  private static void check(Path model) throws IOException {
    ExpectedRows rows = new ExpectedRows(Pmml.load(Files.readString(model)), Tolerance.DOUBLE);
    ExpectedRows.Result result =
        rows.compare(
            Files.readString(beside(model, ".csv")),
            Files.readString(beside(model, ".expected.csv")));
    assertThat(result.notCompared()).isEmpty();
    assertThat(result.differences()).isEmpty();
    assertThat(result.rowsRight()).isEqualTo(result.rows()).isPositive();
  }
}

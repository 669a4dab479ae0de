package io.openclaw.pmml;

import static org.assertj.core.api.Assertions.assertThat;

import io.openclaw.rating.Attempt;
import io.openclaw.rating.Checked;
import io.openclaw.rating.CsvTable;
import io.openclaw.rating.ExpectedRows;
import io.openclaw.rating.RatingModel;
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
    RatingModel loaded = Pmml.load(Files.readString(model));
    ExpectedRows rows =
        new ExpectedRows(
            loaded.schema(),
            input ->
                loaded.check(input) instanceof Checked.Ready ready
                    ? ready.rate(Attempt.ONCE).toCompletableFuture().join()
                    : null,
            1e-8,
            1e-6,
            10);
    ExpectedRows.Verdict verdict =
        rows.judge(
            CsvTable.read(Files.readString(beside(model, ".csv"))),
            CsvTable.read(Files.readString(beside(model, ".expected.csv"))));
    assertThat(verdict.differences()).isEmpty();
    assertThat(verdict.unknown()).isEmpty();
    assertThat(verdict.isRight()).isTrue();
  }
}

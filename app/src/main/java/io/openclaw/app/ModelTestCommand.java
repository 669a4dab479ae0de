package io.openclaw.app;

import io.openclaw.rating.ExpectedRows;
import io.openclaw.yaml.ConfigException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code openclaw model test}: holds what models answer against expected results. */
@Command(
    name = "test",
    mixinStandardHelpOptions = true,
    usageHelpAutoWidth = true,
    description = {
      "Rates every row of a table and compares with another one; shows what differs.",
      "Of a folder, every model NAME with tables beside it: NAME.csv and NAME.expected.csv."
    },
    footer = {
      "",
      "A column of --expected is an output of the model; rating, reasons and decision_at_N are the rating's.",
      "A model that is refused is no error in a folder, and one when it is the only file.",
      "Exits 0 where enough rows of the models served are right (--least), 1 otherwise."
    })
final class ModelTestCommand implements Callable<Integer> {
  @Parameters(index = "0", paramLabel = "FILE|DIR", description = "A model's file, or a folder.")
  Path path = Path.of("");

  @Option(names = "--samples", paramLabel = "CSV", description = "The inputs, with a header.")
  @Nullable Path samples;

  @Option(
      names = "--expected",
      paramLabel = "CSV",
      description = "The expected results, a row for each input, with a header.")
  @Nullable Path expected;

  @Option(
      names = "--kind",
      paramLabel = "KIND",
      description = "Its kind, where the file does not tell.")
  @Nullable String kind;

  @Option(
      names = "--absolute",
      paramLabel = "X",
      description = "How far numbers near zero may be apart, 1e-8 by default.")
  double absolute = 1e-8;

  @Option(
      names = "--relative",
      paramLabel = "X",
      description = "How far numbers may be apart as a part of the larger, 1e-5 by default.")
  double relative = 1e-5;

  @Option(
      names = "--least",
      paramLabel = "PERCENT",
      description = "Rows of the models served that must be right, 100 by default.")
  double least = 100;

  @Option(
      names = "--show",
      paramLabel = "N",
      description = "Differences shown of each model, 10 by default.")
  int shown = 10;

  @Override
  public Integer call() throws IOException, ConfigException {
    if (!(absolute >= 0 && relative >= 0 && least >= 0 && least <= 100 && shown >= 0)) {
      throw new ConfigException(
          List.of("--absolute, --relative, --show: (expected: >= 0); --least: 0 to 100"));
    }
    boolean folder = Files.isDirectory(path);
    if (folder == (samples != null) || folder == (expected != null)) {
      throw new ConfigException(
          List.of("--samples and --expected: (expected: both with a file, none with a folder)"));
    }
    List<ModelTests.Case> cases =
        samples == null || expected == null
            ? ModelTests.find(path)
            : List.of(new ModelTests.Case(path, samples, expected));
    if (cases.isEmpty()) {
      throw new IOException(path + " holds no model with tables (openclaw model test --help)");
    }
    ModelTests tests = new ModelTests(absolute, relative, shown);
    List<ModelTests.Result> results = new ArrayList<>();
    System.out.printf("%-8s %8s %8s  %-24s %s%n", "RESULT", "ROWS", "RIGHT", "TYPE", "MODEL");
    for (ModelTests.Case each : cases) {
      ModelTests.Result result = tests.run(each, kind);
      results.add(result);
      print(result);
    }
    return summary(results, folder) ? 0 : 1;
  }

  private static void print(ModelTests.Result result) {
    ExpectedRows.Verdict verdict = result.verdict();
    System.out.printf(
        "%-8s %8s %8s  %-24s %s%n",
        result.word(),
        verdict == null ? "-" : verdict.rows(),
        verdict == null ? "-" : verdict.right(),
        result.type(),
        result.test().model());
    if (result.refusal() != null) {
      result.refusal().lines().skip(1).limit(5).forEach(System.out::println);
    }
    if (verdict != null) {
      verdict
          .unknown()
          .forEach(
              column -> System.out.printf("  column %s: the model does not answer it%n", column));
      for (ExpectedRows.Difference each : verdict.differences()) {
        System.out.printf(
            "  row %d, %s: %s (expected: %s)%n",
            each.row(), each.column(), each.found(), each.expected());
      }
    }
  }

  /** A table by type, and whether it is enough. */
  private boolean summary(List<ModelTests.Result> results, boolean folder) {
    Map<String, long[]> byType = new TreeMap<>();
    long[] all = new long[5];
    for (ModelTests.Result result : results) {
      ExpectedRows.Verdict verdict = result.verdict();
      for (long[] sum : List.of(byType.computeIfAbsent(result.type(), type -> new long[5]), all)) {
        sum[0]++;
        sum[1] += verdict == null ? 1 : 0;
        sum[2] += verdict != null && verdict.isRight() ? 1 : 0;
        sum[3] += verdict == null ? 0 : verdict.rows();
        sum[4] += verdict == null ? 0 : verdict.right();
      }
    }
    System.out.printf(
        "%n%-24s %7s %8s %7s %9s %9s %9s%n",
        "TYPE", "MODELS", "REFUSED", "RIGHT", "ROWS", "RIGHT", "PERCENT");
    byType.forEach(ModelTestCommand::print);
    print("all", all);
    return folder
        ? percent(all) >= least
        : results.getFirst().verdict() != null
            && results.getFirst().verdict().unknown().isEmpty()
            && percent(all) >= least;
  }

  private static void print(String type, long[] sum) {
    System.out.printf(
        "%-24s %7d %8d %7d %9d %9d %9s%n",
        type,
        sum[0],
        sum[1],
        sum[2],
        sum[3],
        sum[4],
        sum[3] == 0 ? "-" : "%.3f".formatted(percent(sum)));
  }

  private static double percent(long[] sum) {
    return sum[3] == 0 ? 0 : 100.0 * sum[4] / sum[3];
  }
}

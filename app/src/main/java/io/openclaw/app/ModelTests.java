package io.openclaw.app;

import io.openclaw.domain.Json;
import io.openclaw.domain.Rating;
import io.openclaw.rating.Attempt;
import io.openclaw.rating.Checked;
import io.openclaw.rating.CsvTable;
import io.openclaw.rating.ExpectedRows;
import io.openclaw.rating.RatingModel;
import io.openclaw.yaml.ConfigException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletionException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Models' files with tables of inputs and of expected results: found, rated and compared. */
final class ModelTests {
  /** Of one table. */
  private static final long TABLE_BYTES_MAX = 512L << 20;

  /** Where a PMML file says of which type its model is. */
  private static final int HEAD_LENGTH_MAX = 1 << 20;

  private static final Pattern PMML_TYPE = Pattern.compile("<(?:\\w+:)?(\\w+)\\s[^>]*functionName");

  /** A model with its tables. */
  record Case(Path model, Path samples, Path expected) {}

  /**
   * How a case ended.
   *
   * @param type the model's kind; of PMML, its element
   * @param refusal why it did not load; null where it did
   * @param verdict null where it did not load
   */
  record Result(
      Case test, String type, @Nullable String refusal, ExpectedRows.@Nullable Verdict verdict) {
    String word() {
      return verdict == null ? "refused" : verdict.isRight() ? "right" : "WRONG";
    }
  }

  private final ModelKinds kinds = new ModelKinds();
  private final double absolute;
  private final double relative;
  private final int shown;

  ModelTests(double absolute, double relative, int shown) {
    this.absolute = absolute;
    this.relative = relative;
    this.shown = shown;
  }

  /**
   * Every case below a folder, by name. A model NAME has its tables beside it as NAME.csv or
   * NAME.samples.csv, and NAME.expected.csv; or, in a folder {@code csv} beside its own, the
   * expected results as NAME.csv and the inputs as the longest other file whose name NAME ends
   * with.
   */
  static List<Case> find(Path folder) throws IOException {
    List<Path> files;
    try (Stream<Path> all = Files.walk(folder)) {
      files = all.filter(Files::isRegularFile).sorted().toList();
    }
    List<Case> cases = new ArrayList<>();
    for (Path file : files) {
      String name = file.getFileName().toString();
      if (name.toLowerCase(Locale.ROOT).matches(".*\\.(pmml|xml|onnx|wasm|json)")) {
        Case found = of(file, name.substring(0, name.lastIndexOf('.')));
        if (found != null) {
          cases.add(found);
        }
      }
    }
    return cases;
  }

  private static @Nullable Case of(Path model, String name) throws IOException {
    Path expected = model.resolveSibling(name + ".expected.csv");
    for (String inputs : List.of(".samples.csv", ".csv")) {
      Path beside = model.resolveSibling(name + inputs);
      if (Files.exists(beside) && Files.exists(expected)) {
        return new Case(model, beside, expected);
      }
    }
    Path parent = model.toAbsolutePath().getParent();
    Path tables = parent == null ? model : parent.resolveSibling("csv");
    expected = tables.resolve(name + ".csv");
    if (!Files.exists(expected)) {
      return null;
    }
    for (int from = 1; from < name.length(); from++) {
      Path samples = tables.resolve(name.substring(from) + ".csv");
      if (Files.exists(samples)) {
        return new Case(model, samples, expected);
      }
    }
    return null;
  }

  /** Loads the model, rates every row and compares. */
  Result run(Case test, @Nullable String kind) throws IOException, ConfigException {
    ModelFile file = ModelFile.read(test.model, kind);
    String type = typeOf(file);
    RatingModel model;
    try {
      model = file.load(kinds);
    } catch (IOException e) {
      return new Result(test, type, String.valueOf(e.getMessage()), null);
    }
    ExpectedRows judge =
        new ExpectedRows(model.schema(), input -> rate(model, input), absolute, relative, shown);
    try {
      return new Result(test, type, null, judge.judge(table(test.samples), table(test.expected)));
    } catch (IllegalArgumentException e) {
      throw new ConfigException(List.of(test.expected + ": " + e.getMessage()));
    }
  }

  private static String typeOf(ModelFile file) {
    if (!file.kind().equals("pmml")) {
      return file.kind();
    }
    int length = Math.min(file.bytes().length, HEAD_LENGTH_MAX);
    Matcher type = PMML_TYPE.matcher(new String(file.bytes(), 0, length, StandardCharsets.UTF_8));
    return type.find() ? type.group(1) : "pmml";
  }

  private static @Nullable Rating rate(RatingModel model, Json.Obj input) {
    if (!(model.check(input) instanceof Checked.Ready ready)) {
      return null;
    }
    try {
      return ready.rate(Attempt.ONCE).toCompletableFuture().join();
    } catch (CompletionException e) {
      return null; // the model failed on this row: no answer
    }
  }

  private static CsvTable table(Path path) throws IOException, ConfigException {
    if (Files.size(path) > TABLE_BYTES_MAX) {
      throw new IOException(path + " is larger than " + TABLE_BYTES_MAX + " bytes");
    }
    try {
      return CsvTable.read(Files.readString(path));
    } catch (IllegalArgumentException e) {
      throw new ConfigException(List.of(path + ": " + e.getMessage()));
    }
  }
}

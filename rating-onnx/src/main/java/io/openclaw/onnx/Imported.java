package io.openclaw.onnx;

import io.openclaw.rating.ModelException;
import io.openclaw.rating.ModelTrapException;
import io.openclaw.rating.TreeEnsemble;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A tree ensemble or linear model of ONNX that this program computes, faster than ONNX Runtime and
 * with the same floats: the graph is one such node, after which classes may be zipped to a map.
 * Source: the operators of ai.onnx.ml. Immutable and thread-safe.
 */
final class Imported implements Evaluator, Evaluator.Run {
  /** Trees gone down in one run: more take too long for an event loop. */
  private static final long DESCENTS_MAX = 5_000;

  private final @Nullable TreeEnsemble trees;
  private final double[] coefficients;
  private final double base;
  private final boolean logistic;
  private final String output;

  private Imported(
      @Nullable TreeEnsemble trees,
      double[] coefficients,
      double base,
      boolean logistic,
      String output) {
    this.trees = trees;
    this.coefficients = coefficients;
    this.base = base;
    this.logistic = logistic;
    this.output = output;
  }

  /**
   * The evaluator of a graph; null where the graph is anything else.
   *
   * @throws ModelException where it is such a graph and wrong
   */
  static @Nullable Imported of(OnnxFile file, OnnxSettings settings, Columns columns)
      throws ModelException {
    if (file.nodes().isEmpty()
        || file.nodes().size() > 2
        || columns.bindings().size() != 1
        || !settings.outputs().isEmpty()) {
      return null;
    }
    OnnxFile.Node node = file.nodes().getFirst();
    Columns.Binding binding = columns.bindings().getFirst();
    if (!node.domain().equals("ai.onnx.ml")
        || !node.inputs().equals(List.of(binding.input()))
        || binding.element() != OnnxFile.FLOAT
        || columns.columns().stream().anyMatch(Columns.Column::text)) {
      return null;
    }
    Imported made =
        switch (node.operator()) {
          case "TreeEnsembleRegressor" -> regressor(file, settings, node, binding.width());
          case "TreeEnsembleClassifier" -> classifier(file, settings, node, binding.width());
          case "LinearRegressor" -> linear(file, settings, node, binding.width());
          default -> null;
        };
    return made == null
            || (made.trees != null
                && made.trees.trees() * (1L + settings.factors().size()) > DESCENTS_MAX)
        ? null
        : made;
  }

  private static @Nullable Imported regressor(
      OnnxFile file, OnnxSettings settings, OnnxFile.Node node, int width) throws ModelException {
    Attributes said = Attributes.of(node.message());
    String transform = said.text("post_transform", "NONE");
    double[] bases = said.floats("base_values");
    if (file.nodes().size() != 1
        || !isFirst(node, settings)
        || said.integer("n_targets", 1) != 1
        || !said.text("aggregate_function", "SUM").equals("SUM")
        || !(transform.equals("NONE") || transform.equals("LOGISTIC"))
        || bases.length > 1
        || hasTensors(said)) {
      return null;
    }
    return new Imported(
        Trees.read(said, "target", 0, width),
        new double[0],
        bases.length == 0 ? 0 : bases[0],
        transform.equals("LOGISTIC"),
        settings.rating().output());
  }

  private static boolean isFirst(OnnxFile.Node node, OnnxSettings settings) {
    return !node.outputs().isEmpty()
        && node.outputs().getFirst().equals(settings.rating().output())
        && settings.rating().index() == 0
        && settings.rating().key() == null;
  }

  /** Trees in doubles are left to ONNX Runtime. */
  private static boolean hasTensors(Attributes said) {
    return said.has("nodes_values_as_tensor") || said.has("base_values_as_tensor");
  }

  /**
   * Only where each class has weights of its own: with one score for two, ONNX has special rules.
   */
  private static @Nullable Imported classifier(
      OnnxFile file, OnnxSettings settings, OnnxFile.Node node, int width) throws ModelException {
    Attributes said = Attributes.of(node.message());
    List<String> labels = labels(said);
    int index = index(file, settings, node, labels);
    double[] bases = said.floats("base_values");
    long classes = java.util.Arrays.stream(said.integers("class_ids")).distinct().count();
    if (index < 0
        || index >= labels.size()
        || !said.text("post_transform", "NONE").equals("NONE")
        || classes < 2
        || classes != labels.size()
        || !(bases.length == 0 || bases.length == labels.size())
        || hasTensors(said)) {
      return null;
    }
    return new Imported(
        Trees.read(said, "class", index, width),
        new double[0],
        bases.length == 0 ? 0 : bases[index],
        false,
        settings.rating().output());
  }

  private static List<String> labels(Attributes said) {
    List<String> labels = new ArrayList<>(said.texts("classlabels_strings"));
    for (long label : said.integers("classlabels_int64s")) {
      labels.add(Long.toString(label));
    }
    return labels;
  }

  /** Which class's weights are the rating; -1 where the graph says something else. */
  private static int index(
      OnnxFile file, OnnxSettings settings, OnnxFile.Node node, List<String> labels) {
    if (node.outputs().size() != 2) {
      return -1;
    }
    String scores = node.outputs().get(1);
    OnnxSettings.Output rating = settings.rating();
    if (file.nodes().size() == 1) {
      return scores.equals(rating.output()) && rating.key() == null ? rating.index() : -1;
    }
    OnnxFile.Node zip = file.nodes().get(1);
    boolean zips =
        zip.operator().equals("ZipMap")
            && zip.inputs().equals(List.of(scores))
            && zip.outputs().equals(List.of(rating.output()));
    return zips
        ? labels.indexOf(rating.key() == null ? Integer.toString(rating.index()) : rating.key())
        : -1;
  }

  private static @Nullable Imported linear(
      OnnxFile file, OnnxSettings settings, OnnxFile.Node node, int width) throws ModelException {
    Attributes said = Attributes.of(node.message());
    double[] coefficients = said.floats("coefficients");
    double[] intercepts = said.floats("intercepts");
    if (file.nodes().size() != 1
        || !isFirst(node, settings)
        || said.integer("targets", 1) != 1
        || !said.text("post_transform", "NONE").equals("NONE")
        || coefficients.length != width
        || intercepts.length > 1) {
      return null;
    }
    return new Imported(
        null,
        coefficients,
        intercepts.length == 0 ? 0 : intercepts[0],
        false,
        settings.rating().output());
  }

  @Override
  public Run begin() {
    return this;
  }

  @Override
  public boolean isShort() {
    return true;
  }

  @Override
  public Answer compute(Columns.Row[] rows) throws ModelTrapException {
    double[] values = new double[rows.length];
    for (int i = 0; i < rows.length; i++) {
      values[i] = value(rows[i].numbers());
      if (Double.isNaN(values[i]) || Double.isInfinite(values[i])) {
        throw new ModelTrapException(
            "onnx: the output "
                + output
                + (Double.isNaN(values[i]) ? " is not a number" : " is infinite"));
      }
    }
    return new Answer(values, Map.of());
  }

  /** As floats, which is what the graph says its input is. */
  private double value(double[] row) {
    double[] x = new double[row.length];
    for (int i = 0; i < x.length; i++) {
      x[i] = (float) row[i];
    }
    TreeEnsemble ensemble = trees;
    float sum =
        ensemble == null
            ? (float) IntStream.range(0, x.length).mapToDouble(i -> coefficients[i] * x[i]).sum()
            : ensemble.floatSum(0, x);
    float value = sum + (float) base;
    return logistic ? (float) (1 / (1 + Math.exp(-value))) : value;
  }

  @Override
  public void stop() {}

  @Override
  public void close() {}
}

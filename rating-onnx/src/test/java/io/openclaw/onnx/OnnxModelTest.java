package io.openclaw.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.openclaw.domain.Decimal;
import io.openclaw.domain.Json;
import io.openclaw.domain.Rating;
import io.openclaw.domain.Reason;
import io.openclaw.rating.ModelException;
import io.openclaw.rating.ModelSource;
import io.openclaw.rating.ModelTrapException;
import io.openclaw.rating.Ratings;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OnnxModelTest {
  /** Loads without a process of its own, to be quick; others test that. */
  private static final OnnxKind NATIVE = new OnnxKind(passing(), false);

  private static final OnnxKind OWN = new OnnxKind(passing(), true);

  private static Staging passing() {
    return new Staging(List.of("/bin/sh", "-c", "cat >/dev/null; echo staged"), 30_000);
  }

  private static double rate(OnnxModel model, Json.Obj input) {
    return Double.parseDouble(Ratings.rate(model, input).value().toString());
  }

  private static String refusal(byte[] file) {
    try {
      var _ = Models.load(NATIVE, file);
    } catch (ModelException e) {
      return String.valueOf(e.getMessage());
    }
    throw new AssertionError("loaded");
  }

  @Test
  void a_logistic_model_rates_on_its_scale_with_reasons_that_gain_points() throws Exception {
    OnnxModel model = Models.load(NATIVE, Models.with(Models.logistic(), Models.LOGISTIC));
    Rating rating =
        Ratings.rate(
            model, Ratings.object("{'age': 30, 'amount': 2000, 'purpose': 'tv', 'rate': 4}"));
    double z = 0.04 * 30 - 0.002 * 2000 - 0.5 * 4 - 0.6;
    assertThat(rating.value())
        .isEqualTo(Decimal.of("" + Math.max(300, Math.round(600 + 57.7 * z))));
    Rating other =
        Ratings.rate(model, Ratings.object("{'age': 40, 'amount': 500, 'purpose': 'tv'}"));
    // 1.6 - 1 - 1 - 0.6 = -1; with age 60: +0.8; as a car: +0.8; with a rate of 1: +0.5
    assertThat(other.value()).isEqualTo(Decimal.of("542"));
    assertThat(other.reasons()).extracting(Reason::code).containsExactly("A1", "A3");
    assertThat(other.reasons()).extracting(Reason::points).containsOnly(Decimal.of("46"));
    assertThat(model.isInline()).isTrue();
    assertThat(model.isImported()).isFalse();
  }

  @Test
  void our_trees_and_onnx_runtime_agree_on_random_rows() throws Exception {
    SplittableRandom random = new SplittableRandom(5);
    byte[] file =
        Models.with(Models.regressor(random, 100, 4, 10), Models.matrix(10, "{'output': 'y'}"));
    agree(random, file, 10);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "false {'output': 'scores', 'index': 2}",
        "true {'output': 'maps', 'key': 'fair'}"
      })
  void our_classifier_and_onnx_runtime_agree_on_random_rows(String of) throws Exception {
    SplittableRandom random = new SplittableRandom(7);
    boolean zipped = of.startsWith("true");
    byte[] file =
        Models.with(
            Models.classifier(random, 20, 3, 6, zipped),
            Models.matrix(6, of.substring(of.indexOf('{'))));
    agree(random, file, 6);
  }

  @Test
  void our_linear_model_and_onnx_runtime_agree_on_random_rows() throws Exception {
    byte[] graph =
        new Graph()
            .node(
                "LinearRegressor",
                "ai.onnx.ml",
                List.of("x"),
                List.of("y"),
                Map.of(
                    "coefficients", new float[] {1.5f, -2, 0.25f}, "intercepts", new float[] {3}))
            .input("x", OnnxFile.FLOAT, -1, 3)
            .output("y", OnnxFile.FLOAT, -1, 1)
            .file();
    String settings =
        Models.matrix(3, "{'output': 'y'}").replace("{'field'", "{'missing': 0, 'field'");
    agree(new SplittableRandom(9), Models.with(graph, settings), 3);
  }

  private static void agree(SplittableRandom random, byte[] file, int width) throws Exception {
    OnnxModel own = Models.load(OWN, file);
    OnnxModel theirs = Models.load(NATIVE, file);
    assertThat(own.isImported()).isTrue();
    assertThat(theirs.isImported()).isFalse();
    double sum = 0;
    for (int i = 0; i < 1_000; i++) {
      Json.Obj row = Models.row(random, width);
      double expected = rate(theirs, row);
      sum += Math.abs(expected);
      double off = 1e-6 * Math.max(1, Math.abs(expected)) + 1e-12;
      assertThat(rate(own, row)).as("row " + i).isBetween(expected - off, expected + off);
    }
    assertThat(sum).isPositive();
  }

  @Test
  void a_planted_difference_in_a_tree_is_seen() throws Exception {
    byte[] graph = Models.regressor(new SplittableRandom(5), 10, 3, 4);
    byte[] other = Models.regressor(new SplittableRandom(6), 10, 3, 4);
    OnnxModel own = Models.load(OWN, Models.with(graph, Models.matrix(4, "{'output': 'y'}")));
    OnnxModel theirs = Models.load(NATIVE, Models.with(other, Models.matrix(4, "{'output': 'y'}")));
    SplittableRandom random = new SplittableRandom(1);
    double worst = 0;
    for (int i = 0; i < 100; i++) {
      Json.Obj row = Models.row(random, 4);
      worst = Math.max(worst, Math.abs(rate(own, row) - rate(theirs, row)));
    }
    assertThat(worst).isGreaterThan(1e-3);
  }

  @Test
  void inputs_by_name_may_be_numbers_texts_and_booleans_and_outputs_texts() throws Exception {
    byte[] graph =
        new Graph()
            .node("Cast", "", List.of("n"), List.of("nf"), Map.of("to", 1L))
            .node("Cast", "", List.of("b"), List.of("bf"), Map.of("to", 1L))
            .node("Cast", "", List.of("d"), List.of("df"), Map.of("to", 1L))
            .node("Sum", List.of("x", "nf", "bf", "df"), List.of("y"))
            .node("Identity", List.of("s"), List.of("t"))
            .input("x", OnnxFile.FLOAT, -1, 1)
            .input("n", OnnxFile.INT64, -1, 1)
            .input("b", OnnxFile.BOOL, -1, 1)
            .input("d", OnnxFile.DOUBLE, -1, 1)
            .input("s", OnnxFile.STRING, -1, 1)
            .output("y", OnnxFile.FLOAT, -1, 1)
            .output("t", OnnxFile.STRING, -1, 1)
            .file();
    OnnxModel model =
        Models.load(
            NATIVE,
            Models.with(
                graph,
                """
                {'kind': 'onnx', 'inputs': {'x': {'type': 'number'}, 'n': {'type': 'integer'},
                 'b': {'type': 'boolean'}, 'd': {'type': 'number'}, 's': {'type': 'string'}},
                 'rating': {'output': 'y'}, 'outputs': {'text': {'output': 't'}, 'sum': {'output': 'y'}},
                 'reasons': {'factors': [{'code': 'B', 'text': 'not b', 'baseline': {'b': true}}]}}
                """));
    Rating rating =
        Ratings.rate(model, Ratings.object("{'x': 1.5, 'n': 2, 'b': false, 'd': 4, 's': 'hé'}"));
    assertThat(rating.value()).isEqualTo(Decimal.of("7.5"));
    assertThat(rating.outputs()).isEqualTo(Ratings.object("{'text': 'hé', 'sum': 7.5}"));
    assertThat(rating.reasons()).containsExactly(new Reason("B", "not b", Decimal.of("1")));
  }

  @Test
  void a_graph_of_one_row_at_a_time_has_reasons_too() throws Exception {
    byte[] graph =
        new Graph()
            .node("Neg", List.of("x"), List.of("y"))
            .input("x", OnnxFile.DOUBLE, 1, 1)
            .output("y", OnnxFile.DOUBLE, 1, 1)
            .file();
    OnnxModel model =
        Models.load(
            NATIVE,
            Models.with(
                graph,
                "{'kind':'onnx','inputs':{'x':{'type':'number'}},'rating':{'output':'y'},"
                    + "'reasons':{'factors':[{'code':'X','text':'x','baseline':{'x':1}}]}}"));
    Rating rating = Ratings.rate(model, Ratings.object("{'x': 3}"));
    assertThat(rating.value()).isEqualTo(Decimal.of("-3"));
    assertThat(rating.reasons()).containsExactly(new Reason("X", "x", Decimal.of("2")));
  }

  @Test
  void an_output_that_is_no_number_traps_and_costs_only_its_own_request() throws Exception {
    byte[] graph =
        new Graph()
            .node("Log", List.of("x"), List.of("y"))
            .input("x", OnnxFile.FLOAT, -1, 1)
            .output("y", OnnxFile.FLOAT, -1, 1)
            .file();
    OnnxModel model =
        Models.load(
            NATIVE,
            Models.with(
                graph, "{'kind':'onnx','inputs':{'x':{'type':'number'}},'rating':{'output':'y'}}"));
    assertThatThrownBy(() -> Ratings.rate(model, Ratings.object("{'x': -1}")))
        .isInstanceOf(CompletionException.class)
        .hasCauseInstanceOf(ModelTrapException.class)
        .hasMessageContaining("the output y is not a number");
    assertThatThrownBy(() -> Ratings.rate(model, Ratings.object("{'x': 0}")))
        .hasMessageContaining("is infinite");
    assertThat(rate(model, Ratings.object("{'x': 1}"))).isZero();
  }

  @Test
  void an_output_of_another_shape_is_refused() {
    byte[] graph =
        new Graph()
            .node("ReduceSum", "", List.of("x"), List.of("y"), Map.of("keepdims", 0L))
            .input("x", OnnxFile.FLOAT, -1, 1)
            .output("y", OnnxFile.FLOAT)
            .file();
    String settings =
        "{'kind':'onnx','inputs':{'x':{'type':'number'}},'rating':{'output':'y'},"
            + "'reasons':{'factors':[{'code':'X','text':'x','baseline':{'x':1}}]}}";
    OnnxModel model;
    try {
      model = Models.load(NATIVE, Models.with(graph, settings));
    } catch (ModelException e) {
      assertThat(e).hasMessageContaining("output y");
      return;
    }
    assertThatThrownBy(() -> Ratings.rate(model, Ratings.object("{'x': 1}")))
        .hasMessageContaining("the output y has 1 values (expected: as many for each of 2 rows)");
  }

  @Test
  void what_needs_other_files_or_libraries_is_refused_by_name() {
    byte[] custom =
        new Graph()
            .node("Mine", "org.example", List.of("x"), List.of("y"), Map.of())
            .node("EPContext", "com.microsoft", List.of("y"), List.of("z"), Map.of())
            .node("RandomNormal", List.of(), List.of("r"))
            .input("x", OnnxFile.FLOAT, -1, 1)
            .output("y", OnnxFile.FLOAT, -1, 1)
            .file();
    assertThatThrownBy(() -> OnnxFile.read(custom))
        .hasMessageContaining("operators of the domain org.example (expected: ai.onnx, ")
        .hasMessageContaining("the operator EPContext")
        .hasMessageContaining("the operator RandomNormal");
    Graph outside = new Graph().input("x", OnnxFile.FLOAT, -1, 1);
    outside.message().message(5, new Proto().text(8, "w").number(14, 1));
    assertThatThrownBy(() -> OnnxFile.read(outside.file()))
        .hasMessageContaining("data in another file");
    Graph nested = new Graph().input("x", OnnxFile.FLOAT, -1, 1);
    Graph inner = new Graph().node("Mine", "org.example", List.of(), List.of("y"), Map.of());
    nested.node("If", "", List.of("x"), List.of("y"), Map.of("then_branch", inner.message()));
    assertThatThrownBy(() -> OnnxFile.read(nested.file())).hasMessageContaining("org.example");
  }

  @Test
  void settings_that_do_not_fit_the_graph_are_refused_with_what_would() {
    assertThatThrownBy(
            () ->
                OnnxSettings.embed(
                    Models.logistic(),
                    Ratings.bytes(
                        "{'kind':'onnx','inputs':{'x':{'type':'number'}},'features':[{'field':'x'}],"
                            + "'rating':{'output':'q'}}")))
        .hasMessageContaining(
            "the graph's input x: float [N, 4] (expected: floats or doubles [N, 1]")
        .hasMessageContaining("/rating/output: q (expected: one of p)");
    assertThat(refusal(Models.logistic())).contains("metadata openclaw: absent");
  }

  @Test
  void an_input_without_dimensions_is_refused() {
    byte[] graph =
        new Graph()
            .node("Identity", List.of("x"), List.of("y"))
            .input("x", OnnxFile.FLOAT)
            .output("y", OnnxFile.FLOAT)
            .file();
    for (String features : List.of("", "'features':[{'field':'x'}],")) {
      String settings =
          "{'kind':'onnx','inputs':{'x':{'type':'number'}},"
              + features
              + "'rating':{'output':'y'}}";
      assertThatThrownBy(() -> OnnxSettings.embed(graph, Ratings.bytes(settings)))
          .isInstanceOf(ModelException.class)
          .hasMessageContaining("the graph's input x: float []");
    }
  }

  @Test
  void settings_are_put_in_the_place_of_those_before() throws Exception {
    byte[] once = Models.with(Models.logistic(), Models.LOGISTIC);
    byte[] twice = Models.with(once, Models.LOGISTIC);
    assertThat(twice).isEqualTo(once);
    assertThat(new OnnxKind().samples(twice)).hasSize(2);
  }

  @Test
  void without_onnx_runtime_trees_are_rated_and_the_rest_is_refused_with_what_to_do()
      throws Exception {
    try (NoRuntime loader = new NoRuntime()) {
      Object kind =
          loader.loadClass("io.openclaw.onnx.OnnxKind").getDeclaredConstructor().newInstance();
      Class<?> source = loader.loadClass("io.openclaw.rating.ModelSource");
      byte[] trees = Files.readAllBytes(Models.EXAMPLES.resolve("trees.onnx"));
      Object model =
          source
              .getConstructor(String.class, String.class, byte[].class)
              .newInstance("m", "v", trees);
      assertThat(kind.getClass().getMethod("load", source).invoke(kind, model)).isNotNull();
      byte[] other = Files.readAllBytes(Models.EXAMPLES.resolve("network.onnx"));
      Object refused =
          source
              .getConstructor(String.class, String.class, byte[].class)
              .newInstance("m", "v", other);
      assertThatThrownBy(() -> kind.getClass().getMethod("load", source).invoke(kind, refused))
          .rootCause()
          .hasMessageContaining("no ONNX Runtime (expected: the library onnxruntime-1.29.0.jar");
    }
  }

  /** The program's classes without the library. */
  private static final class NoRuntime extends java.net.URLClassLoader {
    NoRuntime() throws java.io.IOException {
      super(urls(), ClassLoader.getPlatformClassLoader());
    }

    private static java.net.URL[] urls() throws java.io.IOException {
      List<java.net.URL> urls = new java.util.ArrayList<>();
      for (String entry :
          System.getProperty("java.class.path").split(java.io.File.pathSeparator, -1)) {
        if (!entry.contains("onnxruntime")) {
          urls.add(Path.of(entry).toUri().toURL());
        }
      }
      return urls.toArray(new java.net.URL[0]);
    }
  }

  @Test
  void the_examples_are_what_their_writer_writes(@org.junit.jupiter.api.io.TempDir Path folder)
      throws Exception {
    Models.main(new String[] {folder.toString()});
    long bytes = 0;
    for (String name : List.of("logistic.onnx", "network.onnx", "trees.onnx")) {
      assertThat(folder.resolve(name)).hasSameBinaryContentAs(Models.EXAMPLES.resolve(name));
      bytes += Files.size(folder.resolve(name));
      assertThat(
              new OnnxKind()
                  .load(new ModelSource("m", "v", Files.readAllBytes(folder.resolve(name)))))
          .isNotNull();
    }
    assertThat(bytes).isLessThan(300_000);
  }

  @Test
  void a_file_that_is_cut_off_is_refused_with_its_byte() {
    byte[] file = Models.with(Models.logistic(), Models.LOGISTIC);
    for (int length = 1; length < file.length; length += 7) {
      byte[] cut = java.util.Arrays.copyOf(file, length);
      assertThatThrownBy(() -> new OnnxKind().samples(cut)).isInstanceOf(ModelException.class);
    }
    assertThat(refusal("no model".getBytes(StandardCharsets.UTF_8))).contains("byte ");
  }

  @Test
  void the_settings_of_the_manual_can_be_read() throws Exception {
    String manual = Files.readString(Path.of("..", "docs", "models-onnx.md"));
    int from = manual.indexOf("```json") + 7;
    byte[] json =
        manual.substring(from, manual.indexOf("```", from)).getBytes(StandardCharsets.UTF_8);
    OnnxSettings settings = OnnxSettings.read(json);
    assertThat(settings.features()).hasSize(3);
    assertThat(settings.factors()).hasSize(1);
    assertThat(settings.schema().violations(settings.samples().getFirst())).isEmpty();
  }
}

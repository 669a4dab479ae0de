package io.openclaw.onnx;

import io.openclaw.domain.Json;
import io.openclaw.rating.ModelException;
import io.openclaw.rating.ModelSource;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;

/** The models of the tests and of examples/onnx, made of seeded random numbers. */
final class Models {
  static final Path EXAMPLES = Path.of("..", "examples", "onnx");

  private Models() {}

  /** A file with settings; single quotes are double ones. */
  static byte[] with(byte[] file, String settings) {
    try {
      return OnnxSettings.embed(file, settings.replace('\'', '"').getBytes(StandardCharsets.UTF_8));
    } catch (ModelException e) {
      throw new IllegalArgumentException(e);
    }
  }

  /** JSON with single quotes. */
  static byte[] json(String settings) {
    return settings.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
  }

  static OnnxModel load(OnnxKind kind, byte[] file) throws ModelException {
    return (OnnxModel) kind.load(new ModelSource("m", "v7", file));
  }

  /** Logistic regression of three columns: Gemm and Sigmoid. */
  static byte[] logistic() {
    return new Graph()
        .node("Gemm", List.of("x", "w", "b"), List.of("z"))
        .node("Sigmoid", List.of("z"), List.of("p"))
        .weights("w", new long[] {4, 1}, 0.04f, -0.002f, 0.8f, -0.5f)
        .weights("b", new long[] {1}, -0.6f)
        .input("x", OnnxFile.FLOAT, -1, 4)
        .output("p", OnnxFile.FLOAT, -1, 1)
        .file();
  }

  static final String LOGISTIC =
      """
      {'kind': 'onnx', 'name': 'logistic', 'description': 'The odds that a credit is paid back',
       'inputs': {'age': {'type': 'integer', 'min': 18, 'max': 120},
        'amount': {'type': 'number', 'min': 0, 'max': 100000},
        'purpose': {'type': 'string', 'values': ['car', 'tv', 'other']},
        'rate': {'type': 'number', 'required': false}},
       'features': [{'field': 'age'}, {'field': 'amount'}, {'field': 'purpose', 'equals': 'car'},
        {'field': 'rate', 'missing': 2}],
       'rating': {'output': 'p'},
       'scale': {'of': 'log-odds', 'factor': 57.7, 'offset': 600, 'min': 300, 'max': 850, 'digits': 0},
       'reasons': {'limit': 2, 'factors': [
        {'code': 'A1', 'text': 'Young', 'baseline': {'age': 60}},
        {'code': 'A2', 'text': 'High amount', 'baseline': {'amount': 500}},
        {'code': 'A3', 'text': 'Another purpose', 'baseline': {'purpose': 'car'}},
        {'code': 'A4', 'text': 'High rate', 'baseline': {'rate': 1}}]},
       'samples': [{'age': 30, 'amount': 2000, 'purpose': 'tv', 'rate': 4},
        {'age': 60, 'amount': 500, 'purpose': 'car'}]}
      """;

  /** A network of layers of these widths, with Relu between and Sigmoid after. */
  static byte[] network(RandomGenerator random, int... widths) {
    Graph graph = new Graph().input("x", OnnxFile.FLOAT, -1, widths[0]);
    String last = "x";
    for (int i = 1; i < widths.length; i++) {
      float[] weights = new float[widths[i - 1] * widths[i]];
      for (int w = 0; w < weights.length; w++) {
        weights[w] = (float) (random.nextGaussian() / Math.sqrt(widths[i - 1]));
      }
      graph
          .weights("w" + i, new long[] {widths[i - 1], widths[i]}, weights)
          .weights("b" + i, new long[] {widths[i]}, new float[widths[i]])
          .node("Gemm", List.of(last, "w" + i, "b" + i), List.of("z" + i))
          .node(i == widths.length - 1 ? "Sigmoid" : "Relu", List.of("z" + i), List.of("a" + i));
      last = "a" + i;
    }
    return graph.output(last, OnnxFile.FLOAT, -1, widths[widths.length - 1]).file();
  }

  /**
   * Trees of this depth over features -3 to 3, with the same modes and missing values as learners.
   */
  static Map<String, Object> trees(
      RandomGenerator random, int trees, int depth, int width, String leaf, int classes) {
    int perTree = (1 << depth + 1) - 1;
    int inner = (1 << depth) - 1;
    int size = trees * perTree;
    String[] modes = {
      "BRANCH_LEQ", "BRANCH_LT", "BRANCH_GTE", "BRANCH_GT", "BRANCH_EQ", "BRANCH_NEQ"
    };
    long[] treeIds = new long[size];
    long[] nodeIds = new long[size];
    long[] features = new long[size];
    float[] values = new float[size];
    String[] mode = new String[size];
    long[] yes = new long[size];
    long[] no = new long[size];
    long[] tracks = new long[size];
    int leaves = trees * (1 << depth) * classes;
    long[] leafTrees = new long[leaves];
    long[] leafNodes = new long[leaves];
    long[] leafIds = new long[leaves];
    float[] weights = new float[leaves];
    int at = 0;
    for (int i = 0; i < size; i++) {
      int node = i % perTree;
      treeIds[i] = i / perTree;
      nodeIds[i] = node;
      boolean isLeaf = node >= inner;
      mode[i] = isLeaf ? "LEAF" : modes[random.nextInt(10) > 0 ? 0 : random.nextInt(6)];
      features[i] = isLeaf ? 0 : random.nextInt(width);
      values[i] = isLeaf ? 0 : Math.round(random.nextGaussian() * 100) / 100f;
      yes[i] = isLeaf ? 0 : 2L * node + 1;
      no[i] = isLeaf ? 0 : 2L * node + 2;
      tracks[i] = random.nextInt(2);
      for (int c = 0; isLeaf && c < classes; c++) {
        leafTrees[at] = treeIds[i];
        leafNodes[at] = node;
        leafIds[at] = c;
        weights[at++] = (float) (random.nextGaussian() / trees);
      }
    }
    Map<String, Object> said = new LinkedHashMap<>();
    said.put("nodes_treeids", treeIds);
    said.put("nodes_nodeids", nodeIds);
    said.put("nodes_featureids", features);
    said.put("nodes_values", values);
    said.put("nodes_modes", mode);
    said.put("nodes_truenodeids", yes);
    said.put("nodes_falsenodeids", no);
    said.put("nodes_missing_value_tracks_true", tracks);
    said.put(leaf + "_treeids", leafTrees);
    said.put(leaf + "_nodeids", leafNodes);
    said.put(leaf + "_ids", leafIds);
    said.put(leaf + "_weights", weights);
    return said;
  }

  static byte[] regressor(RandomGenerator random, int trees, int depth, int width) {
    Map<String, Object> said = trees(random, trees, depth, width, "target", 1);
    said.put("n_targets", 1L);
    said.put("base_values", new float[] {0.25f});
    return new Graph()
        .node("TreeEnsembleRegressor", "ai.onnx.ml", List.of("x"), List.of("y"), said)
        .input("x", OnnxFile.FLOAT, -1, width)
        .output("y", OnnxFile.FLOAT, -1, 1)
        .file();
  }

  /** A classifier of three classes, its scores zipped to maps where {@code zipped}. */
  static byte[] classifier(
      RandomGenerator random, int trees, int depth, int width, boolean zipped) {
    String[] labels = {"bad", "fair", "good"};
    Map<String, Object> said = trees(random, trees, depth, width, "class", labels.length);
    said.put("classlabels_strings", labels);
    said.put("post_transform", "NONE");
    Graph graph =
        new Graph()
            .node(
                "TreeEnsembleClassifier",
                "ai.onnx.ml",
                List.of("x"),
                List.of("label", "scores"),
                said)
            .input("x", OnnxFile.FLOAT, -1, width)
            .output("label", OnnxFile.STRING, -1);
    if (zipped) {
      graph.node(
          "ZipMap",
          "ai.onnx.ml",
          List.of("scores"),
          List.of("maps"),
          Map.of("classlabels_strings", labels));
      return graph.maps("maps", OnnxFile.STRING).file();
    }
    return graph.output("scores", OnnxFile.FLOAT, -1, labels.length).file();
  }

  /** Settings for a matrix of fields x0, x1, ... that may be absent. */
  static String matrix(int width, String rating) {
    List<String> inputs = new ArrayList<>();
    List<String> features = new ArrayList<>();
    for (int i = 0; i < width; i++) {
      inputs.add("'x%d': {'type': 'number', 'required': false}".formatted(i));
      features.add("{'field': 'x%d'}".formatted(i));
    }
    return "{'kind': 'onnx', 'inputs': {%s},\n 'features': [%s],\n 'rating': %s}"
        .formatted(String.join(", ", inputs), String.join(", ", features), rating);
  }

  /** Half as many fields present as there are, now and then none. */
  static Json.Obj row(RandomGenerator random, int width) {
    Map<String, Json> members = new LinkedHashMap<>();
    for (int i = 0; i < width; i++) {
      if (random.nextInt(5) > 0) {
        members.put("x" + i, new Json.Num(Math.round(random.nextGaussian() * 100) / 100.0));
      }
    }
    members.putIfAbsent("x0", new Json.Num(0));
    return new Json.Obj(members);
  }

  /** Writes the examples: {@code Models FOLDER}. */
  public static void main(String[] arguments) throws IOException {
    if (arguments.length != 1 || arguments[0].equals("--help")) {
      System.out.println("Models FOLDER: writes the files of examples/onnx, the same each time");
      return;
    }
    Path folder = Path.of(arguments[0]);
    Files.createDirectories(folder);
    Files.write(folder.resolve("logistic.onnx"), with(logistic(), LOGISTIC));
    RandomGenerator random = new java.util.SplittableRandom(29);
    Files.write(
        folder.resolve("network.onnx"),
        with(
            network(random, 18, 32, 16, 1),
            matrix(18, "{'output': 'a3'}").replace("{'field': 'x", "{'missing': 0, 'field': 'x")));
    Files.write(
        folder.resolve("trees.onnx"),
        with(regressor(random, 100, 4, 10), matrix(10, "{'output': 'y'}")));
  }
}

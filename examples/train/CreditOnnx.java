import java.util.ArrayList;
import java.util.List;

/**
 * The boosted trees as ONNX (onnx.proto3, IR version 8): an input per field, each a column; a
 * LabelEncoder for each string, Concat, TreeEnsembleClassifier with a logistic output. Its outputs
 * are {@code label} (bad or good) and {@code probabilities} (of bad, of good). Its metadata say what it takes and how it rates.
 */
class CreditOnnx {
  private static final int FLOAT = 1;
  private static final int STRING = 8;
  private static final String ML = "ai.onnx.ml";

  private final Proto graph = new Proto();
  private final List<Integer> featureIds = new ArrayList<>();
  private final List<Integer> yesIds = new ArrayList<>();
  private final List<Integer> noIds = new ArrayList<>();
  private final List<Integer> nodeIds = new ArrayList<>();
  private final List<Integer> treeIds = new ArrayList<>();
  private final List<String> modes = new ArrayList<>();
  private final List<Float> values = new ArrayList<>();
  private final List<Integer> leafNodeIds = new ArrayList<>();
  private final List<Integer> leafTreeIds = new ArrayList<>();
  private final List<Float> weights = new ArrayList<>();

  private CreditOnnx() {}

  static byte[] trees(Credit credit, Boosted boosted) {
    return new CreditOnnx().model(credit, boosted);
  }

  private byte[] model(Credit credit, Boosted boosted) {
    Proto concat = new Proto();
    for (Credit.Field field : credit.fields) {
      if (field.isString()) {
        List<Float> indexes = new ArrayList<>();
        for (int i = 0; i < field.values().size(); i++) {
          indexes.add((float) i);
        }
        graph.message(
            1,
            new Proto()
                .text(1, field.name())
                .text(2, field.name() + "_index")
                .text(4, "LabelEncoder")
                .message(5, real("default_float", -1))
                .message(5, texts("keys_strings", field.values()))
                .message(5, reals("values_floats", indexes))
                .text(7, ML));
      }
      concat.text(1, field.isString() ? field.name() + "_index" : field.name());
    }
    graph.message(1, concat.text(2, "features").text(4, "Concat").message(5, number("axis", 1)));
    for (int tree = 0; tree < boosted.trees.size(); tree++) {
      flatten(credit, boosted.trees.get(tree), tree, new int[1]);
    }
    graph.message(1, classifier((float) boosted.base));
    graph.text(2, "credit-g");
    for (Credit.Field field : credit.fields) {
      graph.message(11, column(field.name(), field.isString() ? STRING : FLOAT, 1));
    }
    graph.message(12, column("label", STRING, 0)).message(12, column("probabilities", FLOAT, 2));
    return new Proto()
        .number(1, 8)
        .text(2, "examples/train")
        .text(3, "1")
        .message(7, graph)
        .message(8, new Proto().text(1, "").number(2, 13))
        .message(8, new Proto().text(1, ML).number(2, 3))
        .message(14, new Proto().text(1, "openclaw").text(2, CreditJson.onnxSettings(credit)))
        .toBytes();
  }

  /** Adds a node and those below it; its number within the tree, counted in {@code next}. */
  private int flatten(Credit credit, Boosted.Node node, int tree, int[] next) {
    int id = next[0]++;
    int place = nodeIds.size();
    nodeIds.add(id);
    treeIds.add(tree);
    boolean leaf = node.isLeaf();
    featureIds.add(leaf ? 0 : node.field);
    values.add(leaf ? 0 : (float) node.operand);
    modes.add(leaf ? "LEAF" : credit.fields.get(node.field).isString() ? "BRANCH_EQ" : "BRANCH_LT");
    yesIds.add(0);
    noIds.add(0);
    if (leaf) {
      leafNodeIds.add(id);
      leafTreeIds.add(tree);
      weights.add((float) node.leaf);
    } else {
      yesIds.set(place, flatten(credit, node.yes, tree, next));
      noIds.set(place, flatten(credit, node.no, tree, next));
    }
    return id;
  }

  private Proto classifier(float base) {
    List<Integer> none = java.util.Collections.nCopies(nodeIds.size(), 0);
    return new Proto()
        .text(1, "features")
        .text(2, "label")
        .text(2, "probabilities")
        .text(4, "TreeEnsembleClassifier")
        .message(5, reals("base_values", List.of(base)))
        .message(5, numbers("class_ids", java.util.Collections.nCopies(weights.size(), 0)))
        .message(5, numbers("class_nodeids", leafNodeIds))
        .message(5, numbers("class_treeids", leafTreeIds))
        .message(5, reals("class_weights", weights))
        .message(5, texts("classlabels_strings", List.of("bad", "good")))
        .message(5, numbers("nodes_falsenodeids", noIds))
        .message(5, numbers("nodes_featureids", featureIds))
        .message(5, numbers("nodes_missing_value_tracks_true", none))
        .message(5, texts("nodes_modes", modes))
        .message(5, numbers("nodes_nodeids", nodeIds))
        .message(5, numbers("nodes_treeids", treeIds))
        .message(5, numbers("nodes_truenodeids", yesIds))
        .message(5, reals("nodes_values", values))
        .message(5, new Proto().text(1, "post_transform").text(4, "LOGISTIC").number(20, 3))
        .text(7, ML);
  }

  private static Proto real(String name, float value) {
    return new Proto().text(1, name).real(2, value).number(20, 1);
  }

  private static Proto number(String name, long value) {
    return new Proto().text(1, name).number(3, value).number(20, 2);
  }

  private static Proto reals(String name, List<Float> values) {
    Proto attribute = new Proto().text(1, name);
    values.forEach(value -> attribute.real(7, value));
    return attribute.number(20, 6);
  }

  private static Proto numbers(String name, List<Integer> values) {
    Proto attribute = new Proto().text(1, name);
    values.forEach(value -> attribute.number(8, value));
    return attribute.number(20, 7);
  }

  private static Proto texts(String name, List<String> values) {
    Proto attribute = new Proto().text(1, name);
    values.forEach(value -> attribute.text(9, value));
    return attribute.number(20, 8);
  }

  /** A tensor of as many rows as there are; one column more than 0 gives a second dimension. */
  private static Proto column(String name, int type, int columns) {
    Proto shape = new Proto().message(1, new Proto().text(2, "N"));
    if (columns > 0) {
      shape.message(1, new Proto().number(1, columns));
    }
    return new Proto()
        .text(1, name)
        .message(2, new Proto().message(1, new Proto().number(1, type).message(2, shape)));
  }
}

package io.openclaw.onnx;

import java.util.List;
import java.util.Map;

/** Writes small ONNX graphs, for tests and examples. */
final class Graph {
  private final Proto graph = new Proto();

  /** An attribute: a float, a whole number, a text, or a list of such. */
  private static Proto attribute(String name, Object value) {
    Proto attribute = new Proto().text(1, name);
    return switch (value) {
      case Float f -> attribute.float32(2, f).number(20, 1);
      case Long l -> attribute.number(3, l).number(20, 2);
      case String s -> attribute.text(4, s).number(20, 3);
      case float[] f -> attribute.floats(7, f).number(20, 6);
      case long[] l -> attribute.numbers(8, l).number(20, 7);
      case String[] all -> {
        for (String each : all) {
          attribute.text(9, each);
        }
        yield attribute.number(20, 8);
      }
      case Proto subgraph -> attribute.message(6, subgraph).number(20, 5);
      default -> throw new IllegalArgumentException(name);
    };
  }

  Graph node(
      String operator, String domain, List<String> in, List<String> out, Map<String, ?> said) {
    Proto node = new Proto();
    in.forEach(name -> node.text(1, name));
    out.forEach(name -> node.text(2, name));
    node.text(4, operator);
    said.forEach((name, value) -> node.message(5, attribute(name, value)));
    node.text(7, domain);
    graph.message(1, node);
    return this;
  }

  Graph node(String operator, List<String> in, List<String> out) {
    return node(operator, "", in, out, Map.of());
  }

  Graph weights(String name, long[] shape, float... values) {
    graph.message(
        5, new Proto().numbers(1, shape).number(2, OnnxFile.FLOAT).floats(4, values).text(8, name));
    return this;
  }

  Graph integers(String name, long[] shape, long... values) {
    graph.message(
        5,
        new Proto().numbers(1, shape).number(2, OnnxFile.INT64).numbers(7, values).text(8, name));
    return this;
  }

  private static Proto value(String name, int element, long... shape) {
    Proto dimensions = new Proto();
    for (long size : shape) {
      dimensions.message(1, size < 0 ? new Proto().text(2, "N") : new Proto().number(1, size));
    }
    Proto tensor = new Proto().number(1, element).message(2, dimensions);
    return new Proto().text(1, name).message(2, new Proto().message(1, tensor));
  }

  /** An input; a dimension of -1 is open. */
  Graph input(String name, int element, long... shape) {
    graph.message(11, value(name, element, shape));
    return this;
  }

  Graph output(String name, int element, long... shape) {
    graph.message(12, value(name, element, shape));
    return this;
  }

  /** An output that is a list of maps, of whole numbers (7) or texts (8) to floats. */
  Graph maps(String name, int key) {
    Proto map =
        new Proto()
            .number(1, key)
            .message(2, new Proto().message(1, new Proto().number(1, OnnxFile.FLOAT)));
    Proto sequence = new Proto().message(1, new Proto().message(5, map));
    graph.message(12, new Proto().text(1, name).message(2, new Proto().message(4, sequence)));
    return this;
  }

  Proto message() {
    return graph;
  }

  /** The file, without settings. */
  byte[] file() {
    Proto operators = new Proto().text(1, "").number(2, 15);
    Proto learned = new Proto().text(1, "ai.onnx.ml").number(2, 3);
    return new Proto()
        .number(1, 8)
        .text(2, "openclaw")
        .message(7, graph.text(2, "graph"))
        .message(8, operators)
        .message(8, learned)
        .toBytes();
  }
}

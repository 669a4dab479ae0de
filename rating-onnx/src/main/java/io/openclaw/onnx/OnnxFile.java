package io.openclaw.onnx;

import io.openclaw.rating.ModelException;
import io.openclaw.rating.ModelException.Problem;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What this program needs to know of an ONNX file, and what of it is refused: read by a small
 * reader of its own, so that neither needs native code. Source: onnx.proto of ONNX 1.19.
 *
 * @param inputs what the graph takes, without what has an initial value
 * @param outputs what it answers
 * @param nodes the graph's nodes, without those of graphs inside them
 * @param initialized names that have an initial value
 * @param loops whether how long it runs depends on values: it has a Loop, Scan, If or a graph, or
 *     is sized
 * @param sized whether how large its tensors are depends on values
 * @param settings the JSON under {@link #SETTINGS_KEY}; null where there is none
 */
@SuppressWarnings("ArrayRecordComponent") // handed over, never compared
record OnnxFile(
    List<Value> inputs,
    List<Value> outputs,
    List<Node> nodes,
    Set<String> initialized,
    boolean loops,
    boolean sized,
    byte @Nullable [] settings) {
  /** Bytes of a file. */
  static final int BYTES_MAX = 128 * 1024 * 1024;

  /** Nodes of a file, those of graphs inside nodes counted. */
  static final int NODES_MAX = 20_000;

  /** Inputs, and outputs, of the graph. */
  static final int VALUES_MAX = 1_000;

  /** Bytes of a name. */
  static final int NAME_BYTES_MAX = 500;

  /** The key of the file's metadata that holds the settings. */
  static final String SETTINGS_KEY = "openclaw";

  /** Bytes of the settings. */
  static final int SETTINGS_BYTES_MAX = 4 * 1024 * 1024;

  private static final int GRAPH_DEPTH_MAX = 8;

  private static final Set<String> DOMAINS = Set.of("", "ai.onnx", "ai.onnx.ml", "com.microsoft");

  /** Operators that read files or load libraries, and those of which each run may differ. */
  private static final Set<String> REFUSED =
      Set.of(
          "EPContext",
          "SNPE",
          "RandomNormal",
          "RandomNormalLike",
          "RandomUniform",
          "RandomUniformLike",
          "Multinomial",
          "Bernoulli",
          "Sampling");

  private static final Set<String> LOOPS =
      Set.of("Loop", "Scan", "If", "BeamSearch", "GreedySearch", "StringSplit", "RegexFullMatch");

  /** The type of a tensor's elements that this program hands over or takes; ONNX's own number. */
  static final int FLOAT = 1;

  static final int INT32 = 6;
  static final int INT64 = 7;
  static final int STRING = 8;
  static final int BOOL = 9;
  static final int DOUBLE = 11;

  /**
   * An input or output.
   *
   * @param element the tensor's element type; 0 for what is no tensor
   * @param shape its dimensions, -1 for one that is open; null where not said
   */
  @SuppressWarnings("ArrayRecordComponent") // handed over, never compared
  record Value(String name, int element, long @Nullable [] shape) {}

  /** A node; its attributes are read where they are needed. */
  record Node(
      String operator,
      String domain,
      List<String> inputs,
      List<String> outputs,
      ProtoReader message) {}

  /**
   * Reads a file.
   *
   * @throws ModelException naming what is malformed, or listing all operators that are refused
   */
  static OnnxFile read(byte[] bytes) throws ModelException {
    if (bytes.length > BYTES_MAX) {
      throw new ModelException("", bytes.length + " bytes", "at most " + BYTES_MAX);
    }
    return new Reader().model(new ProtoReader(bytes));
  }

  /** Reads one file. */
  private static final class Reader {
    private final List<Problem> problems = new ArrayList<>();
    private final Set<String> refused = new HashSet<>();
    private final Set<String> initialized = new HashSet<>();
    private final List<Value> inputs = new ArrayList<>();
    private final List<Value> outputs = new ArrayList<>();
    private final List<Node> nodes = new ArrayList<>();
    private byte @Nullable [] settings;
    private int count;
    private int graphs;
    private boolean loops;

    OnnxFile model(ProtoReader model) throws ModelException {
      while (model.next()) {
        if (model.is(7, ProtoReader.BYTES)) {
          if (graphs++ > 0) {
            throw new ModelException("byte " + model.start(), "a second graph", "one");
          }
          graph(model.message(), 0);
        } else if (model.is(14, ProtoReader.BYTES)) {
          metadata(model.message());
        } else if (model.is(25, ProtoReader.BYTES)) {
          refuse("functions of its own", "operators of ONNX only");
          model.skip();
        } else {
          model.skip();
        }
      }
      if (graphs == 0) {
        throw new ModelException("", "no graph", "a model of ONNX");
      }
      if (!problems.isEmpty()) {
        throw new ModelException(problems);
      }
      inputs.removeIf(input -> initialized.contains(input.name()));
      boolean sized = Sizes.dependOnValues(nodes, inputs, initialized);
      return new OnnxFile(inputs, outputs, nodes, initialized, loops || sized, sized, settings);
    }

    private void metadata(ProtoReader entry) throws ModelException {
      String key = "";
      byte[] value = {};
      while (entry.next()) {
        if (entry.is(1, ProtoReader.BYTES)) {
          key = entry.text(NAME_BYTES_MAX);
        } else if (entry.is(2, ProtoReader.BYTES)) {
          value = entry.bytes();
        } else {
          entry.skip();
        }
      }
      if (!key.equals(SETTINGS_KEY)) {
        return;
      }
      if (settings != null || value.length > SETTINGS_BYTES_MAX) {
        throw new ModelException(
            "metadata " + SETTINGS_KEY,
            settings != null ? "a second one" : value.length + " bytes",
            "one of at most " + SETTINGS_BYTES_MAX + " bytes");
      }
      settings = value;
    }

    private void graph(ProtoReader graph, int depth) throws ModelException {
      if (depth > GRAPH_DEPTH_MAX) {
        throw new ModelException(
            "byte " + graph.position(), "graphs inside graphs", "at most " + GRAPH_DEPTH_MAX);
      }
      while (graph.next()) {
        switch (graph.field()) {
          case 1 -> node(graph.message(), depth);
          case 5 -> tensor(graph.message(), depth == 0);
          case 11 -> addValue(graph, depth, inputs);
          case 12 -> addValue(graph, depth, outputs);
          case 15 -> {
            ProtoReader sparse = graph.message();
            while (sparse.next()) {
              if (sparse.wire() == ProtoReader.BYTES && sparse.field() <= 2) {
                tensor(sparse.message(), depth == 0);
              } else {
                sparse.skip();
              }
            }
          }
          default -> graph.skip();
        }
      }
    }

    private void addValue(ProtoReader graph, int depth, List<Value> values) throws ModelException {
      if (depth > 0) {
        graph.skip();
        return;
      }
      if (values.size() == VALUES_MAX) {
        throw new ModelException(
            "byte " + graph.start(), "more inputs or outputs", "at most " + VALUES_MAX);
      }
      values.add(Values.value(graph.message()));
    }

    private void node(ProtoReader node, int depth) throws ModelException {
      if (++count > NODES_MAX) {
        throw new ModelException("", "more than " + NODES_MAX + " nodes", "at most as many");
      }
      ProtoReader all = node.copy();
      List<String> in = new ArrayList<>();
      List<String> out = new ArrayList<>();
      String operator = "";
      String domain = "";
      while (node.next()) {
        switch (node.field()) {
          case 1 -> in.add(node.text(NAME_BYTES_MAX));
          case 2 -> out.add(node.text(NAME_BYTES_MAX));
          case 4 -> operator = node.text(NAME_BYTES_MAX);
          case 5 -> attribute(node.message(), depth);
          case 7 -> {
            domain = node.text(NAME_BYTES_MAX);
            judgeDomain(domain);
          }
          default -> node.skip();
        }
      }
      if (REFUSED.contains(operator)) {
        refuse("the operator " + operator, "one that only computes, the same each time");
      }
      loops |= LOOPS.contains(operator);
      if (depth == 0) {
        nodes.add(new Node(operator, domain, in, out, all));
      }
    }

    private void judgeDomain(String domain) {
      if (!DOMAINS.contains(domain)) {
        refuse(
            "operators of the domain " + domain,
            "ai.onnx, ai.onnx.ml or com.microsoft: others need a library of their own");
      }
    }

    private void attribute(ProtoReader attribute, int depth) throws ModelException {
      while (attribute.next()) {
        switch (attribute.field()) {
          case 5, 10 -> tensor(attribute.message(), false);
          case 6, 11 -> {
            loops = true;
            graph(attribute.message(), depth + 1);
          }
          default -> attribute.skip();
        }
      }
    }

    private void tensor(ProtoReader tensor, boolean ofGraph) throws ModelException {
      while (tensor.next()) {
        if (tensor.field() == 8 && ofGraph) {
          initialized.add(tensor.text(NAME_BYTES_MAX));
        } else if (tensor.field() == 13
            || (tensor.is(14, ProtoReader.VARINT) && tensor.copy().varint() != 0)) {
          refuse("data in another file", "a model whose tensors are all in it");
          tensor.skip();
        } else {
          tensor.skip();
        }
      }
    }

    private void refuse(String found, String expected) {
      if (refused.add(found)) {
        problems.add(new Problem("", found, expected));
      }
    }
  }
}

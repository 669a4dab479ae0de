package io.openclaw.onnx;

import ai.onnxruntime.OnnxMap;
import ai.onnxruntime.OnnxSequence;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.openclaw.domain.Json;
import io.openclaw.rating.ModelTrapException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What one run answered, as far as it was asked for: numbers, texts or maps for each row.
 *
 * @param rows how many rows the run had
 * @param outputs for each output its values, as many for each row; a map is one value
 * @param tensors the type and shape of those that are tensors of numbers
 */
record OnnxAnswer(
    int rows, Map<String, List<Object>> outputs, Map<String, OnnxSlot.Shape> tensors) {
  /** Values of one output of one run. */
  private static final int VALUES_MAX = 1_000_000;

  /**
   * Reads a run's results before they are closed.
   *
   * @param shapes of the outputs that were pinned, and {@code pinned} their bytes
   * @throws ModelTrapException where an output is nothing that can be read
   */
  static OnnxAnswer of(
      OrtSession.Result result,
      Set<String> asked,
      int rows,
      Map<String, OnnxSlot.Shape> shapes,
      Map<String, ByteBuffer> pinned)
      throws OrtException, ModelTrapException {
    Map<String, List<Object>> outputs = new HashMap<>();
    Map<String, OnnxSlot.Shape> tensors = new HashMap<>(shapes);
    for (String name : asked) {
      OnnxSlot.Shape shape = shapes.get(name);
      ByteBuffer bytes = pinned.get(name);
      if (shape != null && bytes != null) {
        outputs.put(name, numbers(shape, bytes));
      } else {
        OnnxValue value = result.get(name).orElseThrow();
        OnnxSlot.Shape learned = OnnxSlot.shapeOf(value);
        if (learned != null) {
          tensors.put(name, learned);
        }
        outputs.put(name, values(name, value));
      }
    }
    return new OnnxAnswer(rows, outputs, tensors);
  }

  private static List<Object> numbers(OnnxSlot.Shape shape, ByteBuffer bytes) {
    int size = bytes.capacity() / shape.type().size;
    List<Object> numbers = new ArrayList<>(size);
    for (int i = 0; i < size; i++) {
      numbers.add(
          switch (shape.type()) {
            case FLOAT -> (double) bytes.getFloat(4 * i);
            case DOUBLE -> bytes.getDouble(8 * i);
            default -> (double) bytes.getLong(8 * i);
          });
    }
    return numbers;
  }

  private static List<Object> values(String name, OnnxValue value)
      throws OrtException, ModelTrapException {
    List<Object> values = new ArrayList<>();
    switch (value) {
      case OnnxTensor tensor -> flatten(tensor.getValue(), values, name);
      case OnnxSequence sequence -> {
        for (OnnxValue each : sequence.getValue()) {
          if (each instanceof OnnxMap map) {
            values.add(map.getValue());
          }
          each.close();
        }
      }
      default ->
          throw new ModelTrapException("onnx: the output " + name + " is " + value.getType());
    }
    return values;
  }

  private static void flatten(Object value, List<Object> values, String name)
      throws ModelTrapException {
    switch (value) {
      case Object[] array -> {
        for (Object each : array) {
          flatten(each, values, name);
        }
      }
      case float[] array -> {
        for (float each : array) {
          values.add((double) each);
        }
      }
      case double[] array -> {
        for (double each : array) {
          values.add(each);
        }
      }
      case long[] array -> {
        for (long each : array) {
          values.add((double) each);
        }
      }
      case Number number -> values.add(number.doubleValue());
      case String text -> values.add(text);
      default -> throw new ModelTrapException("onnx: the output " + name + " is of another type");
    }
    if (values.size() > VALUES_MAX) {
      throw new ModelTrapException("onnx: the output " + name + " has more than " + VALUES_MAX);
    }
  }

  /**
   * What came of some of the rows: the rating of each, and the other outputs of the first.
   *
   * @throws ModelTrapException where an output has another shape than one or more values for a row
   */
  Evaluator.Answer part(OnnxSettings settings, int first, int count) throws ModelTrapException {
    double[] ratings = new double[count];
    for (int i = 0; i < count; i++) {
      ratings[i] = rating(settings.rating(), first + i);
    }
    return new Evaluator.Answer(ratings, others(settings, first));
  }

  private double rating(OnnxSettings.Output output, int row) throws ModelTrapException {
    if (!(value(output, row) instanceof Double number)) {
      throw new ModelTrapException("onnx: the output " + output.output() + " is no number");
    }
    if (number.isNaN() || number.isInfinite()) {
      throw new ModelTrapException(
          "onnx: the output "
              + output.output()
              + (number.isNaN() ? " is not a number" : " is infinite"));
    }
    return number;
  }

  private Map<String, Json> others(OnnxSettings settings, int row) throws ModelTrapException {
    Map<String, Json> others = new LinkedHashMap<>();
    for (Map.Entry<String, OnnxSettings.Output> each : settings.outputs().entrySet()) {
      others.put(
          each.getKey(),
          switch (value(each.getValue(), row)) {
            case Double number when !number.isNaN() && !number.isInfinite() -> new Json.Num(number);
            case String text -> new Json.Str(text);
            case null, default -> Json.Null.NULL;
          });
    }
    return others;
  }

  private @Nullable Object value(OnnxSettings.Output output, int row) throws ModelTrapException {
    List<Object> values = outputs.getOrDefault(output.output(), List.of());
    int width = values.size() / rows;
    if (width < 1 || values.size() % rows != 0) {
      throw new ModelTrapException(
          "onnx: the output "
              + output.output()
              + " has "
              + values.size()
              + " values (expected: as many for each of "
              + rows
              + " rows)");
    }
    if (values.get(row * width) instanceof Map<?, ?> map) {
      return entry(output, map);
    }
    if (output.index() >= width) {
      throw new ModelTrapException(
          "onnx: the output "
              + output.output()
              + " has "
              + width
              + " values for a row (expected: more than the index "
              + output.index()
              + ")");
    }
    return values.get(row * width + output.index());
  }

  /** The entry of a key as text, or of the index as a number. */
  private static @Nullable Object entry(OnnxSettings.Output output, Map<?, ?> map)
      throws ModelTrapException {
    String key = output.key() == null ? Integer.toString(output.index()) : output.key();
    for (Map.Entry<?, ?> each : map.entrySet()) {
      if (String.valueOf(each.getKey()).equals(key)) {
        return each.getValue() instanceof Number number ? (Object) number.doubleValue() : null;
      }
    }
    throw new ModelTrapException(
        "onnx: the output " + output.output() + " has no entry " + key + " (expected: one)");
  }
}

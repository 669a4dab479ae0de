package io.openclaw.onnx;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import io.openclaw.rating.ModelTrapException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * Tensors for one run at a time: its inputs over memory outside the heap, and its outputs too where
 * their shape is known. Not thread-safe.
 */
final class OnnxSlot {
  /** What an output is: a tensor of numbers of this type and shape. */
  @SuppressWarnings("ArrayRecordComponent") // handed over, never compared
  record Shape(OnnxJavaType type, long[] dimensions) {}

  /** Makes slots of a session. */
  record Maker(
      OrtEnvironment environment, OrtSession session, OnnxSettings settings, Columns columns) {
    /** So many slots of so many rows, of which the example has shown the shapes of the outputs. */
    AtomicReferenceArray<@Nullable OnnxSlot> make(int rows, Columns.Row example, int count)
        throws OrtException, ModelTrapException {
      OnnxSlot first = new OnnxSlot(environment, session, settings, columns, rows, Map.of());
      Map<String, Shape> shapes = first.learn(example);
      first.close();
      AtomicReferenceArray<@Nullable OnnxSlot> slots = new AtomicReferenceArray<>(count);
      for (int i = 0; i < count; i++) {
        slots.set(i, new OnnxSlot(environment, session, settings, columns, rows, shapes));
      }
      return slots;
    }
  }

  private final OrtEnvironment environment;
  private final OrtSession session;
  private final Columns columns;
  private final int rows;
  private final Map<String, OnnxTensor> inputs = new LinkedHashMap<>();
  private final Map<String, ByteBuffer> inputBytes = new HashMap<>();
  private final Map<String, OnnxTensor> pinned = new HashMap<>();
  private final Map<String, ByteBuffer> outputBytes = new HashMap<>();
  private final Map<String, Shape> shapes;
  private final Set<String> asked = new LinkedHashSet<>();
  private final Set<String> unpinned;

  /** Makes the tensors; of the outputs those whose shape is known. */
  OnnxSlot(
      OrtEnvironment environment,
      OrtSession session,
      OnnxSettings settings,
      Columns columns,
      int rows,
      Map<String, Shape> shapes)
      throws OrtException {
    this.environment = environment;
    this.session = session;
    this.columns = columns;
    this.rows = rows;
    this.shapes = shapes;
    for (Columns.Binding binding : columns.bindings()) {
      if (binding.element() != OnnxFile.STRING) {
        ByteBuffer bytes = direct(1L * rows * binding.width() * bytesOf(binding.element()));
        inputBytes.put(binding.input(), bytes);
        inputs.put(binding.input(), tensor(typeOf(binding.element()), bytes, dimensions(binding)));
      }
    }
    for (Map.Entry<String, Shape> each : shapes.entrySet()) {
      Shape shape = each.getValue();
      long size = shape.type().size;
      for (long dimension : shape.dimensions()) {
        size *= dimension;
      }
      ByteBuffer bytes = direct(size);
      outputBytes.put(each.getKey(), bytes);
      pinned.put(each.getKey(), tensor(shape.type(), bytes, shape.dimensions()));
    }
    asked.add(settings.rating().output());
    settings.outputs().values().forEach(output -> asked.add(output.output()));
    unpinned = new HashSet<>(asked);
    unpinned.removeAll(pinned.keySet());
  }

  private static ByteBuffer direct(long size) {
    return ByteBuffer.allocateDirect(Math.toIntExact(size)).order(ByteOrder.nativeOrder());
  }

  private OnnxTensor tensor(OnnxJavaType type, ByteBuffer bytes, long[] dimensions)
      throws OrtException {
    return switch (type) {
      case FLOAT -> OnnxTensor.createTensor(environment, bytes.asFloatBuffer(), dimensions);
      case DOUBLE -> OnnxTensor.createTensor(environment, bytes.asDoubleBuffer(), dimensions);
      case INT64 -> OnnxTensor.createTensor(environment, bytes.asLongBuffer(), dimensions);
      default -> OnnxTensor.createTensor(environment, bytes, dimensions, type);
    };
  }

  private long[] dimensions(Columns.Binding binding) {
    return binding.rank() == 1 ? new long[] {rows} : new long[] {rows, binding.width()};
  }

  private static OnnxJavaType typeOf(int element) {
    return switch (element) {
      case OnnxFile.DOUBLE -> OnnxJavaType.DOUBLE;
      case OnnxFile.INT64 -> OnnxJavaType.INT64;
      case OnnxFile.BOOL -> OnnxJavaType.BOOL;
      default -> OnnxJavaType.FLOAT;
    };
  }

  private static int bytesOf(int element) {
    return switch (element) {
      case OnnxFile.DOUBLE, OnnxFile.INT64 -> 8;
      case OnnxFile.BOOL -> 1;
      default -> 4;
    };
  }

  /** How many rows a run has. */
  int rows() {
    return rows;
  }

  /** Runs one row, and says what outputs are tensors of numbers, which can be pinned. */
  Map<String, Shape> learn(Columns.Row example) throws ModelTrapException {
    Map<String, Shape> found = new HashMap<>();
    Columns.Row[] full = new Columns.Row[rows];
    java.util.Arrays.fill(full, example);
    OnnxAnswer answer = compute(full, null);
    answer.tensors().forEach((name, shape) -> found.put(name, shape));
    return found;
  }

  /**
   * Runs rows, at most as many as the slot has; those missing are the last one again.
   *
   * @param options null where the run cannot be stopped
   * @throws ModelTrapException where the graph fails
   */
  OnnxAnswer compute(Columns.Row[] some, OrtSession.@Nullable RunOptions options)
      throws ModelTrapException {
    Map<String, OnnxTensor> handed = inputs;
    Map<String, OnnxTensor> texts = Map.of();
    try {
      fill(some);
      texts = texts(some);
      if (!texts.isEmpty()) {
        handed = new LinkedHashMap<>(inputs);
        handed.putAll(texts);
      }
      try (OrtSession.Result result =
          options == null
              ? session.run(handed, unpinned, pinned)
              : session.run(handed, unpinned, pinned, options)) {
        return OnnxAnswer.of(result, asked, rows, shapes, outputBytes);
      }
    } catch (OrtException e) {
      // The message may tell of values; the code does not.
      throw new ModelTrapException("onnx: the graph failed, " + e.getCode());
    } finally {
      texts.values().forEach(OnnxTensor::close);
    }
  }

  private void fill(Columns.Row[] some) {
    for (Columns.Binding binding : columns.bindings()) {
      ByteBuffer bytes = inputBytes.get(binding.input());
      if (bytes == null) {
        continue;
      }
      bytes.clear();
      for (int row = 0; row < rows; row++) {
        double[] numbers = some[Math.min(row, some.length - 1)].numbers();
        for (int i = binding.first(); i < binding.first() + binding.width(); i++) {
          switch (binding.element()) {
            case OnnxFile.DOUBLE -> bytes.putDouble(numbers[i]);
            case OnnxFile.INT64 -> bytes.putLong((long) numbers[i]);
            case OnnxFile.BOOL -> bytes.put((byte) numbers[i]);
            default -> bytes.putFloat((float) numbers[i]);
          }
        }
      }
      bytes.rewind();
    }
  }

  private Map<String, OnnxTensor> texts(Columns.Row[] some) throws OrtException {
    Map<String, OnnxTensor> texts = new HashMap<>();
    for (Columns.Binding binding : columns.bindings()) {
      if (binding.element() == OnnxFile.STRING) {
        String[] column = new String[rows];
        for (int row = 0; row < rows; row++) {
          column[row] = some[Math.min(row, some.length - 1)].texts()[binding.first()];
        }
        texts.put(
            binding.input(), OnnxTensor.createTensor(environment, column, dimensions(binding)));
      }
    }
    return texts;
  }

  void close() {
    inputs.values().forEach(OnnxTensor::close);
    pinned.values().forEach(OnnxTensor::close);
  }

  /** A tensor of numbers that can be pinned; null for anything else. */
  static @Nullable Shape shapeOf(OnnxValue value) {
    if (!(value instanceof OnnxTensor tensor)) {
      return null;
    }
    TensorInfo info = tensor.getInfo();
    return switch (info.type) {
      case FLOAT, DOUBLE, INT64 -> new Shape(info.type, info.getShape());
      default -> null;
    };
  }
}

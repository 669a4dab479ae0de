package io.openclaw.onnx;

import io.openclaw.rating.ModelException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads what a graph says of its inputs and outputs (ValueInfoProto). */
final class Values {
  private static final int DIMENSIONS_MAX = 8;

  private Values() {}

  /** An input or output; the element type is 0 where it is no tensor. */
  static OnnxFile.Value value(ProtoReader info) throws ModelException {
    String name = "";
    OnnxFile.Value type = new OnnxFile.Value("", 0, null);
    while (info.next()) {
      if (info.is(1, ProtoReader.BYTES)) {
        name = info.text(OnnxFile.NAME_BYTES_MAX);
      } else if (info.is(2, ProtoReader.BYTES)) {
        type = type(info.message());
      } else {
        info.skip();
      }
    }
    return new OnnxFile.Value(name, type.element(), type.shape());
  }

  private static OnnxFile.Value type(ProtoReader type) throws ModelException {
    OnnxFile.Value tensor = new OnnxFile.Value("", 0, null);
    while (type.next()) {
      if (type.is(1, ProtoReader.BYTES)) {
        tensor = tensor(type.message());
      } else {
        type.skip();
      }
    }
    return tensor;
  }

  private static OnnxFile.Value tensor(ProtoReader tensor) throws ModelException {
    int element = 0;
    long @Nullable [] shape = null;
    while (tensor.next()) {
      if (tensor.is(1, ProtoReader.VARINT)) {
        element = (int) tensor.varint();
      } else if (tensor.is(2, ProtoReader.BYTES)) {
        shape = shape(tensor.message());
      } else {
        tensor.skip();
      }
    }
    return new OnnxFile.Value("", element, shape);
  }

  private static long[] shape(ProtoReader shape) throws ModelException {
    List<Long> dimensions = new ArrayList<>();
    while (shape.next()) {
      if (!shape.is(1, ProtoReader.BYTES)) {
        shape.skip();
        continue;
      }
      if (dimensions.size() == DIMENSIONS_MAX) {
        throw new ModelException(
            "byte " + shape.start(), "more dimensions", "at most " + DIMENSIONS_MAX);
      }
      ProtoReader dimension = shape.message();
      long value = -1;
      while (dimension.next()) {
        if (dimension.is(1, ProtoReader.VARINT)) {
          value = dimension.varint();
        } else {
          dimension.skip();
        }
      }
      dimensions.add(value > 0 ? value : -1);
    }
    return dimensions.stream().mapToLong(Long::longValue).toArray();
  }
}

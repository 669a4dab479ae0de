package io.openclaw.onnx;

import io.openclaw.rating.ModelException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The attributes of a node as this program's own evaluators need them. Read-only. */
final class Attributes {
  private final Map<String, double[]> floats = new HashMap<>();
  private final Map<String, long[]> integers = new HashMap<>();
  private final Map<String, List<String>> texts = new HashMap<>();

  /** Reads those of a node. */
  static Attributes of(ProtoReader node) throws ModelException {
    Attributes all = new Attributes();
    ProtoReader reader = node.copy();
    while (reader.next()) {
      if (reader.field() == 5) {
        all.read(reader.message());
      } else {
        reader.skip();
      }
    }
    return all;
  }

  private void read(ProtoReader attribute) throws ModelException {
    String name = "";
    Numbers found = new Numbers();
    Numbers whole = new Numbers();
    List<String> strings = new ArrayList<>();
    while (attribute.next()) {
      switch (attribute.field()) {
        case 1 -> name = attribute.text(OnnxFile.NAME_BYTES_MAX);
        case 4, 9 -> strings.add(attribute.text(OnnxFile.NAME_BYTES_MAX));
        case 2, 7 -> {
          if (attribute.wire() == ProtoReader.FIXED32) {
            found.add(attribute.float32());
          } else {
            ProtoReader packed = attribute.message();
            while (!packed.atEnd()) {
              found.add(packed.float32());
            }
          }
        }
        case 3, 8 -> {
          if (attribute.wire() == ProtoReader.VARINT) {
            whole.add(attribute.varint());
          } else {
            ProtoReader packed = attribute.message();
            while (!packed.atEnd()) {
              whole.add(packed.varint());
            }
          }
        }
        default -> attribute.skip();
      }
    }
    floats.put(name, found.floats());
    integers.put(name, whole.integers());
    texts.put(name, strings);
  }

  double[] floats(String name) {
    return floats.getOrDefault(name, new double[0]);
  }

  long[] integers(String name) {
    return integers.getOrDefault(name, new long[0]);
  }

  List<String> texts(String name) {
    return texts.getOrDefault(name, List.of());
  }

  /** A text attribute, or what holds where it is absent. */
  String text(String name, String absent) {
    return texts(name).isEmpty() ? absent : texts(name).getFirst();
  }

  long integer(String name, long absent) {
    return integers(name).length == 0 ? absent : integers(name)[0];
  }

  /** Whether it has an attribute of this name. */
  boolean has(String name) {
    return floats.containsKey(name);
  }
}

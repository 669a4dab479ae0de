package io.openclaw.rating;

import io.openclaw.domain.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The models that examples/train makes, and what it expects of them. */
final class Examples {
  private static final Path FOLDER = Path.of("..", "examples");

  private Examples() {}

  /** A file below examples/. */
  static byte[] bytes(String name) {
    try {
      return Files.readAllBytes(FOLDER.resolve(name));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<String> lines(String name) {
    return new String(bytes(name), StandardCharsets.UTF_8).lines().skip(1).toList();
  }

  /** A column of a CSV file of numbers, without its header. */
  static double[] column(String name, int column) {
    return lines(name).stream()
        .mapToDouble(line -> Double.parseDouble(line.split(",", -1)[column]))
        .toArray();
  }

  /** The labelled texts, as inputs. */
  static List<Json.Obj> texts() {
    List<Json.Obj> texts = new ArrayList<>();
    for (String line : lines("content/content.tsv")) {
      texts.add(text(line.substring(line.indexOf('\t') + 1)));
    }
    return texts;
  }

  static Json.Obj text(String text) {
    return new Json.Obj(Map.of("content", new Json.Str(text)));
  }

  /** A model of a kind that needs nothing but its JSON, name {@code m}, version {@code v7}. */
  static RatingModel load(String kind, byte[] json) {
    try {
      return loadOrThrow(kind, json);
    } catch (ModelException e) {
      throw new IllegalStateException(e);
    }
  }

  static RatingModel loadOrThrow(String kind, byte[] json) throws ModelException {
    ModelKind found = kind(kind);
    if (found == null) {
      throw new IllegalArgumentException(kind);
    }
    return found.load(new ModelSource("m", "v7", json));
  }

  /** Every kind of this module but items; timers never run out. */
  static @org.jspecify.annotations.Nullable ModelKind kind(String name) {
    return name.equals("chain")
        ? new ChainKind(JsonKinds.all()::get, (millis, task) -> () -> {})
        : JsonKinds.all().get(name);
  }
}

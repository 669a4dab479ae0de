package io.openclaw.app;

import io.openclaw.domain.Json;
import io.openclaw.domain.JsonReader;
import io.openclaw.domain.JsonSyntaxException;
import io.openclaw.rating.ModelException;
import io.openclaw.rating.ModelSource;
import io.openclaw.rating.RatingModel;
import io.openclaw.release.ModelFiles;
import io.openclaw.yaml.ConfigException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A model's file as a person names it.
 *
 * @param kind given, or told by the file's name and content
 */
@SuppressWarnings("ArrayRecordComponent") // read once, never changed
record ModelFile(Path path, String kind, byte[] bytes) {
  /**
   * Reads it.
   *
   * @param kind null to tell it by the name: .pmml, .xml, .onnx, .wasm, and by {@code "kind"} in a
   *     .json
   */
  static ModelFile read(Path path, @Nullable String kind) throws IOException, ConfigException {
    if (!Files.isRegularFile(path)) {
      throw new IOException(path + " is no file");
    }
    if (Files.size(path) > ModelFiles.MODEL_BYTES_MAX) {
      throw new IOException(
          path + " is larger than " + ModelFiles.MODEL_BYTES_MAX + " bytes, which no model may be");
    }
    byte[] bytes = Files.readAllBytes(path);
    return new ModelFile(path, kind != null ? kind : kindOf(path, bytes), bytes);
  }

  private static String kindOf(Path path, byte[] bytes) throws ConfigException {
    String name = path.toString().toLowerCase(Locale.ROOT);
    for (String kind : List.of("pmml", "onnx", "wasm")) {
      if (name.endsWith("." + kind)) {
        return kind;
      }
    }
    if (name.endsWith(".xml")) {
      return "pmml";
    }
    try {
      if (JsonReader.read(bytes) instanceof Json.Obj document
          && document.get("kind") instanceof Json.Str kind) {
        return kind.value();
      }
    } catch (JsonSyntaxException e) {
      throw new ConfigException(
          List.of(path + ":" + e.line() + ":" + e.column() + ": " + e.detail()));
    }
    throw new ConfigException(
        List.of(path + ": a model of which kind? (expected: --kind, or \"kind\" in the document)"));
  }

  /** The model's name: the file's, without what follows its first dot. */
  String name() {
    return path.getFileName().toString().replaceFirst("\\..*", "");
  }

  /**
   * Loads it.
   *
   * @throws IOException listing everything that is wrong with it, a line each
   */
  RatingModel load(ModelKinds kinds) throws IOException {
    try {
      if (kind.equals("items")) {
        throw new ModelException(
            "", "kind items", "a model without state; a node counts its scores");
      }
      return kinds.load(kind, new ModelSource(name(), "v1", bytes));
    } catch (ModelException e) {
      throw refusal(e);
    }
  }

  /** The inputs it records; the example of its schema where it records none. */
  List<Json.Obj> samples(ModelKinds kinds, RatingModel model) throws IOException {
    try {
      List<Json.Obj> samples = kinds.samples(kind, bytes);
      return samples.isEmpty() ? List.of(model.schema().example()) : samples;
    } catch (ModelException e) {
      throw refusal(e);
    }
  }

  private IOException refusal(ModelException e) {
    StringBuilder lines = new StringBuilder(path + " is refused:");
    e.problems().forEach(problem -> lines.append("\n  ").append(problem));
    return new IOException(lines.toString(), e);
  }
}

package io.openclaw.app;

import io.openclaw.domain.Json;
import io.openclaw.domain.JsonReader;
import io.openclaw.domain.JsonSyntaxException;
import io.openclaw.domain.JsonWriter;
import io.openclaw.release.ContentJson;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;

/** A file with one JSON object, whose members are small documents by name; replaced whole. */
final class NamedDocuments {
  private NamedDocuments() {}

  /**
   * What a file holds, by name; empty where there is no file.
   *
   * @param read throws an IllegalArgumentException where a document is wrong
   * @param remedy what to do where the file is damaged
   */
  static <T> Map<String, T> read(Path file, Function<Json, T> read, String remedy)
      throws IOException {
    Map<String, T> documents = new TreeMap<>();
    if (!Files.exists(file)) {
      return documents;
    }
    try {
      if (!(JsonReader.read(Files.readAllBytes(file), ContentJson.VALUES_MAX)
          instanceof Json.Obj written)) {
        throw new IllegalArgumentException("not an object");
      }
      written.members().forEach((name, each) -> documents.put(name, read.apply(each)));
      return documents;
    } catch (JsonSyntaxException | IllegalArgumentException e) {
      throw new IOException(
          file.toAbsolutePath() + " is damaged: " + e.getMessage() + " (" + remedy + ")", e);
    }
  }

  /** Writes them; they are on disk when this returns. */
  static <T> void write(Path file, Map<String, T> documents, Function<T, Json> json)
      throws IOException {
    Map<String, Json> members = new LinkedHashMap<>();
    documents.forEach((name, each) -> members.put(name, json.apply(each)));
    DataDirectory.replace(file, JsonWriter.write(new Json.Obj(members)), false);
  }
}

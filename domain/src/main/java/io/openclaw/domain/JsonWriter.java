package io.openclaw.domain;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.util.ByteArrayBuilder;
import java.io.IOException;
import java.io.UncheckedIOException;

/** Writes JSON as UTF-8 bytes. Stateless and thread-safe. */
public final class JsonWriter {
  private static final JsonFactory FACTORY = new JsonFactory();

  /** Writes one document; errors of the generator are bugs of the caller. */
  @FunctionalInterface
  public interface Document {
    void write(JsonGenerator generator) throws IOException;
  }

  private JsonWriter() {}

  /** The bytes of the document that {@code document} writes. */
  public static byte[] write(Document document) {
    try (ByteArrayBuilder out = new ByteArrayBuilder(FACTORY._getBufferRecycler(), 1024)) {
      try (JsonGenerator generator = FACTORY.createGenerator(out)) {
        document.write(generator);
      }
      return out.getClearAndRelease();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The value as bytes. */
  public static byte[] write(Json value) {
    return write(generator -> write(generator, value));
  }

  /** Writes the value where the generator stands. */
  public static void write(JsonGenerator generator, Json value) throws IOException {
    switch (value) {
      case Json.Obj object -> {
        generator.writeStartObject();
        for (var member : object.members().entrySet()) {
          generator.writeFieldName(member.getKey());
          write(generator, member.getValue());
        }
        generator.writeEndObject();
      }
      case Json.Arr array -> {
        generator.writeStartArray();
        for (Json element : array.elements()) {
          write(generator, element);
        }
        generator.writeEndArray();
      }
      case Json.Str string -> generator.writeString(string.value());
      case Json.Num number -> generator.writeNumber(number.text());
      case Json.Bool bool -> generator.writeBoolean(bool == Json.Bool.TRUE);
      case Json.Null none -> generator.writeNull();
    }
  }
}

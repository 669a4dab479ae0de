package io.openclaw.domain;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;

/** The wire form of a {@link Problem}: {@code application/problem+json} (RFC 9457). Stateless. */
public final class ProblemJson {
  public static final String MEDIA_TYPE = "application/problem+json";

  private ProblemJson() {}

  /**
   * The document as UTF-8: {@code type}, {@code title}, {@code status}, {@code detail}, {@code
   * request_id}, {@code errors} where there are any, then the problem's own members.
   */
  public static byte[] write(Problem problem, String requestId) {
    return JsonWriter.write(
        generator -> {
          generator.writeStartObject();
          generator.writeStringField("type", problem.type().uri());
          generator.writeStringField("title", problem.type().title());
          generator.writeNumberField("status", problem.type().status());
          generator.writeStringField("detail", problem.detail());
          generator.writeStringField("request_id", requestId);
          if (!problem.violations().isEmpty()) {
            writeErrors(generator, problem);
          }
          for (var member : problem.members().members().entrySet()) {
            generator.writeFieldName(member.getKey());
            JsonWriter.write(generator, member.getValue());
          }
          generator.writeEndObject();
        });
  }

  private static void writeErrors(JsonGenerator generator, Problem problem) throws IOException {
    generator.writeArrayFieldStart("errors");
    for (Violation violation : problem.violations()) {
      generator.writeStartObject();
      generator.writeStringField("pointer", violation.pointer());
      generator.writeStringField("detail", violation.detail());
      generator.writeEndObject();
    }
    generator.writeEndArray();
  }
}

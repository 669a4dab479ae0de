package io.openclaw.domain;

/** A {@link Problem} as {@code application/problem+json} (RFC 9457). */
public final class ProblemJson {
  private ProblemJson() {}

  /**
   * The document: the standard members, {@code request_id}, {@code errors} for wrong members, then
   * the problem's own.
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
            generator.writeArrayFieldStart("errors");
            for (Violation violation : problem.violations()) {
              generator.writeStartObject();
              generator.writeStringField("pointer", violation.pointer());
              generator.writeStringField("detail", violation.detail());
              generator.writeEndObject();
            }
            generator.writeEndArray();
          }
          for (var member : problem.members().members().entrySet()) {
            generator.writeFieldName(member.getKey());
            JsonWriter.write(generator, member.getValue());
          }
          generator.writeEndObject();
        });
  }
}

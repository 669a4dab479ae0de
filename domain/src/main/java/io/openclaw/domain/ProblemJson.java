package io.openclaw.domain;

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
          generator.startObject();
          generator.field("type", problem.type().uri());
          generator.field("title", problem.type().title());
          generator.field("status", problem.type().status());
          generator.field("detail", problem.detail());
          generator.field("request_id", requestId);
          if (!problem.violations().isEmpty()) {
            writeErrors(generator, problem);
          }
          for (var member : problem.members().members().entrySet()) {
            generator.field(member.getKey(), member.getValue());
          }
          generator.endObject();
        });
  }

  private static void writeErrors(JsonWriter generator, Problem problem) {
    generator.startArray("errors");
    for (Violation violation : problem.violations()) {
      generator.startObject();
      generator.field("pointer", violation.pointer());
      generator.field("detail", violation.detail());
      generator.endObject();
    }
    generator.endArray();
  }
}

package io.openclaw.domain;

import java.util.List;

/**
 * A refusal as a client sees it, {@code application/problem+json} (RFC 9457).
 *
 * @param type what kind of refusal; fixes status and title
 * @param detail what was found and what was expected, for a person; never a secret
 * @param violations the members that are wrong, for input problems
 * @param retryAfterSeconds when to come again, 0 where that would not help
 * @param members extra members of the problem document, in order; values are JSON
 */
public record Problem(
    ProblemType type,
    String detail,
    List<Violation> violations,
    long retryAfterSeconds,
    Json.Obj members) {

  private static final Json.Obj NONE = new Json.Obj(java.util.Map.of());

  public static Problem of(ProblemType type, String detail) {
    return new Problem(type, detail, List.of(), 0, NONE);
  }

  public static Problem of(ProblemType type, String detail, List<Violation> violations) {
    return new Problem(type, detail, violations, 0, NONE);
  }

  /** A body that is no JSON; says where. */
  public static Problem notJson(JsonSyntaxException fault) {
    return of(
        ProblemType.NOT_JSON,
        fault.detail() + " (line " + fault.line() + ", column " + fault.column() + ")");
  }

  public Problem withRetryAfter(long seconds) {
    return new Problem(type, detail, violations, seconds, members);
  }

  public Problem withMembers(Json.Obj more) {
    return new Problem(type, detail, violations, retryAfterSeconds, more);
  }
}

package io.openclaw.app;

import io.openclaw.domain.Json;
import io.openclaw.domain.JsonReader;
import io.openclaw.domain.JsonSyntaxException;
import io.openclaw.domain.JsonWriter;
import io.openclaw.domain.Problem;
import io.openclaw.domain.ProblemType;
import io.openclaw.domain.Violation;
import io.openclaw.edge.Answered;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** An answer of the administration on its way from region to region. */
final class PassedOn {
  private PassedOn() {}

  /** The answer as bytes. */
  static byte[] write(Answered answered) {
    Problem problem = answered.problem();
    Map<String, Json> members = new LinkedHashMap<>();
    if (problem == null) {
      members.put("answer", parsed(answered.body()));
      return JsonWriter.write(new Json.Obj(members));
    }
    members.put("problem", new Json.Str(problem.type().slug()));
    members.put("detail", new Json.Str(problem.detail()));
    members.put("retry_after", new Json.Num(problem.retryAfterSeconds()));
    members.put("members", problem.members());
    List<Json> errors = new ArrayList<>();
    for (Violation violation : problem.violations()) {
      errors.add(
          new Json.Arr(
              List.of(new Json.Str(violation.pointer()), new Json.Str(violation.detail()))));
    }
    members.put("errors", new Json.Arr(errors));
    return JsonWriter.write(new Json.Obj(members));
  }

  private static Json parsed(byte[] body) {
    try {
      return JsonReader.read(body);
    } catch (JsonSyntaxException e) {
      throw new IllegalStateException("an answer is JSON", e);
    }
  }

  /**
   * Reads what {@link #write} wrote.
   *
   * @throws IOException where it is something else
   */
  static Answered read(byte[] bytes) throws IOException {
    try {
      if (JsonReader.read(bytes) instanceof Json.Obj object) {
        return object.get("answer") instanceof Json.Obj answer
            ? Releases.answer(JsonWriter.write(answer))
            : Releases.problem(problem(object));
      }
    } catch (JsonSyntaxException | IllegalArgumentException e) {
      throw new IOException("its answer cannot be read", e);
    }
    throw new IOException("its answer is no object");
  }

  private static Problem problem(Json.Obj object) {
    String slug = AdminNode.text(object, "problem");
    for (ProblemType type : ProblemType.values()) {
      if (type.slug().equals(slug)) {
        Problem problem = Problem.of(type, AdminNode.text(object, "detail"), errors(object));
        if (object.get("retry_after") instanceof Json.Num seconds && seconds.value() >= 1) {
          problem = problem.withRetryAfter((long) seconds.value());
        }
        return object.get("members") instanceof Json.Obj more ? problem.withMembers(more) : problem;
      }
    }
    throw new IllegalArgumentException("problem: " + slug);
  }

  private static List<Violation> errors(Json.Obj object) {
    List<Violation> errors = new ArrayList<>();
    if (object.get("errors") instanceof Json.Arr written) {
      for (Json each : written.elements()) {
        if (each instanceof Json.Arr pair
            && pair.elements().size() == 2
            && pair.elements().get(0) instanceof Json.Str pointer
            && pair.elements().get(1) instanceof Json.Str detail) {
          errors.add(new Violation(pointer.value(), detail.value()));
        }
      }
    }
    return errors;
  }
}

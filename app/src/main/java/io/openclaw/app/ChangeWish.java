package io.openclaw.app;

import io.openclaw.domain.Json;
import io.openclaw.domain.Violation;
import io.openclaw.release.ContentEdit;
import io.openclaw.release.Manifest;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the body of {@code POST /admin/v1/changes} asks for.
 *
 * @param edits none where what waits is to be published now
 * @param batchSeconds how long it may wait for others; 0 to publish it at once
 */
record ChangeWish(
    String author,
    String message,
    List<ContentEdit> edits,
    long batchSeconds,
    boolean allowMassDelete) {
  /** Edits of one wish. */
  static final int EDITS_MAX = 1_000;

  /** How long a change may wait: a day. */
  static final long BATCH_SECONDS_MAX = 86_400;

  private static final Set<String> MEMBERS =
      Set.of("author", "message", "edits", "batch_seconds", "allow_mass_delete");

  /** The body of the wish. */
  Json.Obj json() {
    Map<String, Json> members = new LinkedHashMap<>();
    members.put("author", new Json.Str(author));
    members.put("message", new Json.Str(message));
    members.put("edits", new Json.Arr(edits.stream().<Json>map(ContentEdit::json).toList()));
    members.put("batch_seconds", new Json.Num(batchSeconds));
    members.put("allow_mass_delete", Json.Bool.of(allowMassDelete));
    return new Json.Obj(members);
  }

  /** Reads a body; null where anything is wrong, which is noted. */
  static @Nullable ChangeWish read(Json document, List<Violation> violations) {
    if (!(document instanceof Json.Obj object)) {
      violations.add(new Violation("", document.typeName() + " (expected: an object)"));
      return null;
    }
    for (String name : object.members().keySet()) {
      if (!MEMBERS.contains(name)) {
        violations.add(
            new Violation(
                Violation.pointerTo(name),
                "unknown (expected: one of " + MEMBERS.stream().sorted().toList() + ")"));
      }
    }
    List<ContentEdit> edits = edits(object, violations);
    Json given = object.get("batch_seconds");
    double batch = given instanceof Json.Num number ? number.value() : 0;
    if (given != null && !(given instanceof Json.Num)
        || batch < 0
        || batch > BATCH_SECONDS_MAX
        || batch != Math.rint(batch)) {
      violations.add(
          new Violation(
              "/batch_seconds", "(expected: a whole number, 0 to " + BATCH_SECONDS_MAX + ")"));
    }
    Json allow = object.get("allow_mass_delete");
    if (allow != null && !(allow instanceof Json.Bool)) {
      violations.add(new Violation("/allow_mass_delete", "(expected: true or false)"));
    }
    String author = text(object, "author", Manifest.AUTHOR_LENGTH_MAX, violations);
    String message = text(object, "message", Manifest.MESSAGE_LENGTH_MAX, violations);
    return violations.isEmpty()
        ? new ChangeWish(author, message, edits, (long) batch, allow == Json.Bool.TRUE)
        : null;
  }

  private static List<ContentEdit> edits(Json.Obj object, List<Violation> violations) {
    List<ContentEdit> edits = new ArrayList<>();
    if (!(object.get("edits") instanceof Json.Arr array) || array.elements().size() > EDITS_MAX) {
      violations.add(new Violation("/edits", "(expected: a list of at most " + EDITS_MAX + ")"));
      return edits;
    }
    for (int i = 0; i < array.elements().size(); i++) {
      ContentEdit edit = ContentEdit.read(array.elements().get(i), "/edits/" + i, violations);
      if (edit != null) {
        edits.add(edit);
      }
    }
    return edits;
  }

  private static String text(
      Json.Obj object, String name, int lengthMax, List<Violation> violations) {
    if (object.get(name) instanceof Json.Str text
        && !text.value().isBlank()
        && text.value().length() <= lengthMax) {
      return text.value();
    }
    violations.add(
        new Violation("/" + name, "(expected: a string of 1 to " + lengthMax + " characters)"));
    return "";
  }
}

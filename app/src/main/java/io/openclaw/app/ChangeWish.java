package io.openclaw.app;

import io.openclaw.domain.Json;
import io.openclaw.domain.JsonMembers;
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
    JsonMembers members = JsonMembers.of(document, "", violations).only(MEMBERS);
    ChangeWish wish =
        new ChangeWish(
            members.text("author", Manifest.AUTHOR_LENGTH_MAX),
            members.text("message", Manifest.MESSAGE_LENGTH_MAX),
            edits(members, violations),
            members.whole("batch_seconds", 0, BATCH_SECONDS_MAX, 0),
            members.flag("allow_mass_delete"));
    return violations.isEmpty() ? wish : null;
  }

  private static List<ContentEdit> edits(JsonMembers members, List<Violation> violations) {
    List<ContentEdit> edits = new ArrayList<>();
    if (!(members.get("edits") instanceof Json.Arr array) || array.elements().size() > EDITS_MAX) {
      members.wrong("edits", "(expected: a list of at most " + EDITS_MAX + ")");
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
}

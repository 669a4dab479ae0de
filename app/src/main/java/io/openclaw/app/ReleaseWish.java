package io.openclaw.app;

import io.openclaw.domain.Json;
import io.openclaw.domain.Violation;
import io.openclaw.release.Manifest;
import io.openclaw.release.ReleaseCheck;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the body of {@code POST /admin/v1/releases} asks for.
 *
 * @param dryRun whether to check only
 * @param now whether it skips the soak in one region
 */
record ReleaseWish(ReleaseCheck.Proposal proposal, boolean dryRun, boolean now) {
  private static final Set<String> MEMBERS =
      Set.of(
          "version",
          "parent",
          "author",
          "message",
          "action",
          "content",
          "allow_mass_delete",
          "allow_drift",
          "allow_slow",
          "now",
          "dry_run");

  /** The body of a wish. */
  Json.Obj json() {
    Map<String, Json> members = new LinkedHashMap<>();
    members.put("version", new Json.Num(proposal.version()));
    members.put("parent", new Json.Str(proposal.parent()));
    members.put("author", new Json.Str(proposal.author()));
    members.put("message", new Json.Str(proposal.message()));
    members.put("action", new Json.Str(proposal.action().text()));
    members.put("content", new Json.Str(proposal.content()));
    members.put("allow_mass_delete", Json.Bool.of(proposal.allowMassDelete()));
    members.put("allow_drift", Json.Bool.of(proposal.allowDrift()));
    members.put("allow_slow", Json.Bool.of(proposal.allowSlow()));
    members.put("now", Json.Bool.of(now));
    members.put("dry_run", Json.Bool.of(dryRun));
    return new Json.Obj(members);
  }

  /** Reads a body; null where anything is wrong, which is noted. */
  static @Nullable ReleaseWish read(Json document, List<Violation> violations) {
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
    double version = object.get("version") instanceof Json.Num number ? number.value() : 0;
    if (version < 1 || version > Manifest.VERSION_MAX || version != Math.rint(version)) {
      violations.add(
          new Violation("/version", "(expected: an integer, 1 to " + Manifest.VERSION_MAX + ")"));
    }
    Manifest.Action action = action(object, violations);
    boolean allowMassDelete = flag(object, "allow_mass_delete", violations);
    boolean allowDrift = flag(object, "allow_drift", violations);
    boolean allowSlow = flag(object, "allow_slow", violations);
    boolean dryRun = flag(object, "dry_run", violations);
    boolean now = flag(object, "now", violations);
    ReleaseCheck.Proposal proposal =
        new ReleaseCheck.Proposal(
            (long) version,
            text(object, "parent", violations),
            text(object, "author", violations),
            text(object, "message", violations),
            action,
            text(object, "content", violations),
            allowMassDelete,
            allowDrift,
            allowSlow);
    if (violations.isEmpty() && !io.openclaw.release.Sha256.isHex(proposal.content())) {
      violations.add(new Violation("/content", "(expected: the SHA-256 of the content document)"));
    }
    return violations.isEmpty() ? new ReleaseWish(proposal, dryRun, now) : null;
  }

  private static Manifest.Action action(Json.Obj object, List<Violation> violations) {
    String text = text(object, "action", violations);
    for (Manifest.Action action : Manifest.Action.values()) {
      if (action.name().toLowerCase(Locale.ROOT).equals(text)) {
        return action;
      }
    }
    violations.add(
        new Violation("/action", text + " (expected: one of apply, import, rollback, write)"));
    return Manifest.Action.WRITE;
  }

  private static String text(Json.Obj object, String name, List<Violation> violations) {
    if (object.get(name) instanceof Json.Str text) {
      return text.value();
    }
    violations.add(new Violation("/" + name, "(expected: a string)"));
    return "";
  }

  private static boolean flag(Json.Obj object, String name, List<Violation> violations) {
    Json value = object.get(name);
    if (value != null && !(value instanceof Json.Bool)) {
      violations.add(new Violation("/" + name, "(expected: true or false)"));
    }
    return value == Json.Bool.TRUE;
  }
}

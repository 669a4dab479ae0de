package io.openclaw.app;

import io.openclaw.domain.Json;
import io.openclaw.domain.JsonMembers;
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
    JsonMembers members = JsonMembers.of(document, "", violations).only(MEMBERS);
    ReleaseCheck.Proposal proposal =
        new ReleaseCheck.Proposal(
            members.requiredWhole("version", 1, Manifest.VERSION_MAX, 1),
            members.text("parent"),
            members.text("author"),
            members.text("message"),
            action(members),
            members.text("content"),
            members.flag("allow_mass_delete"),
            members.flag("allow_drift"),
            members.flag("allow_slow"));
    ReleaseWish wish = new ReleaseWish(proposal, members.flag("dry_run"), members.flag("now"));
    if (violations.isEmpty() && !io.openclaw.release.Sha256.isHex(proposal.content())) {
      members.wrong("content", "(expected: the SHA-256 of the content document)");
    }
    return violations.isEmpty() ? wish : null;
  }

  private static Manifest.Action action(JsonMembers members) {
    String text = members.text("action");
    for (Manifest.Action action : Manifest.Action.values()) {
      if (action.name().toLowerCase(Locale.ROOT).equals(text)) {
        return action;
      }
    }
    members.wrong("action", text + " (expected: one of apply, import, rollback, write)");
    return Manifest.Action.WRITE;
  }
}

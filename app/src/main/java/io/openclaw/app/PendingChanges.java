package io.openclaw.app;

import io.openclaw.domain.Json;
import io.openclaw.domain.JsonReader;
import io.openclaw.domain.JsonSyntaxException;
import io.openclaw.domain.JsonWriter;
import io.openclaw.domain.Violation;
import io.openclaw.release.ContentEdit;
import io.openclaw.release.ReleaseRef;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The changes that wait to be published together, as they are on disk. Immutable.
 *
 * @param attempt what they were last about to become; null for nothing
 * @param refused why the last try was refused; empty where there was none, or it was not
 */
record PendingChanges(List<Change> changes, @Nullable Attempt attempt, List<String> refused) {
  static final PendingChanges NONE = new PendingChanges(List.of(), null, List.of());

  /** The name of the file. */
  static final String FILE = "pending-changes.json";

  /** Values in the file. */
  private static final int VALUES_MAX = 4_000_000;

  /**
   * One write.
   *
   * @param atMillis when it came in
   */
  record Change(long atMillis, ChangeWish wish) {
    long dueMillis() {
      return atMillis + wish.batchSeconds() * 1000;
    }
  }

  /**
   * A try to publish them.
   *
   * @param content the digest of the content with them
   * @param above the newest number of a release before; theirs is higher
   * @param changes how many of the changes are in it, from the first
   * @param release what they became; {@link ReleaseRef#NONE} where that was not heard, or refused
   */
  record Attempt(String content, long above, int changes, ReleaseRef release) {
    Attempt as(ReleaseRef made) {
      return new Attempt(content, above, changes, made);
    }

    private Json.Obj json() {
      Map<String, Json> members = new LinkedHashMap<>();
      members.put("content", new Json.Str(content));
      members.put("above", new Json.Num(above));
      members.put("changes", new Json.Num(changes));
      members.put("version", new Json.Num(release.version()));
      members.put("id", new Json.Str(release.id()));
      return new Json.Obj(members);
    }

    private static @Nullable Attempt read(@Nullable Json json) {
      if (!(json instanceof Json.Obj object
          && object.get("above") instanceof Json.Num above
          && object.get("changes") instanceof Json.Num changes
          && object.get("version") instanceof Json.Num version)) {
        return null;
      }
      return new Attempt(
          AdminNode.text(object, "content"),
          (long) above.value(),
          (int) changes.value(),
          new ReleaseRef((long) version.value(), AdminNode.text(object, "id")));
    }
  }

  PendingChanges {
    changes = List.copyOf(changes);
    refused = List.copyOf(refused);
  }

  boolean isEmpty() {
    return changes.isEmpty();
  }

  boolean isRefused() {
    return !refused.isEmpty();
  }

  /** When the first of them has waited for as long as it may. */
  long dueMillis() {
    return changes.stream().mapToLong(Change::dueMillis).min().orElse(Long.MAX_VALUE);
  }

  /** All edits, in the order in which they came in. */
  List<ContentEdit> edits() {
    return changes.stream().flatMap(change -> change.wish().edits().stream()).toList();
  }

  /** The edits that are not in a content that is served already, in the order they came in. */
  List<ContentEdit> editsOver(String served) {
    return attempt != null && attempt.content().equals(served) ? published().edits() : edits();
  }

  /** With one more. */
  PendingChanges with(Change change) {
    List<Change> all = new ArrayList<>(changes);
    all.add(change);
    return new PendingChanges(all, attempt, List.of());
  }

  /** All of them about to become a release with that content, after number {@code above}. */
  PendingChanges publishing(String content, long above) {
    ReleaseRef known =
        attempt != null && attempt.content().equals(content) ? attempt.release() : ReleaseRef.NONE;
    return new PendingChanges(
        changes, new Attempt(content, above, changes.size(), known), List.of());
  }

  /** On their way as that release. */
  PendingChanges becoming(ReleaseRef made) {
    return new PendingChanges(changes, attempt == null ? null : attempt.as(made), refused);
  }

  /** What came in after those that were published. */
  PendingChanges published() {
    int count = attempt == null ? changes.size() : Math.min(attempt.changes(), changes.size());
    return new PendingChanges(changes.subList(count, changes.size()), null, List.of());
  }

  /** The attempt stays: it may have come into force unheard. */
  PendingChanges refused(List<String> why) {
    return new PendingChanges(changes, attempt == null ? null : attempt.as(ReleaseRef.NONE), why);
  }

  Json.Obj json() {
    List<Json> written = new ArrayList<>();
    for (Change change : changes) {
      Map<String, Json> members = new LinkedHashMap<>();
      members.put("time", new Json.Num(change.atMillis()));
      members.putAll(change.wish().json().members());
      written.add(new Json.Obj(members));
    }
    Map<String, Json> members = new LinkedHashMap<>();
    members.put("changes", new Json.Arr(written));
    if (attempt != null) {
      members.put("publishing", attempt.json());
    }
    members.put("refused", new Json.Arr(refused.stream().<Json>map(Json.Str::new).toList()));
    return new Json.Obj(members);
  }

  /** Puts them on disk; durable when this returns. */
  void save(Path folder) throws IOException {
    DataDirectory.replace(folder.resolve(FILE), JsonWriter.write(json()), true);
  }

  /** Those on disk; none where there is no file. */
  static PendingChanges read(Path folder) throws IOException {
    Path file = folder.resolve(FILE);
    Json json;
    try {
      json = JsonReader.read(Files.readAllBytes(file), VALUES_MAX);
    } catch (NoSuchFileException e) {
      return NONE;
    } catch (JsonSyntaxException e) {
      throw damaged(file, e.detail());
    }
    List<Violation> violations = new ArrayList<>();
    PendingChanges found = read(json, violations);
    if (!violations.isEmpty()) {
      Violation first = violations.getFirst();
      throw damaged(file, first.pointer() + ": " + first.detail());
    }
    return found;
  }

  private static IOException damaged(Path file, String what) {
    return new IOException(
        file.toAbsolutePath()
            + " is damaged, "
            + what
            + " (delete it to forget the changes that waited to be published)");
  }

  private static PendingChanges read(Json json, List<Violation> violations) {
    List<Change> changes = new ArrayList<>();
    List<String> refused = new ArrayList<>();
    Attempt attempt = null;
    if (json instanceof Json.Obj object
        && object.get("changes") instanceof Json.Arr list
        && object.get("refused") instanceof Json.Arr why) {
      for (Json each : list.elements()) {
        Map<String, Json> members =
            new LinkedHashMap<>(each instanceof Json.Obj change ? change.members() : Map.of());
        Json time = members.remove("time");
        ChangeWish wish = ChangeWish.read(new Json.Obj(members), violations);
        if (wish != null && time instanceof Json.Num at) {
          changes.add(new Change((long) at.value(), wish));
        }
      }
      why.elements()
          .forEach(each -> refused.add(each instanceof Json.Str text ? text.value() : ""));
      attempt = Attempt.read(object.get("publishing"));
    } else {
      violations.add(new Violation("", "(expected: changes and refused)"));
    }
    return new PendingChanges(changes, attempt, refused);
  }
}

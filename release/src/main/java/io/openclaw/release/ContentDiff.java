package io.openclaw.release;

import io.openclaw.domain.Json;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What changes from one content to another, as a plan shows it: the limit of all tenants, then
 * models, tenants, keys and canaries, each in order of names. Immutable.
 */
public record ContentDiff(List<Change> changes) {
  private static final int SHOWN_LENGTH_MAX = 120;
  private static final int DIGEST_SHOWN = 12;

  /** Whether something is there that was not, is gone, or is another. */
  public enum Op {
    ADD('+'),
    CHANGE('~'),
    REMOVE('-');

    private final char sign;

    Op(char sign) {
      this.sign = sign;
    }
  }

  /**
   * One change.
   *
   * @param what {@code limit}, {@code quota}, {@code model}, {@code tenant}, {@code key} or {@code
   *     canary}
   * @param name whose; empty for the limit and the quota of all tenants
   * @param member which member of it changes, such as {@code limit.rate}; empty where the whole
   *     comes or goes
   * @param before the member's value, or what a canary that goes was; null where it had none
   * @param after the member's value, or what a canary that comes is; null where it has none
   */
  public record Change(
      Op op,
      String what,
      String name,
      String member,
      @Nullable String before,
      @Nullable String after) {
    private Change with(@Nullable String nextBefore, @Nullable String nextAfter) {
      return new Change(op, what, name, member, nextBefore, nextAfter);
    }

    /** The line of a plan. */
    public String text() {
      String subject = op.sign + " " + what + (name.isEmpty() ? "" : " " + name);
      if (member.isEmpty()) {
        String whole = after == null ? before : after;
        return whole == null ? subject : subject + " " + whole;
      }
      return subject + "  " + member + ": " + shown(before) + " -> " + shown(after);
    }

    private String shown(@Nullable String value) {
      if (value == null) {
        return "none";
      }
      if (member.equals("sha256") || member.equals("samples")) {
        return value.substring(0, Math.min(DIGEST_SHOWN, value.length()));
      }
      return value.length() <= SHOWN_LENGTH_MAX
          ? value
          : value.substring(0, SHOWN_LENGTH_MAX) + "…";
    }

    /** The change as JSON. */
    public Json.Obj json() {
      Map<String, Json> members = new LinkedHashMap<>();
      members.put("op", new Json.Str(op.name().toLowerCase(java.util.Locale.ROOT)));
      members.put("what", new Json.Str(what));
      members.put("name", new Json.Str(name));
      if (!member.isEmpty()) {
        members.put("member", new Json.Str(member));
      }
      if (before != null) {
        members.put("before", new Json.Str(before));
      }
      if (after != null) {
        members.put("after", new Json.Str(after));
      }
      return new Json.Obj(members);
    }
  }

  public ContentDiff {
    changes = List.copyOf(changes);
  }

  /** From one content to another. */
  public static ContentDiff of(Content before, Content after) {
    return of(ContentJson.write(before), ContentJson.write(after));
  }

  /** From one content document to another. */
  public static ContentDiff of(Json.Obj before, Json.Obj after) {
    List<Change> changes = new ArrayList<>();
    compare(changes, "limit", "", before.get("limit"), after.get("limit"));
    compare(changes, "quota", "", before.get("quota"), after.get("quota"));
    compareAll(changes, "model", named(before.get("models")), named(after.get("models")));
    compareAll(changes, "tenant", named(before.get("tenants")), named(after.get("tenants")));
    compareAll(changes, "key", byId(before.get("keys")), byId(after.get("keys")));
    Map<String, Json> old = canaries(before);
    Map<String, Json> now = canaries(after);
    compareAll(changes, "canary", old, now);
    changes.replaceAll(
        change ->
            change.what().equals("canary") && change.member().isEmpty()
                ? change.with(
                    summary(before, old.get(change.name())), summary(after, now.get(change.name())))
                : change);
    return new ContentDiff(changes);
  }

  private static Map<String, Json> canaries(Json.Obj content) {
    Map<String, Json> canaries = new TreeMap<>();
    for (Json each :
        content.get("canaries") instanceof Json.Arr array ? array.elements() : List.<Json>of()) {
      if (each instanceof Json.Obj canary) {
        canaries.put(text(canary, "tenant") + "/" + text(canary, "model"), canary);
      }
    }
    return canaries;
  }

  /** {@code v1 -> v2 5 %}; null for none. */
  private static @Nullable String summary(Json.Obj content, @Nullable Json value) {
    if (!(value instanceof Json.Obj canary)) {
      return null;
    }
    String weight = text(canary, "weight");
    return stable(content, text(canary, "tenant"), text(canary, "model"))
        + " -> "
        + text(canary, "version")
        + " "
        + (weight.equals("shadow") ? weight : weight + " %");
  }

  private static String stable(Json.Obj content, String tenant, String model) {
    Map<String, Json> models = named(content.get("models"));
    if (named(content.get("tenants")).get(tenant) instanceof Json.Obj owner
        && owner.get("models") instanceof Json.Arr own) {
      for (Json each : own.elements()) {
        if (each instanceof Json.Str name
            && ModelSpec.modelOf(name.value()).equals(model)
            && models.get(name.value()) instanceof Json.Obj spec) {
          return text(spec, "version");
        }
      }
    }
    return "none";
  }

  private static String text(Json.Obj object, String member) {
    return object.get(member) instanceof Json.Str text ? text.value() : "";
  }

  private static Map<String, Json> named(@Nullable Json value) {
    return value instanceof Json.Obj object ? object.members() : Map.of();
  }

  private static Map<String, Json> byId(@Nullable Json value) {
    Map<String, Json> keys = new TreeMap<>();
    for (Json each : value instanceof Json.Arr array ? array.elements() : List.<Json>of()) {
      if (each instanceof Json.Obj key && key.get("id") instanceof Json.Str id) {
        keys.put(id.value(), key);
      }
    }
    return keys;
  }

  private static void compareAll(
      List<Change> changes, String what, Map<String, Json> before, Map<String, Json> after) {
    TreeSet<String> names = new TreeSet<>(before.keySet());
    names.addAll(after.keySet());
    for (String name : names) {
      compare(changes, what, name, before.get(name), after.get(name));
    }
  }

  private static void compare(
      List<Change> changes, String what, String name, @Nullable Json before, @Nullable Json after) {
    if (before == null || after == null) {
      if (before != null || after != null) {
        Op op = before == null ? Op.ADD : Op.REMOVE;
        changes.add(new Change(op, what, name, "", null, null));
      }
      return;
    }
    if (before.equals(after)) {
      return;
    }
    Map<String, String> old = flat(before);
    Map<String, String> now = flat(after);
    TreeSet<String> members = new TreeSet<>(old.keySet());
    members.addAll(now.keySet());
    for (String member : members) {
      String was = old.get(member);
      String is = now.get(member);
      if (was == null || !was.equals(is)) {
        changes.add(new Change(Op.CHANGE, what, name, member, was, is));
      }
    }
  }

  private static Map<String, String> flat(Json value) {
    Map<String, String> members = new TreeMap<>();
    flatten(members, "", value);
    return members;
  }

  private static void flatten(Map<String, String> members, String path, Json value) {
    switch (value) {
      case Json.Obj object ->
          object
              .members()
              .forEach(
                  (name, member) ->
                      flatten(members, path.isEmpty() ? name : path + "." + name, member));
      case Json.Str text -> members.put(path, text.value());
      case Json.Num number -> members.put(path, number.text());
      case Json.Bool bool -> members.put(path, bool == Json.Bool.TRUE ? "true" : "false");
      case Json.Null none -> members.put(path, "null");
      case Json.Arr array ->
          members.put(
              path,
              array.elements().stream()
                  .map(e -> e instanceof Json.Str text ? text.value() : e.toString())
                  .toList()
                  .toString());
    }
  }

  /** Whether nothing changes. */
  public boolean isEmpty() {
    return changes.isEmpty();
  }

  /** The names of what is gone, of a kind. */
  List<String> removed(String what) {
    return changes.stream()
        .filter(change -> change.op() == Op.REMOVE && change.what().equals(what))
        .map(Change::name)
        .toList();
  }

  /** One line: how much comes, changes and goes. */
  public String summary() {
    return isEmpty()
        ? "no changes"
        : count(Op.ADD)
            + " to add, "
            + count(Op.CHANGE)
            + " to change, "
            + count(Op.REMOVE)
            + " to remove";
  }

  /** Of what is counted once, however many of its members change. */
  private long count(Op op) {
    return changes.stream()
        .filter(change -> change.op() == op)
        .map(change -> change.what() + " " + change.name())
        .distinct()
        .count();
  }

  /** A plan: a line a change, then the summary. */
  public String text() {
    StringBuilder text = new StringBuilder();
    changes.forEach(change -> text.append(change.text()).append('\n'));
    return text.append(summary()).toString();
  }
}

package io.openclaw.release;

import io.openclaw.domain.Json;
import io.openclaw.domain.JsonMembers;
import io.openclaw.domain.Violation;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One change of a {@link Content}, as a command writes it: only what is given changes. Immutable.
 */
public sealed interface ContentEdit {
  /** Characters of the name of a tenant, a model or a key. */
  int NAME_LENGTH_MAX = 256;

  /**
   * Gives a tenant these members, and makes one that is not there.
   *
   * @param members of a tenant in a content document; a JSON null takes one away; those of its
   *     fallback change one by one
   */
  record SetTenant(String tenant, Map<String, Json> members) implements ContentEdit {}

  /** Takes a tenant away, with its keys and the models that no other tenant uses. */
  record RemoveTenant(String tenant) implements ContentEdit {}

  /**
   * Gives a limit or a quota these members, and makes one where there is none.
   *
   * @param members of a limit or quota in a content document; a JSON null takes one away
   */
  record SetLimit(Owner owner, Kind kind, Map<String, Json> members) implements ContentEdit {}

  /** Takes a limit or a quota away. */
  record RemoveLimit(Owner owner, Kind kind) implements ContentEdit {}

  /** What holds what is spent. */
  enum Kind {
    /** A token bucket. */
    LIMIT("limit"),
    /** Tokens per day or month. */
    QUOTA("quota");

    private final String text;

    Kind(String text) {
      this.text = text;
    }

    /** Its name as a member. */
    public String text() {
      return text;
    }
  }

  /** Whose limits there are. */
  enum Level {
    /** All tenants together. */
    ALL,
    /** A tenant. */
    TENANT,
    /** A model. */
    MODEL,
    /** A key that is part of the release. */
    KEY;

    /** Its name in JSON. */
    public String text() {
      return name().toLowerCase(java.util.Locale.ROOT);
    }
  }

  /**
   * Whose limit it is.
   *
   * @param name empty for all tenants
   */
  record Owner(Level level, String name) {
    /** As messages name it. */
    String text() {
      return level == Level.ALL ? "all tenants" : level.text() + " " + name;
    }
  }

  /** The edit as JSON. */
  default Json.Obj json() {
    Map<String, Json> json = new LinkedHashMap<>();
    switch (this) {
      case SetTenant set -> {
        json.put("op", new Json.Str("set-tenant"));
        json.put("tenant", new Json.Str(set.tenant()));
        json.put("members", new Json.Obj(set.members()));
      }
      case RemoveTenant remove -> {
        json.put("op", new Json.Str("remove-tenant"));
        json.put("tenant", new Json.Str(remove.tenant()));
      }
      case SetLimit set -> {
        json.put("op", new Json.Str("set-" + set.kind().text()));
        putOwner(json, set.owner());
        json.put("members", new Json.Obj(set.members()));
      }
      case RemoveLimit remove -> {
        json.put("op", new Json.Str("remove-" + remove.kind().text()));
        putOwner(json, remove.owner());
      }
    }
    return new Json.Obj(json);
  }

  private static void putOwner(Map<String, Json> json, Owner owner) {
    json.put("of", new Json.Str(owner.level().text()));
    if (owner.level() != Level.ALL) {
      json.put("name", new Json.Str(owner.name()));
    }
  }

  /**
   * Reads an edit.
   *
   * @param pointer where it stands
   * @return null where anything is wrong, which is noted
   */
  static @Nullable ContentEdit read(Json json, String pointer, List<Violation> violations) {
    List<Violation> found = new ArrayList<>();
    ContentEdit edit = read(JsonMembers.of(json, pointer, found));
    violations.addAll(found);
    return found.isEmpty() ? edit : null;
  }

  private static @Nullable ContentEdit read(JsonMembers edit) {
    String op = edit.text("op");
    return switch (op) {
      case "set-tenant" -> {
        edit.only(Set.of("op", "tenant", "members"));
        yield new SetTenant(named(edit, "tenant"), members(edit));
      }
      case "remove-tenant" -> {
        edit.only(Set.of("op", "tenant"));
        yield new RemoveTenant(named(edit, "tenant"));
      }
      case "set-limit", "set-quota" -> {
        edit.only(Set.of("op", "of", "name", "members"));
        yield new SetLimit(owner(edit), kind(op), members(edit));
      }
      case "remove-limit", "remove-quota" -> {
        edit.only(Set.of("op", "of", "name"));
        yield new RemoveLimit(owner(edit), kind(op));
      }
      default -> {
        edit.wrong(
            "op",
            op
                + " (expected: one of [remove-limit, remove-quota, remove-tenant, set-limit,"
                + " set-quota, set-tenant])");
        yield null;
      }
    };
  }

  private static Kind kind(String op) {
    return op.endsWith(Kind.QUOTA.text()) ? Kind.QUOTA : Kind.LIMIT;
  }

  private static Owner owner(JsonMembers edit) {
    String of = edit.text("of");
    for (Level level : Level.values()) {
      if (level.text().equals(of)) {
        if (level == Level.ALL && edit.get("name") != null) {
          edit.wrong("name", "(expected: none for all)");
        }
        return new Owner(level, level == Level.ALL ? "" : named(edit, "name"));
      }
    }
    edit.wrong("of", of + " (expected: one of [all, key, model, tenant])");
    return new Owner(Level.ALL, "");
  }

  private static Map<String, Json> members(JsonMembers edit) {
    if (edit.get("members") instanceof Json.Obj members && !members.members().isEmpty()) {
      return members.members();
    }
    edit.wrong("members", "(expected: an object of what changes)");
    return Map.of();
  }

  private static String named(JsonMembers edit, String name) {
    return edit.text(name, NAME_LENGTH_MAX);
  }
}

package io.openclaw.release;

import io.openclaw.domain.Decimal;
import io.openclaw.domain.FallbackSpec;
import io.openclaw.domain.Json;
import io.openclaw.yaml.ConfigException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Edits on their way into a content: they change its document one after the other, and the result
 * is read as strictly as any other. For one use.
 */
public final class ContentEdits {
  private static final Set<String> DECIMALS = Set.of("rate", "threshold");

  private final Map<String, Json> root;
  private final Map<String, Json> models;
  private final Map<String, Json> tenants;
  private final Map<String, Json> keys = new LinkedHashMap<>();
  private final List<String> problems = new ArrayList<>();
  private boolean mayDoNothing;

  private ContentEdits(Json.Obj document) {
    root = new LinkedHashMap<>(document.members());
    models = new LinkedHashMap<>(object(root.get("models")));
    tenants = new LinkedHashMap<>(object(root.get("tenants")));
    for (Json key : array(root.get("keys"))) {
      keys.put(text(object(key).get("id")), key);
    }
  }

  /**
   * The content with all edits, the later ones on top of the earlier ones.
   *
   * @throws ConfigException with everything that is wrong: an unknown name, an edit without effect,
   *     and what a release of it would be refused for
   */
  public static Content apply(Content base, List<ContentEdit> edits) throws ConfigException {
    return apply(base, List.of(), edits);
  }

  /**
   * The same, with edits before them that may have no effect: what they say may be so by now.
   *
   * @throws ConfigException as {@link #apply(Content, List)}
   */
  public static Content apply(Content base, List<ContentEdit> before, List<ContentEdit> edits)
      throws ConfigException {
    ContentEdits applied = new ContentEdits(ContentJson.write(base));
    applied.mayDoNothing = true;
    before.forEach(applied::apply);
    applied.mayDoNothing = false;
    edits.forEach(applied::apply);
    if (!applied.problems.isEmpty()) {
      throw new ConfigException(applied.problems);
    }
    Map<String, byte[]> blobs = new HashMap<>();
    base.models().forEach(model -> blobs.put(Sha256.hex(model.bytes()), model.bytes()));
    base.samples().values().forEach(set -> blobs.put(Sha256.hex(set.bytes()), set.bytes()));
    ContentJson.Reading reading =
        ContentJson.read(
            applied.document(),
            new BlobModels(
                digest -> {
                  byte[] bytes = blobs.get(digest);
                  return bytes == null
                      ? new Found.Missing<>("blob " + digest)
                      : new Found.Whole<>(bytes);
                }));
    Content content = reading.content();
    if (content == null) {
      throw new ConfigException(reading.complaints());
    }
    return content;
  }

  private Json.Obj document() {
    root.put("models", new Json.Obj(models));
    root.put("tenants", new Json.Obj(tenants));
    root.put("keys", new Json.Arr(List.copyOf(keys.values())));
    return new Json.Obj(root);
  }

  private void apply(ContentEdit edit) {
    switch (edit) {
      case ContentEdit.SetTenant set -> {
        Map<String, Json> before = object(tenants.get(set.tenant()));
        if (before.isEmpty() && set.members().get("models") == null) {
          problems.add(
              "tenant "
                  + set.tenant()
                  + ": is not there (expected: one of "
                  + shown(tenants)
                  + ", or models for a new one)");
          return;
        }
        Map<String, Json> after = changed(before, set.members());
        requireChange("tenant " + set.tenant(), before, after);
        tenants.put(set.tenant(), new Json.Obj(after));
      }
      case ContentEdit.RemoveTenant remove -> removeTenant(remove.tenant());
      case ContentEdit.SetLimit set -> {
        Map<String, Json> owner = owner(set.owner());
        if (owner != null) {
          Map<String, Json> before = object(owner.get(set.kind().text()));
          Map<String, Json> after = changed(before, set.members());
          requireChange(set.owner().text() + ": " + set.kind().text(), before, after);
          replace(set.owner(), owner, set.kind(), new Json.Obj(after));
        }
      }
      case ContentEdit.RemoveLimit remove -> {
        Map<String, Json> owner = owner(remove.owner());
        if (owner != null && owner.get(remove.kind().text()) == null) {
          doesNothing(remove.owner().text() + ": has no " + remove.kind().text());
        } else if (owner != null) {
          replace(remove.owner(), owner, remove.kind(), null);
        }
      }
    }
  }

  private void removeTenant(String name) {
    Json gone = tenants.remove(name);
    if (gone == null) {
      doesNothing("tenant " + name + ": is not there (expected: one of " + shown(tenants) + ")");
      return;
    }
    keys.values().removeIf(key -> text(object(key).get("tenant")).equals(name));
    Set<String> used = new HashSet<>();
    tenants.values().forEach(tenant -> used.addAll(modelsOf(tenant)));
    modelsOf(gone).stream().filter(model -> !used.contains(model)).forEach(models::remove);
  }

  private static List<String> modelsOf(Json tenant) {
    return array(object(tenant).get("models")).stream().map(ContentEdits::text).toList();
  }

  /** What the limit is a member of; null where that is not there, which is noted. */
  private @Nullable Map<String, Json> owner(ContentEdit.Owner owner) {
    Map<String, Json> all =
        switch (owner.level()) {
          case ALL -> Map.of("", new Json.Obj(root));
          case TENANT -> tenants;
          case MODEL -> models;
          case KEY -> keys;
        };
    Json found = all.get(owner.name());
    if (found == null) {
      problems.add(
          owner.text()
              + ": is not there (expected: one of "
              + shown(all)
              + (owner.level() == ContentEdit.Level.KEY
                  ? "; the limit of a key made with openclaw key create is its own for good: revoke"
                      + " it and make another)"
                  : ")"));
      return null;
    }
    return object(found);
  }

  private void replace(
      ContentEdit.Owner owner,
      Map<String, Json> members,
      ContentEdit.Kind kind,
      Json.@Nullable Obj limit) {
    Map<String, Json> next = new LinkedHashMap<>(members);
    if (limit == null) {
      next.remove(kind.text());
    } else {
      next.put(kind.text(), limit);
    }
    Json.Obj whole = new Json.Obj(next);
    switch (owner.level()) {
      case ALL -> {
        root.clear();
        root.putAll(next);
      }
      case TENANT -> tenants.put(owner.name(), whole);
      case MODEL -> models.put(owner.name(), whole);
      case KEY -> keys.put(owner.name(), whole);
    }
  }

  private static Map<String, Json> changed(Map<String, Json> before, Map<String, Json> members) {
    Map<String, Json> after = new TreeMap<>(before);
    members.forEach(
        (name, value) -> {
          if (name.equals("fallback") && value instanceof Json.Obj given) {
            after.put(name, new Json.Obj(changed(object(before.get(name)), given.members())));
          } else if (value == Json.Null.NULL || isDefault(name, value)) {
            after.remove(name);
          } else {
            after.put(name, DECIMALS.contains(name) ? decimal(value) : value);
          }
        });
    // What only a bounded limit has goes with its mode.
    if (members.containsKey("mode")
        && !members.containsKey("overdraft")
        && !text(after.get("mode")).equals("bounded")) {
      after.remove("overdraft");
    }
    return after;
  }

  /** Whether a document leaves the member out, because it would say nothing. */
  private static boolean isDefault(String name, Json value) {
    return switch (name) {
      case "cost" -> value.equals(new Json.Num(1));
      case "mode" -> value.equals(new Json.Str("strict"));
      case "dryRun" -> value == Json.Bool.FALSE;
      case "timeoutMillis" -> value.equals(new Json.Num(FallbackSpec.TIMEOUT_MILLIS_DEFAULT));
      default -> false;
    };
  }

  /** A decimal as a document writes it; what is none is left for the reader to complain about. */
  private static Json decimal(Json value) {
    String text = value instanceof Json.Num number ? number.text() : text(value);
    try {
      return new Json.Str(Decimal.of(text).toString());
    } catch (NumberFormatException | ArithmeticException e) {
      return value;
    }
  }

  private void requireChange(String what, Map<String, Json> before, Map<String, Json> after) {
    if (before.equals(after)) {
      doesNothing(what + ": nothing changes (it is so already)");
    }
  }

  private void doesNothing(String problem) {
    if (!mayDoNothing) {
      problems.add(problem);
    }
  }

  private static String shown(Map<String, Json> named) {
    return ContentReader.oneOf(new java.util.TreeSet<>(named.keySet()));
  }

  private static Map<String, Json> object(@Nullable Json json) {
    return json instanceof Json.Obj object ? object.members() : Map.of();
  }

  private static List<Json> array(@Nullable Json json) {
    return json instanceof Json.Arr array ? array.elements() : List.of();
  }

  private static String text(@Nullable Json json) {
    return json instanceof Json.Str text ? text.value() : "";
  }
}

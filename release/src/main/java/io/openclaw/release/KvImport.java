package io.openclaw.release;

import io.openclaw.domain.Decimal;
import io.openclaw.domain.Json;
import io.openclaw.domain.JsonReader;
import io.openclaw.domain.JsonSyntaxException;
import io.openclaw.domain.Tenant;
import io.openclaw.domain.Violation;
import io.openclaw.yaml.ConfigException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The document of a key-value store as content: {@code {"ratingModels": {"v1": "<Base64 of a
 * model's JSON>"}, "tenantConfigs": {"tenantA": {"model": "v1", "threshold": 650}}}}. A model is
 * named, and labelled, as in the document. For one document.
 */
public final class KvImport {
  private static final Set<String> MEMBERS = Set.of("ratingModels", "tenantConfigs");
  private static final String NAME = "[A-Za-z0-9][A-Za-z0-9._-]{0,63}";

  private final List<String> problems = new ArrayList<>();

  private KvImport() {}

  /**
   * Reads a document.
   *
   * @param base what is in force: its keys stay as far as their tenants do, and the limit of all
   *     tenants
   * @throws ConfigException with everything that is wrong, each with its JSON Pointer
   */
  public static Content read(byte[] document, Content base) throws ConfigException {
    Json json;
    try {
      json = JsonReader.read(document);
    } catch (JsonSyntaxException e) {
      throw new ConfigException(
          List.of(
              "not JSON: " + e.detail() + " (line " + e.line() + ", column " + e.column() + ")"));
    }
    return new KvImport().content(json, base);
  }

  private Content content(Json json, Content base) throws ConfigException {
    Json.Obj root = object("", json, MEMBERS);
    List<ModelSpec> models = models(object("/ratingModels", root.get("ratingModels"), null));
    List<Tenant> tenants =
        tenants(object("/tenantConfigs", root.get("tenantConfigs"), null), models);
    if (tenants.isEmpty() && problems.isEmpty()) {
      problems.add("/tenantConfigs: empty (expected: at least one tenant)");
    }
    Set<String> used = new LinkedHashSet<>();
    tenants.forEach(tenant -> used.addAll(tenant.models()));
    for (ModelSpec model : models) {
      if (!used.contains(model.name()) && problems.isEmpty()) {
        problems.add(model.place() + ": no tenant uses it");
      }
    }
    if (!problems.isEmpty()) {
      throw new ConfigException(problems);
    }
    Set<String> ids = new LinkedHashSet<>(tenants.stream().map(Tenant::id).toList());
    return new Content(
        base.global(),
        base.globalQuota(),
        models,
        tenants,
        base.keys().stream()
            .filter(key -> key.tenant() == null || ids.contains(key.tenant()))
            .toList(),
        List.of(),
        Map.of()); // the versions that canaries try are no part of the document
  }

  private List<ModelSpec> models(Json.Obj written) {
    List<ModelSpec> models = new ArrayList<>();
    written
        .members()
        .forEach(
            (name, value) -> {
              String pointer = "/ratingModels" + Violation.pointerTo(name);
              byte[] bytes = decoded(pointer, name, value);
              String kind = bytes == null ? null : kind(pointer, bytes);
              if (bytes != null && kind != null) {
                models.add(new ModelSpec(pointer, name, kind, name, bytes, null));
              }
            });
    return models;
  }

  private byte @Nullable [] decoded(String pointer, String name, Json value) {
    if (!name.matches(NAME)) {
      problems.add(pointer + ": (expected: a name of letters, digits, '.', '_' or '-')");
    } else if (value instanceof Json.Str text) {
      try {
        byte[] bytes = Base64.getDecoder().decode(text.value());
        if (bytes.length > 0 && bytes.length <= ModelFiles.MODEL_BYTES_MAX) {
          return bytes;
        }
        problems.add(
            pointer
                + ": "
                + bytes.length
                + " bytes (expected: 1 to "
                + ModelFiles.MODEL_BYTES_MAX
                + ")");
      } catch (IllegalArgumentException e) {
        problems.add(pointer + ": not Base64 (" + e.getMessage() + ")");
      }
    } else {
      problems.add(pointer + ": " + value.typeName() + " (expected: a string of Base64)");
    }
    return null;
  }

  private @Nullable String kind(String pointer, byte[] bytes) {
    try {
      if (JsonReader.read(bytes) instanceof Json.Obj model
          && model.get("kind") instanceof Json.Str kind
          && ModelSpec.JSON_KINDS.contains(kind.value())) {
        return kind.value();
      }
      problems.add(
          pointer + ": a model without kind (expected: one of " + ModelSpec.JSON_KINDS + ")");
    } catch (JsonSyntaxException e) {
      problems.add(pointer + ": not the Base64 of JSON: " + e.detail());
    }
    return null;
  }

  private List<Tenant> tenants(Json.Obj written, List<ModelSpec> models) {
    Set<String> names = new LinkedHashSet<>(models.stream().map(ModelSpec::name).toList());
    List<Tenant> tenants = new ArrayList<>();
    written
        .members()
        .forEach(
            (id, value) -> {
              String pointer = "/tenantConfigs" + Violation.pointerTo(id);
              Json.Obj config = object(pointer, value, Set.of("model", "threshold"));
              String model = config.get("model") instanceof Json.Str text ? text.value() : "";
              if (!names.contains(model)) {
                problems.add(
                    pointer
                        + "/model: "
                        + (config.get("model") == null ? "absent" : "\"" + model + "\"")
                        + " (expected: one of "
                        + names
                        + ")");
              }
              Decimal threshold = threshold(pointer + "/threshold", config.get("threshold"));
              try {
                tenants.add(new Tenant(id, List.of(model), threshold, 1, null));
              } catch (IllegalArgumentException e) {
                problems.add(pointer + ": " + e.getMessage());
              }
            });
    return tenants;
  }

  private @Nullable Decimal threshold(String pointer, @Nullable Json value) {
    if (value == null) {
      return null;
    }
    if (value instanceof Json.Num number) {
      try {
        return Decimal.of(number.text());
      } catch (NumberFormatException | ArithmeticException e) {
        problems.add(pointer + ": " + number.text() + " (expected: at most nine decimal places)");
        return null;
      }
    }
    problems.add(pointer + ": " + value.typeName() + " (expected: a number)");
    return null;
  }

  private Json.Obj object(String pointer, @Nullable Json value, @Nullable Set<String> members) {
    if (!(value instanceof Json.Obj object)) {
      problems.add(
          (pointer.isEmpty() ? "the document" : pointer)
              + ": "
              + (value == null ? "absent" : value.typeName())
              + " (expected: an object)");
      return new Json.Obj(Map.of());
    }
    for (String name : object.members().keySet()) {
      if (members != null && !members.contains(name)) {
        problems.add(
            pointer
                + Violation.pointerTo(name)
                + ": unknown (expected: one of "
                + members.stream().sorted().toList()
                + ")");
      }
    }
    return object;
  }
}

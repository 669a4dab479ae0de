package io.openclaw.release;

import io.openclaw.domain.Json;
import io.openclaw.domain.JsonReader;
import io.openclaw.domain.JsonSyntaxException;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which blob of a content that is held is likely to be like which of another that is wanted: the
 * model of the same name, or of another version of it, and the samples of the same tenant.
 */
public final class BlobBases {
  private BlobBases() {}

  /**
   * From digests of the wanted content to digests of the held one; what is in both, or new, is left
   * out. Documents that cannot be read have nothing in common.
   */
  public static Map<String, String> of(byte[] wanted, byte[] held) {
    Map<String, String> bases = new HashMap<>();
    try {
      Json.Obj next = object(JsonReader.read(wanted, ContentJson.VALUES_MAX));
      Json.Obj before = object(JsonReader.read(held, ContentJson.VALUES_MAX));
      match(digests(next, "models", "sha256"), digests(before, "models", "sha256"), bases);
      match(digests(next, "tenants", "samples"), digests(before, "tenants", "samples"), bases);
    } catch (JsonSyntaxException e) {
      return Map.of(); // whoever reads it next says so
    }
    return bases;
  }

  private static Json.Obj object(@Nullable Json json) {
    return json instanceof Json.Obj object ? object : new Json.Obj(Map.of());
  }

  private static Map<String, String> digests(Json.Obj content, String section, String member) {
    Map<String, String> digests = new HashMap<>();
    object(content.get(section))
        .members()
        .forEach(
            (name, owner) -> {
              if (object(owner).get(member) instanceof Json.Str digest
                  && Sha256.isHex(digest.value())) {
                digests.put(name, digest.value());
              }
            });
    return digests;
  }

  private static void match(
      Map<String, String> wanted, Map<String, String> held, Map<String, String> bases) {
    Map<String, String> byModel = new HashMap<>();
    held.forEach((name, digest) -> byModel.put(withoutVersion(name), digest));
    wanted.forEach(
        (name, digest) -> {
          String same = held.get(name);
          String base = same == null ? byModel.get(withoutVersion(name)) : same;
          if (base != null && !base.equals(digest)) {
            bases.put(digest, base);
          }
        });
  }

  /** The model of {@code credit-g@v2} is {@code credit-g}. */
  private static String withoutVersion(String name) {
    int at = name.indexOf('@');
    return at < 0 ? name : name.substring(0, at);
  }
}

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
  /** A larger document is not read for this: its models travel packed. */
  static final int DOCUMENT_BYTES_MAX = 16 << 20;

  private BlobBases() {}

  /**
   * From digests of the wanted content to digests of the held one; what is in both, or new, is left
   * out. Documents that cannot be read have nothing in common.
   */
  public static Map<String, String> of(byte[] wanted, byte[] held) {
    if (wanted.length > DOCUMENT_BYTES_MAX || held.length > DOCUMENT_BYTES_MAX) {
      return Map.of();
    }
    try {
      Digests next = Digests.of(wanted); // one after the other: a tree is many times its document
      Digests before = Digests.of(held);
      Map<String, String> bases = new HashMap<>();
      match(next.models(), before.models(), bases);
      match(next.samples(), before.samples(), bases);
      return bases;
    } catch (JsonSyntaxException e) {
      return Map.of(); // whoever reads it next says so
    }
  }

  /** What a content names, by model and by tenant. */
  private record Digests(Map<String, String> models, Map<String, String> samples) {
    static Digests of(byte[] document) throws JsonSyntaxException {
      Json.Obj content = object(JsonReader.read(document, ContentJson.VALUES_MAX));
      return new Digests(
          digests(content, "models", "sha256"), digests(content, "tenants", "samples"));
    }
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

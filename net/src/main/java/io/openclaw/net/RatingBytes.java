package io.openclaw.net;

import io.openclaw.domain.Decimal;
import io.openclaw.domain.Json;
import io.openclaw.domain.JsonReader;
import io.openclaw.domain.JsonSyntaxException;
import io.openclaw.domain.JsonWriter;
import io.openclaw.domain.Rating;
import io.openclaw.domain.Reason;
import io.openclaw.edge.KeptRating;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * A rating as it stands in a store that others can write to: version 1, an HMAC-SHA-256 under a
 * secret of all nodes, when it was given, and itself as JSON. The HMAC covers the name it stands
 * under, so that no entry can be put in another's place. Immutable and thread-safe.
 */
final class RatingBytes {
  /** Bytes of an entry; a larger rating is not shared. */
  static final int BYTES_MAX = 64 * 1024;

  private static final byte VERSION = 1;
  private static final int MAC_BYTES = 32;
  private static final int HEAD_BYTES = 1 + MAC_BYTES + Long.BYTES;
  private static final String MAC = "HmacSHA256";

  private final SecretKeySpec secret;

  RatingBytes(String secret) {
    this.secret = new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), MAC);
  }

  /** The entry that stands under that name; none where the rating is too large or has an item. */
  Optional<byte[]> write(String name, KeptRating kept) {
    if (kept.rating().item() != null) {
      return Optional.empty();
    }
    byte[] json = JsonWriter.write(json(kept.rating()));
    if (json.length + HEAD_BYTES > BYTES_MAX) {
      return Optional.empty();
    }
    return Optional.of(
        ByteBuffer.allocate(HEAD_BYTES + json.length)
            .put(VERSION)
            .put(mac(name, kept.ratedAtMillis(), json))
            .putLong(kept.ratedAtMillis())
            .put(json)
            .array());
  }

  /** What an entry says; none where it is not one of ours under that name. */
  Optional<KeptRating> read(String name, byte[] entry) {
    if (entry.length <= HEAD_BYTES || entry.length > BYTES_MAX || entry[0] != VERSION) {
      return Optional.empty();
    }
    long ratedAt = ByteBuffer.wrap(entry).getLong(1 + MAC_BYTES);
    byte[] json = Arrays.copyOfRange(entry, HEAD_BYTES, entry.length);
    byte[] told = Arrays.copyOfRange(entry, 1, 1 + MAC_BYTES);
    if (!MessageDigest.isEqual(told, mac(name, ratedAt, json))) {
      return Optional.empty();
    }
    try {
      return Optional.of(new KeptRating(rating(JsonReader.read(json)), ratedAt));
    } catch (JsonSyntaxException | ClassCastException | ArithmeticException e) {
      return Optional.empty(); // signed by a node that writes another form
    }
  }

  private byte[] mac(String name, long ratedAtMillis, byte[] json) {
    byte[] names = name.getBytes(StandardCharsets.UTF_8);
    try {
      Mac mac = Mac.getInstance(MAC);
      mac.init(secret);
      mac.update(ByteBuffer.allocate(Integer.BYTES).putInt(0, names.length));
      mac.update(names);
      mac.update(ByteBuffer.allocate(Long.BYTES).putLong(0, ratedAtMillis));
      return mac.doFinal(json);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has " + MAC, e);
    }
  }

  private static Json.Obj json(Rating rating) {
    Map<String, Json> members = new LinkedHashMap<>();
    members.put("value", new Json.Str(rating.value().toString()));
    List<Json> reasons = new ArrayList<>();
    for (Reason reason : rating.reasons()) {
      reasons.add(
          new Json.Arr(
              List.of(
                  new Json.Str(reason.code()),
                  new Json.Str(reason.text()),
                  new Json.Str(reason.points().toString()))));
    }
    members.put("reasons", new Json.Arr(reasons));
    Json.Obj outputs = rating.outputs();
    if (outputs != null) {
      members.put("outputs", outputs);
    }
    return new Json.Obj(members);
  }

  /** Written by ourselves, as the HMAC says: a wrong type is another version's. */
  private static Rating rating(Json json) {
    Json.Obj object = (Json.Obj) json;
    List<Reason> reasons = new ArrayList<>();
    for (Json each : ((Json.Arr) member(object, "reasons")).elements()) {
      List<Json> parts = ((Json.Arr) each).elements();
      if (parts.size() != 3) {
        throw new ClassCastException("a reason of " + parts.size() + " parts");
      }
      reasons.add(
          new Reason(text(parts.get(0)), text(parts.get(1)), Decimal.of(text(parts.get(2)))));
    }
    Json outputs = object.get("outputs");
    return new Rating(Decimal.of(text(member(object, "value"))), reasons, null, (Json.Obj) outputs);
  }

  private static Json member(Json.Obj object, String name) {
    Json member = object.get(name);
    if (member == null) {
      throw new ClassCastException("no " + name);
    }
    return member;
  }

  private static String text(Json json) {
    return ((Json.Str) json).value();
  }
}

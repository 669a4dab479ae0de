package io.openclaw.release;

import io.openclaw.domain.Json;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * What a release is: its number, where it comes from, and the digests of everything in it. Its
 * bytes are canonical JSON; their SHA-256 is the release's id. Immutable.
 *
 * @param version 1 for the first release, then one more each
 * @param parent the id of the release it replaced; empty for the first
 * @param author who made it, in their own words
 * @param timeMillis when, milliseconds since the Unix epoch
 * @param message why
 * @param content the digest of the content document
 * @param blobs everything the release needs, the content document among it, in order of digests
 */
public record Manifest(
    long version,
    String parent,
    String author,
    long timeMillis,
    String message,
    Action action,
    String content,
    List<Blob> blobs) {
  /** The number of this form of a manifest. */
  public static final int FORMAT = 1;

  /** The largest version: ten digits, as files are named. */
  public static final long VERSION_MAX = 9_999_999_999L;

  /** The longest author, in UTF-16 units. */
  public static final int AUTHOR_LENGTH_MAX = 200;

  /** The longest message, in UTF-16 units. */
  public static final int MESSAGE_LENGTH_MAX = 2_000;

  /** Blobs of one release. */
  public static final int BLOBS_MAX = 10_001;

  /** Bytes of one blob. */
  public static final long BLOB_BYTES_MAX = 64L << 20;

  private static final long TIME_MILLIS_MAX = 253_402_300_799_999L; // the end of the year 9999

  private static final Set<String> MEMBERS =
      Set.of(
          "format", "version", "parent", "author", "time", "message", "action", "content", "blobs");

  /** What made a release. */
  public enum Action {
    /** A directory of YAML. */
    APPLY,
    /** A document of a key-value store. */
    IMPORT,
    /** The content of an older release. */
    ROLLBACK,
    /** Single changes by commands. */
    WRITE;

    /** The action's name in a manifest. */
    public String text() {
      return name().toLowerCase(Locale.ROOT);
    }

    static Action of(String text) {
      for (Action action : values()) {
        if (action.text().equals(text)) {
          return action;
        }
      }
      throw new IllegalArgumentException(
          "action: " + text + " (expected: one of apply, import, rollback, write)");
    }
  }

  /**
   * A named document.
   *
   * @param size in bytes
   */
  public record Blob(String sha256, long size) {
    public Blob {
      requireDigest("blobs: sha256", sha256);
      requireRange("blobs: size", size, 0, BLOB_BYTES_MAX);
    }
  }

  public Manifest {
    requireRange("version", version, 1, VERSION_MAX);
    // Version 1 may have been refused, so the first release in force may have a later number.
    if (!parent.isEmpty() && (version == 1 || !Sha256.isHex(parent))) {
      throw new IllegalArgumentException(
          "parent: "
              + parent
              + (version == 1
                  ? " (expected: none, of version 1)"
                  : " (expected: a SHA-256, or none of the first release in force)"));
    }
    requireText("author", author, AUTHOR_LENGTH_MAX);
    requireRange("time", timeMillis, 0, TIME_MILLIS_MAX);
    requireText("message", message, MESSAGE_LENGTH_MAX);
    requireDigest("content", content);
    requireRange("blobs", blobs.size(), 1, BLOBS_MAX);
    blobs = blobs.stream().sorted(Comparator.comparing(Blob::sha256)).toList();
    Set<String> digests = new LinkedHashSet<>();
    for (Blob blob : blobs) {
      if (!digests.add(blob.sha256())) {
        throw new IllegalArgumentException("blobs: " + blob.sha256() + " stands here twice");
      }
    }
    if (!digests.contains(content)) {
      throw new IllegalArgumentException("content: " + content + " (expected: one of the blobs)");
    }
  }

  /** Refuses a text that is blank or too long. */
  static void requireText(String name, String text, int lengthMax) {
    if (text.isBlank() || text.length() > lengthMax) {
      throw new IllegalArgumentException(
          name
              + ": "
              + (text.isBlank() ? "blank" : text.length() + " characters")
              + " (expected: 1 to "
              + lengthMax
              + " characters)");
    }
  }

  private static void requireRange(String name, long value, long min, long max) {
    if (value < min || value > max) {
      throw new IllegalArgumentException(
          name + ": " + value + " (expected: " + min + " to " + max + ")");
    }
  }

  private static void requireDigest(String name, String text) {
    if (!Sha256.isHex(text)) {
      throw new IllegalArgumentException(name + ": " + text + " (expected: a SHA-256, in hex)");
    }
  }

  /** The canonical bytes: what is signed. */
  public byte[] bytes() {
    return CanonicalJson.write(json());
  }

  /** SHA-256 of the canonical bytes. */
  public String id() {
    return Sha256.hex(bytes());
  }

  Json.Obj json() {
    Map<String, Json> members = new LinkedHashMap<>();
    members.put("format", new Json.Num(FORMAT));
    members.put("version", new Json.Num(version));
    members.put("parent", new Json.Str(parent));
    members.put("author", new Json.Str(author));
    members.put("time", new Json.Num(timeMillis));
    members.put("message", new Json.Str(message));
    members.put("action", new Json.Str(action.text()));
    members.put("content", new Json.Str(content));
    members.put(
        "blobs",
        new Json.Arr(
            blobs.stream()
                .<Json>map(
                    blob ->
                        new Json.Obj(
                            Map.of(
                                "sha256", new Json.Str(blob.sha256()),
                                "size", new Json.Num(blob.size()))))
                .toList()));
    return new Json.Obj(members);
  }

  /**
   * Reads a manifest.
   *
   * @throws IllegalArgumentException naming what is wrong with it
   */
  static Manifest of(Json document) {
    Json.Obj object = object("manifest", document, MEMBERS);
    if (integer(object, "format") != FORMAT) {
      throw new IllegalArgumentException(
          "format: " + integer(object, "format") + " (expected: " + FORMAT + ")");
    }
    if (!(object.get("blobs") instanceof Json.Arr written)) {
      throw new IllegalArgumentException("blobs: (expected: an array)");
    }
    List<Blob> blobs =
        written.elements().stream()
            .map(each -> object("blobs", each, Set.of("sha256", "size")))
            .map(each -> new Blob(text(each, "sha256"), integer(each, "size")))
            .toList();
    return new Manifest(
        integer(object, "version"),
        text(object, "parent"),
        text(object, "author"),
        integer(object, "time"),
        text(object, "message"),
        Action.of(text(object, "action")),
        text(object, "content"),
        blobs);
  }

  /** An object with exactly these members. */
  static Json.Obj object(String name, Json value, Set<String> members) {
    if (value instanceof Json.Obj object && object.members().keySet().equals(members)) {
      return object;
    }
    throw new IllegalArgumentException(
        name
            + ": "
            + (value instanceof Json.Obj object
                ? "members " + object.members().keySet()
                : value.typeName())
            + " (expected: an object of "
            + members.stream().sorted().toList()
            + ")");
  }

  static String text(Json.Obj object, String name) {
    if (object.get(name) instanceof Json.Str text) {
      return text.value();
    }
    throw new IllegalArgumentException(name + ": (expected: a string)");
  }

  static long integer(Json.Obj object, String name) {
    if (object.get(name) instanceof Json.Num number
        && number.value() == Math.rint(number.value())
        && Math.abs(number.value()) <= CanonicalJson.INTEGER_MAX) {
      return (long) number.value();
    }
    throw new IllegalArgumentException(name + ": (expected: an integer)");
  }
}

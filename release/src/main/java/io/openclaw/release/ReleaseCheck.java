package io.openclaw.release;

import io.openclaw.domain.FallbackSpec;
import io.openclaw.domain.Tenant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;

/**
 * What stands between a proposal and a release: each stage refuses with its name and everything
 * that it found. Without side effects.
 */
public final class ReleaseCheck {
  /** Tenants of one release. */
  public static final int TENANTS_MAX = 20_000;

  /** Models of one release. */
  public static final int MODELS_MAX = Manifest.BLOBS_MAX - 1;

  /** Keys of one release; more are made at run time. */
  public static final int KEYS_MAX = 100_000;

  /** Bytes of all models and samples of one release together. */
  public static final long MODELS_BYTES_MAX = 512L << 20;

  /**
   * The part of all tenants, or of all keys, of which one release may take away this percentage.
   */
  public static final int REMOVED_PERCENT_MAX = 20;

  /** Of fewer than this, only taking away all counts. */
  public static final int FEW = 5;

  /** Messages of one refusal. */
  private static final int MESSAGES_MAX = 100;

  /** Where a proposal is stopped, in the order in which they are tried. */
  public enum Stage {
    /** It does not follow the release in force. */
    STALE,
    /** Something is larger than its cap. */
    TOO_LARGE,
    /** It is no content document, or not a valid one. */
    SCHEMA,
    /** It names what is not there, or a secret that is not in this region. */
    REFERENCES,
    /** It changes nothing. */
    EMPTY,
    /** It takes away too much at once. */
    MASS_DELETE,
    /** A model does not load. */
    MODEL,
    /** A model does not rate its samples: it refuses one, traps, or does not end. */
    SAMPLES,
    /** A model is much slower than the version in force. */
    SLOW,
    /** A model's ratings are others than those of the version in force. */
    DRIFT;

    /** The stage's name in answers and metrics. */
    public String text() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }

  /**
   * What is asked for.
   *
   * @param version the number it wants to have
   * @param parent the id of the release it is based on; empty for none
   * @param content the digest of its content document
   * @param allowDrift whether models may rate otherwise than the versions in force
   * @param allowSlow whether models may be much slower than the versions in force
   */
  public record Proposal(
      long version,
      String parent,
      String author,
      String message,
      Manifest.Action action,
      String content,
      boolean allowMassDelete,
      boolean allowDrift,
      boolean allowSlow) {
    /** A proposal of models that rate as those in force do. */
    public Proposal(
        long version,
        String parent,
        String author,
        String message,
        Manifest.Action action,
        String content,
        boolean allowMassDelete) {
      this(version, parent, author, message, action, content, allowMassDelete, false, false);
    }
  }

  /**
   * What is in force.
   *
   * @param version 0 before the first release
   * @param id empty before the first release
   */
  public record Base(long version, String id, Content content) {}

  /** How a check ended. */
  public sealed interface Verdict {
    /**
     * It may be a release.
     *
     * @param notes what was not checked, and why
     */
    @SuppressWarnings("ArrayRecordComponent") // handed over
    record Passed(Content content, byte[] document, ContentDiff diff, List<String> notes)
        implements Verdict {}

    /**
     * It may not.
     *
     * @param messages what is wrong, at least one
     */
    record Refused(Stage stage, List<String> messages) implements Verdict {}
  }

  private final Function<String, Found<byte[]>> blobs;
  private final ModelLoader loader;
  private final SecretReferences secrets;

  /**
   * @param blobs the blob of a digest, verified
   * @param secrets whether the secrets that a content refers to are here
   */
  public ReleaseCheck(
      Function<String, Found<byte[]>> blobs, ModelLoader loader, SecretReferences secrets) {
    this.blobs = blobs;
    this.loader = loader;
    this.secrets = secrets;
  }

  /** Checks a proposal against what is in force. */
  public Verdict check(Proposal proposal, Base base) {
    if (proposal.version() != base.version() + 1 || !proposal.parent().equals(base.id())) {
      return refused(
          Stage.STALE,
          "version %d on %s (expected: version %d on %s, the release in force)"
              .formatted(
                  proposal.version(),
                  named(proposal.parent()),
                  base.version() + 1,
                  named(base.id())));
    }
    try {
      Manifest.requireText("author", proposal.author(), Manifest.AUTHOR_LENGTH_MAX);
      Manifest.requireText("message", proposal.message(), Manifest.MESSAGE_LENGTH_MAX);
    } catch (IllegalArgumentException e) {
      return refused(Stage.SCHEMA, String.valueOf(e.getMessage()));
    }
    Found<byte[]> found = blobs.apply(proposal.content());
    if (!(found instanceof Found.Whole<byte[]>(byte[] document))) {
      return refused(Stage.REFERENCES, "the content document: " + found.fault());
    }
    if (document.length > ContentJson.DOCUMENT_BYTES_MAX) {
      return refused(
          Stage.TOO_LARGE,
          tooMany("the content document, bytes", document.length, ContentJson.DOCUMENT_BYTES_MAX));
    }
    ContentJson.Reading reading = ContentJson.read(document, new BlobModels(blobs));
    Content content = reading.content();
    return content == null ? refused(reading) : check(proposal, base, content, document);
  }

  /**
   * Checks, in a region, a release that the primary has made: whether it could be served here. That
   * it follows the one in force, what it takes away, and how it compares with it, was the primary's
   * to check.
   *
   * @param base what is served here
   */
  public Verdict check(StoredRelease release, Content base) {
    List<String> tooLarge = tooLarge(release.content());
    if (!tooLarge.isEmpty()) {
      return new Verdict.Refused(Stage.TOO_LARGE, tooLarge);
    }
    Manifest manifest = release.signed().manifest();
    Proposal made =
        new Proposal(
            manifest.version(),
            manifest.parent(),
            manifest.author(),
            manifest.message(),
            manifest.action(),
            manifest.content(),
            true,
            true,
            true);
    return tried(made, base, release.content(), release.document());
  }

  private Verdict check(Proposal proposal, Base base, Content content, byte[] document) {
    List<String> tooLarge = tooLarge(content);
    if (!tooLarge.isEmpty()) {
      return new Verdict.Refused(Stage.TOO_LARGE, tooLarge);
    }
    ContentDiff diff = ContentDiff.of(base.content(), content);
    if (diff.isEmpty()) {
      return refused(Stage.EMPTY, "nothing changes");
    }
    List<String> deleted = new ArrayList<>();
    massDelete(deleted, "tenants", diff.removed("tenant").size(), base.content().tenants().size());
    massDelete(deleted, "keys", diff.removed("key").size(), base.content().keys().size());
    if (!deleted.isEmpty() && !proposal.allowMassDelete()) {
      return new Verdict.Refused(Stage.MASS_DELETE, deleted);
    }
    return tried(proposal, base.content(), content, document);
  }

  private Verdict tried(Proposal proposal, Content base, Content content, byte[] document) {
    List<String> unresolved = unresolved(content, secrets);
    if (!unresolved.isEmpty()) {
      return new Verdict.Refused(Stage.REFERENCES, capped(unresolved));
    }
    ModelTrials trials = new ModelTrials(loader, base, content, proposal);
    Verdict.Refused refused = trials.run();
    ContentDiff diff = ContentDiff.of(base, content);
    return refused == null
        ? new Verdict.Passed(content, document, diff, capped(trials.notes()))
        : new Verdict.Refused(refused.stage(), capped(refused.messages()));
  }

  /** What a content refers to by {@code env:} or {@code file:} and cannot be used here. */
  public static List<String> unresolved(Content content, SecretReferences secrets) {
    List<String> found = new ArrayList<>();
    for (Tenant tenant : content.tenants()) {
      FallbackSpec fallback = tenant.fallback();
      String reference = fallback == null ? null : fallback.authorization();
      String fault = reference == null ? null : secrets.fault(reference);
      if (fault != null) {
        found.add("tenants." + tenant.id() + ".fallback.authorization: " + fault);
      }
    }
    return found;
  }

  private static List<String> tooLarge(Content content) {
    Map<String, Long> sizes = new LinkedHashMap<>();
    content.models().forEach(m -> sizes.put(Sha256.hex(m.bytes()), 0L + m.bytes().length));
    content
        .samples()
        .values()
        .forEach(s -> sizes.put(Sha256.hex(s.bytes()), 0L + s.bytes().length));
    long bytes = sizes.values().stream().mapToLong(Long::longValue).sum();
    List<String> found = new ArrayList<>();
    atMost(found, "tenants", content.tenants().size(), TENANTS_MAX);
    atMost(found, "models", content.models().size(), MODELS_MAX);
    atMost(found, "keys", content.keys().size(), KEYS_MAX);
    atMost(found, "models and samples, documents", sizes.size(), MODELS_MAX);
    atMost(found, "all models and samples together, bytes", bytes, MODELS_BYTES_MAX);
    return found;
  }

  private static void atMost(List<String> found, String what, long count, long max) {
    if (count > max) {
      found.add(tooMany(what, count, max));
    }
  }

  private static String tooMany(String what, long count, long max) {
    return what + ": " + count + " (expected: at most " + max + ")";
  }

  private static void massDelete(List<String> found, String what, long gone, long all) {
    boolean tooMuch = all < FEW ? gone == all && all > 0 : gone * 100 > all * REMOVED_PERCENT_MAX;
    if (tooMuch) {
      found.add(
          "%d of %d %s vanish (expected: %s; allow it with --allow-mass-delete)"
              .formatted(
                  gone,
                  all,
                  what,
                  all < FEW ? "not all" : "at most " + REMOVED_PERCENT_MAX + " %"));
    }
  }

  private static Verdict.Refused refused(ContentJson.Reading reading) {
    List<String> rest = new ArrayList<>(reading.complaints());
    rest.removeAll(reading.tooLarge());
    if (rest.isEmpty()) {
      return new Verdict.Refused(Stage.TOO_LARGE, capped(reading.complaints()));
    }
    rest.removeAll(reading.dangling());
    return new Verdict.Refused(
        rest.isEmpty() ? Stage.REFERENCES : Stage.SCHEMA, capped(reading.complaints()));
  }

  private static Verdict.Refused refused(Stage stage, String message) {
    return new Verdict.Refused(stage, List.of(message));
  }

  private static List<String> capped(List<String> messages) {
    if (messages.size() <= MESSAGES_MAX) {
      return List.copyOf(messages);
    }
    List<String> shown = new ArrayList<>(messages.subList(0, MESSAGES_MAX));
    shown.add("and " + (messages.size() - MESSAGES_MAX) + " more");
    return shown;
  }

  private static String named(String id) {
    return id.isEmpty() ? "none" : id.substring(0, Math.min(12, id.length()));
  }
}

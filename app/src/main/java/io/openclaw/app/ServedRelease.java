package io.openclaw.app;

import io.openclaw.domain.Tenant;
import io.openclaw.rating.RatingModel;
import io.openclaw.release.Content;
import io.openclaw.release.ContentJson;
import io.openclaw.release.Found;
import io.openclaw.release.Manifest;
import io.openclaw.release.ReleaseRef;
import io.openclaw.release.ReleaseStore;
import io.openclaw.release.Sha256;
import io.openclaw.release.StoredRelease;
import io.openclaw.yaml.ConfigException;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The release that a node's requests see, with its models loaded, and the one before, kept warm so
 * that going back loads nothing. What the configuration says is version 0, served until there is a
 * release. Thread-safe; loading blocks.
 */
final class ServedRelease {
  private static final System.Logger LOG = System.getLogger("io.openclaw.app");

  /** How what is served changes: at once, for requests that come after. */
  @FunctionalInterface
  interface Switch {
    /**
     * Serves a content.
     *
     * @param before what it is compared with while it soaks; null where it does not
     */
    void to(Content content, Map<Tenant, List<RatingModel>> models, @Nullable Content before);
  }

  /**
   * What is served.
   *
   * @param digest the content document's
   * @param why why it is not the release in force; empty where it is
   */
  record Active(ReleaseRef ref, String digest, Content content, String why) {
    long version() {
      return ref.version();
    }

    String id() {
      return ref.id();
    }

    boolean isStale() {
      return !why.isEmpty();
    }
  }

  /** A release that is ready to be served: its models are loaded. */
  record Prepared(
      ReleaseRef ref,
      String digest,
      Content content,
      @Nullable StoredRelease release,
      Map<Tenant, List<RatingModel>> models) {}

  private final ReleaseStore store;
  private final Content configured;
  private final ModelShelf shelf;
  private final Map<Tenant, List<RatingModel>> startModels;
  private @Nullable Switch onSwitch;
  private Content previous;
  private Prepared prepared;
  private boolean isSoaking;
  private volatile Active active;

  /** A start's choice, and why it is not the release in force. */
  private record Choice(Prepared prepared, String why) {}

  private ServedRelease(ReleaseStore store, Content configured, ModelShelf shelf)
      throws IOException, ConfigException {
    this.store = store;
    this.configured = configured;
    this.shelf = shelf;
    Choice choice = choose();
    prepared = choice.prepared();
    active = new Active(prepared.ref(), prepared.digest(), prepared.content(), choice.why());
    previous = prepared.content();
    startModels = prepared.models();
    shelf.keep(List.of(previous));
  }

  /**
   * Finds what to serve: the release in force, or the newest good one before it, or what the
   * configuration says.
   *
   * @throws ConfigException where only the configuration is left, and its models do not load
   */
  static ServedRelease open(ReleaseStore store, Content configured, ModelShelf shelf)
      throws IOException, ConfigException {
    ServedRelease served = new ServedRelease(store, configured, shelf);
    Active active = served.active;
    LOG.log(
        active.isStale() ? Level.WARNING : Level.INFO,
        active.version() == 0
            ? "serving version 0, what the configuration says"
                + (active.isStale() ? ": " + active.why() : ": no release has been published here")
            : "serving release "
                + active.ref()
                + " from disk; what the configuration says is version 0 and not served"
                + (active.isStale() ? ": " + active.why() : ""));
    return served;
  }

  private Choice choose() throws IOException, ConfigException {
    Found<ReleaseRef> stable = store.stable();
    if (stable instanceof Found.Missing<ReleaseRef>) {
      return new Choice(configured(), "");
    }
    List<String> faults = new ArrayList<>();
    long newest = Manifest.VERSION_MAX;
    if (stable instanceof Found.Whole<ReleaseRef>(ReleaseRef inForce)) {
      newest = inForce.version();
      Prepared found = fromDisk(newest, inForce.id(), faults);
      if (found != null) {
        return new Choice(found, "");
      }
      newest--;
    } else {
      faults.add(stable.fault());
    }
    for (long version : store.versions().reversed()) {
      Prepared found = version <= newest ? fromDisk(version, "", faults) : null;
      if (found != null) {
        return new Choice(found, String.join("; ", faults));
      }
    }
    return new Choice(configured(), String.join("; ", faults));
  }

  /** What the configuration says. */
  Prepared configured() throws ConfigException {
    String digest = Sha256.hex(ContentJson.bytes(configured));
    return new Prepared(ReleaseRef.NONE, digest, configured, null, shelf.models(configured));
  }

  /** Loads the models of a release that is whole. */
  Prepared prepare(StoredRelease release) throws ConfigException {
    return new Prepared(
        release.ref(),
        release.signed().manifest().content(),
        release.content(),
        release,
        shelf.models(release.content()));
  }

  /**
   * A release of this disk, ready to be served; null where it cannot be, which is added to the
   * faults.
   *
   * @param id which one is meant; empty for any
   */
  @Nullable Prepared fromDisk(long version, String id, List<String> faults) throws IOException {
    Found<StoredRelease> found = StoredRelease.read(store, version);
    if (!(found instanceof Found.Whole<StoredRelease>(StoredRelease release))) {
      faults.add(found.fault());
      return null;
    }
    String ownId = release.signed().id();
    if (!id.isEmpty() && !ownId.equals(id)) {
      faults.add("release " + version + " has the id " + ownId + " (expected: " + id + ")");
      return null;
    }
    try {
      return prepare(release);
    } catch (ConfigException e) {
      faults.add("release " + version + ": " + e.getMessage());
      return null;
    }
  }

  /** What is served. */
  Active active() {
    return active;
  }

  /** The models of what is served at the start. */
  Map<Tenant, List<RatingModel>> startModels() {
    return startModels;
  }

  /** Whom to tell of what is to be served. */
  synchronized void onSwitch(Switch listener) {
    onSwitch = listener;
  }

  /** What is served and what was before, where it is that release: nothing needs to be loaded. */
  synchronized @Nullable Prepared warm(ReleaseRef ref) {
    return prepared.ref().equals(ref) ? prepared : null;
  }

  /**
   * Serves another release: one reference changes, and requests under way end on what they read.
   *
   * @param soaks whether it is compared with what was served before
   */
  synchronized void serve(Prepared next, boolean soaks) {
    boolean isOther = !next.ref().equals(active.ref());
    if (isOther || soaks != isSoaking) {
      Switch listener = onSwitch;
      if (listener != null) {
        listener.to(next.content(), next.models(), soaks ? active.content() : null);
      }
    }
    if (isOther) {
      previous = active.content();
      prepared = next;
    }
    isSoaking = soaks;
    active = new Active(next.ref(), next.digest(), next.content(), "");
    if (isOther) {
      LOG.log(Level.INFO, () -> "serving release " + next.ref());
    }
  }

  /** Says why what is served is not what should be; empty where it is. */
  synchronized void fault(String why) {
    if (!active.why().equals(why)) {
      active = new Active(active.ref(), active.digest(), active.content(), why);
      if (!why.isEmpty()) {
        LOG.log(Level.WARNING, () -> "serving release " + active.ref() + " still: " + why);
      }
    }
  }

  /** Lets go of models that neither this nor the previous release nor {@code others} name. */
  synchronized void keepModels(List<Content> others) {
    List<Content> kept = new ArrayList<>(others);
    kept.add(active.content());
    kept.add(previous);
    shelf.keep(kept);
  }
}

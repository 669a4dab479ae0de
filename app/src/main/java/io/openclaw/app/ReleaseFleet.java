package io.openclaw.app;

import io.openclaw.domain.Clock;
import io.openclaw.domain.Fact;
import io.openclaw.domain.FactTable;
import io.openclaw.release.Content;
import io.openclaw.release.ContentJson;
import io.openclaw.release.FleetJson;
import io.openclaw.release.FleetState;
import io.openclaw.release.Found;
import io.openclaw.release.Manifest;
import io.openclaw.release.RegionRow;
import io.openclaw.release.RegionRow.Soak;
import io.openclaw.release.RegionRow.Tried;
import io.openclaw.release.RegionRow.Verdict;
import io.openclaw.release.ReleaseCheck;
import io.openclaw.release.ReleaseKeys;
import io.openclaw.release.ReleaseRef;
import io.openclaw.release.ReleaseStore;
import io.openclaw.release.Rollout;
import io.openclaw.release.SignedManifest;
import io.openclaw.release.StoredRelease;
import io.openclaw.yaml.ConfigException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.System.Logger.Level;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * This node's part in taking releases through the fleet: {@link Rollout} on a thread of its own,
 * its rows as facts on the mesh, and what it asks for done: candidates fetched, checked and loaded,
 * what is in force put on disk and served.
 *
 * <p>A row travels straight from its region to each other: an old one that a third region still
 * holds would say that a lost disk is whole. Thread-safe.
 */
final class ReleaseFleet implements FactTable, AutoCloseable {
  /** Releases that are kept. */
  static final int KEPT = 50;

  private static final System.Logger LOG = System.getLogger("io.openclaw.app");

  /** Refused releases in a row that history is looked for behind. */
  private static final int NUMBERS_SKIPPED_MAX = 20;

  private static final long TICK_MILLIS = 20;
  private static final long RETRY_NANOS = 1_000_000_000L;

  /** Where a region remembers what it promised and accepted. */
  interface Memory {
    void save(byte[] saved) throws IOException;
  }

  /** What a node's fleet is made of. */
  record Parts(
      String region,
      List<String> regions,
      Rollout.Timing timing,
      ServedRelease served,
      ReleaseStore store,
      ReleaseKeys keys,
      boolean learnsKeys,
      ReleaseSource source,
      ReleaseCheck check,
      Memory memory,
      Clock clock) {}

  @SuppressWarnings("ArrayRecordComponent") // handed over
  private record Arrival(String region, long life, long number, byte[] row) {}

  private final Parts parts;
  private final Rollout rollout;
  private final BlobFetch fetch;
  private final long life;
  private final ConcurrentLinkedQueue<Arrival> arrivals = new ConcurrentLinkedQueue<>();
  private final Semaphore signal = new Semaphore(0);
  private final Map<String, Arrival> newest = new HashMap<>();
  private final Thread thread;
  private volatile Supplier<Set<String>> up = Set::of;
  private Function<FleetState, Soak> health;
  private Rollout.@Nullable Saved saved;
  private @Nullable RegionRow shown;
  private long number;
  private final AtomicReference<@Nullable Fact> untold = new AtomicReference<>();
  private volatile @Nullable Fact told;
  private volatile FleetState known; // what is agreed on, as of the last look
  private ServedRelease.@Nullable Prepared candidate;
  private Soak broken = Soak.NONE;
  private @Nullable ReleaseRef filledTo;
  private long retryNanos;
  private boolean isClosed;

  /**
   * @param saved what was remembered
   * @param life greater than in every earlier life of this region
   */
  ReleaseFleet(Parts parts, Rollout.Saved saved, long life) {
    this.parts = parts;
    this.life = life;
    fetch = new BlobFetch(parts.store(), parts.source());
    this.health =
        state ->
            new Soak(state.candidate(), RegionRow.Health.INSUFFICIENT, "nothing is measured here");
    rollout =
        new Rollout(
            parts.region(),
            parts.regions(),
            parts.timing(),
            saved,
            parts.served().active().ref(),
            parts.keys().toldByRegions());
    known = rollout.agreed();
    ServedRelease.Active active = parts.served().active();
    if (active.isStale()) {
      rollout.serves(ReleaseRef.NONE, active.ref(), active.why()); // this disk is to be mended
    }
    retryNanos = parts.clock().nanoTime() - RETRY_NANOS;
    thread = Thread.ofPlatform().name("releases").daemon().unstarted(this::run);
  }

  /**
   * Begins to work.
   *
   * @param peersUp the other regions that answer
   * @param soakHealth how the candidate does that soaks here
   */
  void start(Supplier<Set<String>> peersUp, Function<FleetState, Soak> soakHealth) {
    synchronized (this) {
      up = peersUp;
      health = soakHealth;
    }
    thread.start();
  }

  private void run() {
    while (true) {
      try {
        FleetState state;
        boolean committed;
        synchronized (this) {
          if (isClosed) {
            return;
          }
          think();
          state = rollout.agreed();
          committed = rollout.isCommitted();
          notifyAll();
        }
        boolean worked = work(state, committed);
        if (!worked && signal.tryAcquire(TICK_MILLIS, TimeUnit.MILLISECONDS)) {
          signal.drainPermits();
        }
      } catch (IOException | UncheckedIOException e) {
        LOG.log(Level.ERROR, "releases: the disk fails", e);
        pause();
      } catch (RuntimeException e) {
        LOG.log(Level.ERROR, "releases", e);
        pause();
      } catch (InterruptedException e) {
        return;
      }
    }
  }

  private static void pause() {
    try {
      Thread.sleep(RETRY_NANOS / 1_000_000);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Takes in what was heard, decides, remembers, and only then tells. */
  private synchronized void think() throws IOException {
    for (Arrival each = arrivals.poll(); each != null; each = arrivals.poll()) {
      take(each);
    }
    FleetState before = rollout.agreed();
    if (before.stage() == FleetState.Stage.SOAK && before.soakRegion().equals(parts.region())) {
      boolean isBroken = broken.candidate().equals(before.candidate());
      rollout.soak(isBroken ? broken : health.apply(before));
    }
    rollout.tick(up.get(), parts.clock().nanoTime());
    known = rollout.agreed();
    Rollout.Saved now = rollout.saved();
    if (!now.equals(saved)) {
      parts.memory().save(FleetJson.write(now));
      log(saved, now);
      saved = now;
    }
    RegionRow row = rollout.row();
    if (!row.equals(shown)) {
      shown = row;
      number++;
      told = fact(row);
      untold.set(told);
    }
  }

  private void take(Arrival arrival) {
    Arrival before = newest.get(arrival.region());
    boolean isNewer =
        before == null
            || arrival.life() > before.life()
            || (arrival.life() == before.life() && arrival.number() > before.number());
    if (!isNewer) {
      return;
    }
    RegionRow row = FleetJson.row(arrival.row());
    newest.put(arrival.region(), arrival);
    if (parts.learnsKeys()) {
      learn(arrival.region(), row);
    }
    rollout.heard(arrival.region(), row);
  }

  private void learn(String region, RegionRow row) {
    for (String key : row.publicKeys()) {
      try {
        if (parts.keys().learn(key)) {
          LOG.log(
              Level.INFO, () -> "releases signed with a key that " + region + " told are taken");
        }
      } catch (IOException | IllegalArgumentException e) {
        LOG.log(Level.WARNING, () -> "a key that region " + region + " told", e);
      }
    }
    rollout.publicKeys(parts.keys().toldByRegions());
  }

  private void log(Rollout.@Nullable Saved before, Rollout.Saved now) {
    FleetState state = now.accepted();
    if (parts.regions().size() > 1
        && (before == null || !before.promisedTo().equals(now.promisedTo()))) {
      LOG.log(
          Level.INFO,
          () -> "releases: the primary is " + now.promisedTo() + ", term " + now.promisedTerm());
    }
    if (before != null
        && before.accepted().compareTo(state) < 0
        && !state.candidate().id().isEmpty()) {
      LOG.log(
          state.stage() == FleetState.Stage.REFUSED ? Level.WARNING : Level.INFO,
          () ->
              "release "
                  + state.candidate()
                  + " is "
                  + state.stage().text()
                  + (state.soakRegion().isEmpty() ? "" : " in " + state.soakRegion())
                  + (state.why().isEmpty() ? "" : ": " + state.why()));
    }
  }

  private Fact fact(RegionRow row) {
    byte[] json = FleetJson.write(row);
    byte[] value = new byte[json.length + 2 * Long.BYTES];
    java.nio.ByteBuffer.wrap(value).putLong(life).putLong(number).put(json);
    return new Fact.Register(name(), parts.region(), number, value);
  }

  // What the state asks for.

  private boolean work(FleetState state, boolean committed)
      throws IOException, InterruptedException {
    if (parts.clock().nanoTime() - retryNanos < RETRY_NANOS) {
      return false;
    }
    boolean worked = false;
    if (state.isMoving()) {
      worked = attempt(state.candidate());
    }
    if (committed) {
      worked |= follow(state);
      letGo(state);
    }
    return worked || (!state.isMoving() && fillHistory());
  }

  /** Fetches, checks and loads the candidate, once. */
  private boolean attempt(ReleaseRef ref) throws IOException, InterruptedException {
    Tried before;
    synchronized (this) {
      before = rollout.row().tried();
    }
    if (before.candidate().equals(ref) && before.verdict() != Verdict.PENDING) {
      return false;
    }
    Tried result;
    try {
      StoredRelease release = fetch(ref);
      result =
          switch (parts.check().check(release, parts.served().active().content())) {
            case ReleaseCheck.Verdict.Refused no ->
                new Tried(
                    ref,
                    Verdict.REFUSED,
                    "stage " + no.stage().text() + ": " + String.join("; ", no.messages()));
            case ReleaseCheck.Verdict.Passed passed -> {
              candidate = parts.served().prepare(release);
              yield new Tried(ref, Verdict.READY, "");
            }
          };
    } catch (IOException e) {
      result = new Tried(ref, Verdict.PENDING, String.valueOf(e.getMessage()));
      retryNanos = parts.clock().nanoTime();
    } catch (ConfigException e) {
      result = new Tried(ref, Verdict.REFUSED, "stage model: " + e.getMessage());
    } catch (UncheckedIOException e) {
      throw e; // the disk fails, whatever the candidate is
    } catch (RuntimeException e) {
      LOG.log(Level.ERROR, () -> "release " + ref, e);
      result = new Tried(ref, Verdict.REFUSED, "it broke: " + e);
    }
    synchronized (this) {
      rollout.tried(result);
    }
    return result.verdict() != Verdict.PENDING;
  }

  /** Drops a release that was refused, with the models that no other has. */
  private void letGo(FleetState state) {
    synchronized (this) {
      ServedRelease.Prepared staged = candidate;
      if (state.stage() != FleetState.Stage.REFUSED
          || staged == null
          || !staged.ref().equals(state.candidate())) {
        return;
      }
      candidate = null;
    }
    tidy();
  }

  /** Puts on disk what is in force, and serves what this region is to serve. */
  private boolean follow(FleetState state) throws IOException, InterruptedException {
    ReleaseRef target = state.target(parts.region());
    RegionRow row;
    synchronized (this) {
      row = rollout.row();
    }
    if (row.holds().equals(state.stable()) && row.serves().equals(target)) {
      return false;
    }
    String fault = "";
    ReleaseRef holds = row.holds();
    try {
      ServedRelease.Prepared next = prepared(target);
      if (!holds.equals(state.stable())) {
        hold(target.equals(state.stable()) ? next : prepared(state.stable()));
        holds = state.stable();
      }
      parts.served().serve(next, !target.equals(state.stable()));
      tidy();
    } catch (IOException | ConfigException e) {
      fault = "release " + target + ": " + e.getMessage();
      parts.served().fault(fault);
      retryNanos = parts.clock().nanoTime();
    } catch (UncheckedIOException e) {
      throw e; // the disk fails, whatever the release is
    } catch (RuntimeException e) {
      fault = broke(target, holds, e);
      retryNanos = parts.clock().nanoTime();
    }
    synchronized (this) {
      rollout.serves(holds, parts.served().active().ref(), fault);
    }
    return fault.isEmpty();
  }

  /** A release that cannot be served as it was loaded: a soak ends, else it is loaded anew. */
  private String broke(ReleaseRef target, ReleaseRef holds, RuntimeException e) {
    String fault = "release " + target + " broke: " + e;
    if (!parts.served().active().why().equals(fault)) {
      LOG.log(Level.ERROR, fault, e);
    }
    parts.served().fault(fault);
    synchronized (this) {
      broken = new Soak(target, RegionRow.Health.BREACH, "it broke: " + e);
      if (holds.equals(target)) {
        candidate = null; // it is on disk, whole
      }
    }
    return fault;
  }

  /**
   * Fetches one release before the one in force that this disk does not have, as after a time away:
   * each region can go back to it.
   */
  private boolean fillHistory() throws IOException, InterruptedException {
    if (!(parts.store().stable() instanceof Found.Whole<ReleaseRef>(ReleaseRef newest))
        || newest.equals(filledTo)) {
      return false;
    }
    ReleaseRef at = newest;
    for (int i = 1; i < KEPT; i++) {
      if (!(parts.store().manifest(at.version())
          instanceof Found.Whole<SignedManifest>(SignedManifest signed))) {
        break;
      }
      String parent = signed.manifest().parent();
      ReleaseRef before = parent.isEmpty() ? null : kept(at.version(), parent);
      if (before == null) {
        boolean found = !parent.isEmpty() && fetchBefore(at.version(), parent);
        filledTo = found ? filledTo : newest;
        return found;
      }
      at = before;
    }
    filledTo = newest;
    return false;
  }

  /** A number may be skipped: that of a release that was refused. */
  private @Nullable ReleaseRef kept(long version, String id) throws IOException {
    for (long v = version - 1; v > 0 && v >= version - NUMBERS_SKIPPED_MAX; v--) {
      if (parts.store().manifest(v) instanceof Found.Whole<SignedManifest>(SignedManifest kept)
          && kept.id().equals(id)) {
        return new ReleaseRef(v, id);
      }
    }
    return null;
  }

  private boolean fetchBefore(long version, String id) throws InterruptedException {
    for (long v = version - 1; v > 0 && v >= version - NUMBERS_SKIPPED_MAX; v--) {
      try {
        StoredRelease release = fetch(new ReleaseRef(v, id));
        parts.store().put(release.signed());
        return true;
      } catch (IOException e) {
        LOG.log(Level.DEBUG, "an older release", e);
      }
    }
    return false;
  }

  /** All of it is on disk before it is in force: what was fetched may be lost meanwhile. */
  private void hold(ServedRelease.Prepared next) throws IOException {
    StoredRelease release = next.release();
    if (release != null) {
      Map<String, byte[]> blobs = new HashMap<>(ContentJson.blobs(release.content()));
      blobs.put(release.signed().manifest().content(), release.document());
      for (Map.Entry<String, byte[]> blob : blobs.entrySet()) {
        if (!(parts.store().blob(blob.getKey()) instanceof Found.Whole<byte[]>)) {
          parts.store().put(blob.getKey(), blob.getValue());
        }
      }
      parts.store().put(release.signed());
      parts.store().stable(next.ref());
    }
  }

  private ServedRelease.Prepared prepared(ReleaseRef ref)
      throws IOException, InterruptedException, ConfigException {
    ServedRelease.Prepared staged = candidate;
    if (staged != null && staged.ref().equals(ref)) {
      return staged;
    }
    ServedRelease.Prepared warm = parts.served().warm(ref);
    if (warm != null) {
      return warm;
    }
    return ref.version() == 0 ? parts.served().configured() : parts.served().prepare(fetch(ref));
  }

  /** A release from this disk, or, what of it is missing or corrupt here, from elsewhere. */
  private StoredRelease fetch(ReleaseRef ref) throws IOException, InterruptedException {
    SignedManifest signed = manifest(ref);
    fetch.all(signed.manifest(), parts.served().active().digest());
    Found<StoredRelease> found = StoredRelease.read(signed, StoredRelease.blobs(parts.store()));
    if (found instanceof Found.Whole<StoredRelease>(StoredRelease release)) {
      return release;
    }
    throw new IOException(found.fault());
  }

  private SignedManifest manifest(ReleaseRef ref) throws IOException, InterruptedException {
    ServedRelease.Prepared staged = candidate;
    if (staged != null && staged.ref().equals(ref) && staged.release() != null) {
      return staged.release().signed();
    }
    Found<SignedManifest> found = parts.store().manifest(ref.version());
    if (found instanceof Found.Whole<SignedManifest>(SignedManifest stored)
        && stored.id().equals(ref.id())) {
      return stored;
    }
    byte[] document;
    try {
      document = parts.source().manifest(ref);
    } catch (IOException e) {
      throw new IOException(found.fault() + "; " + e.getMessage(), e);
    }
    try {
      SignedManifest signed = SignedManifest.read(document);
      String fault = parts.keys().fault(signed);
      if (fault != null || !signed.id().equals(ref.id())) {
        throw new IOException(
            "release " + ref + ": " + (fault == null ? "got " + signed.id() : fault));
      }
      return signed;
    } catch (IllegalArgumentException e) {
      throw new IOException("release " + ref + ": " + e.getMessage(), e);
    }
  }

  /** A blob of this disk, or fetched and put there. */
  byte[] blob(String sha256) throws IOException, InterruptedException {
    return fetch.one(BlobWish.any(sha256));
  }

  private void tidy() {
    try {
      parts.store().prune(KEPT, staged(), parts.clock().wallMillis());
    } catch (IOException e) {
      LOG.log(Level.WARNING, "old releases could not be removed", e);
    }
    keepModels();
  }

  private Set<String> staged() {
    ServedRelease.Prepared staged = candidate;
    StoredRelease release = staged == null ? null : staged.release();
    return release == null
        ? Set.of()
        : release.signed().manifest().blobs().stream()
            .map(Manifest.Blob::sha256)
            .collect(Collectors.toSet());
  }

  /** Lets go of models that neither what is served, nor what was, nor what is staged names. */
  void keepModels() {
    ServedRelease.Prepared staged;
    synchronized (this) {
      staged = candidate;
    }
    parts.served().keepModels(staged == null ? List.<Content>of() : List.of(staged.content()));
  }

  // What the administration asks.

  /** What is agreed on, as this region knows it. */
  synchronized FleetState agreed() {
    return rollout.agreed();
  }

  /** Every region's row as it is known here. */
  synchronized Map<String, RegionRow> rows() {
    return rollout.rows();
  }

  /** The region that writes. */
  synchronized String primary() {
    return rollout.primary();
  }

  /** Whether this region may write. */
  synchronized boolean isEstablished() {
    return rollout.isEstablished();
  }

  /** Whether there are others. */
  boolean isAlone() {
    return parts.regions().size() == 1;
  }

  /** This region. */
  String region() {
    return parts.region();
  }

  /** The other regions that answer. */
  Set<String> up() {
    return up.get();
  }

  /**
   * Whether this region knows what is in force and serves it; where it hears no majority it cannot
   * know. Without this object's lock, which is held while files are synced: event loops ask.
   */
  String stale() {
    int present = 1 + up.get().size();
    if (present <= parts.regions().size() / 2) {
      return "no majority of the regions answers; what is in force may have changed";
    }
    FleetState state = known;
    ReleaseRef target = state.target(parts.region());
    ReleaseRef serves = parts.served().active().ref();
    return serves.equals(target) || state.equals(FleetState.INITIAL)
        ? ""
        : "release " + target + " is in force";
  }

  /**
   * Begins to take a release that this node has made to all regions.
   *
   * @throws IllegalStateException where this is not the primary, or another release is on its way
   */
  synchronized void propose(ServedRelease.Prepared made, boolean now, boolean mayDrift) {
    rollout.propose(made.ref(), now, mayDrift, parts.clock().nanoTime());
    candidate = made;
    rollout.tried(new Tried(made.ref(), Verdict.READY, ""));
    signal.release();
  }

  /** A person ends a soak. */
  synchronized boolean decide(boolean promote, String why) {
    boolean done = rollout.decide(promote, why, parts.clock().nanoTime());
    signal.release();
    return done;
  }

  /** Asks that a region becomes primary. */
  synchronized void nominate(String region) {
    rollout.nominate(region, parts.clock().nanoTime());
    signal.release();
  }

  /** Waits until the release has ended its way, or the time is over; what is agreed then. */
  synchronized FleetState await(ReleaseRef ref, long millis) throws InterruptedException {
    long deadlineNanos = parts.clock().nanoTime() + millis * 1_000_000;
    while (!isOver(ref)) {
      long left = deadlineNanos - parts.clock().nanoTime();
      if (left <= 0) {
        break;
      }
      wait(Math.max(1, left / 1_000_000));
    }
    return rollout.agreed();
  }

  private boolean isOver(ReleaseRef ref) {
    FleetState state = rollout.agreed();
    return !state.candidate().equals(ref)
        || state.stage() == FleetState.Stage.REFUSED
        || (state.stage() == FleetState.Stage.STABLE
            && rollout.progress(ref, up.get()).isEverywhere());
  }

  /** Whether a majority holds the release, and each region that answers serves it. */
  synchronized Rollout.Progress progress(ReleaseRef ref) {
    return rollout.progress(ref, up.get());
  }

  /** Waits until this region serves what is in force, or the time is over; whether it does. */
  synchronized boolean awaitCurrent(long millis) throws InterruptedException {
    long deadlineNanos = parts.clock().nanoTime() + millis * 1_000_000;
    while (!(rollout.isInformed() && stale().isEmpty())) {
      if (parts.clock().nanoTime() - deadlineNanos >= 0) {
        return false;
      }
      wait(TICK_MILLIS);
    }
    return true;
  }

  /**
   * Waits until this region may write or another one does, or the time is over; which one that is.
   */
  synchronized String awaitPrimary(long millis) throws InterruptedException {
    long deadlineNanos = parts.clock().nanoTime() + millis * 1_000_000;
    while (!rollout.isEstablished()
        && !up.get().contains(rollout.primary())
        && parts.clock().nanoTime() - deadlineNanos < 0) {
      wait(TICK_MILLIS);
    }
    return rollout.primary();
  }

  /** The manifest of a release that this region holds or has staged, for another region. */
  @Nullable SignedManifest held(ReleaseRef ref) throws IOException {
    ServedRelease.Prepared staged = candidate;
    if (staged != null && staged.ref().equals(ref) && staged.release() != null) {
      return staged.release().signed();
    }
    return parts.store().manifest(ref.version())
                instanceof Found.Whole<SignedManifest>(SignedManifest stored)
            && stored.id().equals(ref.id())
        ? stored
        : null;
  }

  // The facts.

  @Override
  public String name() {
    return "releases";
  }

  // Without this object's lock, which is held while files are synced: the mesh's thread waits for
  // nothing.
  @Override
  public void drainChanges(Consumer<Fact> sink) {
    Fact fact = untold.getAndSet(null);
    if (fact != null) {
      sink.accept(fact);
    }
  }

  @Override
  public void all(Consumer<Fact> sink) {
    Fact fact = told;
    if (fact != null) {
      sink.accept(fact);
    }
  }

  @Override
  public void merge(Fact fact) {
    if (!(fact instanceof Fact.Register register)
        || !parts.regions().contains(register.key())
        || register.key().equals(parts.region())
        || register.value().length <= 2 * Long.BYTES) {
      throw new IllegalArgumentException("not a region's row of releases: " + fact.key());
    }
    java.nio.ByteBuffer value = java.nio.ByteBuffer.wrap(register.value());
    long itsLife = value.getLong();
    long itsNumber = value.getLong();
    byte[] row = new byte[value.remaining()];
    value.get(row);
    FleetJson.row(row); // refused here, where the mesh counts it
    arrivals.add(new Arrival(register.key(), itsLife, itsNumber, row));
    signal.release();
  }

  @Override
  public void close() {
    synchronized (this) {
      isClosed = true;
      signal.release();
    }
    try {
      thread.join(RETRY_NANOS / 1_000_000);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}

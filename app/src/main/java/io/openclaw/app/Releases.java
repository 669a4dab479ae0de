package io.openclaw.app;

import io.openclaw.domain.Clock;
import io.openclaw.domain.Json;
import io.openclaw.domain.JsonReader;
import io.openclaw.domain.JsonSyntaxException;
import io.openclaw.domain.JsonWriter;
import io.openclaw.domain.Problem;
import io.openclaw.domain.ProblemType;
import io.openclaw.domain.Violation;
import io.openclaw.edge.Answered;
import io.openclaw.edge.ReleaseAdministration;
import io.openclaw.release.Content;
import io.openclaw.release.ContentDiff;
import io.openclaw.release.ContentJson;
import io.openclaw.release.FleetJson;
import io.openclaw.release.FleetState;
import io.openclaw.release.Found;
import io.openclaw.release.Manifest;
import io.openclaw.release.RegionRow;
import io.openclaw.release.ReleaseCheck;
import io.openclaw.release.ReleaseKeys;
import io.openclaw.release.ReleaseRef;
import io.openclaw.release.ReleaseStore;
import io.openclaw.release.SecretReferences;
import io.openclaw.release.Sha256;
import io.openclaw.release.SignedManifest;
import io.openclaw.release.StoredRelease;
import io.openclaw.yaml.ConfigException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.UnaryOperator;

/**
 * The releases of a node, as they are administered: shown, proposed, checked, signed and given to
 * the {@link ReleaseFleet}. What has to be written in another region is passed on to it.
 *
 * <p>Thread-safe; blocks.
 */
final class Releases implements ReleaseAdministration {
  private static final System.Logger LOG = System.getLogger("io.openclaw.app");

  /** How long an answer waits for the end of a release's way; what takes longer is asked for. */
  private static final long ANSWER_MILLIS_MAX = 2_000;

  /** Passes what must be written elsewhere on to the region that writes. */
  interface Primary {
    /**
     * The answer of that region.
     *
     * @param path {@code releases} or {@code rollout}
     */
    Answered ask(String region, String path, byte[] body) throws IOException, InterruptedException;
  }

  /** What became of a content that was proposed as a release. */
  sealed interface Fate {
    /** It is in force, or was. */
    record InForce() implements Fate {}

    /** It is on its way, or may be. */
    record Open() implements Fate {}

    /** It is not in force and never will be. */
    record Refused(String why) implements Fate {}

    /** No release is known that it became. */
    record Unknown() implements Fate {}
  }

  private final ReleaseStore store;
  private final ReleaseKeys keys;
  private final Content configured;
  private final Map<String, byte[]> configuredBlobs;
  private final ServedRelease served;
  private final ReleaseFleet fleet;
  private final ReleaseCheck check;
  private final Primary elsewhere;
  private final Clock clock;
  private final Map<ReleaseCheck.Stage, LongAdder> refused =
      new EnumMap<>(ReleaseCheck.Stage.class);

  Releases(
      ReleaseStore store,
      ReleaseKeys keys,
      Content configured,
      ModelShelf shelf,
      ServedRelease served,
      ReleaseFleet fleet,
      Primary elsewhere,
      SecretReferences secrets,
      Clock clock) {
    this.store = store;
    this.keys = keys;
    this.configured = configured;
    this.configuredBlobs = ContentJson.blobs(configured);
    this.served = served;
    this.fleet = fleet;
    this.check = new ReleaseCheck(this::fetch, shelf, secrets);
    this.elsewhere = elsewhere;
    this.clock = clock;
    for (ReleaseCheck.Stage stage : ReleaseCheck.Stage.values()) {
      refused.put(stage, new LongAdder());
    }
  }

  /** What is served. */
  ServedRelease.Active active() {
    return served.active();
  }

  /** Why what is served may not be what is in force; empty where it is. */
  String stale() {
    ServedRelease.Active now = served.active();
    return now.isStale() ? now.why() : fleet.stale();
  }

  /** What is agreed on. */
  FleetState agreed() {
    return fleet.agreed();
  }

  /** Whether this node writes. */
  boolean isPrimary() {
    return fleet.isEstablished();
  }

  /** How many proposals were refused here, by stage. */
  Map<ReleaseCheck.Stage, LongAdder> refused() {
    return refused;
  }

  /** The members of {@code /readyz?verbose}. */
  Json.Obj health() {
    Map<String, Json> members = new LinkedHashMap<>();
    members.put("release", new Json.Num(served.active().version()));
    members.put("stale", Json.Bool.of(!stale().isEmpty()));
    return new Json.Obj(members);
  }

  @Override
  public Answered list() {
    return read(
        () -> {
          ServedRelease.Active now = served.active();
          FleetState state = fleet.agreed();
          Map<String, Json> serving = named(now.version(), now.id());
          serving.put("content", new Json.Str(now.digest()));
          serving.put("stale", Json.Bool.of(!stale().isEmpty()));
          serving.put("why", new Json.Str(stale()));
          List<Json> releases = new ArrayList<>();
          for (long version : store.versions().reversed()) {
            if (version <= state.stable().version()) {
              releases.add(shown(version, store.manifest(version)));
            }
          }
          Map<String, Json> members = new LinkedHashMap<>();
          members.put("serving", new Json.Obj(serving));
          members.put("head", new Json.Obj(named(state.nextVersion() - 1, state.stable().id())));
          members.put("key", new Json.Str(keys.ownPublicKey()));
          members.put("releases", new Json.Arr(releases));
          return answer(new Json.Obj(members));
        });
  }

  private static Map<String, Json> named(long version, String id) {
    Map<String, Json> members = new LinkedHashMap<>();
    members.put("version", new Json.Num(version));
    members.put("id", new Json.Str(id));
    return members;
  }

  private static Json shown(long version, Found<SignedManifest> found) {
    if (!(found instanceof Found.Whole<SignedManifest>(SignedManifest signed))) {
      Map<String, Json> members = named(version, "");
      members.put("fault", new Json.Str(found.fault()));
      return new Json.Obj(members);
    }
    Manifest manifest = signed.manifest();
    Map<String, Json> members = named(version, signed.id());
    members.put("parent", new Json.Str(manifest.parent()));
    members.put("author", new Json.Str(manifest.author()));
    members.put("time", new Json.Num(manifest.timeMillis()));
    members.put("message", new Json.Str(manifest.message()));
    members.put("action", new Json.Str(manifest.action().text()));
    members.put("content", new Json.Str(manifest.content()));
    return new Json.Obj(members);
  }

  @Override
  public Answered show(String version) {
    if (!version.matches("[0-9]{1,10}")) {
      return problem(Problem.of(ProblemType.NOT_FOUND, "no such release"));
    }
    long number = Long.parseLong(version);
    if (number == 0) {
      Map<String, Json> members = named(0, "");
      members.put("content", new Json.Str(Sha256.hex(ContentJson.bytes(configured))));
      return answer(new Json.Obj(members));
    }
    return read(
        () -> {
          FleetState state = fleet.agreed();
          Found<SignedManifest> found = store.manifest(number);
          SignedManifest staged =
              state.isMoving() && state.candidate().version() == number
                  ? fleet.held(state.candidate())
                  : null;
          if (staged == null && number > state.stable().version()) {
            return problem(Problem.of(ProblemType.NOT_FOUND, "no such release"));
          }
          SignedManifest signed =
              staged == null && found instanceof Found.Whole<SignedManifest>(SignedManifest kept)
                  ? kept
                  : staged;
          if (signed == null) {
            return problem(Problem.of(ProblemType.NOT_FOUND, found.fault()));
          }
          Map<String, Json> members = named(number, signed.id());
          members.put("content", new Json.Str(signed.manifest().content()));
          members.put("signed", signed.json());
          return answer(new Json.Obj(members));
        });
  }

  @Override
  public Answered blob(String sha256) {
    if (!Sha256.isHex(sha256)) {
      return problem(Problem.of(ProblemType.NOT_FOUND, "no such blob"));
    }
    return read(
        () -> {
          Found<byte[]> found = find(sha256);
          return found instanceof Found.Whole<byte[]>(byte[] bytes)
              ? answer(bytes)
              : problem(Problem.of(ProblemType.NOT_FOUND, found.fault()));
        });
  }

  /** A blob of this node. */
  Found<byte[]> find(String sha256) {
    byte[] own = configuredBlobs.get(sha256);
    return own != null ? new Found.Whole<>(own) : StoredRelease.blobs(store).apply(sha256);
  }

  /** A blob of this node, or of another region: a proposal may have been made there. */
  private Found<byte[]> fetch(String sha256) {
    Found<byte[]> found = find(sha256);
    if (found instanceof Found.Whole<byte[]>) {
      return found;
    }
    try {
      return new Found.Whole<>(fleet.blob(sha256));
    } catch (IOException e) {
      return found;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return found;
    }
  }

  @Override
  public Answered putBlob(String sha256, byte[] bytes) {
    if (!Sha256.isHex(sha256)) {
      return problem(Problem.of(ProblemType.NOT_FOUND, "no such blob (expected: a SHA-256)"));
    }
    String digest = Sha256.hex(bytes);
    if (!digest.equals(sha256)) {
      return problem(
          Problem.of(
              ProblemType.INVALID_INPUT,
              "the body is not what its path says",
              List.of(
                  new Violation("", "its SHA-256 is " + digest + " (expected: " + sha256 + ")"))));
    }
    return read(
        () -> {
          store.put(sha256, bytes);
          Map<String, Json> members = new LinkedHashMap<>();
          members.put("sha256", new Json.Str(sha256));
          members.put("size", new Json.Num(bytes.length));
          return answer(new Json.Obj(members));
        });
  }

  @Override
  public Answered publish(byte[] body) {
    return write(
        "releases",
        body,
        document -> {
          List<Violation> violations = new ArrayList<>();
          ReleaseWish wish = ReleaseWish.read(document, violations);
          return wish == null
              ? problem(
                  Problem.of(
                      ProblemType.INVALID_INPUT, "this is no proposal of a release", violations))
              : publish(wish);
        });
  }

  @FunctionalInterface
  private interface Writing {
    Answered make(Json document) throws IOException;
  }

  /** Does what only the primary does: here, or there. */
  private Answered write(String path, byte[] body, Writing writing) {
    Json document;
    try {
      document = JsonReader.read(body);
    } catch (JsonSyntaxException e) {
      return problem(Problem.notJson(e));
    }
    String primary = fleet.primary();
    try {
      primary = fleet.awaitPrimary(ANSWER_MILLIS_MAX);
      if (fleet.isEstablished()) {
        return read(() -> writing.make(document));
      }
      if (fleet.up().contains(primary)) {
        return elsewhere.ask(primary, path, body);
      }
    } catch (IOException e) {
      return problem(
          Problem.of(
                  ProblemType.UNAVAILABLE,
                  "the primary, region " + primary + ", does not answer: " + e.getMessage())
              .withRetryAfter(1));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return problem(
        Problem.of(
                ProblemType.UNAVAILABLE,
                "the primary, region "
                    + primary
                    + ", cannot write: it or a majority of the regions does not answer"
                    + " (openclaw release primary REGION moves it)")
            .withRetryAfter(1));
  }

  /** What another region passes on; only done where this one is the primary. */
  Answered passedOn(String path, byte[] body) {
    try {
      fleet.awaitPrimary(ANSWER_MILLIS_MAX);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    if (!fleet.isEstablished()) {
      return problem(
          Problem.of(ProblemType.UNAVAILABLE, "this region is not the primary").withRetryAfter(1));
    }
    return path.equals("releases") ? publish(body) : direct(body);
  }

  /**
   * Makes what is served, changed a little, the next release, at once; no other release of this
   * node comes between.
   *
   * @param author who changes it
   * @param message why
   * @param allowMassDelete whether much of it may go
   */
  synchronized Answered change(
      String author, String message, boolean allowMassDelete, UnaryOperator<Content> change) {
    return read(
        () -> {
          FleetState state = fleet.agreed();
          if (isBehind(state)) {
            return behind(state);
          }
          Content next = change.apply(served.active().content());
          String digest = Sha256.hex(ContentJson.bytes(next));
          if (digest.equals(served.active().digest())) {
            String stage = ReleaseCheck.Stage.EMPTY.text();
            return problem(
                Problem.of(ProblemType.RELEASE_REFUSED, "stage " + stage + ": nothing changes")
                    .withMembers(new Json.Obj(Map.of("stage", new Json.Str(stage)))));
          }
          for (Map.Entry<String, byte[]> blob : ContentJson.blobs(next).entrySet()) {
            if (!store.has(blob.getKey())) {
              store.put(blob.getKey(), blob.getValue());
            }
          }
          ReleaseCheck.Proposal proposal =
              new ReleaseCheck.Proposal(
                  state.nextVersion(),
                  state.stable().id(),
                  author,
                  message,
                  Manifest.Action.WRITE,
                  digest,
                  allowMassDelete,
                  true, // a model changes so only where a canary has compared it
                  true);
          return publish(JsonWriter.write(new ReleaseWish(proposal, false, true).json()));
        });
  }

  /**
   * What became of a content that was proposed as a release.
   *
   * @param above the newest number of a release before it was proposed
   * @param made the release that it was said to become; {@link ReleaseRef#NONE} where nobody said
   */
  Fate fate(String content, long above, ReleaseRef made) throws IOException {
    FleetState state = fleet.agreed();
    boolean isKnown = made.version() > 0;
    if (isKnown && state.stage() == FleetState.Stage.REFUSED && state.candidate().equals(made)) {
      return new Fate.Refused(state.why());
    }
    if ((isKnown && state.stable().equals(made)) || wasInForce(content, above, state)) {
      return new Fate.InForce();
    }
    if (state.isMoving() || isBehind(state)) {
      return new Fate.Open();
    }
    return isKnown && made.version() <= state.candidate().version()
        ? new Fate.Refused("release " + made + " did not come into force")
        : new Fate.Unknown();
  }

  private boolean wasInForce(String content, long above, FleetState state) throws IOException {
    for (long version : store.versions().reversed()) {
      if (version > above
          && version <= state.stable().version()
          && store.manifest(version) instanceof Found.Whole<SignedManifest>(SignedManifest kept)
          && kept.manifest().content().equals(content)) {
        return true;
      }
    }
    return false;
  }

  /** Whether what is served here is not what a release would be laid on, and others have that. */
  private boolean isBehind(FleetState state) {
    return !fleet.isAlone() && !served.active().ref().equals(state.stable());
  }

  private Answered behind(FleetState state) {
    return problem(
        Problem.of(
                ProblemType.UNAVAILABLE,
                "this region does not serve release "
                    + state.stable()
                    + " yet, which is in force: "
                    + stale())
            .withRetryAfter(1));
  }

  private synchronized Answered publish(ReleaseWish wish) throws IOException {
    FleetState state = fleet.agreed();
    if (state.isMoving()) {
      return problem(
          Problem.of(
                  ProblemType.UNAVAILABLE,
                  "release "
                      + state.candidate()
                      + " is on its way, stage "
                      + state.stage().text()
                      + " (openclaw release status; release abort ends it)")
              .withRetryAfter(1));
    }
    if (isBehind(state)) {
      return behind(state);
    }
    ReleaseCheck.Base base =
        new ReleaseCheck.Base(
            state.nextVersion() - 1, state.stable().id(), served.active().content());
    try {
      return switch (check.check(wish.proposal(), base)) {
        case ReleaseCheck.Verdict.Refused no -> refuse(no, wish.dryRun());
        case ReleaseCheck.Verdict.Passed yes ->
            wish.dryRun()
                ? plan(yes, new ReleaseRef(0, ""), state.nextVersion(), "plan", "")
                : put(wish, yes);
      };
    } finally {
      fleet.keepModels();
    }
  }

  private Answered refuse(ReleaseCheck.Verdict.Refused no, boolean dryRun) {
    if (!dryRun) {
      java.util.Objects.requireNonNull(refused.get(no.stage())).increment();
      LOG.log(
          Level.WARNING,
          () ->
              "a release was refused, stage "
                  + no.stage().text()
                  + ": "
                  + no.messages().getFirst());
    }
    return problem(
        Problem.of(
                ProblemType.RELEASE_REFUSED,
                "stage " + no.stage().text(),
                no.messages().stream().map(Releases::violation).toList())
            .withMembers(new Json.Obj(Map.of("stage", new Json.Str(no.stage().text())))));
  }

  /** A message that begins with a JSON Pointer, apart from it. */
  private static Violation violation(String message) {
    int end = message.indexOf(": ");
    return message.startsWith("/") && end > 0
        ? new Violation(message.substring(0, end), message.substring(end + 2))
        : new Violation("", message);
  }

  private Answered put(ReleaseWish wish, ReleaseCheck.Verdict.Passed passed) throws IOException {
    ReleaseCheck.Proposal proposal = wish.proposal();
    Map<String, byte[]> blobs = new HashMap<>(ContentJson.blobs(passed.content()));
    blobs.put(proposal.content(), passed.document());
    SignedManifest signed =
        keys.sign(
            new Manifest(
                proposal.version(),
                proposal.parent(),
                proposal.author(),
                clock.wallMillis(),
                proposal.message(),
                proposal.action(),
                proposal.content(),
                blobs.entrySet().stream()
                    .map(each -> new Manifest.Blob(each.getKey(), each.getValue().length))
                    .toList()));
    for (Map.Entry<String, byte[]> blob : blobs.entrySet()) {
      if (!(store.blob(blob.getKey()) instanceof Found.Whole<byte[]>)) {
        store.put(blob.getKey(), blob.getValue());
      }
    }
    ServedRelease.Prepared made;
    try {
      made = served.prepare(new StoredRelease(signed, passed.document(), passed.content()));
      fleet.propose(made, wish.now(), wish.proposal().allowDrift());
    } catch (ConfigException e) {
      return refuse(
          new ReleaseCheck.Verdict.Refused(
              ReleaseCheck.Stage.MODEL, String.valueOf(e.getMessage()).lines().toList()),
          false);
    } catch (IllegalStateException e) {
      return problem(
          Problem.of(ProblemType.UNAVAILABLE, String.valueOf(e.getMessage())).withRetryAfter(1));
    }
    return await(made.ref(), passed);
  }

  private Answered await(ReleaseRef ref, ReleaseCheck.Verdict.Passed passed) throws IOException {
    FleetState state;
    try {
      state = fleet.await(ref, ANSWER_MILLIS_MAX);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      state = fleet.agreed();
    }
    if (!state.candidate().equals(ref)) {
      return problem(
          Problem.of(
              ProblemType.UNAVAILABLE,
              "what became of release " + ref + " is not known here: the primary has moved"));
    }
    return state.stage() == FleetState.Stage.REFUSED
        ? problem(
            Problem.of(ProblemType.RELEASE_REFUSED, state.why())
                .withMembers(new Json.Obj(Map.of("stage", new Json.Str("regions")))))
        : plan(passed, ref, ref.version(), state.stage().text(), state.soakRegion());
  }

  private Answered plan(
      ReleaseCheck.Verdict.Passed passed,
      ReleaseRef ref,
      long version,
      String stage,
      String soakRegion) {
    ContentDiff diff = passed.diff();
    Map<String, Json> members = named(version, ref.id());
    members.put("stage", new Json.Str(stage));
    members.put("soak_region", new Json.Str(soakRegion));
    members.put(
        "everywhere", Json.Bool.of(ref.version() > 0 && fleet.progress(ref).isEverywhere()));
    members.put(
        "changes",
        new Json.Arr(diff.changes().stream().<Json>map(ContentDiff.Change::json).toList()));
    members.put("summary", new Json.Str(diff.summary()));
    members.put("notes", new Json.Arr(passed.notes().stream().<Json>map(Json.Str::new).toList()));
    return answer(new Json.Obj(members));
  }

  @Override
  public Answered rollout() {
    return read(
        () -> {
          FleetState state = fleet.agreed();
          Map<String, Json> regions = new LinkedHashMap<>();
          for (Map.Entry<String, RegionRow> each : new TreeMap<>(fleet.rows()).entrySet()) {
            regions.put(each.getKey(), shown(each.getKey(), each.getValue()));
          }
          Map<String, Json> members = new LinkedHashMap<>(FleetJson.json(state).members());
          members.put("primary", new Json.Str(fleet.primary()));
          members.put("established", Json.Bool.of(fleet.isEstablished()));
          members.put("everywhere", Json.Bool.of(fleet.progress(state.stable()).isEverywhere()));
          members.put("regions", new Json.Obj(regions));
          return answer(new Json.Obj(members));
        });
  }

  private Json shown(String region, RegionRow row) {
    Map<String, Json> members = new LinkedHashMap<>();
    boolean isUp = fleet.up().contains(region) || fleet.region().equals(region);
    members.put("up", Json.Bool.of(isUp));
    members.put("votes", Json.Bool.of(row.votes()));
    members.put("serves", FleetJson.json(row.serves()));
    members.put("holds", FleetJson.json(row.holds()));
    members.put("fault", new Json.Str(row.fault()));
    members.put("tried", new Json.Str(row.tried().verdict().text()));
    members.put("tried_why", new Json.Str(row.tried().why()));
    members.put("soak", new Json.Str(row.soak().health().text()));
    members.put("soak_detail", new Json.Str(row.soak().detail()));
    return new Json.Obj(members);
  }

  @Override
  public Answered direct(byte[] body) {
    Json document;
    try {
      document = JsonReader.read(body);
    } catch (JsonSyntaxException e) {
      return problem(Problem.notJson(e));
    }
    if (document instanceof Json.Obj order
        && order.members().size() == 1
        && order.get("primary") instanceof Json.Str region) {
      return nominate(region.value());
    }
    return write("rollout", body, this::decide);
  }

  private Answered nominate(String region) {
    try {
      fleet.nominate(region);
    } catch (IllegalArgumentException e) {
      return problem(
          Problem.of(
              ProblemType.INVALID_INPUT,
              "this region cannot be primary",
              List.of(new Violation("/primary", String.valueOf(e.getMessage())))));
    }
    return rollout();
  }

  private Answered decide(Json document) {
    if (!(document instanceof Json.Obj order)
        || order.members().size() != 2
        || !(order.get("decision") instanceof Json.Str decision)
        || !(order.get("author") instanceof Json.Str author)
        || !List.of("promote", "abort").contains(decision.value())) {
      return problem(
          Problem.of(
              ProblemType.INVALID_INPUT,
              "this is no order",
              List.of(
                  new Violation(
                      "",
                      "(expected: {\"decision\": \"promote\" or \"abort\", \"author\": …},"
                          + " or {\"primary\": region})"))));
    }
    boolean done = fleet.decide(decision.value().equals("promote"), "ended by " + author.value());
    return done
        ? rollout()
        : problem(
            Problem.of(
                ProblemType.INVALID_INPUT,
                "there is nothing to decide",
                List.of(
                    new Violation(
                        "/decision",
                        decision.value()
                            + ", stage "
                            + fleet.agreed().stage().text()
                            + " (expected: a release on its way; promote: one that soaks)"))));
  }

  @FunctionalInterface
  private interface Reading {
    Answered make() throws IOException;
  }

  private static Answered read(Reading reading) {
    try {
      return reading.make();
    } catch (IOException | UncheckedIOException e) {
      LOG.log(Level.ERROR, "releases could not be read or stored", e);
      return problem(
          Problem.of(ProblemType.UNAVAILABLE, "the disk with the releases fails")
              .withRetryAfter(1));
    }
  }

  private static Answered answer(Json document) {
    return answer(JsonWriter.write(document));
  }

  static Answered answer(byte[] document) {
    return new Answered(document, null, "", "", "", null, null);
  }

  static Answered problem(Problem problem) {
    return new Answered(new byte[0], problem, "", "", "", null, null);
  }
}

package io.openclaw.app;

import io.openclaw.domain.Clock;
import io.openclaw.domain.Json;
import io.openclaw.domain.JsonReader;
import io.openclaw.domain.JsonSyntaxException;
import io.openclaw.domain.JsonWriter;
import io.openclaw.domain.Problem;
import io.openclaw.domain.ProblemType;
import io.openclaw.domain.Tenant;
import io.openclaw.domain.Violation;
import io.openclaw.edge.Answered;
import io.openclaw.edge.ReleaseAdministration;
import io.openclaw.rating.RatingModel;
import io.openclaw.release.Content;
import io.openclaw.release.ContentDiff;
import io.openclaw.release.ContentJson;
import io.openclaw.release.Found;
import io.openclaw.release.Manifest;
import io.openclaw.release.ReleaseCheck;
import io.openclaw.release.ReleaseKeys;
import io.openclaw.release.ReleaseStore;
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
import java.util.concurrent.atomic.LongAdder;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The releases of one node: which one it serves, and how another one comes into force. What the
 * configuration says is version 0, served until there is a release.
 *
 * <p>A release is checked, then its blobs, its manifest and the word that it is in force are put on
 * disk in this order, each durably; only then it is served. Thread-safe; blocks.
 */
final class Releases implements ReleaseAdministration {
  /** Releases that are kept. */
  static final int KEPT = 50;

  private static final System.Logger LOG = System.getLogger("io.openclaw.app");

  /** The parent of a release whose predecessor cannot be read any more. */
  private static final String UNKNOWN_PARENT = "0".repeat(64);

  /** How what is served changes: at once, for requests that come after. */
  @FunctionalInterface
  interface Switch {
    void to(Content content, Map<Tenant, List<RatingModel>> models);
  }

  /**
   * What is served.
   *
   * @param why why it is not the release in force; empty where it is
   */
  record Active(long version, String id, String digest, Content content, String why) {
    boolean isStale() {
      return !why.isEmpty();
    }
  }

  /** The newest release that was acknowledged, whether or not it can be served. */
  private record Head(long version, String id) {}

  /** A start's choice, with the models loaded. */
  private record Choice(Active active, Map<Tenant, List<RatingModel>> models) {}

  private final ReleaseStore store;
  private final ReleaseKeys keys;
  private final Content configured;
  private final Map<String, byte[]> configuredBlobs;
  private final ModelShelf shelf;
  private final Clock clock;
  private final Map<ReleaseCheck.Stage, LongAdder> refused =
      new EnumMap<>(ReleaseCheck.Stage.class);
  private final Map<Tenant, List<RatingModel>> startModels;
  private @Nullable Switch onSwitch;
  private Head head;
  private Content previous;
  private volatile Active active;

  private Releases(
      ReleaseStore store, ReleaseKeys keys, Content configured, ModelShelf shelf, Clock clock)
      throws IOException, ConfigException {
    this.store = store;
    this.keys = keys;
    this.configured = configured;
    this.configuredBlobs = ContentJson.blobs(configured);
    this.shelf = shelf;
    this.clock = clock;
    for (ReleaseCheck.Stage stage : ReleaseCheck.Stage.values()) {
      refused.put(stage, new LongAdder());
    }
    Choice choice = choose();
    active = choice.active();
    previous = active.content();
    startModels = choice.models();
    head = readHead();
    shelf.keep(List.of(active.content()));
  }

  /**
   * Finds what to serve: the release in force, or the newest good one before it, or what the
   * configuration says.
   *
   * @throws ConfigException where only the configuration is left, and its models do not load
   */
  static Releases open(
      ReleaseStore store, ReleaseKeys keys, Content configured, ModelShelf shelf, Clock clock)
      throws IOException, ConfigException {
    Releases releases = new Releases(store, keys, configured, shelf, clock);
    Active active = releases.active;
    LOG.log(
        active.isStale() ? Level.WARNING : Level.INFO,
        active.version() == 0
            ? "serving version 0, what the configuration says"
                + (active.isStale() ? ": " + active.why() : ": no release has been published here")
            : "serving release "
                + active.version()
                + " ("
                + active.id().substring(0, 12)
                + ") from disk; what the configuration says is version 0 and not served"
                + (active.isStale() ? ": " + active.why() : ""));
    return releases;
  }

  private Choice choose() throws IOException, ConfigException {
    Found<ReleaseStore.Stable> stable = store.stable();
    if (stable instanceof Found.Missing<ReleaseStore.Stable>) {
      return configured("");
    }
    List<String> faults = new ArrayList<>();
    long newest = Manifest.VERSION_MAX;
    if (stable instanceof Found.Whole<ReleaseStore.Stable>(ReleaseStore.Stable inForce)) {
      newest = inForce.version();
      Choice choice = loaded(newest, inForce.id(), faults);
      if (choice != null) {
        return choice;
      }
      newest--;
    } else {
      faults.add(stable.fault());
    }
    for (long version : store.versions().reversed()) {
      Choice choice = version <= newest ? loaded(version, "", faults) : null;
      if (choice != null) {
        return choice;
      }
    }
    return configured(String.join("; ", faults));
  }

  private Choice configured(String why) throws ConfigException {
    String digest = Sha256.hex(ContentJson.bytes(configured));
    return new Choice(new Active(0, "", digest, configured, why), shelf.models(configured));
  }

  /** A release ready to be served; null where it cannot be, which is added to the faults. */
  private @Nullable Choice loaded(long version, String id, List<String> faults) throws IOException {
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
      return new Choice(
          new Active(
              version,
              ownId,
              release.signed().manifest().content(),
              release.content(),
              String.join("; ", faults)),
          shelf.models(release.content()));
    } catch (ConfigException e) {
      faults.add("release " + version + ": " + e.getMessage());
      return null;
    }
  }

  private Head readHead() throws IOException {
    Found<ReleaseStore.Stable> stable = store.stable();
    return switch (stable) {
      case Found.Whole<ReleaseStore.Stable>(ReleaseStore.Stable inForce) ->
          new Head(inForce.version(), inForce.id());
      case Found.Missing<ReleaseStore.Stable> none -> new Head(0, "");
      case Found.Corrupt<ReleaseStore.Stable> corrupt -> {
        // No number is used twice: the newest manifest may have been in force.
        long newest = store.versions().stream().mapToLong(Long::longValue).max().orElse(0);
        yield new Head(newest, newest == 0 ? "" : idOf(newest));
      }
    };
  }

  private String idOf(long version) throws IOException {
    return store.manifest(version) instanceof Found.Whole<SignedManifest>(SignedManifest signed)
        ? signed.id()
        : UNKNOWN_PARENT;
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

  /** How many proposals were refused, by stage. */
  Map<ReleaseCheck.Stage, LongAdder> refused() {
    return refused;
  }

  /** The members of {@code /readyz?verbose}. */
  Json.Obj health() {
    Active now = active;
    Map<String, Json> members = new LinkedHashMap<>();
    members.put("release", new Json.Num(now.version()));
    members.put("stale", Json.Bool.of(now.isStale()));
    return new Json.Obj(members);
  }

  @Override
  public synchronized Answered list() {
    return read(
        () -> {
          Active now = active;
          Map<String, Json> serving = named(now.version(), now.id());
          serving.put("content", new Json.Str(now.digest()));
          serving.put("stale", Json.Bool.of(now.isStale()));
          serving.put("why", new Json.Str(now.why()));
          List<Json> releases = new ArrayList<>();
          for (long version : store.versions().reversed()) {
            if (version <= head.version()) {
              releases.add(shown(version, store.manifest(version)));
            }
          }
          Map<String, Json> members = new LinkedHashMap<>();
          members.put("serving", new Json.Obj(serving));
          members.put("head", new Json.Obj(named(head.version(), head.id())));
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
  public synchronized Answered show(String version) {
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
          Found<SignedManifest> found = store.manifest(number);
          if (number > head.version()
              || !(found instanceof Found.Whole<SignedManifest>(SignedManifest signed))) {
            return problem(
                Problem.of(
                    ProblemType.NOT_FOUND,
                    number > head.version() ? "no such release" : found.fault()));
          }
          Map<String, Json> members = named(number, signed.id());
          members.put("content", new Json.Str(signed.manifest().content()));
          members.put("signed", signed.json());
          return answer(new Json.Obj(members));
        });
  }

  @Override
  public synchronized Answered blob(String sha256) {
    if (!Sha256.isHex(sha256)) {
      return problem(Problem.of(ProblemType.NOT_FOUND, "no such blob"));
    }
    return read(
        () ->
            find(sha256) instanceof Found.Whole<byte[]>(byte[] bytes)
                ? answer(bytes)
                : problem(Problem.of(ProblemType.NOT_FOUND, find(sha256).fault())));
  }

  private Found<byte[]> find(String sha256) {
    byte[] own = configuredBlobs.get(sha256);
    return own != null ? new Found.Whole<>(own) : StoredRelease.blobs(store).apply(sha256);
  }

  @Override
  public synchronized Answered putBlob(String sha256, byte[] bytes) {
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
  public synchronized Answered publish(byte[] body) {
    Json document;
    try {
      document = JsonReader.read(body);
    } catch (JsonSyntaxException e) {
      return problem(
          Problem.of(
              ProblemType.NOT_JSON,
              e.detail() + " (line " + e.line() + ", column " + e.column() + ")"));
    }
    List<Violation> violations = new ArrayList<>();
    ReleaseWish wish = ReleaseWish.read(document, violations);
    if (wish == null) {
      return problem(
          Problem.of(ProblemType.INVALID_INPUT, "this is no proposal of a release", violations));
    }
    return read(() -> publish(wish));
  }

  /**
   * Makes what is served, changed a little, the next release, at once.
   *
   * @param author who changes it
   * @param message why
   * @param allowMassDelete whether much of it may go
   */
  synchronized Answered change(
      String author, String message, boolean allowMassDelete, UnaryOperator<Content> change) {
    return read(
        () -> {
          Content next = change.apply(active.content());
          Map<String, byte[]> blobs = ContentJson.blobs(next);
          for (Map.Entry<String, byte[]> blob : blobs.entrySet()) {
            if (!store.has(blob.getKey())) {
              store.put(blob.getKey(), blob.getValue());
            }
          }
          return publish(
              new ReleaseWish(
                  new ReleaseCheck.Proposal(
                      head.version() + 1,
                      head.id(),
                      author,
                      message,
                      Manifest.Action.WRITE,
                      Sha256.hex(ContentJson.bytes(next)),
                      allowMassDelete),
                  false));
        });
  }

  private Answered publish(ReleaseWish wish) throws IOException {
    ReleaseCheck check = new ReleaseCheck(this::find, shelf);
    ReleaseCheck.Base base = new ReleaseCheck.Base(head.version(), head.id(), active.content());
    try {
      return switch (check.check(wish.proposal(), base)) {
        case ReleaseCheck.Verdict.Refused no -> refuse(no, wish.dryRun());
        case ReleaseCheck.Verdict.Passed yes ->
            wish.dryRun() ? plan(yes, head.version() + 1, "") : put(wish.proposal(), yes);
      };
    } finally {
      shelf.keep(List.of(active.content(), previous));
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

  private Answered put(ReleaseCheck.Proposal proposal, ReleaseCheck.Verdict.Passed passed)
      throws IOException {
    Map<Tenant, List<RatingModel>> models;
    try {
      models = shelf.models(passed.content());
    } catch (ConfigException e) {
      return refuse(
          new ReleaseCheck.Verdict.Refused(
              ReleaseCheck.Stage.MODEL, String.valueOf(e.getMessage()).lines().toList()),
          false);
    }
    Map<String, byte[]> blobs = new HashMap<>();
    passed.content().models().forEach(m -> blobs.put(Sha256.hex(m.bytes()), m.bytes()));
    passed.content().samples().values().forEach(s -> blobs.put(Sha256.hex(s.bytes()), s.bytes()));
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
    store.put(signed);
    try {
      store.stable(new ReleaseStore.Stable(proposal.version(), signed.id()));
    } catch (IOException e) {
      head = readHead(); // it may be in force after all
      throw e;
    }
    head = new Head(proposal.version(), signed.id());
    Active next =
        new Active(proposal.version(), signed.id(), proposal.content(), passed.content(), "");
    serve(next, models);
    prune();
    return plan(passed, proposal.version(), signed.id());
  }

  private void serve(Active next, Map<Tenant, List<RatingModel>> models) {
    Switch listener = onSwitch;
    if (listener != null) {
      listener.to(next.content(), models);
    }
    previous = active.content();
    active = next;
    LOG.log(
        Level.INFO,
        () -> "serving release " + next.version() + " (" + next.id().substring(0, 12) + ")");
  }

  private void prune() {
    try {
      store.prune(KEPT, clock.wallMillis());
    } catch (IOException e) {
      LOG.log(Level.WARNING, "old releases could not be removed", e);
    }
  }

  private static Answered plan(ReleaseCheck.Verdict.Passed passed, long version, String id) {
    ContentDiff diff = passed.diff();
    Map<String, Json> members = named(version, id);
    members.put(
        "changes",
        new Json.Arr(diff.changes().stream().<Json>map(ContentDiff.Change::json).toList()));
    members.put("summary", new Json.Str(diff.summary()));
    members.put("notes", new Json.Arr(passed.notes().stream().<Json>map(Json.Str::new).toList()));
    return answer(new Json.Obj(members));
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

  private static Answered answer(byte[] document) {
    return new Answered(document, null, "", "", "", null, null);
  }

  private static Answered problem(Problem problem) {
    return new Answered(new byte[0], problem, "", "", "", null, null);
  }
}

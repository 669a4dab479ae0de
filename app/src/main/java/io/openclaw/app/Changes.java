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
import io.openclaw.net.ChangeAdministration;
import io.openclaw.release.Content;
import io.openclaw.release.ContentEdit;
import io.openclaw.release.ContentEdits;
import io.openclaw.release.ContentJson;
import io.openclaw.release.FleetState;
import io.openclaw.release.Manifest;
import io.openclaw.release.ReleaseCheck;
import io.openclaw.release.ReleaseRef;
import io.openclaw.release.Sha256;
import io.openclaw.yaml.ConfigException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.UnaryOperator;

/**
 * The small changes of one node: each becomes a release at once, or waits on disk until the oldest
 * that waits has waited for long enough, and all become one release. What comes later is laid on
 * top of what came before, so a change at once first publishes what waits. Thread-safe; blocks.
 */
final class Changes implements ChangeAdministration, AutoCloseable {
  /** Edits that wait. */
  static final int PENDING_MAX = 10_000;

  private static final long TICK_MILLIS = 250;

  /** After a failure that is not the changes' fault, such as a full disk. */
  private static final long RETRY_MILLIS = 5_000;

  private static final long CLOSE_SECONDS_MAX = 10;
  private static final int NAMES_SHOWN_MAX = 5;
  private static final System.Logger LOG = System.getLogger("io.openclaw.app");

  /** Edits that do not fit what is served. */
  private static final class MisfitException extends RuntimeException {
    private static final long serialVersionUID = 1;
    private final transient List<String> problems;

    MisfitException(ConfigException cause) {
      super(cause.getMessage(), cause);
      problems = String.valueOf(cause.getMessage()).lines().toList();
    }
  }

  /** How what is served changes; as {@link Releases#change}. */
  @FunctionalInterface
  interface Publisher {
    Answered change(
        String author, String message, boolean allowMassDelete, UnaryOperator<Content> change);
  }

  private final Path folder;
  private final Releases releases;
  private final Publisher publisher;
  private final Clock clock;
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          task -> {
            Thread thread = new Thread(task, "changes");
            thread.setDaemon(true);
            return thread;
          });
  private volatile PendingChanges waiting;
  private final LongAdder refusedBatches = new LongAdder();
  private long notBeforeMillis;

  private Changes(Path folder, Releases releases, Publisher publisher, Clock clock)
      throws IOException {
    this.folder = folder;
    this.releases = releases;
    this.publisher = publisher;
    this.clock = clock;
    waiting = PendingChanges.read(folder);
  }

  /** Those of a data folder, and what still waits there. */
  static Changes open(Path folder, Releases releases, Clock clock) throws IOException {
    return open(folder, releases, releases::change, clock);
  }

  static Changes open(Path folder, Releases releases, Publisher publisher, Clock clock)
      throws IOException {
    Changes changes = new Changes(folder, releases, publisher, clock);
    var _ = changes.pending(); // notes what was published before this process began
    var _ =
        changes.timer.scheduleWithFixedDelay(
            changes::tick, TICK_MILLIS, TICK_MILLIS, TimeUnit.MILLISECONDS);
    return changes;
  }

  @Override
  public void close() {
    timer.shutdown();
    try {
      if (!timer.awaitTermination(CLOSE_SECONDS_MAX, TimeUnit.SECONDS)) {
        LOG.log(Level.WARNING, "a batch of changes is still being published");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** How many edits wait. */
  int waiting() {
    return waiting.edits().size();
  }

  /** How many batches were refused. */
  long refusedBatches() {
    return refusedBatches.sum();
  }

  private void tick() {
    try {
      publishDue();
    } catch (RuntimeException e) {
      LOG.log(Level.ERROR, "changes that wait could not be published", e);
    }
  }

  private synchronized void publishDue() {
    long now = clock.wallMillis();
    boolean isIdle = waiting.attempt() == null && waiting.dueMillis() > now;
    if (isIdle || waiting.isRefused() || now < notBeforeMillis) {
      return;
    }
    var _ =
        durably(
            () ->
                isOnItsWay() || waiting.isRefused() || waiting.dueMillis() > now
                    ? answer(shown())
                    : publishWaiting());
  }

  /**
   * Whether the changes that were last about to be published are on their way still; what is in
   * force waits no longer, and what was refused goes on waiting.
   */
  private boolean isOnItsWay() throws IOException {
    PendingChanges.Attempt attempt = waiting.attempt();
    if (attempt == null) {
      return false;
    }
    return switch (releases.fate(attempt.content(), attempt.above(), attempt.release())) {
      case Releases.Fate.InForce() -> {
        keep(waiting.published());
        yield false;
      }
      case Releases.Fate.Open() -> true;
      case Releases.Fate.Refused(String why) -> {
        refuse(waiting, List.of(why));
        yield false;
      }
      case Releases.Fate.Unknown() -> false;
    };
  }

  private static Answered onItsWay() {
    return problem(
        Problem.of(
                ProblemType.UNAVAILABLE,
                "the changes that waited are on their way (openclaw release status)")
            .withRetryAfter(1));
  }

  @Override
  public synchronized Answered pending() {
    return durably(
        () -> {
          var _ = isOnItsWay();
          return answer(shown());
        });
  }

  private Json.Obj shown() {
    PendingChanges now = waiting;
    Map<String, Json> members = new LinkedHashMap<>(now.json().members());
    members.remove("publishing");
    if (now.attempt() != null && now.attempt().release().version() > 0) {
      members.put("version", new Json.Num(now.attempt().release().version()));
    }
    members.put("edits", new Json.Num(now.edits().size()));
    if (!now.isEmpty()) {
      members.put("due", new Json.Num(now.dueMillis()));
    }
    return new Json.Obj(members);
  }

  @Override
  public synchronized Answered drop() {
    return durably(
        () -> {
          if (isOnItsWay() && !waiting.isRefused()) {
            return onItsWay();
          }
          Json.Obj dropped = shown();
          keep(PendingChanges.NONE);
          LOG.log(Level.WARNING, () -> "changes that waited were dropped: " + dropped.get("edits"));
          return answer(dropped);
        });
  }

  @Override
  public synchronized Answered write(byte[] body) {
    List<Violation> violations = new ArrayList<>();
    ChangeWish wish;
    try {
      wish = ChangeWish.read(JsonReader.read(body), violations);
    } catch (JsonSyntaxException e) {
      return problem(Problem.notJson(e));
    }
    if (wish == null) {
      return problem(Problem.of(ProblemType.INVALID_INPUT, "these are no changes", violations));
    }
    return durably(() -> wish.batchSeconds() > 0 ? defer(wish) : atOnce(wish));
  }

  private Answered defer(ChangeWish wish) throws IOException {
    var _ = isOnItsWay();
    int count = waiting.edits().size() + wish.edits().size();
    if (wish.edits().isEmpty() || count > PENDING_MAX) {
      return misfit(List.of(count + " edits that wait (expected: 1 to " + PENDING_MAX + ")"));
    }
    PendingChanges next = waiting.with(new PendingChanges.Change(clock.wallMillis(), wish));
    try {
      ServedRelease.Active base = releases.active();
      var _ = ContentEdits.apply(base.content(), waiting.editsOver(base.digest()), wish.edits());
    } catch (ConfigException e) {
      List<String> problems = new ArrayList<>(String.valueOf(e.getMessage()).lines().toList());
      if (waiting.isRefused()) {
        problems.add(
            "changes that wait were refused before (openclaw release pending shows them, and drops"
                + " them with --drop)");
      }
      return misfit(problems);
    }
    keep(next);
    return answer(shown());
  }

  private Answered atOnce(ChangeWish wish) throws IOException {
    if (isOnItsWay() && !waiting.isRefused()) {
      return onItsWay();
    }
    if (!waiting.isEmpty() && (wish.edits().isEmpty() || !waiting.isRefused())) {
      Answered before = publishWaiting();
      if (wish.edits().isEmpty() || isForLater(before)) {
        return before;
      }
    } else if (wish.edits().isEmpty()) {
      return misfit(List.of("nothing waits to be published"));
    }
    try {
      return publisher.change(
          wish.author(),
          wish.message(),
          wish.allowMassDelete(),
          base -> applied(base, List.of(), wish.edits()));
    } catch (MisfitException e) {
      return misfit(e.problems);
    }
  }

  private static Content applied(Content base, List<ContentEdit> before, List<ContentEdit> edits) {
    try {
      return ContentEdits.apply(base, before, edits);
    } catch (ConfigException e) {
      throw new MisfitException(e);
    }
  }

  /**
   * Makes one release of all that waits, which it does until that is in force; where it is refused,
   * it goes on waiting and says why.
   */
  private Answered publishWaiting() throws IOException {
    PendingChanges batch = waiting;
    Answered answered;
    try {
      answered =
          publisher.change(
              authors(batch),
              message(batch),
              batch.changes().stream().anyMatch(change -> change.wish().allowMassDelete()),
              base -> {
                Content next = applied(base, batch.edits(), List.of());
                try {
                  String digest = Sha256.hex(ContentJson.bytes(next));
                  keep(batch.publishing(digest, releases.agreed().nextVersion() - 1));
                } catch (IOException e) {
                  throw new UncheckedIOException(e);
                }
                return next;
              });
    } catch (MisfitException e) {
      answered = misfit(e.problems);
    }
    Problem problem = answered.problem();
    if (isForLater(answered)) {
      notBeforeMillis = clock.wallMillis() + RETRY_MILLIS;
    } else if (problem == null) {
      keep(after(answered));
    } else if (isStage(problem, ReleaseCheck.Stage.EMPTY)) {
      keep(waiting.published()); // all is so already
    } else {
      refuse(waiting, why(problem));
    }
    return answered;
  }

  /** What waits once a release was made of it: nothing where that is in force. */
  private PendingChanges after(Answered answered) throws IOException {
    Json.Obj plan = read(answered.body());
    if (AdminNode.text(plan, "stage").equals(FleetState.Stage.STABLE.text())) {
      return waiting.published();
    }
    return plan.get("version") instanceof Json.Num version
        ? waiting.becoming(new ReleaseRef((long) version.value(), AdminNode.text(plan, "id")))
        : waiting;
  }

  private static Json.Obj read(byte[] document) throws IOException {
    try {
      return JsonReader.read(document, ContentJson.VALUES_MAX) instanceof Json.Obj object
          ? object
          : new Json.Obj(Map.of());
    } catch (JsonSyntaxException e) {
      throw new IOException("the answer to a release is not JSON", e);
    }
  }

  /** Whether it failed for a reason that may pass, and not because of what the changes say. */
  private static boolean isForLater(Answered answered) {
    Problem problem = answered.problem();
    return problem != null
        && (problem.type() == ProblemType.UNAVAILABLE
            || isStage(problem, ReleaseCheck.Stage.STALE)); // another release came between
  }

  private static boolean isStage(Problem problem, ReleaseCheck.Stage stage) {
    return new Json.Str(stage.text()).equals(problem.members().get("stage"));
  }

  private static List<String> why(Problem problem) {
    List<String> why = new ArrayList<>(List.of(problem.detail()));
    problem
        .violations()
        .forEach(
            each ->
                why.add((each.pointer().isEmpty() ? "" : each.pointer() + ": ") + each.detail()));
    return why;
  }

  private void refuse(PendingChanges batch, List<String> why) throws IOException {
    keep(batch.refused(why));
    refusedBatches.increment();
    LOG.log(
        Level.ERROR,
        () ->
            batch.edits().size()
                + " changes that waited were refused and go on waiting (openclaw release pending): "
                + String.join("; ", why));
  }

  private void keep(PendingChanges next) throws IOException {
    next.save(folder);
    waiting = next;
  }

  private static String authors(PendingChanges batch) {
    TreeSet<String> all = new TreeSet<>();
    batch.changes().forEach(change -> all.add(change.wish().author()));
    String text =
        String.join(", ", all.stream().limit(NAMES_SHOWN_MAX).toList())
            + (all.size() > NAMES_SHOWN_MAX
                ? " and " + (all.size() - NAMES_SHOWN_MAX) + " more"
                : "");
    return cut(text, Manifest.AUTHOR_LENGTH_MAX);
  }

  /** What a batch is in history: how many changes, then each reason once. */
  private static String message(PendingChanges batch) {
    List<String> reasons =
        batch.changes().stream().map(change -> change.wish().message()).distinct().toList();
    int edits = batch.edits().size();
    return cut(
        edits + (edits == 1 ? " change: " : " changes: ") + String.join("; ", reasons),
        Manifest.MESSAGE_LENGTH_MAX);
  }

  private static String cut(String text, int lengthMax) {
    if (text.length() <= lengthMax) {
      return text;
    }
    int end = lengthMax - 1;
    return text.substring(0, Character.isHighSurrogate(text.charAt(end - 1)) ? end - 1 : end) + "…";
  }

  @FunctionalInterface
  private interface Work {
    Answered run() throws IOException;
  }

  private static Answered durably(Work work) {
    try {
      return work.run();
    } catch (IOException e) {
      LOG.log(Level.ERROR, "changes could not be stored", e);
      return problem(
          Problem.of(ProblemType.UNAVAILABLE, "the disk with the changes fails").withRetryAfter(1));
    }
  }

  private static Answered misfit(List<String> problems) {
    return problem(
        Problem.of(
            ProblemType.INVALID_INPUT,
            "the changes do not fit what is served",
            problems.stream().map(each -> new Violation("", each)).toList()));
  }

  private static Answered answer(Json.Obj document) {
    return new Answered(JsonWriter.write(document), null, "", "", "", null, null);
  }

  private static Answered problem(Problem problem) {
    return new Answered(new byte[0], problem, "", "", "", null, null);
  }
}

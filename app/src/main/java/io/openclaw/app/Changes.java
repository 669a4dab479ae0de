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
import io.openclaw.release.Manifest;
import io.openclaw.release.ReleaseCheck;
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
    PendingChanges found = PendingChanges.read(folder);
    if (!found.publishing().isEmpty() && found.publishing().equals(releases.active().digest())) {
      found = PendingChanges.NONE; // they were published before this process began
      found.save(folder);
    }
    waiting = found;
  }

  /** Those of a data folder, and what still waits there. */
  static Changes open(Path folder, Releases releases, Clock clock) throws IOException {
    return open(folder, releases, releases::change, clock);
  }

  static Changes open(Path folder, Releases releases, Publisher publisher, Clock clock)
      throws IOException {
    Changes changes = new Changes(folder, releases, publisher, clock);
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
    if (waiting.dueMillis() <= now && now >= notBeforeMillis && !waiting.isRefused()) {
      var _ = publishWaiting();
    }
  }

  @Override
  public synchronized Answered pending() {
    return answer(shown());
  }

  private Json.Obj shown() {
    PendingChanges now = waiting;
    Map<String, Json> members = new LinkedHashMap<>(now.json().members());
    members.remove("publishing");
    members.put("edits", new Json.Num(now.edits().size()));
    if (!now.isEmpty()) {
      members.put("due", new Json.Num(now.dueMillis()));
    }
    return new Json.Obj(members);
  }

  @Override
  public synchronized Answered drop() {
    Json.Obj dropped = shown();
    return durably(
        () -> {
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
    int count = waiting.edits().size() + wish.edits().size();
    if (wish.edits().isEmpty() || count > PENDING_MAX) {
      return misfit(List.of(count + " edits that wait (expected: 1 to " + PENDING_MAX + ")"));
    }
    PendingChanges next = waiting.with(new PendingChanges.Change(clock.wallMillis(), wish));
    try {
      var _ = ContentEdits.apply(releases.active().content(), waiting.edits(), wish.edits());
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

  /** Makes one release of all that waits; where it is refused, it goes on waiting and says why. */
  private Answered publishWaiting() {
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
                  keep(batch.publishing(Sha256.hex(ContentJson.bytes(next))));
                } catch (IOException e) {
                  throw new UncheckedIOException(e);
                }
                return next;
              });
    } catch (MisfitException e) {
      answered = misfit(e.problems);
    }
    Answered said = answered;
    return durably(
        () -> {
          if (isForLater(said)) {
            notBeforeMillis = clock.wallMillis() + RETRY_MILLIS;
          } else if (said.problem() == null || isEmpty(said.problem())) {
            keep(PendingChanges.NONE);
          } else {
            refuse(batch, said.problem());
          }
          return said;
        });
  }

  /** Whether it failed for a reason that may pass, and not because of what the changes say. */
  private static boolean isForLater(Answered answered) {
    Problem problem = answered.problem();
    return problem != null && problem.type() == ProblemType.UNAVAILABLE;
  }

  /** Whether all is so already. */
  private static boolean isEmpty(Problem problem) {
    return new Json.Str(ReleaseCheck.Stage.EMPTY.text()).equals(problem.members().get("stage"));
  }

  private void refuse(PendingChanges batch, Problem problem) throws IOException {
    List<String> why = new ArrayList<>(List.of(problem.detail()));
    problem
        .violations()
        .forEach(
            each ->
                why.add((each.pointer().isEmpty() ? "" : each.pointer() + ": ") + each.detail()));
    refusedBatches.increment();
    LOG.log(
        Level.ERROR,
        () ->
            batch.edits().size()
                + " changes that waited were refused and go on waiting (openclaw release pending): "
                + String.join("; ", why));
    keep(batch.refused(why));
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

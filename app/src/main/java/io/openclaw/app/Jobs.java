package io.openclaw.app;

import io.openclaw.domain.Clock;
import io.openclaw.domain.Json;
import io.openclaw.domain.JsonWriter;
import io.openclaw.domain.Problem;
import io.openclaw.domain.ProblemType;
import io.openclaw.domain.Violation;
import io.openclaw.edge.Bulk;
import io.openclaw.edge.EdgeMetrics;
import io.openclaw.net.JobService;
import io.openclaw.release.DurableFile;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The jobs of one node: taken onto disk, run in the background at most one of each tenant at a
 * time, kept for a while, swept. A folder of the data folder's {@code jobs/} is a job from when its
 * {@code job.json} is there. Thread-safe.
 */
final class Jobs implements JobService, AutoCloseable {
  private static final System.Logger LOG = System.getLogger("io.openclaw.app");
  private static final long TICK_MILLIS = 500;
  private static final long STOP_MILLIS_MAX = 5_000;

  /** For what was interrupted. */
  private static final long END_MILLIS_MAX = 1_000;

  private static final long NANOS_PER_MILLI = 1_000_000L;

  /** Between the tries of a webhook; after the last there is no other. */
  private static final long[] HOOK_BACKOFF_MILLIS = {
    5_000, 30_000, 120_000, 600_000, 3_600_000, 6 * 3_600_000
  };

  /** What jobs need of the node. */
  record Parts(
      String region,
      Path folder,
      JobSettings settings,
      Bulk bulk,
      EdgeMetrics metrics,
      @Nullable Webhooks webhooks,
      LongSupplier usableBytes,
      Clock clock,
      RandomGenerator random) {}

  private final Parts parts;
  private final JobRun.Shared shared;
  private final LongAdder hooksDelivered = new LongAdder();
  private final LongAdder hooksFailed = new LongAdder();
  private final AtomicLong arrivingBytes = new AtomicLong();
  private final Map<String, Job> jobs = new TreeMap<>(); // guarded by this, as all below
  private final Map<String, String> arriving = new HashMap<>(); // ids to tenants
  private final Map<String, String> running = new HashMap<>(); // tenants to ids
  private final Set<Thread> threads = new java.util.HashSet<>();
  private final Set<String> delivering = new TreeSet<>();
  private boolean stopping;
  private @Nullable Thread keeper;

  private Jobs(Parts parts) {
    this.parts = parts;
    this.shared =
        new JobRun.Shared(
            parts.bulk,
            parts.settings,
            parts.metrics,
            parts.clock,
            new Semaphore(Math.max(1, Runtime.getRuntime().availableProcessors() / 2), true),
            this::requireRoomToRun,
            new CountDownLatch(1),
            new LongAdder(),
            new LongAdder());
  }

  /**
   * Opens the folder: jobs that had not ended wait to go on, what never became one is removed.
   *
   * @throws IOException where the folder cannot be used
   */
  static Jobs open(Parts parts) throws IOException {
    Files.createDirectories(parts.folder);
    Jobs opened = new Jobs(parts);
    try (Stream<Path> folders = Files.list(parts.folder)) {
      for (Path folder : folders.toList()) {
        opened.load(folder);
      }
    }
    return opened;
  }

  private void load(Path folder) throws IOException {
    if (!Files.exists(folder.resolve(Job.ORDER))) {
      Job.remove(folder);
      return;
    }
    try {
      Job job = Job.load(folder);
      jobs.put(job.order().id(), job);
    } catch (IOException | IllegalArgumentException e) {
      LOG.log(
          Level.WARNING,
          () -> folder + " is no job that can go on, and is left as it is: " + e.getMessage());
    }
  }

  /** Begins to run jobs. */
  synchronized Jobs start() {
    keeper = Thread.ofPlatform().name("jobs").daemon().start(this::keep);
    return this;
  }

  private void keep() {
    try {
      do {
        beginRuns();
        sweep();
        deliverDue();
      } while (!shared.stop().await(TICK_MILLIS, TimeUnit.MILLISECONDS));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // the node stops
    }
  }

  private synchronized void beginRuns() {
    List<Job> waiting =
        jobs.values().stream()
            .filter(job -> !job.state().phase().isEnd() && !job.isCancelled())
            .sorted(Comparator.comparingLong(job -> job.order().submittedMillis()))
            .toList();
    for (Job job : waiting) {
      if (!stopping
          && running.size() < parts.settings.runningMax()
          && running.putIfAbsent(job.order().caller().tenant(), job.order().id()) == null) {
        threads.add(
            Thread.ofPlatform()
                .name("job-" + job.order().id())
                .daemon()
                .start(() -> runWhole(job)));
      }
    }
  }

  private void runWhole(Job job) {
    try {
      run(job);
    } finally {
      synchronized (this) {
        running.remove(job.order().caller().tenant());
        threads.remove(Thread.currentThread());
      }
    }
  }

  private void run(Job job) {
    try {
      job.runs(parts.clock.wallMillis());
      job.save(job.state().running(parts.clock.wallMillis()));
      if (new JobRun(job, shared).run()) {
        job.save(ended(job, JobState.Phase.DONE, ""));
        Files.deleteIfExists(job.input());
      }
    } catch (JobRun.StoppedException e) {
      cancelled(job);
    } catch (JobRun.FailedException e) {
      end(job, JobState.Phase.FAILED, String.valueOf(e.getMessage()));
    } catch (InterruptedException | java.nio.channels.ClosedByInterruptException e) {
      Thread.currentThread().interrupt(); // the node stops; the job goes on after its next start
    } catch (IOException e) {
      LOG.log(Level.ERROR, () -> "job " + job.order().id() + " failed", e);
      end(job, JobState.Phase.FAILED, "the disk: " + e.getMessage());
    } catch (RuntimeException e) {
      LOG.log(Level.ERROR, () -> "job " + job.order().id() + " failed", e);
      end(job, JobState.Phase.FAILED, "an error of this program; the log has it");
    }
  }

  private JobState ended(Job job, JobState.Phase phase, String why) {
    return job.state().ended(phase, why, parts.clock.wallMillis(), job.order().webhook() != null);
  }

  /** An end that holds also where the disk does not take it. */
  private void end(Job job, JobState.Phase phase, String why) {
    try {
      job.end(ended(job, phase, why));
      Files.deleteIfExists(job.input());
    } catch (IOException e) {
      LOG.log(
          Level.ERROR,
          () -> "the end of job " + job.order().id() + " could not be written: " + e.getMessage());
    }
  }

  private void cancelled(Job job) {
    end(job, JobState.Phase.CANCELLED, "");
    try {
      job.removeRows();
    } catch (IOException e) {
      LOG.log(Level.WARNING, () -> "rows of a cancelled job could not be removed: " + e);
    }
  }

  private void sweep() {
    long before = parts.clock.wallMillis() - parts.settings.keepMillis();
    List<Job> old;
    synchronized (this) {
      old =
          jobs.values().stream()
              .filter(job -> job.state().phase().isEnd() && job.state().endedMillis() < before)
              .toList();
      old.forEach(job -> jobs.remove(job.order().id()));
    }
    old.forEach(Jobs::remove);
  }

  private static void remove(Job job) {
    try {
      job.remove();
    } catch (IOException e) {
      LOG.log(Level.WARNING, () -> "job " + job.order().id() + " could not be removed: " + e);
    }
  }

  private void deliverDue() {
    long now = parts.clock.wallMillis();
    List<Job> due = new ArrayList<>();
    synchronized (this) {
      for (Job job : jobs.values()) {
        long at = job.state().hookMillis();
        if (!stopping && at > 0 && at <= now && delivering.add(job.order().id())) {
          due.add(job);
        }
      }
    }
    for (Job job : due) {
      Thread.ofVirtual().name("webhook").start(() -> deliver(job));
    }
  }

  /** One try of a webhook; that it was begun is on disk before, so tries are bounded. */
  private void deliver(Job job) {
    try {
      Webhooks webhooks = parts.webhooks;
      String url = job.order().webhook();
      if (webhooks == null || url == null) {
        return;
      }
      int tries = job.state().hookTries();
      long next =
          tries < HOOK_BACKOFF_MILLIS.length
              ? parts.clock.wallMillis() + HOOK_BACKOFF_MILLIS[tries]
              : JobState.GIVEN_UP;
      job.save(job.state().hook(tries + 1, next));
      int status = webhooks.deliver(url, job.order().id(), parts.clock.wallMillis(), event(job));
      boolean taken = status / 100 == 2;
      (taken ? hooksDelivered : hooksFailed).increment();
      if (taken || status == 410) {
        job.save(job.state().hook(tries + 1, taken ? 0 : JobState.GIVEN_UP));
      }
    } catch (IOException e) {
      hooksFailed.increment();
      LOG.log(
          Level.WARNING,
          () -> "the webhook of job " + job.order().id() + " failed: " + e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      synchronized (this) {
        delivering.remove(job.order().id());
      }
    }
  }

  private byte[] event(Job job) {
    Map<String, Json> members = new java.util.LinkedHashMap<>();
    members.put("type", new Json.Str("job." + job.state().phase().text()));
    members.put(
        "timestamp",
        new Json.Str(java.time.Instant.ofEpochMilli(job.state().endedMillis()).toString()));
    members.put("data", job.json(parts.region, parts.clock.wallMillis()));
    return JsonWriter.write(new Json.Obj(members));
  }

  @Override
  public Intake begin(Order order) throws Refusal {
    requireWebhook(order.webhook());
    if (order.declaredBytes() > parts.settings.bytesMax()) {
      throw new Refusal(
          Problem.of(
              ProblemType.BODY_TOO_LARGE,
              "the job is over " + parts.settings.bytesMax() + " bytes"));
    }
    requireRoom(order.declaredBytes());
    String id = reserve(order.caller().tenant());
    Path folder = parts.folder.resolve(id.substring(id.lastIndexOf('.') + 1));
    try {
      Files.createDirectory(folder);
      return new JobIntake(this, order, id, folder, parts.settings);
    } catch (IOException e) {
      released(order.caller().tenant(), id, 0);
      throw notOnDisk(e);
    }
  }

  private void requireWebhook(@Nullable String url) throws Refusal {
    if (url == null) {
      return;
    }
    try {
      if (parts.webhooks == null) {
        throw new IOException("this region sends no webhooks");
      }
      parts.webhooks.check(url);
    } catch (IOException e) {
      throw new Refusal(
          Problem.of(
              ProblemType.INVALID_INPUT,
              "the header webhook-url does not fit",
              List.of(new Violation("", String.valueOf(e.getMessage())))));
    }
  }

  private synchronized String reserve(String tenant) throws Refusal {
    long kept =
        jobs.values().stream().filter(job -> job.belongsTo(tenant)).count()
            + arriving.values().stream().filter(tenant::equals).count();
    if (kept >= parts.settings.tenantMax()) {
      throw new Refusal(
          Problem.of(
                  ProblemType.LIMIT_EXCEEDED,
                  "the tenant has "
                      + kept
                      + " jobs in region "
                      + parts.region
                      + " (expected: < "
                      + parts.settings.tenantMax()
                      + "; DELETE lets one go that has ended)")
              .withRetryAfter(60));
    }
    String id =
        parts.region
            + "."
            + HexFormat.of().toHexDigits(parts.random.nextLong())
            + HexFormat.of().toHexDigits(parts.random.nextLong());
    arriving.put(id, tenant);
    return id;
  }

  /** An intake that came to nothing, after so many bytes. */
  synchronized void released(String tenant, String id, long bytes) {
    arriving.remove(id, tenant);
    arrivingBytes.addAndGet(-bytes);
  }

  /** Refuses more bytes than the caps on disk allow. */
  void requireRoom(long more) throws Refusal {
    String full = full(more);
    if (full != null) {
      throw new Refusal(Problem.of(ProblemType.UNAVAILABLE, full).withRetryAfter(60));
    }
  }

  /** More bytes of a job that is arriving. */
  void arrives(long more) throws Refusal {
    arrivingBytes.addAndGet(more);
    requireRoom(0);
  }

  private void requireRoomToRun() throws JobRun.FailedException {
    String full = full(0);
    if (full != null) {
      throw new JobRun.FailedException(full);
    }
  }

  private @Nullable String full(long more) {
    JobSettings settings = parts.settings;
    long bytes = bytes() + arrivingBytes.get();
    if (bytes + more > settings.totalBytesMax()) {
      return "jobs hold "
          + bytes
          + " bytes of the disk (expected: at most "
          + settings.totalBytesMax()
          + ")";
    }
    return parts.usableBytes.getAsLong() - more < settings.reserveBytes()
        ? "the disk has no room for jobs: they leave " + settings.reserveBytes() + " bytes free"
        : null;
  }

  static Refusal notOnDisk(IOException e) {
    LOG.log(Level.WARNING, "a job could not be written", e);
    return new Refusal(
        Problem.of(ProblemType.UNAVAILABLE, "the job could not be written to disk")
            .withRetryAfter(60));
  }

  long wallMillis() {
    return parts.clock.wallMillis();
  }

  /** The job is whole: from here on it is one, whatever happens. */
  Taken commit(Path folder, JobOrder order, long arrived) throws IOException {
    DurableFile.replace(folder.resolve(Job.ORDER), order.write(), false);
    DurableFile.syncFolder(parts.folder);
    Job job = new Job(folder, order, JobState.NEW);
    synchronized (this) {
      arriving.remove(order.id());
      arrivingBytes.addAndGet(-arrived);
      jobs.put(order.id(), job);
    }
    beginRuns();
    return new Taken(order.id(), job.document(parts.region, parts.clock.wallMillis()));
  }

  @Override
  public byte[] list(Bulk.Caller caller) {
    List<Json> all = new ArrayList<>();
    synchronized (this) {
      jobs.values().stream()
          .filter(job -> job.belongsTo(caller.tenant()))
          .sorted(Comparator.comparingLong((Job job) -> job.order().submittedMillis()).reversed())
          .forEach(job -> all.add(job.json(parts.region, parts.clock.wallMillis())));
    }
    return JsonWriter.write(new Json.Obj(Map.of("jobs", new Json.Arr(all))));
  }

  private synchronized Job find(Bulk.Caller caller, String id) throws Refusal {
    Job job = jobs.get(id);
    if (job == null || !job.belongsTo(caller.tenant())) {
      throw new Refusal(Problem.of(ProblemType.NOT_FOUND, "the tenant has no such job"));
    }
    return job;
  }

  @Override
  public byte[] show(Bulk.Caller caller, String id) throws Refusal {
    return find(caller, id).document(parts.region, parts.clock.wallMillis());
  }

  @Override
  public byte[] cancel(Bulk.Caller caller, String id) throws Refusal {
    Job job = find(caller, id);
    if (job.state().phase().isEnd()) {
      byte[] last = job.document(parts.region, parts.clock.wallMillis());
      synchronized (this) {
        jobs.remove(id);
      }
      remove(job);
      return last;
    }
    job.cancel(); // from here on no run of it begins
    if (!isRunning(id)) {
      cancelled(job);
    }
    for (int i = 0; i < STOP_MILLIS_MAX / 10 && !job.state().phase().isEnd(); i++) {
      sleep();
    }
    return job.document(parts.region, parts.clock.wallMillis());
  }

  private synchronized boolean isRunning(String id) {
    return running.containsValue(id);
  }

  private static void sleep() throws Refusal {
    try {
      Thread.sleep(10);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new Refusal(Problem.of(ProblemType.UNAVAILABLE, "draining").withRetryAfter(1));
    }
  }

  @Override
  public Results results(Bulk.Caller caller, String id, long from) throws Refusal {
    Job job = find(caller, id);
    long end = job.state().resultsBytes();
    try {
      if (end == 0 || job.state().phase() == JobState.Phase.CANCELLED) {
        return new NoResults();
      }
      return JobPages.open(job.results(), end, from);
    } catch (IOException e) {
      LOG.log(Level.ERROR, () -> "results of job " + id + " cannot be read", e);
      throw new Refusal(
          Problem.of(ProblemType.UNAVAILABLE, "the results cannot be read").withRetryAfter(60));
    }
  }

  /** Results of which there are none yet, or no more. */
  private static final class NoResults implements Results {
    @Override
    public byte[] read() {
      return new byte[0];
    }

    @Override
    public void close() {
      // nothing is open
    }
  }

  /** Bytes of all jobs on disk. */
  synchronized long bytes() {
    return jobs.values().stream().mapToLong(Job::bytes).sum();
  }

  /** How many jobs are in a phase. */
  synchronized long count(JobState.Phase phase) {
    return jobs.values().stream().filter(job -> job.state().phase() == phase).count();
  }

  /** Rows rated since this node started. */
  long rated() {
    return shared.rated().sum();
  }

  /** Rows answered with a problem since this node started. */
  long failed() {
    return shared.failed().sum();
  }

  long hooksDelivered() {
    return hooksDelivered.sum();
  }

  long hooksFailed() {
    return hooksFailed.sum();
  }

  /**
   * Lets every run end at its chunk, behind a checkpoint; jobs go on after the next start. A run
   * that takes too long is interrupted, and goes on at the checkpoint before.
   */
  @Override
  public void close() {
    List<Thread> all;
    synchronized (this) {
      stopping = true;
      all = new ArrayList<>(threads);
      if (keeper != null) {
        all.add(keeper);
      }
    }
    shared.stop().countDown();
    try {
      join(all, STOP_MILLIS_MAX);
      all.forEach(Thread::interrupt);
      join(all, END_MILLIS_MAX);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void join(List<Thread> all, long millis) throws InterruptedException {
    long deadline = parts.clock.nanoTime() + millis * NANOS_PER_MILLI;
    for (Thread thread : all) {
      thread.join(Math.max(1, (deadline - parts.clock.nanoTime()) / NANOS_PER_MILLI));
    }
  }
}

package io.openclaw.app;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.openclaw.domain.Clock;
import io.openclaw.domain.Decimal;
import io.openclaw.domain.Json;
import io.openclaw.domain.KeyText;
import io.openclaw.domain.LimitSpec;
import io.openclaw.domain.ProblemType;
import io.openclaw.domain.Rating;
import io.openclaw.domain.Scope;
import io.openclaw.domain.Tenant;
import io.openclaw.edge.Bulk;
import io.openclaw.edge.Directory;
import io.openclaw.edge.ItemSplitter;
import io.openclaw.limit.ConcurrencyLimit;
import io.openclaw.limit.Limiter;
import io.openclaw.limit.QuotaLedger;
import io.openclaw.limit.Quotas;
import io.openclaw.net.JobService;
import io.openclaw.rating.Checked;
import io.openclaw.rating.InputSchema;
import io.openclaw.rating.RatingModel;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Jobs on a disk, with an edge in memory: taken, run, killed, resumed, cancelled, swept. */
final class JobsTest {
  private static final String REGION = "here";
  private static final int ROWS = 1_000;

  @TempDir Path folder;
  private final AtomicLong usable = new AtomicLong(1L << 40);
  private final AtomicLong aheadMillis = new AtomicLong();
  private final AtomicLong ratings = new AtomicLong();
  private final List<Jobs> opened = new ArrayList<>();
  private @Nullable CountDownLatch hold;

  private final Clock clock =
      new Clock() {
        @Override
        public long nanoTime() {
          return System.nanoTime();
        }

        @Override
        public long wallMillis() {
          return System.currentTimeMillis() + aheadMillis.get();
        }
      };

  private final Map<String, KeyText> keys = new LinkedHashMap<>();
  private final Bulk bulk = bulk();

  /** Rates {@code {"n":…}} with n, and counts how often. */
  private final class Echo implements RatingModel {
    @Override
    public String name() {
      return "echo";
    }

    @Override
    public String version() {
      return "v1";
    }

    @Override
    public String kind() {
      return "echo";
    }

    @Override
    public String digest() {
      return "e".repeat(64);
    }

    @Override
    public InputSchema schema() {
      return InputSchema.ANY;
    }

    @Override
    public Checked check(Json.Obj input) {
      if (!(input.get("n") instanceof Json.Num number)) {
        return new Checked.Invalid(
            List.of(new io.openclaw.domain.Violation("/n", "missing (expected: a number)")));
      }
      return (Checked.Ready)
          attempt -> {
            CountDownLatch latch = hold;
            if (latch != null && number.value() >= 500) {
              return CompletableFuture.supplyAsync(
                  () -> {
                    try {
                      latch.await();
                    } catch (InterruptedException e) {
                      Thread.currentThread().interrupt();
                    }
                    return rating(number);
                  });
            }
            return CompletableFuture.completedFuture(rating(number));
          };
    }

    private Rating rating(Json.Num number) {
      ratings.incrementAndGet();
      return new Rating(new Decimal((long) number.value(), 0), List.of(), null);
    }
  }

  private Bulk bulk() {
    Limiter limiter = Limiter.alone(REGION, REGION + "#1", true, System.nanoTime());
    Quotas quotas =
        new Quotas(
            REGION,
            List.of(REGION),
            QuotaLedger.read(QuotaLedger.begin(REGION, List.of(REGION), 0, new Random(2))),
            lines -> {},
            System.nanoTime());
    Map<Tenant, List<RatingModel>> tenants = new LinkedHashMap<>();
    tenants.put(new Tenant("open", List.of("echo"), null, 1, null), List.of(new Echo()));
    tenants.put(new Tenant("other", List.of("echo"), null, 1, null), List.of(new Echo()));
    tenants.put(
        new Tenant(
            "paced",
            List.of("echo"),
            null,
            1,
            new LimitSpec("tenant/paced", LimitSpec.Level.TENANT, 200_000, 20)),
        List.of(new Echo()));
    tenants.put(
        new Tenant(
            "scarce",
            List.of("echo"),
            null,
            1,
            new LimitSpec("tenant/scarce", LimitSpec.Level.TENANT, 1, 20)),
        List.of(new Echo()));
    Random random = new Random(3);
    List<io.openclaw.domain.ApiKey> all = new ArrayList<>();
    for (Tenant tenant : tenants.keySet()) {
      KeyText text = KeyText.generate(random);
      keys.put(tenant.id(), text);
      all.add(NodeServing.sampleKey(text, tenant.id()));
    }
    Directory directory =
        Directory.of(
            tenants,
            Map.of(),
            Map.of(),
            Directory.SharedLimits.NONE,
            all,
            new Directory.Limits(limiter, quotas),
            System.nanoTime());
    return new Bulk(
        TestEdges.plain(
            REGION, clock, limiter, directory, new ConcurrencyLimit(10, 10, System.nanoTime())));
  }

  private Jobs open(JobSettings settings) throws IOException {
    Jobs jobs =
        Jobs.open(
            new Jobs.Parts(
                REGION,
                folder.resolve("jobs"),
                settings,
                bulk,
                (answered, nanos) -> {},
                null,
                usable::get,
                clock,
                new Random(4)));
    opened.add(jobs);
    return jobs;
  }

  private Jobs open() throws IOException {
    return open(settings(2_000));
  }

  private static JobSettings settings(long rowsMax) {
    return new JobSettings(rowsMax, 1_000, 1 << 20, 4 << 20, 3, 8, 3_600_000, 1_000);
  }

  @AfterEach
  void end() {
    CountDownLatch latch = hold;
    if (latch != null) {
      latch.countDown();
    }
    opened.forEach(Jobs::close);
  }

  private Bulk.Caller caller(String tenant) {
    String key = "Bearer " + java.util.Objects.requireNonNull(keys.get(tenant)).reveal();
    return ((Bulk.Known) bulk.recognise(key, null, Scope.RATE)).caller();
  }

  private static String inputs(int rows) {
    StringBuilder lines = new StringBuilder();
    for (int i = 0; i < rows; i++) {
      lines.append("{\"n\":").append(i).append("}\n");
    }
    return lines.toString();
  }

  private String submit(Jobs jobs, String tenant, String body) throws JobService.Refusal {
    JobService.Intake intake =
        jobs.begin(
            new JobService.Order(caller(tenant), ItemSplitter.Format.LINES, body.length(), null));
    try {
      intake.write(body.getBytes(UTF_8));
      return intake.commit().id();
    } finally {
      intake.abandon();
    }
  }

  private JsonObject show(Jobs jobs, String tenant, String id) throws JobService.Refusal {
    return new JsonObject(new String(jobs.show(caller(tenant), id), UTF_8));
  }

  private JsonObject await(Jobs jobs, String tenant, String id, String state) throws Exception {
    for (int i = 0; i < 2_000 && !show(jobs, tenant, id).getString("state").equals(state); i++) {
      Thread.sleep(10);
    }
    assertThat(show(jobs, tenant, id).getString("state")).isEqualTo(state);
    return show(jobs, tenant, id);
  }

  private String results(Jobs jobs, String tenant, String id, long from) throws Exception {
    try (JobService.Results results = jobs.results(caller(tenant), id, from)) {
      StringBuilder text = new StringBuilder();
      for (byte[] page = results.read(); page.length > 0; page = results.read()) {
        text.append(new String(page, UTF_8));
      }
      return text.toString();
    }
  }

  private static ProblemType typeOf(Throwable refusal) {
    return ((JobService.Refusal) refusal).problem().type();
  }

  @Test
  void a_job_is_rated_row_by_row_and_its_results_are_read_from_any_row_on() throws Exception {
    Jobs jobs = open().start();
    String id = submit(jobs, "open", inputs(ROWS));
    JsonObject job = await(jobs, "open", id, "done");
    assertThat(id).matches("here\\.[0-9a-f]{32}");
    assertThat(job.getLong("rows")).isEqualTo(ROWS);
    assertThat(job.getLong("done")).isEqualTo(ROWS);
    assertThat(job.getLong("failed")).isZero();
    String results = results(jobs, "open", id, 0);
    assertThat(RowChecker.faults(results, ROWS)).isEmpty();
    List<String> lines = results.lines().toList();
    for (int from : new int[] {1, 2, 499, 500, 998, 999}) {
      assertThat(results(jobs, "open", id, from).lines().toList())
          .isEqualTo(lines.subList(from, ROWS));
    }
    assertThat(results(jobs, "open", id, ROWS)).isEmpty();
    assertThat(results(jobs, "open", id, 999_999)).isEmpty();
  }

  @Test
  void rows_that_are_no_inputs_get_a_problem_each() throws Exception {
    Jobs jobs = open().start();
    String long1001 = "{\"n\":1," + " ".repeat(1_000) + "}";
    String id = submit(jobs, "open", "{\"n\":7}\n{\n[1]\n{\"m\":1}\n" + long1001 + "\n{\"n\":8}");
    JsonObject job = await(jobs, "open", id, "done");
    assertThat(job.getLong("failed")).isEqualTo(4);
    assertThat(
            results(jobs, "open", id, 0).lines().map(l -> new JsonObject(l).getInteger("status")))
        .containsExactly(200, 400, 422, 422, 413, 200);
  }

  @Test
  void a_job_that_is_killed_goes_on_at_its_checkpoint_and_no_row_is_there_twice() throws Exception {
    String whole = wholeResults();
    Path job;
    try (Jobs jobs = open()) {
      submit(jobs, "open", inputs(ROWS)); // and never started
      job = onlyFolder();
    }
    int half = ROWS / 2;
    List<String> lines = whole.lines().toList();
    String first = String.join("\n", lines.subList(0, half)) + "\n";
    long inputAt = inputAt(job, half);
    for (int tail : new int[] {0, 1, 2, 50, 151, 152, 153, 1_000, 20_000}) {
      String rest = whole.substring(first.length());
      Files.writeString(job.resolve("results"), first + rest.substring(0, tail));
      Files.write(
          job.resolve("state.json"),
          JobState.NEW.running(1).at(half, inputAt, first.length(), crc(first), 0).write());
      ratings.set(0);
      try (Jobs jobs = open().start()) {
        String id = REGION + "." + job.getFileName();
        await(jobs, "open", id, "done");
        String results = results(jobs, "open", id, 0);
        assertThat(RowChecker.faults(results, ROWS)).as("a tail of " + tail).isEmpty();
        assertThat(results.replace(id.substring(5), "X".repeat(32))).isEqualTo(whole);
        assertThat(ratings).hasValue(ROWS - half);
      }
      restoreInput(job);
    }
  }

  @Test
  void a_stop_ends_a_run_at_its_chunk_and_no_row_is_rated_again() throws Exception {
    hold = new CountDownLatch(1);
    Jobs jobs = open().start();
    String id = submit(jobs, "open", inputs(ROWS));
    for (int i = 0; i < 2_000 && ratings.get() < 500; i++) {
      Thread.sleep(5); // until the chunk is under way whose last ratings are held
    }
    Thread closing = Thread.ofPlatform().start(jobs::close);
    closing.join(300);
    assertThat(closing.isAlive()).as("while the chunk is not done").isTrue();
    hold.countDown();
    closing.join();
    assertThat(ratings.get()).isEqualTo(512L);
    try (Jobs after = open()) {
      assertThat(show(after, "open", id).getLong("done")).isEqualTo(512);
    }
    Jobs after = open().start();
    await(after, "open", id, "done");
    assertThat(RowChecker.faults(results(after, "open", id, 0), ROWS)).isEmpty();
    assertThat(ratings).hasValue(ROWS);
  }

  @Test
  void a_stop_waits_for_no_tokens_and_keeps_what_was_rated() throws Exception {
    Jobs jobs = open().start();
    String id = submit(jobs, "scarce", inputs(60)); // 10 at once, the rest in hours
    for (int i = 0; i < 2_000 && ratings.get() < 10; i++) {
      Thread.sleep(5);
    }
    long begun = System.nanoTime();
    jobs.close();
    assertThat(System.nanoTime() - begun).isLessThan(4_000_000_000L);
    try (Jobs after = open()) {
      assertThat(show(after, "scarce", id).getLong("done")).isEqualTo(10);
      assertThat(results(after, "scarce", id, 0).lines()).hasSize(10);
    }
    assertThat(ratings).hasValue(10);
  }

  @Test
  void the_checker_finds_a_resume_that_repeats_a_row_or_leaves_one_out() throws Exception {
    String whole = wholeResults();
    List<String> lines = whole.lines().toList();
    assertThat(RowChecker.faults(whole, ROWS)).isEmpty();
    // The planted bug: a resume that does not cut what was written after the checkpoint.
    String uncut =
        String.join("\n", lines.subList(0, 510))
            + "\n"
            + String.join("\n", lines.subList(500, ROWS))
            + "\n";
    assertThat(RowChecker.faults(uncut, ROWS)).contains("row 500 again", "row 509 again");
    String gap =
        String.join("\n", lines.subList(0, 500))
            + "\n"
            + String.join("\n", lines.subList(501, ROWS))
            + "\n";
    assertThat(RowChecker.faults(gap, ROWS)).containsExactly("rows 500 to 500 missing");
    assertThat(RowChecker.faults(whole.substring(0, whole.length() - 1), ROWS)).isNotEmpty();
  }

  @Test
  void results_cut_at_every_byte_are_resumed_or_refused_and_never_wrong() throws Exception {
    Path file = folder.resolve("results");
    String first = "{\"index\":0,\"status\":200}\n{\"index\":1,\"status\":200}\n";
    String rest = "{\"index\":2,\"status\":200}\n";
    for (int length = 0; length <= first.length() + rest.length(); length++) {
      Files.writeString(file, (first + rest).substring(0, length));
      if (length < first.length()) {
        assertThatThrownBy(() -> JobResults.open(file, first.length(), crc(first)).close())
            .isInstanceOf(IOException.class)
            .hasMessageContaining("damaged");
      } else {
        try (JobResults results = JobResults.open(file, first.length(), crc(first))) {
          results.add(rest.getBytes(UTF_8));
          results.sync();
          assertThat(results.crc()).isEqualTo(crc(first + rest));
        }
        assertThat(Files.readString(file)).isEqualTo(first + rest);
      }
    }
    for (int at = 0; at < first.length(); at++) {
      byte[] changed = (first + rest).getBytes(UTF_8);
      changed[at] ^= 1;
      Files.write(file, changed);
      assertThatThrownBy(() -> JobResults.open(file, first.length(), crc(first)).close())
          .hasMessageContaining("checksum");
    }
  }

  @Test
  void inputs_cut_or_changed_at_any_byte_are_noticed() throws Exception {
    Path file = folder.resolve("input");
    try (JobInput.Writer writer = new JobInput.Writer(file, 100)) {
      for (String each : List.of("{\"n\":1}", "", "{\"n\":22}")) {
        writer.add(new ItemSplitter.Item(each.getBytes(UTF_8), false));
      }
      writer.add(new ItemSplitter.Item(new byte[0], true));
      writer.finish();
      assertThat(writer.bytes()).isEqualTo(Files.size(file));
    }
    byte[] whole = Files.readAllBytes(file);
    assertThat(read(file)).containsExactly("{\"n\":1}", "", "{\"n\":22}", "too large");
    for (int at = 0; at < whole.length; at++) {
      byte[] changed = whole.clone();
      changed[at] ^= 4;
      Files.write(file, changed);
      assertThatThrownBy(() -> read(file)).hasMessageContaining("damaged at byte");
      Files.write(file, java.util.Arrays.copyOf(whole, at));
      List<String> got = new ArrayList<>();
      try {
        got.addAll(read(file));
      } catch (IOException e) {
        continue;
      }
      assertThat(got).hasSizeLessThan(4); // cut between two inputs: the count tells
    }
  }

  @Test
  void a_job_whose_inputs_are_cut_fails_and_says_so() throws Exception {
    Path job;
    try (Jobs jobs = open()) {
      submit(jobs, "open", inputs(ROWS));
      job = onlyFolder();
    }
    long half = inputAt(job, ROWS / 2);
    try (FileChannel input = FileChannel.open(job.resolve("input"), StandardOpenOption.WRITE)) {
      input.truncate(half);
    }
    Jobs jobs = open().start();
    JsonObject failed = await(jobs, "open", REGION + "." + job.getFileName(), "failed");
    assertThat(failed.getString("detail")).contains("500 rows were found (expected: 1000");
  }

  @Test
  void a_job_waits_for_tokens_and_leaves_half_of_the_burst() throws Exception {
    Jobs jobs = open().start();
    long begun = System.nanoTime();
    String id = submit(jobs, "paced", inputs(110)); // 10 at once, 100 more at 200 a second
    assertThat(await(jobs, "paced", id, "done").getLong("failed")).isZero();
    assertThat(RowChecker.faults(results(jobs, "paced", id, 0), 110)).isEmpty();
    assertThat(System.nanoTime() - begun).isGreaterThan(400_000_000L);
  }

  @Test
  void a_cancelled_job_stops_and_its_rows_are_gone() throws Exception {
    hold = new CountDownLatch(1);
    Jobs jobs = open().start();
    String id = submit(jobs, "open", inputs(ROWS));
    String queued = submit(jobs, "open", inputs(10)); // behind the first
    await(jobs, "open", id, "running");
    assertThat(cancelled(jobs, queued)).isEqualTo("cancelled");
    Thread.ofPlatform()
        .start(
            () -> {
              try {
                Thread.sleep(200);
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
              java.util.Objects.requireNonNull(hold).countDown();
            });
    assertThat(cancelled(jobs, id)).isEqualTo("cancelled");
    assertThat(results(jobs, "open", id, 0)).isEmpty();
    assertThat(jobs.bytes()).isZero();
    assertThat(cancelled(jobs, id)).isEqualTo("cancelled"); // and now it is gone itself
    assertThatThrownBy(() -> jobs.show(caller("open"), id))
        .satisfies(refusal -> assertThat(typeOf(refusal)).isEqualTo(ProblemType.NOT_FOUND));
  }

  private String cancelled(Jobs jobs, String id) throws JobService.Refusal {
    return new JsonObject(new String(jobs.cancel(caller("open"), id), UTF_8)).getString("state");
  }

  @Test
  void an_ended_job_is_kept_for_its_hours_and_then_swept() throws Exception {
    Jobs jobs = open().start();
    String id = submit(jobs, "open", inputs(10));
    await(jobs, "open", id, "done");
    aheadMillis.set(3_500_000);
    Thread.sleep(700);
    assertThat(show(jobs, "open", id).getString("state")).isEqualTo("done");
    aheadMillis.set(3_700_000);
    for (int i = 0; i < 300 && Files.exists(folder.resolve("jobs").resolve(id.substring(5))); i++) {
      Thread.sleep(10);
    }
    assertThat(folder.resolve("jobs")).isEmptyDirectory();
    assertThat(new String(jobs.list(caller("open")), UTF_8)).isEqualTo("{\"jobs\":[]}");
  }

  @Test
  void another_tenant_sees_nothing_of_a_job() throws Exception {
    Jobs jobs = open().start();
    String id = submit(jobs, "open", inputs(10));
    Bulk.Caller other = caller("other");
    assertThat(new String(jobs.list(other), UTF_8)).isEqualTo("{\"jobs\":[]}");
    for (org.assertj.core.api.ThrowableAssert.ThrowingCallable each :
        List.<org.assertj.core.api.ThrowableAssert.ThrowingCallable>of(
            () -> jobs.show(other, id),
            () -> jobs.cancel(other, id),
            () -> jobs.results(other, id, 0))) {
      assertThatThrownBy(each)
          .satisfies(refusal -> assertThat(typeOf(refusal)).isEqualTo(ProblemType.NOT_FOUND));
    }
  }

  @Test
  void what_is_too_much_is_refused_and_leaves_nothing_on_disk() throws Exception {
    Jobs jobs = open(); // not started: jobs stay
    assertThatThrownBy(() -> submit(jobs, "open", inputs(2_001)))
        .hasMessageContaining("over 2000 rows");
    assertThatThrownBy(() -> submit(jobs, "open", "x".repeat((1 << 20) + 1)))
        .hasMessageContaining("over 1048576 bytes");
    assertThatThrownBy(() -> submit(jobs, "open", "\n")).hasMessageContaining("no rows");
    usable.set(500);
    assertThatThrownBy(() -> submit(jobs, "open", inputs(1)))
        .satisfies(refusal -> assertThat(typeOf(refusal)).isEqualTo(ProblemType.UNAVAILABLE));
    usable.set(1L << 40);
    assertThat(folder.resolve("jobs")).isEmptyDirectory();
    for (int i = 0; i < 3; i++) {
      submit(jobs, "open", inputs(1));
    }
    assertThatThrownBy(() -> submit(jobs, "open", inputs(1)))
        .satisfies(refusal -> assertThat(typeOf(refusal)).isEqualTo(ProblemType.LIMIT_EXCEEDED));
    submit(jobs, "other", inputs(1));
  }

  @Test
  void a_disk_that_fills_up_fails_the_job_clearly_and_nothing_else() throws Exception {
    hold = new CountDownLatch(1);
    Jobs jobs = open().start();
    String id = submit(jobs, "open", inputs(ROWS));
    await(jobs, "open", id, "running");
    usable.set(500);
    hold.countDown();
    assertThat(await(jobs, "open", id, "failed").getString("detail")).contains("no room");
    usable.set(1L << 40);
    String next = submit(jobs, "open", inputs(10));
    await(jobs, "open", next, "done");
  }

  @Test
  void a_body_that_never_became_a_job_is_gone_after_a_restart() throws Exception {
    Jobs jobs = open();
    JobService.Intake intake =
        jobs.begin(new JobService.Order(caller("open"), ItemSplitter.Format.LINES, 0, null));
    intake.write("{\"n\":1}\n".getBytes(UTF_8));
    assertThat(folder.resolve("jobs")).isNotEmptyDirectory();
    Jobs after = open().start();
    assertThat(folder.resolve("jobs")).isEmptyDirectory();
    assertThat(new String(after.list(caller("open")), UTF_8)).isEqualTo("{\"jobs\":[]}");
  }

  @Test
  void a_damaged_job_does_not_keep_the_others_from_running() throws Exception {
    Path job;
    try (Jobs jobs = open()) {
      submit(jobs, "open", inputs(10));
      job = onlyFolder();
      submit(jobs, "open", inputs(20));
    }
    Files.writeString(job.resolve("state.json"), "nonsense");
    Jobs jobs = open().start();
    JsonObject list = new JsonObject(new String(jobs.list(caller("open")), UTF_8));
    assertThat(list.getJsonArray("jobs")).hasSize(1);
    await(jobs, "open", list.getJsonArray("jobs").getJsonObject(0).getString("id"), "done");
  }

  /** The results of a whole run of the one job, whose folder is then as it was before it ran. */
  private String wholeResults() throws Exception {
    try (Jobs jobs = open().start()) {
      String id = submit(jobs, "open", inputs(ROWS));
      await(jobs, "open", id, "done");
      String results = results(jobs, "open", id, 0);
      jobs.cancel(caller("open"), id);
      return results.replace(id.substring(5), "X".repeat(32));
    }
  }

  private Path onlyFolder() throws IOException {
    try (var all = Files.list(folder.resolve("jobs"))) {
      return all.findFirst().orElseThrow();
    }
  }

  private static void restoreInput(Path job) throws IOException {
    Files.deleteIfExists(job.resolve("input"));
    try (JobInput.Writer writer = new JobInput.Writer(job.resolve("input"), 1_000)) {
      for (String line : inputs(ROWS).lines().toList()) {
        writer.add(new ItemSplitter.Item(line.getBytes(UTF_8), false));
      }
      writer.finish();
    }
  }

  private static long inputAt(Path job, int row) throws IOException {
    try (JobInput.Reader reader = new JobInput.Reader(job.resolve("input"), 0)) {
      for (int i = 0; i < row; i++) {
        assertThat(reader.next()).isNotNull();
      }
      return reader.at();
    }
  }

  private static List<String> read(Path file) throws IOException {
    List<String> items = new ArrayList<>();
    try (JobInput.Reader reader = new JobInput.Reader(file, 0)) {
      for (ItemSplitter.Item item = reader.next(); item != null; item = reader.next()) {
        items.add(item.tooLarge() ? "too large" : new String(item.bytes(), UTF_8));
      }
    }
    return items;
  }

  private static long crc(String text) {
    java.util.zip.CRC32C crc = new java.util.zip.CRC32C();
    crc.update(text.getBytes(UTF_8));
    return crc.getValue();
  }
}

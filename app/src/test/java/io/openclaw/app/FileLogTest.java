package io.openclaw.app;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.openclaw.rating.DurableLog;
import io.openclaw.rating.NotDurableException;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class FileLogTest {
  private static final int HEADER_BYTES = 8;

  private static final Logger LOGGER = Logger.getLogger("io.openclaw.app");

  @TempDir Path folder = Path.of("");

  @BeforeAll
  static void keepTheManyExpectedWarningsOutOfSight() {
    LOGGER.setLevel(Level.OFF);
  }

  @AfterAll
  static void logAgain() {
    LOGGER.setLevel(null);
  }

  private Path file() {
    return folder.resolve("items.log");
  }

  private static byte[] record(String text) {
    return text.getBytes(UTF_8);
  }

  private static List<byte[]> records(int count, int seed) {
    Random random = new Random(seed);
    List<byte[]> records = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      byte[] record = new byte[1 + random.nextInt(20)];
      random.nextBytes(record);
      records.add(record);
    }
    return records;
  }

  /** Appends all and waits until each is durable. */
  private static void append(FileLog log, List<byte[]> records) {
    List<CompletableFuture<Void>> durable = new ArrayList<>();
    records.forEach(record -> durable.add(log.append(record).toCompletableFuture()));
    durable.forEach(CompletableFuture::join);
  }

  private void write(Path to, List<byte[]> records) throws IOException {
    try (FileLog log = FileLog.open(to, record -> {})) {
      append(log, records);
    }
  }

  /** What a restart finds. */
  private static List<byte[]> replayed(Path file) throws IOException {
    List<byte[]> found = new ArrayList<>();
    FileLog.open(file, found::add).close();
    return found;
  }

  private static boolean isPrefix(List<byte[]> found, List<byte[]> of) {
    if (found.size() > of.size()) {
      return false;
    }
    for (int i = 0; i < found.size(); i++) {
      if (!Arrays.equals(found.get(i), of.get(i))) {
        return false;
      }
    }
    return true;
  }

  private static boolean same(List<byte[]> a, List<byte[]> b) {
    return a.size() == b.size() && isPrefix(a, b);
  }

  @Test
  void what_was_appended_is_replayed_in_order_over_several_starts() throws IOException {
    List<byte[]> all = new ArrayList<>();
    for (int start = 0; start < 5; start++) {
      assertThat(same(replayed(file()), all)).as("start %s", start).isTrue();
      List<byte[]> more = records(100, start);
      more.add(new byte[DurableLog.RECORD_BYTES_MAX]);
      write(file(), more);
      all.addAll(more);
    }
    assertThat(same(replayed(file()), all)).isTrue();
  }

  @Test
  void a_record_that_is_empty_or_too_large_is_refused() throws IOException {
    try (FileLog log = FileLog.open(file(), record -> {})) {
      assertThatThrownBy(() -> log.append(new byte[0]))
          .hasMessage("record: 0 bytes (expected: 1 to 65536)");
      assertThatThrownBy(() -> log.append(new byte[DurableLog.RECORD_BYTES_MAX + 1]))
          .hasMessage("record: 65537 bytes (expected: 1 to 65536)");
    }
    assertThat(file()).isEmptyFile();
  }

  @Test
  void what_comes_in_during_a_sync_shares_the_next_one_and_completes_in_order() throws IOException {
    FaultyChannel disk = channel();
    disk.mayStartSyncing.drainPermits();
    List<Integer> order = Collections.synchronizedList(new ArrayList<>());
    try (FileLog log = FileLog.open(file(), disk, record -> {}, null)) {
      List<CompletableFuture<Void>> durable = new ArrayList<>();
      for (int i = 0; i < 1000; i++) {
        int number = i;
        durable.add(
            log.append(record("r" + i)).toCompletableFuture().thenRun(() -> order.add(number)));
      }
      assertThat(durable).noneMatch(CompletableFuture::isDone);
      disk.mayStartSyncing.release(1_000_000);
      durable.forEach(CompletableFuture::join);
    }
    assertThat(order).hasSize(1000).isSorted();
    assertThat(disk.syncs.get()).isBetween(1, 20);
    assertThat(replayed(file()).stream().map(bytes -> new String(bytes, UTF_8)).limit(3))
        .containsExactly("r0", "r1", "r2");
  }

  private FaultyChannel channel() throws IOException {
    return new FaultyChannel(
        FileChannel.open(
            file(), StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE));
  }

  @Test
  void a_tail_torn_at_any_byte_is_cut_off_and_the_log_goes_on() throws IOException {
    List<byte[]> records = records(6, 1);
    write(file(), records);
    byte[] whole = Files.readAllBytes(file());
    for (int length = 0; length <= whole.length; length++) {
      Path torn = folder.resolve("torn.log");
      Files.write(torn, Arrays.copyOf(whole, length));
      int expected = 0;
      for (int end = 0; expected < 6; expected++) {
        end += HEADER_BYTES + records.get(expected).length;
        if (end > length) {
          break;
        }
      }
      List<byte[]> found = replayed(torn);
      assertThat(same(found, records.subList(0, expected))).as("cut at %s", length).isTrue();
      write(torn, List.of(record("next")));
      found = replayed(torn);
      assertThat(found).as("cut at %s", length).hasSize(expected + 1);
      assertThat(found.getLast()).isEqualTo(record("next"));
    }
  }

  @Test
  void a_tail_of_zeros_or_of_noise_is_cut_off() throws IOException {
    List<byte[]> records = records(3, 2);
    write(file(), records);
    byte[] whole = Files.readAllBytes(file());
    for (int seed = 0; seed < 20; seed++) {
      byte[] tail = new byte[1 + seed * 1000];
      if (seed % 2 == 1) {
        new Random(seed).nextBytes(tail);
      }
      Files.write(file(), whole);
      Files.write(file(), tail, StandardOpenOption.APPEND);
      assertThat(same(replayed(file()), records)).as("seed %s", seed).isTrue();
      assertThat(Files.size(file())).isEqualTo(whole.length);
    }
  }

  @Test
  void a_torn_record_that_holds_what_looks_like_a_record_is_cut_off_too() throws IOException {
    byte[] inner = record("x");
    ByteBuffer posing = ByteBuffer.allocate(1000);
    while (posing.remaining() > HEADER_BYTES + inner.length) {
      CRC32C crc = new CRC32C();
      crc.update(inner);
      posing.putInt(inner.length).putInt((int) crc.getValue()).put(inner);
    }
    write(file(), List.of(record("first"), posing.array()));
    try (FileChannel channel = FileChannel.open(file(), StandardOpenOption.WRITE)) {
      channel.truncate(channel.size() - 1);
    }
    assertThat(same(replayed(file()), List.of(record("first")))).isTrue();
  }

  @Test
  void damage_with_a_record_after_it_is_refused_with_its_place_and_nothing_is_cut_off()
      throws IOException {
    List<byte[]> records = List.of(record("first"), record("second"), record("third"));
    write(file(), records);
    int second = HEADER_BYTES + "first".length();
    int third = second + HEADER_BYTES + "second".length();
    byte[] bytes = Files.readAllBytes(file());
    bytes[second + HEADER_BYTES] ^= 1;
    Files.write(file(), bytes);
    assertThatThrownBy(() -> replayed(file()))
        .isInstanceOf(IOException.class)
        .hasMessage(
            file()
                + " is damaged at byte "
                + second
                + " (a whole record follows at byte "
                + third
                + "); restore it from a backup, or move it away to start without its counts");
    assertThat(Files.readAllBytes(file())).isEqualTo(bytes);
  }

  @Test
  void damage_larger_than_a_write_is_refused_even_where_no_record_follows_near_by()
      throws IOException {
    List<byte[]> records = new ArrayList<>();
    for (int i = 0; i < 150; i++) {
      records.add(new byte[DurableLog.RECORD_BYTES_MAX]);
    }
    write(file(), records);
    byte[] bytes = Files.readAllBytes(file());
    int from = 10 * (HEADER_BYTES + DurableLog.RECORD_BYTES_MAX);
    Arrays.fill(bytes, from, from + 5_000_000, (byte) 0);
    Files.write(file(), bytes);
    assertThatThrownBy(() -> replayed(file()))
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith(file() + " is damaged at byte " + from + " (");
    Arrays.fill(bytes, from + 300_000, from + 5_000_000, (byte) -1);
    Files.write(file(), Arrays.copyOf(bytes, from + 300_000 + 3_000_000));
    assertThat(replayed(file())).as("as long as one write").hasSize(10);
  }

  @Test
  void a_flipped_bit_anywhere_is_refused_or_cuts_the_end_off_but_never_passes() throws IOException {
    assertThat(firstSilentChange(FileLogTest::replayed)).isNull();
  }

  @Test
  void a_reader_that_does_not_check_the_sums_is_caught_by_that_checker() throws IOException {
    assertThat(firstSilentChange(FileLogTest::readUnchecked)).isNotNull();
  }

  @FunctionalInterface
  private interface Reader {
    List<byte[]> read(Path file) throws IOException;
  }

  private static List<byte[]> readUnchecked(Path file) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file));
    List<byte[]> found = new ArrayList<>();
    while (bytes.remaining() > HEADER_BYTES) {
      byte[] record = new byte[Math.clamp(bytes.getInt(), 0, bytes.remaining() - 4)];
      bytes.getInt();
      bytes.get(record);
      found.add(record);
    }
    return found;
  }

  private @Nullable String firstSilentChange(Reader reader) throws IOException {
    List<byte[]> records = records(5, 3);
    Path original = folder.resolve("original.log");
    write(original, records);
    byte[] whole = Files.readAllBytes(original);
    int lastStart = whole.length - HEADER_BYTES - records.getLast().length;
    for (int bit = 0; bit < whole.length * 8; bit++) {
      byte[] damaged = whole.clone();
      damaged[bit / 8] ^= (byte) (1 << bit % 8);
      Path copy = Files.write(folder.resolve("damaged.log"), damaged);
      try {
        List<byte[]> found = reader.read(copy);
        if (!isPrefix(found, records) || found.size() < 4) {
          return "bit " + bit + " changes what is read";
        }
        if (bit / 8 < lastStart) {
          return "bit " + bit + " is not noticed";
        }
      } catch (IOException e) {
        if (!String.valueOf(e.getMessage()).contains("damaged at byte")) {
          return "bit " + bit + ": " + e.getMessage();
        }
      }
    }
    return null;
  }

  @Test
  void a_record_that_this_version_does_not_understand_is_refused_with_its_place()
      throws IOException {
    write(file(), List.of(record("first"), record("new")));
    assertThatThrownBy(
            () ->
                FileLog.open(
                    file(),
                    bytes -> {
                      if (bytes.length == 3) {
                        throw new IllegalArgumentException("version: 9");
                      }
                    }))
        .isInstanceOf(IOException.class)
        .hasMessage(
            file()
                + " holds a record at byte 13 that this version does not understand: version: 9");
  }

  private static String refusal(CompletableFuture<Void> durable) {
    try {
      durable.join();
      return "durable";
    } catch (CompletionException e) {
      NotDurableException refusal = (NotDurableException) Objects.requireNonNull(e.getCause());
      return String.valueOf(Objects.requireNonNull(refusal.getCause()).getMessage());
    }
  }

  private static final String BROKEN =
      "the disk failed while it was written, and the file has not been replaced yet";

  private static void await(BooleanSupplier state) {
    while (!state.getAsBoolean()) {
      LockSupport.parkNanos(1_000_000); // the test's time is bounded
    }
  }

  @Test
  void a_failed_sync_is_not_durable_and_the_file_takes_nothing_more() throws IOException {
    FaultyChannel disk = channel();
    try (FileLog log = FileLog.open(file(), disk, record -> {}, null)) {
      append(log, List.of(record("good")));
      disk.syncFails = true;
      assertThat(refusal(log.append(record("bad")).toCompletableFuture()))
          .isEqualTo("Input/output error");
      assertThat(log.accepts()).isFalse();
      assertThat(log.isBroken()).isTrue();
      disk.syncFails = false;
      int syncs = disk.syncs.get();
      for (int i = 0; i < 3; i++) {
        assertThat(refusal(log.append(record("after")).toCompletableFuture())).isEqualTo(BROKEN);
      }
      assertThat(disk.syncs.get()).as("never tried again").isEqualTo(syncs);
    }
    assertThat(same(replayed(file()), List.of(record("good")))).as("the bad one is gone").isTrue();
  }

  @Test
  void a_full_disk_is_tried_again_before_anybody_appends() throws IOException {
    FaultyChannel disk = channel();
    try (FileLog log = FileLog.open(file(), disk, record -> {}, null)) {
      append(log, List.of(record("good")));
      assertThat(log.accepts()).isTrue();
      disk.bytesMax = 12 + 5;
      assertThat(refusal(log.append(record("too much")).toCompletableFuture()))
          .isEqualTo("No space left on device");
      assertThat(log.accepts()).isFalse();
      assertThat(log.isBroken()).isFalse();
      disk.bytesMax = Long.MAX_VALUE;
      await(log::accepts);
      append(log, List.of(record("after")));
    }
    assertThat(same(replayed(file()), List.of(record("good"), record("after")))).isTrue();
  }

  @Test
  void a_log_begins_only_on_a_disk_that_takes_records() throws IOException {
    FaultyChannel full = channel();
    full.bytesMax = 100;
    assertThatThrownBy(() -> FileLog.begin(file(), full)).hasMessage("No space left on device");
    FaultyChannel ill = channel();
    ill.syncFails = true;
    assertThatThrownBy(() -> FileLog.begin(file(), ill)).hasMessage("Input/output error");
    assertThat(file()).isEmptyFile();
    try (FileLog log = FileLog.begin(file(), channel())) {
      append(log, List.of(record("first")));
    }
    assertThat(same(replayed(file()), List.of(record("first")))).isTrue();
  }

  @Test
  void a_full_disk_refuses_and_leaves_no_half_record_and_passes_when_there_is_room()
      throws IOException {
    FaultyChannel disk = channel();
    try (FileLog log = FileLog.open(file(), disk, record -> {}, null)) {
      append(log, List.of(record("good")));
      disk.bytesMax = 12 + 5; // half of the next one
      assertThat(refusal(log.append(record("too much")).toCompletableFuture()))
          .isEqualTo("No space left on device");
      assertThat(refusal(log.append(record("again")).toCompletableFuture()))
          .isEqualTo("No space left on device");
      disk.bytesMax = Long.MAX_VALUE;
      append(log, List.of(record("after")));
      assertThat(Files.size(file())).isEqualTo(12 + 13);
    }
    assertThat(same(replayed(file()), List.of(record("good"), record("after")))).isTrue();
  }

  @Test
  void a_full_disk_that_does_not_take_the_half_record_back_ends_accepting() throws IOException {
    FaultyChannel disk = channel();
    try (FileLog log = FileLog.open(file(), disk, record -> {}, null)) {
      append(log, List.of(record("good")));
      disk.bytesMax = 12 + 5;
      disk.truncateFails = true;
      assertThat(refusal(log.append(record("too much")).toCompletableFuture()))
          .isEqualTo("No space left on device");
      disk.bytesMax = Long.MAX_VALUE;
      assertThat(refusal(log.append(record("after")).toCompletableFuture())).isEqualTo(BROKEN);
    }
    assertThat(same(replayed(file()), List.of(record("good")))).isTrue();
  }

  @Test
  void closing_writes_what_was_appended_and_refuses_what_comes_later() throws IOException {
    List<byte[]> records = records(500, 4);
    FileLog log = FileLog.open(file(), record -> {});
    List<CompletableFuture<Void>> durable = new ArrayList<>();
    records.forEach(record -> durable.add(log.append(record).toCompletableFuture()));
    log.close();
    assertThat(durable).allMatch(each -> each.isDone() && !each.isCompletedExceptionally());
    assertThat(refusal(log.append(record("late")).toCompletableFuture()))
        .isEqualTo("the log is closed");
    log.close();
    assertThat(same(replayed(file()), records)).isTrue();
  }

  /** A log whose records are numbers, and come to their sum. */
  private final class Sum {
    private final AtomicLong sum = new AtomicLong();
    private final AtomicInteger summaries = new AtomicInteger();
    private volatile boolean fails;

    FileLog open(int bytesMin) throws IOException {
      FileChannel channel =
          FileChannel.open(
              file(), StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
      return open(FileLog::channel, channel, bytesMin);
    }

    FileLog open(FileLog.Disk disk, FileChannel channel, int bytesMin) throws IOException {
      LogCompaction compaction = new LogCompaction(file(), disk, this::write, bytesMin);
      return FileLog.open(file(), channel, this::add, compaction);
    }

    private void add(byte[] record) {
      sum.addAndGet(Long.parseLong(new String(record, UTF_8)));
    }

    private void write(Consumer<byte[]> records) {
      synchronized (this) { // what is durable is added up
        summaries.incrementAndGet();
      }
      records.accept(record(Long.toString(sum.get())));
      if (fails) {
        throw new IllegalStateException("planted");
      }
    }

    /** Appends a number, and adds it up when it is durable. */
    void append(FileLog log, int number) {
      CompletableFuture<Void> added;
      synchronized (this) {
        added =
            log.append(record(Integer.toString(number)))
                .toCompletableFuture()
                .thenRun(() -> sum.addAndGet(number));
      }
      added.join();
    }
  }

  @Test
  void a_long_log_is_replaced_by_what_its_records_come_to() throws IOException {
    Sum sum = new Sum();
    try (FileLog log = sum.open(1_000)) {
      for (int i = 1; i <= 2_000; i++) {
        sum.append(log, i);
        assertThat(Files.size(file())).isLessThan(1_100);
      }
    }
    assertThat(sum.summaries.get()).isBetween(10, 40);
    assertThat(folder).isDirectoryNotContaining("glob:**.next");
    Sum again = new Sum();
    again.open(1_000).close();
    assertThat(again.sum).hasValue(2_000 * 2_001 / 2);
  }

  @Test
  void after_a_failed_sync_the_file_is_written_anew_when_the_disk_is_well() throws IOException {
    FaultyDisk disk = new FaultyDisk();
    Sum sum = new Sum();
    try (FileLog log = sum.open(disk, disk.open(file()), 1 << 20)) {
      for (int round = 1; round <= 3; round++) {
        sum.append(log, 5);
        disk.syncFails(true);
        int files = disk.files();
        assertThat(refusal(log.append(record("1000")).toCompletableFuture()))
            .isEqualTo("Input/output error");
        assertThat(refusal(log.append(record("1000")).toCompletableFuture())).isEqualTo(BROKEN);
        await(() -> disk.files() > files + 1);
        assertThat(log.accepts()).as("it was tried, in vain").isFalse();
        disk.syncFails(false);
        await(log::accepts);
        assertThat(log.isBroken()).isFalse();
        sum.append(log, 7);
      }
    }
    assertThat(folder).isDirectoryNotContaining("glob:**.next");
    Sum again = new Sum();
    again.open(1 << 20).close();
    assertThat(again.sum).hasValue(36);
  }

  @Test
  void a_log_that_cannot_be_shortened_goes_on() throws IOException {
    Sum sum = new Sum();
    sum.fails = true;
    try (FileLog log = sum.open(1_000)) {
      for (int i = 1; i <= 500; i++) {
        sum.append(log, i);
      }
      assertThat(Files.size(file())).isGreaterThan(4_000);
      sum.fails = false;
      for (int i = 501; i <= 600; i++) {
        sum.append(log, i);
      }
      assertThat(Files.size(file())).isLessThan(2_000);
    }
    Sum again = new Sum();
    again.open(1_000).close();
    assertThat(again.sum).hasValue(600 * 601 / 2);
  }

  @Test
  void a_new_file_that_was_not_finished_means_nothing() throws IOException {
    Sum sum = new Sum();
    try (FileLog log = sum.open(1_000)) {
      sum.append(log, 5);
    }
    Files.writeString(folder.resolve("items.log.next"), "half a file");
    Sum again = new Sum();
    try (FileLog log = again.open(10)) {
      again.append(log, 7);
    }
    assertThat(again.sum).hasValue(12);
    assertThat(folder).isDirectoryNotContaining("glob:**.next");
    assertThat(same(replayed(file()), List.of(record("12")))).isTrue();
  }

  /** Appends numbered records from several threads until it is killed, telling what is durable. */
  static final class Appender {
    private Appender() {}

    public static void main(String[] args) throws IOException {
      FileLog log = FileLog.open(Path.of(args[0]), record -> {});
      for (int i = 0; ; i++) {
        int number = i;
        CompletableFuture<Void> told =
            log.append(record("record " + number))
                .toCompletableFuture()
                .thenRun(
                    () -> {
                      System.out.println(number);
                      System.out.flush();
                    });
        if (i % 50 == 49) {
          told.join();
        }
      }
    }
  }

  @Test
  void a_killed_process_loses_nothing_that_it_said_was_durable() throws Exception {
    int before = 0;
    for (int round = 0; round < 2; round++) {
      Process process =
          new ProcessBuilder(
                  Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                  "-cp",
                  System.getProperty("java.class.path"),
                  Appender.class.getName(),
                  file().toString())
              .redirectError(ProcessBuilder.Redirect.INHERIT)
              .start();
      int acknowledged = 0;
      try (BufferedReader said = process.inputReader(UTF_8)) {
        for (String line = said.readLine(); line != null; line = said.readLine()) {
          assertThat(line).isEqualTo(Integer.toString(acknowledged++));
          if (acknowledged == 2000 + 7 * round) {
            process.toHandle().destroyForcibly(); // leaves what it said to be read
          }
        }
      }
      assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
      List<byte[]> found = replayed(file());
      assertThat(acknowledged).isGreaterThanOrEqualTo(2000);
      assertThat(found.size() - before).isGreaterThanOrEqualTo(acknowledged);
      for (int i = before; i < found.size(); i++) {
        assertThat(found.get(i)).isEqualTo(record("record " + (i - before)));
      }
      before = found.size();
    }
  }
}

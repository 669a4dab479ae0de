package io.openclaw.app;

import io.openclaw.domain.ApiKey;
import io.openclaw.domain.ApiKeyJson;
import io.openclaw.domain.Json;
import io.openclaw.domain.JsonReader;
import io.openclaw.domain.JsonSyntaxException;
import io.openclaw.domain.JsonWriter;
import io.openclaw.release.DurableFile;
import io.openclaw.release.FleetJson;
import io.openclaw.release.FleetState;
import io.openclaw.release.ReleaseRef;
import io.openclaw.release.Rollout;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.random.RandomGenerator;

/**
 * The folder of what must survive a restart, locked by the one process that uses it: {@code
 * incarnation}, {@code replica}, {@code keys.json}, {@code admin.key}, {@code items.log}, {@code
 * debts}, {@code voters}, {@code quotas.log}, {@code replays}, {@code rollout}, {@code
 * canary-stops.json}, and what {@link io.openclaw.release.FolderStore} and {@link
 * io.openclaw.release.ReleaseKeys} keep there.
 */
final class DataDirectory implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger("io.openclaw.app");
  private static final int INCARNATION_RANDOM_BITS = 20;
  private static final String DEBTS = "debts";
  private static final String VOTERS = "voters";

  private final Path folder;
  private final FolderLock lock;
  private final boolean fresh;
  private final long incarnation;
  private final String replica;

  private DataDirectory(
      Path folder, FolderLock lock, boolean fresh, long incarnation, String replica) {
    this.folder = folder;
    this.lock = lock;
    this.fresh = fresh;
    this.incarnation = incarnation;
    this.replica = replica;
  }

  /**
   * Opens the folder, making it where it is missing.
   *
   * @throws IOException with a message for a person where it is in use or cannot be written
   */
  static DataDirectory open(Path folder, String region, long wallMillis, RandomGenerator random)
      throws IOException {
    try {
      FolderLock lock = FolderLock.take(folder);
      try {
        return open(folder, lock, region, wallMillis, random);
      } catch (IOException | RuntimeException e) {
        lock.close();
        throw e;
      }
    } catch (FileSystemException e) {
      throw new IOException(
          "the data folder "
              + folder.toAbsolutePath()
              + " cannot be used: "
              + e.getClass().getSimpleName()
              + " "
              + e.getMessage(),
          e);
    }
  }

  private static DataDirectory open(
      Path folder, FolderLock lock, String region, long wallMillis, RandomGenerator random)
      throws IOException {
    Path incarnationFile = folder.resolve("incarnation");
    boolean fresh = !Files.exists(incarnationFile);
    long before = fresh ? 0 : number(incarnationFile);
    // Greater than before; and where the folder was lost and the clock is wrong, still another one.
    long incarnation =
        Math.max(
            before + 1,
            (wallMillis << INCARNATION_RANDOM_BITS) | random.nextInt(1 << INCARNATION_RANDOM_BITS));
    replace(incarnationFile, Long.toString(incarnation).getBytes(StandardCharsets.US_ASCII), false);
    Path replicaFile = folder.resolve("replica");
    if (!Files.exists(replicaFile)) {
      String name = region + "/" + HexFormat.of().toHexDigits(random.nextLong());
      replace(replicaFile, name.getBytes(StandardCharsets.US_ASCII), false);
    }
    String replica = text(replicaFile);
    if (!replica.matches("[A-Za-z0-9.-]{1,63}/[0-9a-f]{16}")) {
      throw damaged(replicaFile, "region/16 hex digits");
    }
    return new DataDirectory(folder, lock, fresh, incarnation, replica);
  }

  private static long number(Path file) throws IOException {
    try {
      return Long.parseLong(text(file));
    } catch (NumberFormatException e) {
      throw damaged(file, "a number");
    }
  }

  /** The bytes as they are, also where they are no text. */
  private static String text(Path file) throws IOException {
    return Files.readString(file, StandardCharsets.ISO_8859_1).strip();
  }

  private static IOException damaged(Path file, String expected) {
    return new IOException(
        "the file "
            + file.getFileName()
            + " in "
            + file.toAbsolutePath().getParent()
            + " is damaged (expected: "
            + expected
            + ")");
  }

  /** Whether this is the folder's first use. */
  boolean isFresh() {
    return fresh;
  }

  /**
   * What this region promised and accepted of releases; where that is lost, it has no vote until it
   * knows it from the others.
   *
   * @param primary the region that writes at first
   * @param onDisk the release in force on this disk
   */
  Rollout.Saved rollout(String primary, ReleaseRef onDisk) throws IOException {
    Path file = folder.resolve("rollout");
    if (Files.exists(file)) {
      try {
        return FleetJson.saved(Files.readAllBytes(file));
      } catch (IllegalArgumentException e) {
        LOG.log(
            Level.WARNING,
            () -> file + " is damaged, and learned anew from the other regions: " + e.getMessage());
      }
    }
    Rollout.Saved fresh = Rollout.fresh(primary);
    return new Rollout.Saved(
        0,
        primary,
        fresh.votesAfter(),
        new FleetState(0, 0, "", onDisk, onDisk, FleetState.Stage.STABLE, "", false, false, ""));
  }

  void saveRollout(byte[] saved) throws IOException {
    replace(folder.resolve("rollout"), saved, false);
  }

  /** Larger at every start, and never one that was used before. */
  long incarnation() {
    return incarnation;
  }

  /**
   * This folder's name among all replicas: the same after a restart, another when the folder was
   * lost.
   */
  String replica() {
    return replica;
  }

  Path itemsLog() {
    return folder.resolve("items.log");
  }

  Path quotasLog() {
    return folder.resolve("quotas.log");
  }

  Path replays() {
    return folder.resolve("replays");
  }

  Path canaryStops() {
    return folder.resolve("canary-stops.json");
  }

  Path regionOrders() {
    return folder.resolve("region-orders.json");
  }

  Path fallbackSwitches() {
    return folder.resolve("fallback-switches.json");
  }

  Path jobs() {
    return folder.resolve("jobs");
  }

  /** Bytes of the disk that this process may still use. */
  long usableBytes() {
    return folder.toFile().getUsableSpace();
  }

  Path adminKeyFile() {
    return folder.resolve("admin.key");
  }

  /** The keys made at run time. */
  List<ApiKey> keys() throws IOException {
    Path file = folder.resolve("keys.json");
    List<ApiKey> keys = new ArrayList<>();
    if (!Files.exists(file)) {
      return keys;
    }
    try {
      // One key a line: the strict reader limits the values of a document, not of a file.
      for (String line : Files.readAllLines(file)) {
        if (!line.isBlank()) {
          Json document = JsonReader.read(line.getBytes(StandardCharsets.UTF_8));
          keys.add(ApiKeyJson.read(document));
        }
      }
      return keys;
    } catch (CharacterCodingException | JsonSyntaxException | IllegalArgumentException e) {
      throw new IOException(file.toAbsolutePath() + " is damaged: " + e.getMessage(), e);
    }
  }

  /** The number of a choice of voters that every region has had; 1 where none is noted. */
  long votersFollowed() throws IOException {
    Path file = folder.resolve(VOTERS);
    return Files.exists(file) ? number(file) : 1;
  }

  void saveVotersFollowed(long number) throws IOException {
    replace(
        folder.resolve(VOTERS), Long.toString(number).getBytes(StandardCharsets.US_ASCII), false);
  }

  /** What may be owed of limits in mode bounded, by the limit's id. */
  Map<String, Long> debts() throws IOException {
    Path file = folder.resolve(DEBTS);
    Map<String, Long> debts = new TreeMap<>();
    if (!Files.exists(file)) {
      return debts;
    }
    for (String line : Files.readAllLines(file)) {
      int space = line.indexOf(' ');
      try {
        debts.put(line.substring(space + 1), Long.parseLong(line.substring(0, Math.max(0, space))));
      } catch (NumberFormatException e) {
        throw damaged(file, "lines of a number and a limit");
      }
    }
    return debts;
  }

  void saveDebts(Map<String, Long> debts) throws IOException {
    StringBuilder lines = new StringBuilder();
    debts.forEach((limit, tokens) -> lines.append(tokens).append(' ').append(limit).append('\n'));
    replace(folder.resolve(DEBTS), lines.toString().getBytes(StandardCharsets.UTF_8), false);
  }

  void saveKeys(Collection<ApiKey> keys) throws IOException {
    StringBuilder lines = new StringBuilder();
    for (ApiKey key : keys) {
      lines
          .append(new String(JsonWriter.write(ApiKeyJson.write(key)), StandardCharsets.UTF_8))
          .append('\n');
    }
    replace(folder.resolve("keys.json"), lines.toString().getBytes(StandardCharsets.UTF_8), true);
  }

  /** Replaces a file, whole or not at all; durable when this returns. */
  static void replace(Path file, byte[] content, boolean secret) throws IOException {
    DurableFile.replace(file, content, secret);
  }

  @Override
  public void close() throws IOException {
    lock.close();
  }
}

package io.openclaw.release;

import io.openclaw.domain.Json;
import io.openclaw.domain.JsonReader;
import io.openclaw.domain.JsonSyntaxException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * Releases in a folder: {@code releases/0000000042.json}, {@code blobs/ab/<sha256>} and {@code
 * stable}. Every file is replaced whole or not at all, so a process that dies at any point leaves
 * the release before it or the one after it in force. Thread-safe.
 */
public final class FolderStore implements ReleaseStore {
  /** How long a blob stays that no release names: it may be on its way into one. */
  static final long UNNAMED_MILLIS = 3_600_000;

  private static final String STABLE = "stable";

  private static final int LOCKS = 64;

  private final Path folder;
  private final ReleaseKeys keys;
  private final Consumer<String> steps;

  /** Blobs are written beside one another, none while others are removed. */
  private final ReadWriteLock removing = new ReentrantReadWriteLock();

  private final Object[] locks = Stream.generate(Object::new).limit(LOCKS).toArray();

  /** Reads and writes below {@code folder}, trusting what {@code keys} trust. */
  public FolderStore(Path folder, ReleaseKeys keys) {
    this(folder, keys, step -> {});
  }

  /**
   * For tests that end at a step.
   *
   * @param steps told of each step before it is taken, such as {@code manifest rename}
   */
  FolderStore(Path folder, ReleaseKeys keys, Consumer<String> steps) {
    this.folder = folder;
    this.keys = keys;
    this.steps = steps;
  }

  @Override
  public Found<ReleaseRef> stable() throws IOException {
    Path file = folder.resolve(STABLE);
    try {
      Json json = JsonReader.read(Files.readAllBytes(file));
      if (json instanceof Json.Obj object
          && object.members().size() == 2
          && object.get("version") instanceof Json.Num version
          && version.value() >= 1
          && version.value() <= Manifest.VERSION_MAX
          && object.get("id") instanceof Json.Str id
          && Sha256.isHex(id.value())) {
        return new Found.Whole<>(new ReleaseRef((long) version.value(), id.value()));
      }
      return new Found.Corrupt<>(STABLE, "not a version and an id");
    } catch (NoSuchFileException e) {
      return new Found.Missing<>(STABLE);
    } catch (JsonSyntaxException e) {
      return new Found.Corrupt<>(STABLE, "not JSON");
    }
  }

  @Override
  public void stable(ReleaseRef next) throws IOException {
    Json.Obj document =
        new Json.Obj(
            Map.of("version", new Json.Num(next.version()), "id", new Json.Str(next.id())));
    write(folder.resolve(STABLE), CanonicalJson.write(document), STABLE);
  }

  @Override
  public List<Long> versions() throws IOException {
    Path releases = folder.resolve("releases");
    if (!Files.isDirectory(releases)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(releases)) {
      return files
          .map(file -> String.valueOf(file.getFileName()))
          .filter(name -> name.matches("[0-9]{10}\\.json"))
          .map(name -> Long.parseLong(name, 0, 10, 10))
          .sorted()
          .toList();
    }
  }

  /** Where a manifest is, from the folder: {@code releases/0000000042.json}. */
  public static String manifestPath(long version) {
    return "releases/%010d.json".formatted(version);
  }

  /**
   * Where a blob is, from the folder: {@code blobs/ab/<sha256>}.
   *
   * @throws IllegalArgumentException where the text is no digest
   */
  public static String blobPath(String sha256) {
    if (!Sha256.isHex(sha256)) {
      throw new IllegalArgumentException("blob: " + sha256 + " (expected: a SHA-256)");
    }
    return "blobs/" + sha256.substring(0, 2) + "/" + sha256;
  }

  private Path file(long version) {
    return folder.resolve(manifestPath(version));
  }

  @Override
  public Found<SignedManifest> manifest(long version) throws IOException {
    String what = "release " + version;
    Path file = file(version);
    try {
      if (Files.size(file) > SignedManifest.DOCUMENT_BYTES_MAX) {
        return new Found.Corrupt<>(what, "larger than any manifest");
      }
      SignedManifest signed = SignedManifest.read(Files.readAllBytes(file));
      if (signed.manifest().version() != version) {
        return new Found.Corrupt<>(what, "the manifest of " + signed.manifest().version());
      }
      String fault = keys.fault(signed);
      return fault == null ? new Found.Whole<>(signed) : new Found.Corrupt<>(what, fault);
    } catch (NoSuchFileException e) {
      return new Found.Missing<>(what);
    } catch (IllegalArgumentException e) {
      return new Found.Corrupt<>(what, String.valueOf(e.getMessage()));
    }
  }

  @Override
  public void put(SignedManifest signed) throws IOException {
    write(file(signed.manifest().version()), signed.document(), "manifest");
  }

  private Path blobFile(String sha256) {
    return folder.resolve(blobPath(sha256));
  }

  @Override
  public Found<byte[]> blob(String sha256) throws IOException {
    String what = "blob " + sha256;
    try {
      Path file = blobFile(sha256);
      if (Files.size(file) > Manifest.BLOB_BYTES_MAX) {
        return new Found.Corrupt<>(what, "larger than any blob");
      }
      byte[] bytes = Files.readAllBytes(file);
      String digest = Sha256.hex(bytes);
      return digest.equals(sha256)
          ? new Found.Whole<>(bytes)
          : new Found.Corrupt<>(what, "its bytes have the digest " + digest);
    } catch (NoSuchFileException e) {
      return new Found.Missing<>(what);
    }
  }

  @Override
  public boolean has(String sha256) {
    return Files.exists(blobFile(sha256));
  }

  @Override
  public void put(String sha256, byte[] bytes) throws IOException {
    String digest = Sha256.hex(bytes);
    if (!digest.equals(sha256)) {
      throw new IllegalArgumentException(
          "blob " + sha256 + ": its bytes have the digest " + digest);
    }
    write(blobFile(sha256), bytes, "blob");
  }

  private void write(Path file, byte[] bytes, String name) throws IOException {
    removing.readLock().lock();
    try {
      synchronized (locks[Math.floorMod(file.hashCode(), LOCKS)]) { // its temporary file is one
        Path parent = file.toAbsolutePath().getParent();
        if (parent != null) {
          DurableFile.makeFolder(parent);
        }
        DurableFile.replace(file, bytes, false, step -> steps.accept(name + " " + step));
      }
    } finally {
      removing.readLock().unlock();
    }
  }

  @Override
  public void prune(int keep, Set<String> staged, long nowMillis) throws IOException {
    removing.writeLock().lock();
    try {
      pruneAll(keep, staged, nowMillis);
    } finally {
      removing.writeLock().unlock();
    }
  }

  private void pruneAll(int keep, Set<String> staged, long nowMillis) throws IOException {
    if (!(stable() instanceof Found.Whole<ReleaseRef>(ReleaseRef inForce))) {
      return; // what may go is not known
    }
    List<Long> versions = new ArrayList<>(versions());
    versions.removeIf(version -> version > inForce.version()); // never in force
    List<Long> old = versions.subList(0, Math.max(0, versions.size() - keep));
    for (long version : old) {
      if (version != inForce.version()) {
        steps.accept("prune release");
        Files.deleteIfExists(file(version));
      }
    }
    Set<String> needed = new HashSet<>(staged);
    for (long version : versions()) {
      if (!(manifest(version) instanceof Found.Whole<SignedManifest>(SignedManifest kept))) {
        return; // what it needs is not known, so nothing goes
      }
      kept.manifest().blobs().forEach(blob -> needed.add(blob.sha256()));
    }
    pruneBlobs(needed, nowMillis);
  }

  private void pruneBlobs(Set<String> needed, long nowMillis) throws IOException {
    Path blobs = folder.resolve("blobs");
    if (!Files.isDirectory(blobs)) {
      return;
    }
    List<Path> files;
    try (Stream<Path> all = Files.walk(blobs, 2)) {
      files = all.filter(Files::isRegularFile).toList();
    }
    for (Path file : files) {
      boolean young = Files.getLastModifiedTime(file).toMillis() > nowMillis - UNNAMED_MILLIS;
      if (!needed.contains(String.valueOf(file.getFileName())) && !young) {
        steps.accept("prune blob");
        Files.deleteIfExists(file);
      }
    }
  }
}
